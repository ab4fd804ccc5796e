// Storing a batch in one transaction: alerts that are new, then what they change in findings, spread, incidents and
// volume. Callers group commits (group-commit.ts); this file only says what one commit does.

import { createHash } from 'node:crypto';
import { type Insertable, type Kysely, sql } from 'kysely';
import type { Dialect } from './migrations/index.ts';
import type { Tables } from './schema.ts';
import type { IngestResult, NewAlert } from './types.ts';
import { wordLine } from './words.ts';

/** Alerts of one entity at most this far apart belong to one incident. */
const WINDOW_US = 15 * 60 * 1_000_000;
const HOUR_US = 3600 * 1_000_000;
/** Distinct values kept per finding and kind; beyond that the count is "at least". */
export const MAX_SPREAD = 1000;
const MAX_KNOWN = 200_000;
/** PostgreSQL takes at most 65,535 parameters a statement; SQLite 32,766. An alert has 14. */
const ROWS_PER_INSERT = 1000;

const SPREAD_KINDS = ['nodes', 'pods', 'images', 'users'] as const;
type SpreadKind = (typeof SPREAD_KINDS)[number];

/** What one commit did: the ids that were new, and what they touched. */
export interface Stored extends Omit<IngestResult, 'stored' | 'duplicates'> {
  readonly ids: ReadonlySet<string>;
}

interface EntityState {
  incidentId: string;
  firstUs: number;
  lastUs: number;
}

/** Remembers between batches what is surely in the database already, so that a noisy finding costs little. */
export class Ingester {
  readonly #db: Kysely<Tables>;
  readonly #dialect: Dialect;
  #knownSpread = new Set<string>();

  constructor(db: Kysely<Tables>, dialect: Dialect) {
    this.#db = db;
    this.#dialect = dialect;
  }

  /** Stores `alerts`; on return they are durable. Rejects, having stored nothing, when the database cannot. */
  async store(alerts: readonly NewAlert[]): Promise<Stored> {
    const learned: string[] = [];
    const result = await this.#db.transaction().execute(async (tx) => {
      const fresh = await this.#fresh(tx, alerts);
      if (fresh.length === 0) return { ids: new Set<string>(), newFindings: [], incidents: [] };
      const incidentOf = await assignIncidents(tx, fresh);
      await insertAlerts(tx, fresh, incidentOf);
      const newFindings = await upsertFindings(tx, fresh);
      await this.#addSpread(tx, fresh, learned);
      const incidents = await upsertIncidents(tx, fresh, incidentOf);
      await addVolume(tx, fresh);
      return { ids: new Set(fresh.map((alert) => alert.id)), newFindings, incidents };
    });
    if (this.#knownSpread.size > MAX_KNOWN) this.#knownSpread = new Set();
    for (const key of learned) this.#knownSpread.add(key);
    return result;
  }

  async #fresh(tx: Kysely<Tables>, alerts: readonly NewAlert[]): Promise<NewAlert[]> {
    const byId = new Map(alerts.map((alert) => [alert.id, alert]));
    // Several writers: whoever holds this lock sees every id that was committed before it.
    if (this.#dialect === 'postgres') await sql`select pg_advisory_xact_lock(7291)`.execute(tx);
    for (const ids of chunks([...byId.keys()], ROWS_PER_INSERT)) {
      const known = await tx.selectFrom('alerts').select('id').where('id', 'in', ids).execute();
      for (const row of known) byId.delete(row.id);
    }
    return [...byId.values()];
  }

  async #addSpread(tx: Kysely<Tables>, alerts: readonly NewAlert[], learned: string[]): Promise<void> {
    const wanted = new Map<string, Insertable<Tables['finding_spread']>>();
    for (const alert of alerts) {
      const values: Record<SpreadKind, string> = {
        nodes: alert.hostname,
        pods: alert.pod === '' ? '' : `${alert.namespace}/${alert.pod}`,
        images: alert.image,
        users: alert.user,
      };
      for (const kind of SPREAD_KINDS) {
        const key = `${alert.finding.id}\0${kind}\0${values[kind]}`;
        if (values[kind] === '' || this.#knownSpread.has(key)) continue;
        wanted.set(key, { finding_id: alert.finding.id, kind, value: values[kind] });
      }
    }
    learned.push(...wanted.keys());
    const touched = new Set<string>();
    for (const rows of chunks([...wanted.values()], ROWS_PER_INSERT)) {
      await tx
        .insertInto('finding_spread')
        .values(rows)
        .onConflict((c) => c.doNothing())
        .execute();
      for (const row of rows) touched.add(row.finding_id);
    }
    for (const id of touched) {
      const counts = await tx
        .selectFrom('finding_spread')
        .select(['kind', (e) => e.fn.countAll<number>().as('n')])
        .where('finding_id', '=', id)
        .groupBy('kind')
        .execute();
      const update = Object.fromEntries(counts.map((row) => [row.kind, Math.min(Number(row.n), MAX_SPREAD)]));
      await tx.updateTable('findings').set(update).where('id', '=', id).execute();
      for (const row of counts) if (Number(row.n) > MAX_SPREAD) await trimSpread(tx, id, row.kind);
    }
  }
}

async function trimSpread(tx: Kysely<Tables>, findingId: string, kind: string): Promise<void> {
  const surplus = tx
    .selectFrom('finding_spread')
    .select('value')
    .where('finding_id', '=', findingId)
    .where('kind', '=', kind)
    .orderBy('value')
    .limit(1_000_000)
    .offset(MAX_SPREAD);
  await tx
    .deleteFrom('finding_spread')
    .where('finding_id', '=', findingId)
    .where('kind', '=', kind)
    .where('value', 'in', surplus)
    .execute();
}

async function insertAlerts(
  tx: Kysely<Tables>,
  alerts: readonly NewAlert[],
  incidentOf: ReadonlyMap<NewAlert, string>,
): Promise<void> {
  const rows = alerts.map((alert) => ({
    id: alert.id,
    time_us: alert.timeUs,
    received_us: alert.receivedUs,
    rule: alert.rule,
    source: alert.source,
    priority: alert.priority,
    hostname: alert.hostname,
    namespace: alert.namespace,
    pod: alert.pod,
    image: alert.image,
    finding_id: alert.finding.id,
    incident_id: incidentOf.get(alert) as string,
    text: alert.text,
    raw: alert.raw,
  }));
  for (const part of chunks(rows, ROWS_PER_INSERT)) await tx.insertInto('alerts').values(part).execute();
}

async function upsertFindings(tx: Kysely<Tables>, alerts: readonly NewAlert[]): Promise<string[]> {
  const groups = Map.groupBy(alerts, (alert) => alert.finding.id);
  const known = new Set<string>();
  for (const ids of chunks([...groups.keys()], ROWS_PER_INSERT)) {
    for (const row of await tx.selectFrom('findings').select('id').where('id', 'in', ids).execute())
      known.add(row.id);
  }
  for (const [id, group] of groups) {
    const first = group[0] as NewAlert;
    const firstUs = Math.min(...group.map((a) => a.timeUs));
    const lastUs = Math.max(...group.map((a) => a.timeUs));
    const priority = Math.min(...group.map((a) => a.priority));
    if (known.has(id)) {
      await tx
        .updateTable('findings')
        .set((e) => ({
          count: e('count', '+', group.length),
          first_seen_us: sql<number>`case when first_seen_us > ${firstUs} then ${firstUs} else first_seen_us end`,
          last_seen_us: sql<number>`case when last_seen_us < ${lastUs} then ${lastUs} else last_seen_us end`,
          priority: sql<number>`case when priority > ${priority} then ${priority} else priority end`,
        }))
        .where('id', '=', id)
        .execute();
      continue;
    }
    await tx
      .insertInto('findings')
      .values({
        id,
        rule: first.rule,
        source: first.source,
        priority,
        namespace: first.namespace,
        tags: JSON.stringify(first.finding.tags),
        fingerprint: JSON.stringify(first.finding.fingerprint),
        workload: JSON.stringify(first.finding.workload),
        title: first.finding.title,
        verdict: 'undetermined',
        verdict_rank: 2,
        state: 'open',
        owner: '',
        count: group.length,
        nodes: 0,
        pods: 0,
        images: 0,
        users: 0,
        first_seen_us: firstUs,
        last_seen_us: lastUs,
        silence_id: null,
        silenced_until_us: 0,
        words: wordLine(
          first.finding.title,
          first.rule,
          first.namespace,
          first.image,
          ...first.finding.fingerprint.map((p) => p.value),
        ),
      })
      .execute();
  }
  return [...groups.keys()].filter((id) => !known.has(id));
}

/** Each alert's incident: that of the first of its entities seen within the window, else a new one. */
async function assignIncidents(
  tx: Kysely<Tables>,
  alerts: readonly NewAlert[],
): Promise<ReadonlyMap<NewAlert, string>> {
  const entities = new Map<string, EntityState>();
  const names = [...new Set(alerts.flatMap((alert) => alert.entities))];
  for (const part of chunks(names, ROWS_PER_INSERT)) {
    for (const row of await tx
      .selectFrom('incident_entities')
      .selectAll()
      .where('entity', 'in', part)
      .execute()) {
      entities.set(row.entity, {
        incidentId: row.incident_id,
        firstUs: Number(row.first_us),
        lastUs: Number(row.last_us),
      });
    }
  }
  const incidentOf = new Map<NewAlert, string>();
  const changed = new Set<string>();
  for (const alert of alerts) {
    const open = alert.entities.find((name) => {
      const state = entities.get(name);
      return (
        state !== undefined &&
        alert.timeUs >= state.firstUs - WINDOW_US &&
        alert.timeUs <= state.lastUs + WINDOW_US
      );
    });
    const id =
      open === undefined
        ? createHash('sha256')
            .update(`${alert.id}\0${alert.entities[0] ?? ''}`)
            .digest('hex')
            .slice(0, 16)
        : (entities.get(open) as EntityState).incidentId;
    incidentOf.set(alert, id);
    for (const name of alert.entities) {
      const state = entities.get(name);
      if (state?.incidentId === id) {
        state.firstUs = Math.min(state.firstUs, alert.timeUs);
        state.lastUs = Math.max(state.lastUs, alert.timeUs);
      } else if (state === undefined || alert.timeUs > state.lastUs + WINDOW_US) {
        entities.set(name, { incidentId: id, firstUs: alert.timeUs, lastUs: alert.timeUs });
      } else continue;
      changed.add(name);
    }
  }
  const rows = [...changed].map((entity) => {
    const state = entities.get(entity) as EntityState;
    return { entity, incident_id: state.incidentId, first_us: state.firstUs, last_us: state.lastUs };
  });
  for (const part of chunks(rows, ROWS_PER_INSERT)) {
    await tx
      .insertInto('incident_entities')
      .values(part)
      .onConflict((c) =>
        c.column('entity').doUpdateSet((e) => ({
          incident_id: e.ref('excluded.incident_id'),
          first_us: e.ref('excluded.first_us'),
          last_us: e.ref('excluded.last_us'),
        })),
      )
      .execute();
  }
  return incidentOf;
}

async function upsertIncidents(
  tx: Kysely<Tables>,
  alerts: readonly NewAlert[],
  incidentOf: ReadonlyMap<NewAlert, string>,
): Promise<string[]> {
  const groups = Map.groupBy(alerts, (alert) => incidentOf.get(alert) as string);
  for (const [id, group] of groups) {
    const first = group[0] as NewAlert;
    const pairs = [...new Set(group.map((a) => a.finding.id))].map((finding_id) => ({
      incident_id: id,
      finding_id,
    }));
    await tx
      .insertInto('incident_findings')
      .values(pairs)
      .onConflict((c) => c.doNothing())
      .execute();
    const { last } = await tx
      .selectFrom('alerts')
      .select((e) => e.fn.max('seq').as('last'))
      .where('incident_id', '=', id)
      .executeTakeFirstOrThrow();
    const { n } = await tx
      .selectFrom('incident_findings')
      .select((e) => e.fn.countAll<number>().as('n'))
      .where('incident_id', '=', id)
      .executeTakeFirstOrThrow();
    const firstUs = Math.min(...group.map((a) => a.timeUs));
    const lastUs = Math.max(...group.map((a) => a.timeUs));
    const priority = Math.min(...group.map((a) => a.priority));
    await tx
      .insertInto('incidents')
      .values({
        id,
        namespace: first.namespace,
        priority,
        title: first.finding.title,
        verdict: 'undetermined',
        verdict_rank: 2,
        state: 'open',
        owner: '',
        alert_count: group.length,
        finding_count: Number(n),
        first_seen_us: firstUs,
        last_seen_us: lastUs,
        last_seq: Number(last),
        triaged_seq: 0,
        words: wordLine(
          first.finding.title,
          first.rule,
          first.namespace,
          first.image,
          first.pod,
          first.hostname,
        ),
      })
      .onConflict((c) =>
        c.column('id').doUpdateSet({
          alert_count: sql<number>`incidents.alert_count + ${group.length}`,
          finding_count: Number(n),
          last_seq: Number(last),
          first_seen_us: sql<number>`case when incidents.first_seen_us > ${firstUs} then ${firstUs} else incidents.first_seen_us end`,
          last_seen_us: sql<number>`case when incidents.last_seen_us < ${lastUs} then ${lastUs} else incidents.last_seen_us end`,
          priority: sql<number>`case when incidents.priority > ${priority} then ${priority} else incidents.priority end`,
        }),
      )
      .execute();
  }
  return [...groups.keys()];
}

async function addVolume(tx: Kysely<Tables>, alerts: readonly NewAlert[]): Promise<void> {
  const cells = new Map<string, Tables['volume']>();
  for (const alert of alerts) {
    const hour = Math.floor(alert.timeUs / HOUR_US) * HOUR_US;
    const key = `${hour}\0${alert.rule}`;
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, { hour_us: hour, rule: alert.rule, count: 1 });
    else cell.count++;
  }
  await tx
    .insertInto('volume')
    .values([...cells.values()])
    .onConflict((c) =>
      c.columns(['hour_us', 'rule']).doUpdateSet({ count: sql<number>`volume.count + excluded.count` }),
    )
    .execute();
}

export function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size);
}
