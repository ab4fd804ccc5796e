// What storing a batch means: alerts that are new, then what they change in findings, spread, incidents and volume, in
// one transaction. Callers group commits (group-commit.ts); how each database does its part is in ingest-sql.ts.

import { assignIncidents, EntityMemory } from './assign-incidents.ts';
import type { AlertInsert, IngestSql, IngestTransaction, SpreadRow } from './ingest-sql.ts';
import { mergeIncidents } from './merge-incidents.ts';
import type { Tables } from './schema.ts';
import type { IngestResult, NewAlert } from './types.ts';
import { wordLine } from './words.ts';

const HOUR_US = 3600 * 1_000_000;
/** Distinct values kept per finding and kind; beyond that the count is "at least". */
export const MAX_SPREAD = 1000;
const MAX_KNOWN = 200_000;

const SPREAD_KINDS = ['nodes', 'pods', 'images', 'users'] as const;

/** What one commit did. */
export interface Stored extends Omit<IngestResult, 'stored' | 'duplicates'> {
  /** One byte for each alert given: 1 where it was new. */
  readonly fresh: Uint8Array;
}

/** Members of one group: what they add to its finding or incident. */
interface Sum {
  readonly first: NewAlert;
  count: number;
  firstUs: number;
  lastUs: number;
  priority: number;
  lastSeq: number;
}

/** Remembers between batches what is surely in the database already, so that a noisy finding costs little. */
export class Ingester {
  readonly #sql: IngestSql;
  /** `finding kind value` and `incident finding` that are stored. */
  #known = new Set<string>();
  /** `finding kind` with as many values as are kept. */
  #full = new Set<string>();
  #entities = new EntityMemory();

  constructor(sql: IngestSql) {
    this.#sql = sql;
  }

  /** Stores `alerts`; on return they are durable. Rejects, having stored nothing, when the database cannot. */
  async store(alerts: readonly NewAlert[]): Promise<Stored> {
    if (!this.#sql.exclusive || this.#entities.states.size > MAX_KNOWN) this.#entities = new EntityMemory();
    if (this.#known.size > MAX_KNOWN) this.#known = new Set();
    if (this.#full.size > MAX_KNOWN) this.#full = new Set();
    try {
      return await this.#sql.transaction((tx) => this.#store(tx, alerts));
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /** Something else changed the tables that are remembered, or a batch was rolled back. */
  forget(): void {
    this.#known = new Set();
    this.#full = new Set();
    this.#entities = new EntityMemory();
  }

  async #store(tx: IngestTransaction, given: readonly NewAlert[]): Promise<Stored> {
    const fresh = new Uint8Array(given.length);
    const firstOf = new Map<string, number>();
    for (const [i, alert] of given.entries()) if (!firstOf.has(alert.id)) firstOf.set(alert.id, i);
    for (const id of await tx.knownAlerts([...firstOf.keys()])) firstOf.delete(id);
    const alerts: NewAlert[] = [];
    for (const i of firstOf.values()) {
      fresh[i] = 1;
      alerts.push(given[i] as NewAlert);
    }
    if (alerts.length === 0) return { fresh, newFindings: [], incidents: [] };

    const { incidentOf, merges } = await assignIncidents(tx, alerts, this.#entities);
    const seqs = await tx.insertAlerts(alerts.map((alert, i) => alertRow(alert, incidentOf[i] as string)));
    const findings = group(alerts, (alert) => alert.finding.id, seqs);
    const newFindings = await this.#findings(tx, findings);
    await this.#spread(tx, alerts);
    const incidents = group(alerts, (_, i) => incidentOf[i] as string, seqs);
    const added = await this.#pairs(tx, alerts, incidentOf);
    await changeIncidents(tx, incidents, added);
    if (merges.size > 0) await mergeIncidents(tx.db, merges, given[0]?.receivedUs ?? 0);
    await tx.addVolume(volumeOf(alerts));
    return { fresh, newFindings, incidents: [...incidents.keys()] };
  }

  async #findings(tx: IngestTransaction, findings: ReadonlyMap<string, Sum>): Promise<string[]> {
    const changed = await tx.changeFindings([...findings].map(([id, sum]) => changeOf(id, sum)));
    const missing = [...findings].filter(([id]) => !changed.has(id));
    await tx.insertFindings(missing.map(([id, sum]) => findingRow(id, sum)));
    return missing.map(([id]) => id);
  }

  async #spread(tx: IngestTransaction, alerts: readonly NewAlert[]): Promise<void> {
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

  /** Which findings each incident has; returns how many are new, by incident. */
  async #pairs(
    tx: IngestTransaction,
    alerts: readonly NewAlert[],
    incidentOf: readonly string[],
  ): Promise<ReadonlyMap<string, number>> {
    const pairs: Tables['incident_findings'][] = [];
    for (const [i, alert] of alerts.entries()) {
      const incident_id = incidentOf[i] as string;
      const key = `${incident_id}\0${alert.finding.id}`;
      if (this.#known.has(key)) continue;
      this.#known.add(key);
      pairs.push({ incident_id, finding_id: alert.finding.id });
    }
    const added = new Map<string, number>();
    if (pairs.length > 0)
      for (const id of await tx.addIncidentFindings(pairs)) added.set(id, (added.get(id) ?? 0) + 1);
    return added;
  }
}

function spreadValue(alert: NewAlert, kind: (typeof SPREAD_KINDS)[number]): string {
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

function group(
  alerts: readonly NewAlert[],
  keyOf: (alert: NewAlert, i: number) => string,
  seqs: readonly number[],
): Map<string, Sum> {
  const groups = new Map<string, Sum>();
  for (const [i, alert] of alerts.entries()) {
    const key = keyOf(alert, i);
    const { timeUs, priority } = alert;
    const lastSeq = seqs[i] as number;
    const sum = groups.get(key);
    if (sum === undefined) {
      groups.set(key, { first: alert, count: 1, firstUs: timeUs, lastUs: timeUs, priority, lastSeq });
      continue;
    }
    sum.count++;
    sum.firstUs = Math.min(sum.firstUs, timeUs);
    sum.lastUs = Math.max(sum.lastUs, timeUs);
    sum.priority = Math.min(sum.priority, priority);
    sum.lastSeq = Math.max(sum.lastSeq, lastSeq);
  }
  return groups;
}

const changeOf = (id: string, sum: Sum) => ({
  id,
  count: sum.count,
  first_seen_us: sum.firstUs,
  last_seen_us: sum.lastUs,
  priority: sum.priority,
});

const alertRow = (alert: NewAlert, incidentId: string): AlertInsert => ({
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
  text: alert.text,
  raw: alert.raw,
});

/** What triage and people say later; until then nothing is known. */
const UNDECIDED = { verdict: 'undetermined', verdict_rank: 2, state: 'open', owner: '' } as const;

function findingRow(id: string, { first, ...sum }: Sum): Tables['findings'] {
  const { title, fingerprint, tags, workload } = first.finding;
  return {
    ...UNDECIDED,
    id,
    rule: first.rule,
    source: first.source,
    priority: sum.priority,
    namespace: first.namespace,
    tags: JSON.stringify(tags),
    fingerprint: JSON.stringify(fingerprint),
    workload: JSON.stringify(workload),
    title,
    count: sum.count,
    nodes: 0,
    pods: 0,
    images: 0,
    users: 0,
    first_seen_us: sum.firstUs,
    last_seen_us: sum.lastUs,
    silence_id: null,
    silenced_until_us: 0,
    words: wordLine(title, first.rule, first.namespace, first.image, ...fingerprint.map((p) => p.value)),
  };
}

async function changeIncidents(
  tx: IngestTransaction,
  incidents: ReadonlyMap<string, Sum>,
  added: ReadonlyMap<string, number>,
): Promise<void> {
  const changed = await tx.changeIncidents(
    [...incidents].map(([id, sum]) => ({
      ...changeOf(id, sum),
      finding_count: added.get(id) ?? 0,
      last_seq: sum.lastSeq,
    })),
  );
  const missing = [...incidents].filter(([id]) => !changed.has(id));
  await tx.insertIncidents(
    missing.map(([id, { first, ...sum }]) => ({
      ...UNDECIDED,
      id,
      namespace: first.namespace,
      priority: sum.priority,
      title: first.finding.title,
      alert_count: sum.count,
      finding_count: added.get(id) ?? 0,
      first_seen_us: sum.firstUs,
      last_seen_us: sum.lastUs,
      last_seq: sum.lastSeq,
      triaged_seq: 0,
      words: wordLine(
        first.finding.title,
        first.rule,
        first.namespace,
        first.image,
        first.pod,
        first.hostname,
      ),
    })),
  );
}

function volumeOf(alerts: readonly NewAlert[]): Tables['volume'][] {
  const cells = new Map<string, Tables['volume']>();
  for (const alert of alerts) {
    const hour = Math.floor(alert.timeUs / HOUR_US) * HOUR_US;
    const key = `${hour}\0${alert.rule}`;
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, { hour_us: hour, rule: alert.rule, count: 1 });
    else cell.count++;
  }
  return [...cells.values()];
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
