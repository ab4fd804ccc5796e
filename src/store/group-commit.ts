// One commit for everything that waits: while a commit is on its way to the disk, the next batch gathers. No timer:
// an idle store commits at once, a busy one commits more at a time.

import type { Stored } from './ingest.ts';
import type { AlertBatch, IngestResult, NewAlert } from './types.ts';

/** Larger commits gain little, and all their alerts are in memory three times on the way to SQLite's thread. */
const MAX_PER_COMMIT = 1000;

interface Waiting<P> {
  readonly count: number;
  readonly parts: readonly P[];
  readonly resolve: (result: IngestResult) => void;
  readonly reject: (error: unknown) => void;
}

/** `P`: what alerts are kept as while they wait. */
export class GroupCommit<P> {
  readonly #pack: (alerts: readonly NewAlert[]) => P;
  readonly #store: (parts: readonly P[]) => Promise<Stored>;
  #waiting: Waiting<P>[] = [];
  #running = false;

  constructor(pack: (alerts: readonly NewAlert[]) => P, store: (parts: readonly P[]) => Promise<Stored>) {
    this.#pack = pack;
    this.#store = store;
  }

  /** Resolves once `alerts` are durable. */
  add(alerts: readonly NewAlert[]): Promise<IngestResult> {
    const batch = this.batch();
    batch.add(alerts);
    return batch.commit();
  }

  /** A batch is never split over two commits. */
  batch(): AlertBatch {
    const parts: P[] = [];
    let count = 0;
    return {
      add: (alerts) => {
        if (alerts.length === 0) return;
        count += alerts.length;
        parts.push(this.#pack(alerts));
      },
      get count() {
        return count;
      },
      commit: () => {
        const { promise, resolve, reject } = Promise.withResolvers<IngestResult>();
        this.#waiting.push({ count, parts, resolve, reject });
        if (!this.#running) void this.#run();
        return promise;
      },
    };
  }

  async #run(): Promise<void> {
    this.#running = true;
    // Let everything that arrived in this turn of the event loop join the first commit.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      let size = 0;
      let n = 0;
      while (
        n < this.#waiting.length &&
        (n === 0 || size + (this.#waiting[n] as Waiting<P>).count <= MAX_PER_COMMIT)
      ) {
        size += (this.#waiting[n] as Waiting<P>).count;
        n++;
      }
      await this.#commit(this.#waiting.splice(0, n));
    }
    this.#running = false;
  }

  async #commit(group: readonly Waiting<P>[]): Promise<void> {
    try {
      const all = await this.#store(group.flatMap((w) => w.parts));
      // An id that several callers brought at once was stored for the first of them.
      let at = 0;
      for (const w of group) {
        let stored = 0;
        for (const end = at + w.count; at < end; at++) stored += all.fresh[at] as number;
        w.resolve({
          stored,
          duplicates: w.count - stored,
          newFindings: all.newFindings,
          incidents: all.incidents,
        });
      }
    } catch (error) {
      for (const w of group) w.reject(error);
    }
  }
}
