// The SQLite store as the rest of the program sees it: the same interface, every call answered by the worker thread.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { GroupCommit } from '../group-commit.ts';
import type { Stored } from '../ingest.ts';
import { exportLines, restoreFrom, type SqlStore } from '../sql-store.ts';
import { type Store, StoreUnavailable } from '../types.ts';
import { Packer } from './wire.ts';
import type { Answer, Call } from './worker.ts';

/** Methods that cross the thread as they are; `export`, `restore` and `close` need the caller's side. */
const FORWARDED = [
  'listFindings',
  'getFinding',
  'listIncidents',
  'getIncident',
  'findingsOf',
  'listAlerts',
  'getAlert',
  'volume',
  'untriaged',
  'setTriage',
  'decide',
  'notes',
  'addSilence',
  'listSilences',
  'applySilence',
  'endSilence',
  'record',
  'trail',
  'addToken',
  'tokenByHash',
  'listTokens',
  'revokeToken',
  'enqueue',
  'claimOutbox',
  'settleOutbox',
  'listOutbox',
  'prune',
  'sweep',
  'counts',
  'backlog',
  'indexText',
  'ping',
] as const satisfies readonly (keyof Store)[];

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** `maxPages` bounds the database file, in pages of 8 KiB: what a full disk looks like, without filling one. */
export interface SqliteOptions {
  readonly maxPages?: number;
}

/** Opens (and creates or migrates) the store in `folder`. */
export async function openSqliteStore(folder: string, options: SqliteOptions = {}): Promise<Store> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./worker.${extension}`, import.meta.url), {
    workerData: { path: join(folder, 'yarak.db'), ...options },
    resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 12 },
  });
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let gone: Error | undefined;

  const fail = (error: Error): void => {
    gone = error;
    for (const call of pending.values()) call.reject(error);
    pending.clear();
  };
  const wait = (id: number): Promise<unknown> =>
    new Promise((resolve, reject) => pending.set(id, { resolve, reject }));
  const call = (
    method: string,
    args: readonly unknown[],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<unknown> => {
    if (gone !== undefined) return Promise.reject(gone);
    const id = ++lastId;
    const answer = wait(id);
    worker.postMessage({ id, method, args } satisfies Call, transfer);
    return answer;
  };

  worker.on('message', (answer: Answer) => {
    const waiting = pending.get(answer.id);
    pending.delete(answer.id);
    if (waiting === undefined) return;
    if ('value' in answer) waiting.resolve(answer.value);
    else if (answer.error.unavailable)
      waiting.reject(new StoreUnavailable(answer.error.unavailable, answer.error.message));
    else waiting.reject(new Error(answer.error.message));
  });
  worker.on('error', (error) =>
    fail(new StoreUnavailable('gone', `The database thread ended: ${error.message}`, { cause: error })),
  );
  worker.on('exit', () => fail(new StoreUnavailable('gone', 'The database thread has ended.')));

  await wait(0);

  // Grouped on this side, so that a group crosses the thread as one message.
  const packer = new Packer();
  const commits = new GroupCommit(
    (alerts) => packer.part(alerts),
    (parts) => {
      const packed = packer.parts(parts);
      // Handed over, not copied.
      return call(
        'storeGroup',
        packed,
        packed.map((bytes) => bytes.buffer),
      ) as Promise<Stored>;
    },
  );
  const forwarded = Object.fromEntries(
    FORWARDED.map((method) => [method, (...args: readonly unknown[]) => call(method, args)]),
  );
  const remote = {
    isEmpty: () => call('isEmpty', []) as Promise<boolean>,
    restoreLines: (lines: readonly string[]) => call('restoreLines', [lines]) as Promise<number>,
    resetSequences: () => call('resetSequences', []) as Promise<void>,
  };
  return {
    ingest: (alerts) => commits.add(alerts),
    batch: () => commits.batch(),
    ...(forwarded as unknown as Pick<Store, (typeof FORWARDED)[number]>),
    export: () => exportLines((at) => call('exportPage', [at]) as ReturnType<SqlStore['exportPage']>),
    restore: (lines) => restoreFrom(remote, lines),
    close: async () => {
      if (gone !== undefined) return;
      await call('close', []);
      worker.removeAllListeners('exit');
      gone = new StoreUnavailable('gone', 'The store is closed.');
      await worker.terminate();
    },
  };
}
