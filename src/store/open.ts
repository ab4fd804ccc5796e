// Which store: a folder with SQLite in it, or a PostgreSQL URL.

import type { PostgresOptions } from './postgres/index.ts';
import type { SqliteOptions } from './sqlite/index.ts';
import type { Store } from './types.ts';

/** Exactly one of `folder` and `url`. */
export type StoreOptions =
  | ({ readonly folder: string } & SqliteOptions)
  | ({ readonly url: string } & PostgresOptions);

/** Opens the store and brings its schema up to date. Rejects with `StoreUnavailable` when it cannot be reached. */
export async function openStore(options: StoreOptions): Promise<Store> {
  if ('url' in options) {
    const { openPostgresStore } = await import('./postgres/index.ts');
    const { url, ...rest } = options;
    return openPostgresStore(url, rest);
  }
  const { openSqliteStore } = await import('./sqlite/index.ts');
  const { folder, ...rest } = options;
  return openSqliteStore(folder, rest);
}
