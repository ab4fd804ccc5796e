// The SQLite store as the rest of the program sees it: the same interface, every call answered by the worker thread.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { GroupCommit } from '../group-commit.ts';
import type { Stored } from '../ingest.ts';
import { exportLines, restoreFrom, type SqlStore } from '../sql-store.ts';
import type { Store } from '../types.ts';
import { DatabaseThread, type ThreadOptions } from './thread.ts';
import { packParts, toPart } from './wire.ts';

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
  'size',
  'backlog',
  'indexText',
  'ping',
] as const satisfies readonly (keyof Store)[];

export type SqliteOptions = ThreadOptions;

/** Opens (and creates or migrates) the store in `folder`. */
export async function openSqliteStore(folder: string, options: SqliteOptions = {}): Promise<Store> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const thread = await DatabaseThread.open(join(folder, 'yarak.db'), options);
  const call = thread.call.bind(thread);

  // Grouped on this side, so that a group crosses the thread as one message.
  const commits = new GroupCommit(toPart, (parts) => {
    const packed = packParts(parts);
    // Handed over, not copied.
    return call(
      'storeGroup',
      packed,
      packed.map((bytes) => bytes.buffer),
    ) as Promise<Stored>;
  });
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
    close: () => thread.close(),
  };
}
