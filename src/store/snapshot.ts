// One moment of a store, to read from while the service goes on writing.

import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore, type StoreOptions } from './open.ts';

/** What a snapshot can do. */
export interface Snapshot {
  /** Every row, as `Store.export`. */
  export(): AsyncIterable<string>;
  close(): Promise<void>;
}

/** Opens one moment of the store. SQLite: a copy beside the database, gone after `close`; PostgreSQL: one transaction. */
export async function openSnapshot(options: StoreOptions): Promise<Snapshot> {
  // PostgreSQL's export reads all tables in one transaction.
  if ('url' in options) return openStore(options);
  const { backup, DatabaseSync } = await import('node:sqlite');
  const source = new DatabaseSync(join(options.folder, 'yarak.db'), { readOnly: true });
  const folder = await mkdtemp(join(options.folder, 'snapshot-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await backup(source, join(folder, 'yarak.db'));
    const store = await openStore({ folder });
    return {
      export: () => store.export(),
      close: async () => {
        await store.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  } finally {
    source.close();
  }
}
