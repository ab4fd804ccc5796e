// Which store: a folder with SQLite in it, or a PostgreSQL URL.

import type { SqliteOptions } from './sqlite/index.ts';
import type { Store } from './types.ts';

/** Exactly one of `folder` and `url`. */
export type StoreOptions = ({ readonly folder: string } & SqliteOptions) | { readonly url: string };

/** Opens the store and brings its schema up to date. Rejects with `StoreUnavailable` when it cannot be reached. */
export async function openStore(options: StoreOptions): Promise<Store> {
  if ('url' in options) {
    const { openPostgresStore } = await import('./postgres/index.ts');
    return openPostgresStore(options.url);
  }
  const { openSqliteStore } = await import('./sqlite/index.ts');
  const { folder, ...rest } = options;
  return openSqliteStore(folder, rest);
}
