// Pages of a store with 50,000 alerts are read by index, on both databases: plans rather than times, which a busy
// machine would spoil. Times with a million: node bench/scale.ts.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CompiledQuery, Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fill } from '../../bench/scale-fill.ts';
import { listAlerts } from '../../src/store/alert-lists.ts';
import { openStore } from '../../src/store/index.ts';
import { findingsOf, listFindings, listIncidents, untriaged, volume } from '../../src/store/lists.ts';
import type { Tables } from '../../src/store/schema.ts';
import { asKyselyDatabase, openDatabase } from '../../src/store/sqlite/database.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';

const ALERTS = 50_000;
const END_US = 1_795_490_300_000_000;
const DAY_US = 86_400_000_000;
const SORTS = ['last-seen', 'first-seen', 'count', 'priority', 'verdict'] as const;

describe.each(['sqlite', 'postgres'] as const)('a large store on %s', (dialect) => {
  let postgres: TestPostgres | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'yarak-scale-test-'));
  let db: Kysely<Tables>;
  let asked: CompiledQuery[] = [];
  let finding: string;
  let incident: string;
  let rareRule: string;

  beforeAll(async () => {
    if (dialect === 'postgres') {
      if (!hasPostgres()) return;
      postgres = await startPostgres();
    }
    const where = postgres === undefined ? { folder } : { url: await postgres.create('scale') };
    const store = await openStore(where);
    const filled = await fill(store, {
      alertsFolder: join(import.meta.dirname, '../alerts'),
      count: ALERTS,
      endUs: END_US,
    });
    expect(filled.alerts).toBe(ALERTS);
    finding = (await store.listFindings({ limit: 1, sort: 'count' })).items[0]?.id as string;
    incident = (await store.listIncidents({ limit: 1, sort: 'count' })).items[0]?.id as string;
    rareRule = 'nosuch';
    await store.close();
    const log = (event: { readonly query: CompiledQuery }): void => {
      asked.push(event.query);
    };
    const pool = 'url' in where ? new pg.Pool({ connectionString: where.url, max: 1 }) : undefined;
    // The server may be stopped before an idle connection has said goodbye.
    pool?.on('error', () => {});
    db = new Kysely<Tables>({
      dialect:
        'url' in where
          ? new PostgresDialect({ pool: pool as pg.Pool })
          : new SqliteDialect({ database: asKyselyDatabase(openDatabase(join(folder, 'yarak.db'))) }),
      log,
    });
    if (dialect === 'postgres') await db.executeQuery(raw('analyze'));
  }, 400_000);
  afterAll(async () => {
    await db?.destroy();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const raw = (sql: string, parameters: readonly unknown[] = []): CompiledQuery => ({
    sql,
    parameters,
    query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
    queryId: { queryId: sql },
  });

  /** The steps of every plan that `work` asks for. */
  async function planOf(work: () => Promise<unknown>): Promise<string> {
    asked = [];
    await work();
    const queries = [...asked];
    const steps: string[] = [];
    for (const { sql, parameters } of queries) {
      if (!/^\s*select/i.test(sql)) continue;
      const explain = dialect === 'sqlite' ? 'explain query plan ' : 'explain ';
      const { rows } = await db.executeQuery(raw(explain + sql, parameters));
      for (const row of rows as Record<string, string>[])
        steps.push((row['detail'] ?? row['QUERY PLAN'] ?? '').trim());
    }
    expect(steps.length).toBeGreaterThan(0);
    return steps.join('\n');
  }

  /** Tables that grow with the alerts; to read one of them from end to end is what must not happen. */
  const WHOLE =
    dialect === 'sqlite'
      ? /SCAN (?:alerts|finding_alerts|incident_alerts|incident_findings|i|volume|alert_words_\d+)\b(?!.*(?:USING|VIRTUAL))/
      : /Seq Scan on (?:alerts|finding_alerts|incident_alerts|alert_words)\b/;
  /** Everything is sorted before the first row comes. */
  const SORTED = dialect === 'sqlite' ? /TEMP B-TREE FOR ORDER BY/ : /^(?:->\s*)?Sort\b/m;

  const skip = dialect === 'postgres' && !hasPostgres();

  it.skipIf(skip)('reads lists of findings and incidents in the order of an index', async () => {
    for (const list of [listFindings, listIncidents]) {
      for (const sort of SORTS) {
        for (const order of ['asc', 'desc'] as const) {
          const name = `${list.name} by ${sort} ${order}`;
          const query = { limit: 100, sort, order };
          asked = [];
          const { next } = await list(db, query, END_US);
          const main = asked[0] as CompiledQuery;
          const plan = await planOf(() => db.executeQuery(main));
          expect(plan, name).not.toMatch(SORTED);
          expect(next).toBeDefined();
          const after = await planOf(() => list(db, { ...query, cursor: next as string }, END_US));
          expect(after, `${name}, second page`).not.toMatch(WHOLE);
        }
      }
      for (const filter of [
        { rule: rareRule },
        { namespace: 'nosuch' },
        { states: ['closed'] as const },
        { verdicts: ['malicious'] as const },
        { owner: 'ana' },
        { sinceUs: END_US - DAY_US },
        { search: 'shell' },
        { hideSilenced: true },
      ])
        expect(
          await planOf(() => list(db, { limit: 100, ...filter }, END_US)),
          `${list.name} with ${JSON.stringify(filter)}`,
        ).not.toMatch(WHOLE);
    }
  });

  it.skipIf(skip)(
    'reads alerts of a finding, an incident, a rare rule, a span and a search by index',
    async () => {
      for (const query of [
        { findingId: finding },
        { incidentId: incident },
        { incidentId: incident, ascending: true },
        { rule: rareRule },
        { namespace: 'nosuch' },
        { untilUs: END_US - DAY_US },
        { sinceUs: END_US - 2 * DAY_US, untilUs: END_US - DAY_US },
        { search: 'bash shadow' },
      ])
        expect(
          await planOf(() => listAlerts(db, dialect, { limit: 100, ...query })),
          JSON.stringify(query),
        ).not.toMatch(WHOLE);
    },
  );

  it.skipIf(skip)(
    'reads what triage waits for, an incident’s findings and the noise view by index',
    async () => {
      expect(await planOf(() => untriaged(db, 20))).toMatch(/incidents_untriaged/);
      expect(await planOf(() => findingsOf(db, incident, END_US))).not.toMatch(WHOLE);
      expect(await planOf(() => volume(db, END_US - DAY_US, END_US, 20))).not.toMatch(WHOLE);
    },
  );

  it.skipIf(skip)('gives the same alerts by time as by order of arrival, page by page', async () => {
    const seen: number[] = [];
    let cursor: string | undefined;
    const span = { sinceUs: END_US - 2 * DAY_US, untilUs: END_US - DAY_US };
    do {
      const page = await listAlerts(db, dialect, {
        limit: 500,
        ...span,
        ...(cursor === undefined ? {} : { cursor }),
      });
      seen.push(...page.items.map((row) => row.seq));
      cursor = page.next;
    } while (cursor !== undefined);
    const { n } = await db
      .selectFrom('alerts')
      .select((e) => e.fn.countAll<number>().as('n'))
      .where('time_us', '>=', span.sinceUs)
      .where('time_us', '<', span.untilUs)
      .executeTakeFirstOrThrow();
    expect(seen.length).toBe(Number(n));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(seen.toSorted((a, b) => b - a));
  });
});
