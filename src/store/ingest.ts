// What storing a batch means, in two steps. An acknowledgement waits for the first: alerts that are new, with their
// finding and incident, are durable. The second, folding, brings counts, times, volume and indexes up to date for all
// alerts since it last ran; it reads everything from the stored alerts, so that a crash between the two loses nothing.
// Callers group commits (group-commit.ts) and fold before they read; each database's part is in ingest-sql.ts.

import type { Kysely } from 'kysely';
import { assignIncidents, EntityMemory, saveEntities } from './assign-incidents.ts';
import type { AlertInsert, IngestSql, IngestTransaction, SpreadRow } from './ingest-sql.ts';
import { mergeIncidents } from './merge-incidents.ts';
import type { Tables } from './schema.ts';
import type { IngestResult, NewAlert } from './types.ts';
import { wordLine } from './words.ts';

export const HOUR_US = 3600 * 1_000_000;
/** Distinct values kept per finding and kind; beyond that the count is "at least". */
export const MAX_SPREAD = 1000;
const MAX_KNOWN = 50_000;

const SPREAD_KINDS = ['nodes', 'pods', 'images', 'users'] as const;

/** `raw` may be UTF-8 as it came from another thread. */
export interface IngestAlert extends Omit<NewAlert, 'raw'> {
  readonly raw: string | Uint8Array;
}

/** What one commit did. */
export interface Stored extends Omit<IngestResult, 'stored' | 'duplicates'> {
  /** One byte for each alert given: 1 where it was new. */
  readonly fresh: Uint8Array;
}

/** Remembers between batches what is surely in the database already, so that a noisy finding costs little. */
export class Ingester {
  readonly #sql: IngestSql;
  /** `finding kind value` and `incident finding` that are stored. */
  #known = new Set<string>();
  /** `finding kind` with as many values as are kept. */
  #full = new Set<string>();
  #entities = new EntityMemory();
  /** Alerts stored by this process and not folded. Whoever was here before may have left some. */
  #unfolded = 1;

  constructor(sql: IngestSql) {
    this.#sql = sql;
  }

  /** Stores `alerts`; on return they are durable. Rejects, having stored nothing, when the database cannot. */
  async store(alerts: readonly IngestAlert[]): Promise<Stored> {
    // Where others write entities too, nothing that was read before this transaction counts.
    if (!this.#sql.exclusive) this.#entities = new EntityMemory();
    if (this.#known.size > MAX_KNOWN) this.#known = new Set();
    if (this.#full.size > MAX_KNOWN) this.#full = new Set();
    try {
      return await this.#sql.store((tx) => this.#store(tx, alerts));
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /** How many alerts wait to be folded, as far as this process knows. */
  get unfolded(): number {
    return this.#unfolded;
  }

  /** Brings everything that is derived from alerts up to date. Rejects, having changed nothing, when it cannot. */
  async fold(): Promise<void> {
    const before = this.#unfolded;
    try {
      await this.#sql.fold((tx) => this.#fold(tx));
    } catch (error) {
      this.forget();
      throw error;
    }
    this.#unfolded -= before;
    if (this.#entities.states.size > MAX_KNOWN) this.#entities = new EntityMemory();
  }

  /** Something else changed the tables that are remembered, or a batch was rolled back. */
  forget(): void {
    this.#known = new Set();
    this.#full = new Set();
    this.#entities = new EntityMemory();
  }

  async #store(tx: IngestTransaction, given: readonly IngestAlert[]): Promise<Stored> {
    const fresh = new Uint8Array(given.length);
    const firstOf = new Map<string, number>();
    for (const [i, alert] of given.entries()) if (!firstOf.has(alert.id)) firstOf.set(alert.id, i);
    for (const id of await tx.knownAlerts([...firstOf.keys()])) firstOf.delete(id);
    const alerts: IngestAlert[] = [];
    for (const i of firstOf.values()) {
      fresh[i] = 1;
      alerts.push(given[i] as IngestAlert);
    }
    if (alerts.length === 0) return { fresh, newFindings: [], incidents: [] };

    const { incidentOf, merges } = await assignIncidents(tx, alerts, this.#entities);
    await tx.insertAlerts(alerts.map((alert, i) => alertRow(alert, incidentOf[i] as string)));
    const newFindings = await tx.insertFindings(
      this.#unknown('finding', alerts, (alert) => alert.finding.id).map(([id, alert]) =>
        findingRow(id, alert),
      ),
    );
    await tx.insertIncidents(
      this.#unknown('incident', alerts, (_, i) => incidentOf[i] as string).map(([id, alert]) =>
        incidentRow(id, alert),
      ),
    );
    await this.#pairs(tx, alerts, incidentOf);
    await this.#spread(tx, alerts);
    if (!this.#sql.exclusive) await saveEntities(tx, this.#entities);
    if (merges.size > 0) await mergeIncidents(tx.db, merges, given[0]?.receivedUs ?? 0);
    this.#unfolded += alerts.length;
    return { fresh, newFindings, incidents: [...new Set(incidentOf)] };
  }

  async #fold(tx: IngestTransaction): Promise<void> {
    const { last } = await tx.db
      .selectFrom('alerts')
      .select((e) => e.fn.max('seq').as('last'))
      .executeTakeFirstOrThrow();
    const range = { after: await foldedSeq(tx.db), upTo: Number(last ?? 0) };
    await saveEntities(tx, this.#entities);
    if (range.upTo <= range.after) return;
    await tx.indexAlerts(range);
    await tx.changeFindings(await tx.findingChanges(range));
    await tx.changeIncidents(await tx.incidentChanges(range));
    await tx.addVolume(await tx.volumeOf(range));
    await setFoldedSeq(tx.db, range.upTo);
  }

  /** The first alert of each finding or incident that may not be in the database. */
  #unknown(
    kind: string,
    alerts: readonly IngestAlert[],
    idOf: (alert: IngestAlert, i: number) => string,
  ): [string, IngestAlert][] {
    const found: [string, IngestAlert][] = [];
    for (const [i, alert] of alerts.entries()) {
      const id = idOf(alert, i);
      const key = `${kind}\0${id}`;
      if (this.#known.has(key)) continue;
      this.#known.add(key);
      found.push([id, alert]);
    }
    return found;
  }

  async #spread(tx: IngestTransaction, alerts: readonly IngestAlert[]): Promise<void> {
    const wanted: SpreadRow[] = [];
    const touched = new Set<string>();
    for (const alert of alerts) {
      const finding_id = alert.finding.id;
      for (const kind of SPREAD_KINDS) {
        const value = spreadValue(alert, kind);
        if (value === '') continue;
        const key = `${finding_id}\0${kind}\0${value}`;
        if (this.#known.has(key)) continue;
        this.#known.add(key);
        if (this.#full.has(`${finding_id}\0${kind}`)) continue;
        wanted.push({ finding_id, kind, value });
        touched.add(finding_id);
      }
    }
    if (wanted.length === 0) return;
    await tx.addSpread(wanted);
    for (const id of touched) {
      const counts = await tx.db
        .selectFrom('finding_spread')
        .select(['kind', (e) => e.fn.countAll<number>().as('n')])
        .where('finding_id', '=', id)
        .groupBy('kind')
        .execute();
      const update: Record<string, number> = {};
      for (const { kind, n } of counts) {
        update[kind] = Math.min(Number(n), MAX_SPREAD);
        if (Number(n) >= MAX_SPREAD) this.#full.add(`${id}\0${kind}`);
        if (Number(n) > MAX_SPREAD) await trimSpread(tx, id, kind);
      }
      await tx.db.updateTable('findings').set(update).where('id', '=', id).execute();
    }
  }

  /** Which findings each incident has. */
  async #pairs(
    tx: IngestTransaction,
    alerts: readonly IngestAlert[],
    incidentOf: readonly string[],
  ): Promise<void> {
    const pairs: Tables['incident_findings'][] = [];
    for (const [i, alert] of alerts.entries()) {
      const incident_id = incidentOf[i] as string;
      const key = `${incident_id}\0${alert.finding.id}`;
      if (this.#known.has(key)) continue;
      this.#known.add(key);
      pairs.push({ incident_id, finding_id: alert.finding.id });
    }
    if (pairs.length === 0) return;
    const added = new Map<string, number>();
    for (const id of await tx.addIncidentFindings(pairs)) added.set(id, (added.get(id) ?? 0) + 1);
    for (const [id, n] of added)
      await tx.db
        .updateTable('incidents')
        .set((e) => ({ finding_count: e('finding_count', '+', n) }))
        .where('id', '=', id)
        .execute();
  }
}

function spreadValue(alert: IngestAlert, kind: (typeof SPREAD_KINDS)[number]): string {
  switch (kind) {
    case 'nodes':
      return alert.hostname;
    case 'pods':
      return alert.pod === '' ? '' : `${alert.namespace}/${alert.pod}`;
    case 'images':
      return alert.image;
    case 'users':
      return alert.user;
  }
}

const alertRow = (alert: IngestAlert, incidentId: string): AlertInsert => ({
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
  incident_id: incidentId,
  raw: alert.raw,
});

/** What triage and people say later; until then nothing is known. */
const UNDECIDED = { verdict: 'undetermined', verdict_rank: 2, state: 'open', owner: '' } as const;

function findingRow(id: string, alert: IngestAlert): Tables['findings'] {
  const { title, fingerprint, tags, workload } = alert.finding;
  return {
    ...UNDECIDED,
    id,
    rule: alert.rule,
    source: alert.source,
    priority: alert.priority,
    namespace: alert.namespace,
    tags: JSON.stringify(tags),
    fingerprint: JSON.stringify(fingerprint),
    workload: JSON.stringify(workload),
    title,
    count: 0,
    nodes: 0,
    pods: 0,
    images: 0,
    users: 0,
    first_seen_us: alert.timeUs,
    last_seen_us: alert.timeUs,
    silence_id: null,
    silenced_until_us: 0,
    words: wordLine(title, alert.rule, alert.namespace, alert.image, ...fingerprint.map((p) => p.value)),
  };
}

function incidentRow(id: string, alert: IngestAlert): Tables['incidents'] {
  const { title } = alert.finding;
  return {
    ...UNDECIDED,
    id,
    namespace: alert.namespace,
    priority: alert.priority,
    title,
    alert_count: 0,
    finding_count: 0,
    first_seen_us: alert.timeUs,
    last_seen_us: alert.timeUs,
    last_seq: 0,
    triaged_seq: 0,
    words: wordLine(title, alert.rule, alert.namespace, alert.image, alert.pod, alert.hostname),
  };
}

export async function foldedSeq(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom('meta').select('value').where('key', '=', 'folded_seq').executeTakeFirst();
  return Number(row?.value ?? 0);
}

export async function setFoldedSeq(db: Kysely<Tables>, seq: number): Promise<void> {
  const value = String(seq);
  await db
    .insertInto('meta')
    .values({ key: 'folded_seq', value })
    .onConflict((c) => c.column('key').doUpdateSet({ value }))
    .execute();
}

async function trimSpread({ db }: IngestTransaction, findingId: string, kind: string): Promise<void> {
  const surplus = db
    .selectFrom('finding_spread')
    .select('value')
    .where('finding_id', '=', findingId)
    .where('kind', '=', kind)
    .orderBy('value')
    .limit(1_000_000)
    .offset(MAX_SPREAD);
  await db
    .deleteFrom('finding_spread')
    .where('finding_id', '=', findingId)
    .where('kind', '=', kind)
    .where('value', 'in', surplus)
    .execute();
}
