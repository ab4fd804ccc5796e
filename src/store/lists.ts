// Reading: pages of findings and incidents by keyset cursors, so that page 1,000 costs what page 1 does. Alerts are in
// alert-lists.ts.

import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { type Spread, VERDICTS, type VerdictWord } from '../triage/index.ts';
import { MAX_SPREAD } from './ingest.ts';
import { survivorOf } from './merge-incidents.ts';
import type { Tables } from './schema.ts';
import type { FindingRow, IncidentRow, ListQuery, Page, SortKey, State, VolumeRow } from './types.ts';
import { wordsOf } from './words.ts';

const SPREAD_SHOWN = 5;
export const MAX_PAGE = 500;

type Decided = 'findings' | 'incidents';

function sortColumn(table: Decided, sort: SortKey): string {
  switch (sort) {
    case 'count':
      return table === 'findings' ? 'count' : 'alert_count';
    case 'verdict':
      return 'verdict_rank';
    case 'first-seen':
      return 'first_seen_us';
    case 'priority':
      return 'priority';
    case 'last-seen':
      return 'last_seen_us';
  }
}

export const encodeCursor = (values: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url');

/** `undefined` for a cursor that this code did not make. */
export function decodeCursor(cursor: string): readonly [number, string] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'string'
      ? [value[0], value[1]]
      : undefined;
  } catch {
    return undefined;
  }
}

const escapeLike = (word: string): string => word.replace(/[\\%_]/g, (c) => `\\${c}`);

/** One page of `table` under `query`; rows as stored. */
async function page<T extends Decided>(
  db: Kysely<Tables>,
  table: T,
  query: ListQuery,
  nowUs: number,
): Promise<Page<Record<string, unknown>>> {
  const limit = Math.max(1, Math.min(query.limit, MAX_PAGE));
  const column = sql.ref<number>(sortColumn(table, query.sort ?? 'last-seen'));
  // Priority 0 is the most severe: its numbers alone run against the order.
  const upwards = (query.order === 'asc') !== (query.sort === 'priority');
  let q = (db as unknown as Kysely<Record<string, Record<string, unknown>>>)
    .selectFrom(table)
    .selectAll() as SelectQueryBuilder<
    Record<string, Record<string, unknown>>,
    string,
    Record<string, unknown>
  >;
  if (query.states?.length) q = q.where('state', 'in', query.states);
  if (query.verdicts?.length) q = q.where('verdict', 'in', query.verdicts);
  if (query.namespace !== undefined) q = q.where('namespace', '=', query.namespace);
  if (query.owner !== undefined) q = q.where('owner', '=', query.owner);
  if (query.sinceUs !== undefined) q = q.where('last_seen_us', '>=', query.sinceUs);
  if (query.untilUs !== undefined) q = q.where('first_seen_us', '<', query.untilUs);
  if (query.rule !== undefined) {
    q =
      table === 'findings'
        ? q.where('rule', '=', query.rule)
        : q.where(
            sql<boolean>`id in (select i.incident_id from findings f join incident_findings i on i.finding_id = f.id where f.rule = ${query.rule})`,
          );
  }
  if (query.hideSilenced && table === 'findings') q = q.where('silenced_until_us', '<=', nowUs);
  for (const word of wordsOf(query.search ?? ''))
    q = q.where(sql<boolean>`words like ${`% ${escapeLike(word)}%`} escape '\\'`);
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  if (after !== undefined) {
    q = q.where(
      upwards
        ? sql<boolean>`(${column}, id) > (${after[0]}, ${after[1]})`
        : sql<boolean>`(${column}, id) < (${after[0]}, ${after[1]})`,
    );
  }
  const rows = await q
    .orderBy(column, upwards ? 'asc' : 'desc')
    .orderBy('id', upwards ? 'asc' : 'desc')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const key = sortColumn(table, query.sort ?? 'last-seen');
  return {
    items,
    next: rows.length > limit && last ? encodeCursor([Number(last[key]), String(last['id'])]) : undefined,
  };
}

async function spreads(
  db: Kysely<Tables>,
  rows: readonly Tables['findings'][],
): Promise<Map<string, FindingRow['spread']>> {
  const values = new Map<string, string[]>();
  if (rows.length > 0) {
    const ranked = db
      .selectFrom('finding_spread')
      .select([
        'finding_id',
        'kind',
        'value',
        sql<number>`row_number() over (partition by finding_id, kind order by value)`.as('rank'),
      ])
      .where(
        'finding_id',
        'in',
        rows.map((row) => row.id),
      )
      .as('ranked');
    const shown = await db
      .selectFrom(ranked)
      .select(['finding_id', 'kind', 'value'])
      .where('rank', '<=', SPREAD_SHOWN)
      .orderBy('value')
      .execute();
    for (const row of shown) {
      const key = `${row.finding_id}\0${row.kind}`;
      const list = values.get(key) ?? [];
      list.push(row.value);
      values.set(key, list);
    }
  }
  const spread = (row: Tables['findings'], kind: 'nodes' | 'pods' | 'images' | 'users'): Spread => {
    const total = Number(row[kind]);
    return { values: values.get(`${row.id}\0${kind}`) ?? [], total, atLeast: total >= MAX_SPREAD };
  };
  return new Map(
    rows.map((row) => [
      row.id,
      {
        nodes: spread(row, 'nodes'),
        pods: spread(row, 'pods'),
        images: spread(row, 'images'),
        users: spread(row, 'users'),
      },
    ]),
  );
}

async function asFindings(
  db: Kysely<Tables>,
  rows: readonly Tables['findings'][],
  nowUs: number,
): Promise<FindingRow[]> {
  const spread = await spreads(db, rows);
  return rows.map((row) => ({
    id: row.id,
    rule: row.rule,
    source: row.source,
    priority: row.priority,
    tags: JSON.parse(row.tags) as string[],
    fingerprint: JSON.parse(row.fingerprint) as FindingRow['fingerprint'],
    workload: JSON.parse(row.workload) as FindingRow['workload'],
    title: row.title,
    verdict: row.verdict as VerdictWord,
    state: row.state as State,
    owner: row.owner,
    count: Number(row.count),
    spread: spread.get(row.id) as FindingRow['spread'],
    firstSeenUs: Number(row.first_seen_us),
    lastSeenUs: Number(row.last_seen_us),
    silenceId: Number(row.silenced_until_us) > nowUs ? (row.silence_id ?? undefined) : undefined,
  }));
}

function asIncident(row: Tables['incidents']): IncidentRow {
  return {
    id: row.id,
    namespace: row.namespace,
    priority: row.priority,
    title: row.title,
    verdict: row.verdict as VerdictWord,
    state: row.state as State,
    owner: row.owner,
    alertCount: Number(row.alert_count),
    findingCount: row.finding_count,
    firstSeenUs: Number(row.first_seen_us),
    lastSeenUs: Number(row.last_seen_us),
    lastSeq: Number(row.last_seq),
  };
}

export async function listFindings(
  db: Kysely<Tables>,
  query: ListQuery,
  nowUs: number,
): Promise<Page<FindingRow>> {
  const { items, next } = await page(db, 'findings', query, nowUs);
  return { items: await asFindings(db, items as unknown as Tables['findings'][], nowUs), next };
}

export async function getFinding(
  db: Kysely<Tables>,
  id: string,
  nowUs: number,
): Promise<FindingRow | undefined> {
  const rows = await db.selectFrom('findings').selectAll().where('id', '=', id).execute();
  return (await asFindings(db, rows, nowUs))[0];
}

export async function listIncidents(
  db: Kysely<Tables>,
  query: ListQuery,
  nowUs: number,
): Promise<Page<IncidentRow>> {
  const { items, next } = await page(db, 'incidents', query, nowUs);
  return { items: (items as unknown as Tables['incidents'][]).map(asIncident), next };
}

export async function getIncident(db: Kysely<Tables>, id: string): Promise<IncidentRow | undefined> {
  const survivor = await survivorOf(db, id);
  const row = await db.selectFrom('incidents').selectAll().where('id', '=', survivor).executeTakeFirst();
  return row && asIncident(row);
}

export async function findingsOf(
  db: Kysely<Tables>,
  incidentId: string,
  nowUs: number,
): Promise<FindingRow[]> {
  const survivor = await survivorOf(db, incidentId);
  const rows = await db
    .selectFrom('incident_findings as i')
    .innerJoin('findings as f', 'f.id', 'i.finding_id')
    .selectAll('f')
    .where('i.incident_id', '=', survivor)
    .orderBy('f.first_seen_us')
    .orderBy('f.id')
    .limit(MAX_PAGE)
    .execute();
  return asFindings(db, rows, nowUs);
}

export async function untriaged(db: Kysely<Tables>, limit: number): Promise<IncidentRow[]> {
  const rows = await db
    .selectFrom('incidents')
    .selectAll()
    .where(sql<boolean>`last_seq > triaged_seq`)
    .orderBy('triaged_seq')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(asIncident);
}

export async function volume(
  db: Kysely<Tables>,
  sinceUs: number,
  untilUs: number,
  limit: number,
): Promise<VolumeRow[]> {
  const inRange = db.selectFrom('volume').where('hour_us', '>=', sinceUs).where('hour_us', '<', untilUs);
  const busiest = await inRange
    .select(['rule', (e) => e.fn.sum<number>('count').as('n')])
    .groupBy('rule')
    .orderBy('n', 'desc')
    .orderBy('rule')
    .limit(limit)
    .execute();
  if (busiest.length === 0) return [];
  const order = new Map(busiest.map((row, i) => [row.rule, i]));
  const rows = await inRange
    .selectAll()
    .where('rule', 'in', [...order.keys()])
    .orderBy('hour_us')
    .execute();
  return rows
    .map((row) => ({ hourUs: Number(row.hour_us), rule: row.rule, count: Number(row.count) }))
    .sort((a, b) => (order.get(a.rule) as number) - (order.get(b.rule) as number) || a.hourUs - b.hourUs);
}

export const verdictRank = (word: VerdictWord): number => VERDICTS.indexOf(word);
