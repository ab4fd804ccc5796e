// One commit for everything that waits: while a commit is on its way to the disk, the next batch gathers. No timer:
// an idle store commits at once, a busy one commits more at a time.

import type { Stored } from './ingest.ts';
import type { IngestResult, NewAlert } from './types.ts';

const MAX_PER_COMMIT = 4000;

interface Waiting {
  readonly alerts: readonly NewAlert[];
  readonly resolve: (result: IngestResult) => void;
  readonly reject: (error: unknown) => void;
}

export class GroupCommit {
  readonly #store: (alerts: readonly NewAlert[]) => Promise<Stored>;
  #waiting: Waiting[] = [];
  #running = false;

  constructor(store: (alerts: readonly NewAlert[]) => Promise<Stored>) {
    this.#store = store;
  }

  /** Resolves once `alerts` are durable. A batch is never split over two commits. */
  add(alerts: readonly NewAlert[]): Promise<IngestResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ alerts, resolve, reject });
      if (!this.#running) void this.#run();
    });
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
        (n === 0 || size + (this.#waiting[n] as Waiting).alerts.length <= MAX_PER_COMMIT)
      ) {
        size += (this.#waiting[n] as Waiting).alerts.length;
        n++;
      }
      await this.#commit(this.#waiting.splice(0, n));
    }
    this.#running = false;
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    try {
      const all = await this.#store(group.flatMap((w) => w.alerts));
      // An id that several callers brought at once was stored for the first of them.
      let at = 0;
      for (const w of group) {
        let stored = 0;
        for (const end = at + w.alerts.length; at < end; at++) stored += all.fresh[at] as number;
        w.resolve({
          stored,
          duplicates: w.alerts.length - stored,
          newFindings: all.newFindings,
          incidents: all.incidents,
        });
      }
    } catch (error) {
      for (const w of group) w.reject(error);
    }
  }
}
