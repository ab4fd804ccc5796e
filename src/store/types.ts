// What is kept: alerts (every one, never dropped by grouping), findings, incidents, people's decisions, silences,
// tokens, the delivery outbox, and an append-only trail of who decided what. The same behaviour on SQLite and
// PostgreSQL: one suite runs over both.

import type { Spread, VerdictWord, Workload } from '../triage/index.ts';

export const STATES = ['open', 'acknowledged', 'mitigated', 'closed', 'false-positive'] as const;
export type State = (typeof STATES)[number];

export const ROLES = ['ingest', 'read', 'respond', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export type SubjectKind = 'finding' | 'incident' | 'silence' | 'token' | 'route' | 'rules' | 'service';

/** An alert ready to be stored. Times are microseconds since 1970 UTC; the exact nanoseconds stay in `raw`. */
export interface NewAlert {
  /** 32 hex digits; the same for a re-delivery of the same alert, so that it is stored once. */
  readonly id: string;
  /** The JSON object as received, one line. */
  readonly raw: string;
  readonly timeUs: number;
  readonly receivedUs: number;
  readonly rule: string;
  readonly source: string;
  /** 0 (Emergency) to 7 (Debug), 8 unknown. */
  readonly priority: number;
  readonly hostname: string;
  readonly namespace: string;
  readonly pod: string;
  readonly image: string;
  readonly user: string;
  readonly finding: {
    readonly id: string;
    readonly fingerprint: readonly { readonly name: string; readonly value: string }[];
    readonly tags: readonly string[];
    readonly workload: Workload;
    /** Plain title until triage gives a better one. */
    readonly title: string;
  };
  /** What may join its finding with others to an incident, strongest first: `container:f8dc2f5f2c38`, `host:node-1`. */
  readonly entities: readonly string[];
}

export interface IngestResult {
  readonly stored: number;
  readonly duplicates: number;
  /** Findings seen for the first time in this batch, and every incident that got an alert. */
  readonly newFindings: readonly string[];
  readonly incidents: readonly string[];
}

/** The alerts of one request, kept small while the rest of it is read. */
export interface AlertBatch {
  readonly count: number;
  add(alerts: readonly NewAlert[]): void;
  /** As `Store.ingest`, of everything that was added. Called once. */
  commit(): Promise<IngestResult>;
}

export interface AlertRow {
  readonly seq: number;
  readonly id: string;
  readonly timeUs: number;
  readonly rule: string;
  readonly source: string;
  readonly priority: number;
  readonly hostname: string;
  readonly namespace: string;
  readonly pod: string;
  readonly image: string;
  readonly findingId: string;
  readonly incidentId: string;
  readonly raw: string;
}

interface Decided {
  readonly state: State;
  readonly owner: string;
  /** From triage; `undetermined` until it ran. */
  readonly verdict: VerdictWord;
  readonly title: string;
  readonly firstSeenUs: number;
  readonly lastSeenUs: number;
}

export interface FindingRow extends Decided {
  readonly id: string;
  readonly rule: string;
  readonly source: string;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly fingerprint: readonly { readonly name: string; readonly value: string }[];
  readonly workload: Workload;
  readonly count: number;
  readonly spread: {
    readonly nodes: Spread;
    readonly pods: Spread;
    readonly images: Spread;
    readonly users: Spread;
  };
  /** The silence that covers it now. */
  readonly silenceId: string | undefined;
}

export interface IncidentRow extends Decided {
  readonly id: string;
  readonly alertCount: number;
  readonly findingCount: number;
  /** Sequence number of its newest alert: changes whenever the incident's report must be made anew. */
  readonly lastSeq: number;
  readonly priority: number;
  readonly namespace: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; `undefined` on the last page. */
  readonly next: string | undefined;
}

export type SortKey = 'last-seen' | 'first-seen' | 'count' | 'priority' | 'verdict';

export interface ListQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly sort?: SortKey;
  /** By any key, `desc` is the newest, most or worst first; the default. */
  readonly order?: 'asc' | 'desc';
  readonly states?: readonly State[];
  readonly verdicts?: readonly VerdictWord[];
  readonly rule?: string;
  readonly namespace?: string;
  readonly owner?: string;
  /** Free text over title, rule and workload. */
  readonly search?: string;
  readonly sinceUs?: number;
  readonly untilUs?: number;
  /** Leave out what a silence covers. */
  readonly hideSilenced?: boolean;
}

export interface AlertQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly findingId?: string;
  readonly incidentId?: string;
  readonly rule?: string;
  readonly namespace?: string;
  readonly search?: string;
  readonly sinceUs?: number;
  readonly untilUs?: number;
  /** Oldest first. Default newest first. */
  readonly ascending?: boolean;
}

/** What a person changes, with the reason that goes into the trail. */
export interface Decision {
  readonly subject: { readonly kind: 'finding' | 'incident'; readonly id: string };
  readonly actor: string;
  readonly state?: State;
  readonly owner?: string;
  readonly note?: string;
  readonly reason?: string;
}

export interface NoteRow {
  readonly id: number;
  readonly atUs: number;
  readonly author: string;
  readonly text: string;
}

export interface SilenceRow {
  readonly id: string;
  /** A condition in the Falco rule language, evaluated over a finding's alerts. */
  readonly condition: string;
  readonly reason: string;
  readonly author: string;
  readonly createdUs: number;
  readonly expiresUs: number;
}

/** One line of the append-only trail. */
export interface TrailRow {
  readonly seq: number;
  readonly atUs: number;
  readonly actor: string;
  readonly action: string;
  readonly subjectKind: SubjectKind;
  readonly subjectId: string;
  readonly reason: string;
  readonly detail: unknown;
}

export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdUs: number;
  readonly expiresUs: number | undefined;
  readonly revoked: boolean;
}

export interface OutboxRow {
  readonly id: string;
  readonly route: string;
  readonly subjectId: string;
  readonly payload: string;
  readonly status: 'pending' | 'sent' | 'dead';
  readonly attempts: number;
  readonly dueUs: number;
  readonly lastError: string;
  readonly createdUs: number;
}

/** Alerts of one rule in one hour: the noise view's cell. */
export interface VolumeRow {
  readonly hourUs: number;
  readonly rule: string;
  readonly count: number;
}

export interface Retention {
  readonly maxAgeUs?: number;
  readonly maxAlerts?: number;
  /** What `size` may be. */
  readonly maxBytes?: number;
}

/**
 * All methods reject with `StoreUnavailable` when the database is full, locked or gone, and leave nothing half done.
 * `ingest` resolves only when the alerts are durable.
 */
export interface Store {
  ingest(alerts: readonly NewAlert[]): Promise<IngestResult>;
  /** For alerts that are read piece by piece: what was added leaves JavaScript's heap where the store can help it. */
  batch(): AlertBatch;

  listFindings(query: ListQuery): Promise<Page<FindingRow>>;
  getFinding(id: string): Promise<FindingRow | undefined>;
  listIncidents(query: ListQuery): Promise<Page<IncidentRow>>;
  getIncident(id: string): Promise<IncidentRow | undefined>;
  findingsOf(incidentId: string): Promise<readonly FindingRow[]>;
  listAlerts(query: AlertQuery): Promise<Page<AlertRow>>;
  getAlert(id: string): Promise<AlertRow | undefined>;
  /** Cells per rule and hour in `sinceUs..untilUs`, busiest rules first, at most `limit` rules. */
  volume(sinceUs: number, untilUs: number, limit: number): Promise<readonly VolumeRow[]>;
  /** Incidents whose alerts are newer than what triage last saw, oldest first. */
  untriaged(limit: number): Promise<readonly IncidentRow[]>;
  setTriage(
    incidentId: string,
    triage: { readonly title: string; readonly verdict: VerdictWord; readonly seq: number },
    findings: readonly { readonly id: string; readonly title: string; readonly verdict: VerdictWord }[],
  ): Promise<void>;

  /** `undefined`: no such subject. */
  decide(decision: Decision): Promise<State | undefined>;
  notes(kind: 'finding' | 'incident', id: string): Promise<readonly NoteRow[]>;
  addSilence(
    silence: Omit<SilenceRow, 'id' | 'createdUs'>,
    findingIds: readonly string[],
  ): Promise<SilenceRow>;
  listSilences(atUs: number): Promise<readonly SilenceRow[]>;
  /** Puts a finding under a silence (a new finding that an active silence matches). */
  applySilence(silenceId: string, findingIds: readonly string[]): Promise<void>;
  endSilence(id: string, actor: string, reason: string): Promise<boolean>;
  record(entry: Omit<TrailRow, 'seq' | 'atUs'>): Promise<void>;
  trail(query: {
    readonly limit: number;
    readonly cursor?: string;
    readonly subjectId?: string;
  }): Promise<Page<TrailRow>>;

  addToken(
    token: Omit<TokenRow, 'revoked' | 'createdUs'> & { readonly hash: string },
    actor: string,
  ): Promise<void>;
  tokenByHash(hash: string): Promise<TokenRow | undefined>;
  listTokens(): Promise<readonly TokenRow[]>;
  revokeToken(id: string, actor: string): Promise<boolean>;

  /** Queues once per (route, key): the same key again changes nothing. */
  enqueue(entry: {
    readonly route: string;
    readonly key: string;
    readonly subjectId: string;
    readonly payload: string;
    readonly dueUs: number;
  }): Promise<boolean>;
  /** Takes due entries and moves their due time forward by `leaseUs`, so that no other worker takes them meanwhile. */
  claimOutbox(atUs: number, leaseUs: number, limit: number): Promise<readonly OutboxRow[]>;
  settleOutbox(
    id: string,
    outcome: { readonly status: OutboxRow['status']; readonly dueUs: number; readonly error: string },
  ): Promise<void>;
  listOutbox(query: {
    readonly status?: OutboxRow['status'];
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<Page<OutboxRow>>;

  /** Deletes raw alerts past the limits, oldest first, in steps of at most `limit`; findings keep their counts. */
  prune(retention: Retention, nowUs: number, limit: number): Promise<number>;
  /** Forgets closed entities and old sent deliveries; alerts, findings, incidents and decisions stay. */
  sweep(nowUs: number): Promise<void>;
  counts(): Promise<{
    readonly alerts: number;
    readonly findings: number;
    readonly incidents: number;
    readonly pendingOutbox: number;
  }>;
  /**
   * Bytes that the database's contents take. SQLite: its pages in use, which a file keeps when they become free.
   * PostgreSQL: estimated from a sample of the alerts, since its files do not say what in them is free.
   */
  size(): Promise<number>;
  /** How far behind ingest triage and the free-text index are. */
  backlog(): Promise<{ readonly untriaged: number; readonly unindexed: number }>;
  /** Catches the free-text index up with at most `limit` alerts; returns how many were indexed. */
  indexText(limit: number): Promise<number>;
  /** Every row of every table as JSON lines, in an order that `restore` takes. */
  export(): AsyncIterable<string>;
  /** Into an empty store only. */
  restore(lines: AsyncIterable<string>): Promise<number>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** The database cannot take the work now. `retryable`: the caller should answer 503 with Retry-After. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code: 'full' | 'locked' | 'gone' | 'read-only';

  constructor(code: StoreUnavailable['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
