// What storing a batch asks of a database, in whole sets, so that each can answer in its own fastest way: SQLite by
// prepared statements, PostgreSQL by one statement a set. What the batch means is in ingest.ts.

import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';

export type AlertInsert = Omit<Tables['alerts'], 'seq' | 'raw'> & { readonly raw: string | Uint8Array };
export type EntityRow = Tables['incident_entities'];
export type SpreadRow = Tables['finding_spread'];
export type FindingInsert = Tables['findings'];
export type IncidentInsert = Tables['incidents'];

/** What a batch adds to a finding. */
export interface FindingChange {
  readonly id: string;
  readonly count: number;
  readonly first_seen_us: number;
  readonly last_seen_us: number;
  readonly priority: number;
}
/** What a batch adds to an incident; `last_seq` is that of its newest alert. */
export interface IncidentChange extends FindingChange {
  readonly last_seq: number;
}

/** Of `seq` in `(after, upTo]`. */
export interface Range {
  readonly after: number;
  readonly upTo: number;
}

type Answer<T> = T | Promise<T>;

/** One transaction. Every method takes a set that may be empty. */
export interface IngestTransaction {
  /** The same transaction for what is rare. */
  readonly db: Kysely<Tables>;
  /** Which of `ids` are stored already. */
  knownAlerts(ids: readonly string[]): Answer<readonly string[]>;
  /** The newest incident of each entity that has one; an incident that was merged is named by its survivor. */
  entities(names: readonly string[]): Answer<readonly EntityRow[]>;
  saveEntities(rows: readonly EntityRow[]): Answer<void>;
  /** Returns the sequence numbers in the order of `rows`. */
  insertAlerts(rows: readonly AlertInsert[]): Answer<readonly number[]>;
  /** Both leave alone what exists, and return the ids of those that were new. */
  insertFindings(rows: readonly FindingInsert[]): Answer<readonly string[]>;
  insertIncidents(rows: readonly IncidentInsert[]): Answer<readonly string[]>;
  addSpread(rows: readonly SpreadRow[]): Answer<void>;
  /** Returns the pairs' incidents, once for each pair that is new. */
  addIncidentFindings(pairs: readonly Tables['incident_findings'][]): Answer<readonly string[]>;
  /** What the alerts of a range add to findings and incidents, by what the alerts say of themselves. */
  findingChanges(range: Range): Answer<readonly FindingChange[]>;
  incidentChanges(range: Range): Answer<readonly IncidentChange[]>;
  volumeOf(range: Range): Answer<readonly Tables['volume'][]>;
  changeFindings(changes: readonly FindingChange[]): Answer<void>;
  changeIncidents(changes: readonly IncidentChange[]): Answer<void>;
  /** Enters a range of alerts into `finding_alerts` and `incident_alerts`. */
  indexAlerts(range: Range): Answer<void>;
  addVolume(cells: readonly Tables['volume'][]): Answer<void>;
}

export interface IngestSql {
  /** No other process writes entities: what was read once may be remembered. */
  readonly exclusive: boolean;
  /** Runs `work` in one transaction that is durable when this resolves; no other process stores or folds meanwhile. */
  store<R>(work: (tx: IngestTransaction) => Promise<R>): Promise<R>;
  /** The same without waiting for the disk: for what can be made again from what is durable. */
  fold<R>(work: (tx: IngestTransaction) => Promise<R>): Promise<R>;
  /** As `fold`, beside others that store. */
  derive<R>(work: (db: Kysely<Tables>) => Promise<R>): Promise<R>;
}
