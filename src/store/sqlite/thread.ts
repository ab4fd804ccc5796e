// The thread that owns the database, from outside: calls by method name, answered in any order. A thread that ended
// (out of memory, a fault in SQLite) takes the calls it had with it; the next call starts another. What it had
// acknowledged is on the disk.

import { Worker } from 'node:worker_threads';
import { StoreUnavailable } from '../types.ts';
import type { Answer, Call } from './worker.ts';

/** Between two starts: a database that ends its thread each time must not keep the machine busy. */
const RESTART_MS = 1000;
const HEAP_MB = 512;
const YOUNG_MB = 12;
/** The answer to having opened the database. */
const OPENED = 0;

/** `maxPages` and `heapMb` are for tests: what a full disk and a full heap look like, without filling either. */
export interface ThreadOptions {
  /** Bounds the database file, in pages of 8 KiB. */
  readonly maxPages?: number;
  /** Bounds the thread's heap; default 512. */
  readonly heapMb?: number;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class DatabaseThread {
  readonly #path: string;
  readonly #options: ThreadOptions;
  #worker: Worker | undefined;
  #startedMs = Number.NEGATIVE_INFINITY;
  #pending = new Map<number, Pending>();
  #lastId = OPENED;
  #closed = false;

  private constructor(path: string, options: ThreadOptions) {
    this.#path = path;
    this.#options = options;
  }

  /** Opens (and creates or migrates) the database at `path`; rejects when that fails. */
  static async open(path: string, options: ThreadOptions): Promise<DatabaseThread> {
    const thread = new DatabaseThread(path, options);
    await thread.#start();
    return thread;
  }

  /** Rejects with `StoreUnavailable` when the thread ends before it answers. `transfer` is handed over, not copied. */
  call(method: string, args: readonly unknown[], transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    if (this.#closed) return Promise.reject(new StoreUnavailable('gone', 'The store is closed.'));
    if (this.#worker === undefined) {
      if (performance.now() - this.#startedMs < RESTART_MS)
        return Promise.reject(new StoreUnavailable('gone', 'The database thread is being started again.'));
      // A database that cannot be opened says so to the calls that wait in the thread.
      this.#start().catch(() => {});
    }
    const id = ++this.#lastId;
    const answer = this.#answer(id);
    this.#worker?.postMessage({ id, method, args } satisfies Call, transfer);
    return answer;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    if (this.#worker !== undefined) await this.call('close', []).catch(() => {});
    this.#closed = true;
    await this.#worker?.terminate();
  }

  #answer(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  #start(): Promise<unknown> {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const { maxPages, heapMb = HEAP_MB } = this.#options;
    const worker = new Worker(new URL(`./worker.${extension}`, import.meta.url), {
      workerData: { path: this.#path, ...(maxPages === undefined ? {} : { maxPages }) },
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker = worker;
    this.#startedMs = performance.now();
    // The calls of this thread: those of its successor are not its to fail.
    const pending = new Map<number, Pending>();
    this.#pending = pending;
    const ended = (why: string): void => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const call of pending.values())
        call.reject(new StoreUnavailable('gone', `The database thread ended${why}.`));
      pending.clear();
    };
    worker.on('message', (answer: Answer) => {
      const waiting = pending.get(answer.id);
      pending.delete(answer.id);
      if ('value' in answer) waiting?.resolve(answer.value);
      else if (answer.error.unavailable)
        waiting?.reject(new StoreUnavailable(answer.error.unavailable, answer.error.message));
      else waiting?.reject(new Error(answer.error.message));
    });
    worker.on('error', (error) => ended(`: ${error.message}`));
    worker.on('exit', () => ended(''));
    return this.#answer(OPENED);
  }
}
