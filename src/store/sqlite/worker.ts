// The worker thread that owns the SQLite database: it runs a SqlStore and answers calls by method name. SQLite's
// calls block; here they block nobody else.

import { parentPort, workerData } from 'node:worker_threads';
import { Kysely, SqliteDialect } from 'kysely';
import { migrate } from '../migrations/index.ts';
import type { Tables } from '../schema.ts';
import { SqlStore } from '../sql-store.ts';
import { StoreUnavailable } from '../types.ts';
import { asKyselyDatabase, openDatabase } from './database.ts';
import { sqliteIngest } from './ingest-sql.ts';
import { translateSqlite } from './translate.ts';
import { unpack } from './wire.ts';

export interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | {
      readonly id: number;
      readonly error: { readonly message: string; readonly unavailable?: StoreUnavailable['code'] };
    };

const port = parentPort;
if (port === null) throw new Error('The SQLite worker runs as a worker thread only.');

const { path, maxPages } = workerData as { path: string; maxPages?: number };

async function start(): Promise<SqlStore> {
  const database = openDatabase(path);
  if (maxPages !== undefined) database.exec(`pragma max_page_count = ${Math.floor(maxPages)}`);
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: asKyselyDatabase(database) }) });
  await migrate(db, 'sqlite');
  return new SqlStore({
    db,
    dialect: 'sqlite',
    ingest: sqliteIngest(database, db),
    translate: translateSqlite,
  });
}

const failure = (id: number, error: unknown): Answer => {
  const translated = translateSqlite(error);
  const message = translated instanceof Error ? translated.message : String(translated);
  return {
    id,
    error: translated instanceof StoreUnavailable ? { message, unavailable: translated.code } : { message },
  };
};

const ready = start();
ready.then(
  () => port.postMessage({ id: 0, value: true } satisfies Answer),
  (error: unknown) => {
    port.postMessage(failure(0, error));
    // Whoever waits gets the reason first; the next call tries again in a new thread.
    setImmediate(() => port.close());
  },
);

port.on('message', async (call: Call) => {
  try {
    const store = await ready;
    const value =
      call.method === 'storeGroup'
        ? await store.storeGroup((call.args as readonly Uint8Array[]).flatMap(unpack))
        : await (store as unknown as Record<string, (...args: readonly unknown[]) => Promise<unknown>>)[
            call.method
          ]?.(...call.args);
    port.postMessage({ id: call.id, value } satisfies Answer);
  } catch (error) {
    port.postMessage(failure(call.id, error));
  }
});
