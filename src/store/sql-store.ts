// The store over Kysely: the same code on both databases. SQLite runs it in a worker thread (sqlite/), PostgreSQL on
// the main thread over a pool (postgres/).

import type { Kysely } from 'kysely';
import type { VerdictWord } from '../triage/index.ts';
import * as alerts from './alert-lists.ts';
import * as decisions from './decisions.ts';
import { GroupCommit } from './group-commit.ts';
import { type IngestAlert, Ingester, type Stored } from './ingest.ts';
import type { IngestSql } from './ingest-sql.ts';
import * as lists from './lists.ts';
import type { Dialect } from './migrations/index.ts';
import * as outbox from './outbox.ts';
import type { Tables } from './schema.ts';
import * as textIndex from './text-index.ts';
import type * as T from './types.ts';
import { StoreUnavailable } from './types.ts';
import * as upkeep from './upkeep.ts';

const RESTORE_LINES = 500;
/** Alerts that are folded at once: few enough that an acknowledgement does not wait long behind it. */
const FOLD_AT = 4000;
const FOLD_MS = 250;

export interface SqlStoreOptions {
  readonly db: Kysely<Tables>;
  readonly dialect: Dialect;
  readonly ingest: IngestSql;
  /** Microseconds since 1970; the system's clock unless a test sets another. */
  readonly now?: () => number;
  /** Turns a driver's error into `StoreUnavailable` where it is one. */
  readonly translate: (error: unknown) => unknown;
}

export class SqlStore implements T.Store {
  readonly #db: Kysely<Tables>;
  readonly #dialect: Dialect;
  readonly #now: () => number;
  readonly #translate: (error: unknown) => unknown;
  readonly #sql: IngestSql;
  readonly #ingester: Ingester;
  readonly #commits: GroupCommit<readonly T.NewAlert[]>;
  #folding: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ db, dialect, ingest, now = () => Date.now() * 1000, translate }: SqlStoreOptions) {
    this.#db = db;
    this.#dialect = dialect;
    this.#now = now;
    this.#translate = translate;
    this.#sql = ingest;
    this.#ingester = new Ingester(ingest);
    this.#commits = new GroupCommit(
      (alerts) => alerts,
      (parts) => this.#store(parts.flat()),
    );
  }

  async #try<R>(work: Promise<R>): Promise<R> {
    try {
      return await work;
    } catch (error) {
      throw this.#translate(error);
    }
  }

  /** For whatever reads or carries on what folding makes: it sees what all stored alerts add up to. */
  async #folded<R>(work: () => Promise<R>): Promise<R> {
    if (this.#ingester.unfolded > 0) {
      try {
        await this.#fold();
      } catch (error) {
        // A full or locked database can still be read; its sums are those of the last fold.
        if (!(error instanceof StoreUnavailable)) throw error;
      }
    }
    return this.#try(work());
  }

  #fold(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#folding ??= this.#try(this.#ingester.fold()).finally(() => {
      this.#folding = undefined;
    });
    return this.#folding;
  }

  async #store(alerts: readonly IngestAlert[]): Promise<Stored> {
    const stored = await this.#ingester.store(alerts);
    if (this.#ingester.unfolded >= FOLD_AT) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      setImmediate(() => this.#foldLater());
    } else this.#timer ??= setTimeout(() => this.#foldLater(), FOLD_MS);
    return stored;
  }

  /** What cannot be folded now is folded with the next batch or the next read. */
  #foldLater(): void {
    this.#timer = undefined;
    if (!this.#closed) this.#fold().catch(() => {});
  }

  ingest(alerts: readonly T.NewAlert[]): Promise<T.IngestResult> {
    return this.#try(this.#commits.add(alerts));
  }
  batch(): T.AlertBatch {
    const batch = this.#commits.batch();
    return {
      add: batch.add,
      get count() {
        return batch.count;
      },
      commit: () => this.#try(batch.commit()),
    };
  }
  /** One commit, for a caller that groups them itself. */
  storeGroup(alerts: readonly IngestAlert[]): Promise<Stored> {
    return this.#try(this.#store(alerts));
  }
  listFindings(query: T.ListQuery): Promise<T.Page<T.FindingRow>> {
    return this.#folded(() => lists.listFindings(this.#db, query, this.#now()));
  }
  getFinding(id: string): Promise<T.FindingRow | undefined> {
    return this.#folded(() => lists.getFinding(this.#db, id, this.#now()));
  }
  listIncidents(query: T.ListQuery): Promise<T.Page<T.IncidentRow>> {
    return this.#folded(() => lists.listIncidents(this.#db, query, this.#now()));
  }
  getIncident(id: string): Promise<T.IncidentRow | undefined> {
    return this.#folded(() => lists.getIncident(this.#db, id));
  }
  findingsOf(incidentId: string): Promise<readonly T.FindingRow[]> {
    return this.#folded(() => lists.findingsOf(this.#db, incidentId, this.#now()));
  }
  listAlerts(query: T.AlertQuery): Promise<T.Page<T.AlertRow>> {
    return this.#folded(() => alerts.listAlerts(this.#db, this.#dialect, query));
  }
  getAlert(id: string): Promise<T.AlertRow | undefined> {
    return this.#try(alerts.getAlert(this.#db, id));
  }
  volume(sinceUs: number, untilUs: number, limit: number): Promise<readonly T.VolumeRow[]> {
    return this.#folded(() => lists.volume(this.#db, sinceUs, untilUs, limit));
  }
  untriaged(limit: number): Promise<readonly T.IncidentRow[]> {
    return this.#folded(() => lists.untriaged(this.#db, limit));
  }
  setTriage(
    incidentId: string,
    triage: { readonly title: string; readonly verdict: VerdictWord; readonly seq: number },
    findings: readonly { readonly id: string; readonly title: string; readonly verdict: VerdictWord }[],
  ): Promise<void> {
    const ranked = <V extends { readonly verdict: VerdictWord }>(v: V) => ({
      ...v,
      verdictRank: lists.verdictRank(v.verdict),
    });
    return this.#try(decisions.setTriage(this.#db, incidentId, ranked(triage), findings.map(ranked)));
  }

  decide(decision: T.Decision): Promise<T.State | undefined> {
    return this.#try(decisions.decide(this.#db, decision, this.#now()));
  }
  notes(kind: 'finding' | 'incident', id: string): Promise<readonly T.NoteRow[]> {
    return this.#try(decisions.notes(this.#db, kind, id));
  }
  addSilence(
    silence: Omit<T.SilenceRow, 'id' | 'createdUs'>,
    findingIds: readonly string[],
  ): Promise<T.SilenceRow> {
    return this.#try(decisions.addSilence(this.#db, silence, findingIds, this.#now()));
  }
  listSilences(atUs: number): Promise<readonly T.SilenceRow[]> {
    return this.#try(decisions.listSilences(this.#db, atUs));
  }
  applySilence(silenceId: string, findingIds: readonly string[]): Promise<void> {
    return this.#try(decisions.applySilence(this.#db, silenceId, findingIds));
  }
  endSilence(id: string, actor: string, reason: string): Promise<boolean> {
    return this.#try(decisions.endSilence(this.#db, id, actor, reason, this.#now()));
  }
  record(entry: Omit<T.TrailRow, 'seq' | 'atUs'>): Promise<void> {
    return this.#try(decisions.record(this.#db, entry, this.#now()));
  }
  trail(query: {
    readonly limit: number;
    readonly cursor?: string;
    readonly subjectId?: string;
  }): Promise<T.Page<T.TrailRow>> {
    return this.#try(decisions.trail(this.#db, query));
  }

  addToken(
    token: Omit<T.TokenRow, 'revoked' | 'createdUs'> & { readonly hash: string },
    actor: string,
  ): Promise<void> {
    return this.#try(decisions.addToken(this.#db, token, actor, this.#now()));
  }
  tokenByHash(hash: string): Promise<T.TokenRow | undefined> {
    return this.#try(decisions.tokenByHash(this.#db, hash));
  }
  listTokens(): Promise<readonly T.TokenRow[]> {
    return this.#try(decisions.listTokens(this.#db));
  }
  revokeToken(id: string, actor: string): Promise<boolean> {
    return this.#try(decisions.revokeToken(this.#db, id, actor, this.#now()));
  }

  enqueue(entry: Parameters<T.Store['enqueue']>[0]): Promise<boolean> {
    return this.#try(outbox.enqueue(this.#db, entry, this.#now()));
  }
  claimOutbox(atUs: number, leaseUs: number, limit: number): Promise<readonly T.OutboxRow[]> {
    return this.#try(outbox.claimOutbox(this.#db, atUs, leaseUs, limit));
  }
  settleOutbox(id: string, outcome: Parameters<T.Store['settleOutbox']>[1]): Promise<void> {
    return this.#try(outbox.settleOutbox(this.#db, id, outcome));
  }
  listOutbox(query: Parameters<T.Store['listOutbox']>[0]): Promise<T.Page<T.OutboxRow>> {
    return this.#try(outbox.listOutbox(this.#db, query));
  }

  prune(retention: T.Retention, nowUs: number, limit: number): Promise<number> {
    return this.#folded(() =>
      this.#sql.derive((db) => upkeep.prune(db, this.#dialect, retention, nowUs, limit)),
    );
  }
  async sweep(nowUs: number): Promise<void> {
    await this.#folded(() => upkeep.sweep(this.#db, nowUs));
    this.#ingester.forget();
  }
  async counts(): Promise<{ alerts: number; findings: number; incidents: number; pendingOutbox: number }> {
    const count = async (table: 'alerts' | 'findings' | 'incidents') =>
      Number(
        (
          await this.#db
            .selectFrom(table)
            .select((e) => e.fn.countAll<number>().as('n'))
            .executeTakeFirstOrThrow()
        ).n,
      );
    const pending = this.#db
      .selectFrom('outbox')
      .select((e) => e.fn.countAll<number>().as('n'))
      .where('status', '=', 'pending');
    const counts = async () => ({
      alerts: await count('alerts'),
      findings: await count('findings'),
      incidents: await count('incidents'),
      pendingOutbox: Number((await pending.executeTakeFirstOrThrow()).n),
    });
    return this.#try(counts());
  }
  size(): Promise<number> {
    return this.#try(upkeep.size(this.#db, this.#dialect));
  }
  backlog(): Promise<{ untriaged: number; unindexed: number }> {
    return this.#folded(() => upkeep.backlog(this.#db));
  }
  indexText(limit: number): Promise<number> {
    return this.#try(this.#sql.derive((db) => textIndex.indexText(db, this.#dialect, limit)));
  }
  /** Pages of an export, for callers across a thread; `export` strings them together. */
  exportPage(at: Parameters<typeof upkeep.exportPage>[1]): ReturnType<typeof upkeep.exportPage> {
    return this.#folded(() => upkeep.exportPage(this.#db, at));
  }
  /** One moment of all tables: a transaction that sees nothing of what is written after it began. */
  async *export(): AsyncGenerator<string> {
    const tx = await this.#db.startTransaction().setIsolationLevel('repeatable read').execute();
    try {
      yield* exportLines((at) => this.#folded(() => upkeep.exportPage(tx, at)));
    } finally {
      await tx.rollback().execute();
    }
  }
  async restoreLines(lines: readonly string[]): Promise<number> {
    return this.#folded(() => upkeep.restoreLines(this.#db, lines));
  }
  isEmpty(): Promise<boolean> {
    return this.#try(upkeep.isEmpty(this.#db));
  }
  resetSequences(): Promise<void> {
    return this.#folded(() => upkeep.resetSequences(this.#db, this.#dialect));
  }
  restore(lines: AsyncIterable<string>): Promise<number> {
    return restoreFrom(this, lines);
  }
  async ping(): Promise<void> {
    await this.#try(
      this.#db.selectFrom('meta').select('value').where('key', '=', 'schema').executeTakeFirstOrThrow(),
    );
  }
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    // What is left is folded when the store is opened again.
    await this.#folding?.catch(() => {});
    await this.#db.destroy();
  }
}

export async function* exportLines(page: SqlStore['exportPage']): AsyncGenerator<string> {
  let at: Parameters<typeof upkeep.exportPage>[1] | undefined = { table: 0 };
  while (at !== undefined) {
    const result: Awaited<ReturnType<typeof upkeep.exportPage>> = await page(at);
    yield* result.lines;
    at = result.next;
  }
}

/** Feeds an export into an empty store in bounded steps; returns the number of rows. */
export async function restoreFrom(
  store: Pick<SqlStore, 'isEmpty' | 'restoreLines' | 'resetSequences'>,
  lines: AsyncIterable<string>,
): Promise<number> {
  if (!(await store.isEmpty()))
    throw new Error('Restore needs an empty store; this one holds alerts, findings, tokens or a trail.');
  let rows = 0;
  let batch: string[] = [];
  const flush = async (): Promise<void> => {
    rows += await store.restoreLines(batch);
    batch = [];
  };
  for await (const line of lines) {
    if (line.trim() === '') continue;
    batch.push(line);
    if (batch.length >= RESTORE_LINES) await flush();
  }
  if (batch.length > 0) await flush();
  await store.resetSequences();
  return rows;
}

/** An error that says "not now" is passed on as such; anything else is a bug and stays what it is. */
export function unavailable(
  code: StoreUnavailable['code'],
  message: string,
  cause: unknown,
): StoreUnavailable {
  return new StoreUnavailable(code, message, { cause });
}
