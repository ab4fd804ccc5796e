// node:sqlite in the shape that Kysely's SQLite dialect drives. Lives in the store's worker thread only.

import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { SqliteDatabase } from 'kysely';

const MAX_STATEMENTS = 200;

/** Opens `path` durably: WAL, and a commit returns only once it is on disk (`synchronous = FULL`). */
export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  // A page holds some records of 2 kB: of 4 KiB ones, half would stay empty. Heeded when the file is made.
  database.exec('pragma page_size = 8192');
  database.exec('pragma journal_mode = wal');
  database.exec('pragma synchronous = full');
  database.exec('pragma foreign_keys = on');
  database.exec('pragma busy_timeout = 2000');
  database.exec('pragma cache_size = -32768');
  database.exec('pragma temp_store = memory');
  // 64 MB of log between checkpoints: a page that many commits change is written back once.
  database.exec('pragma wal_autocheckpoint = 8192');
  return database;
}

/** Kysely asks for `prepare`, `reader`, `all`, `run` and `iterate`; statements are kept, as their texts repeat. */
export function asKyselyDatabase(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, StatementSync>();
  const prepare = (text: string): StatementSync => {
    let statement = statements.get(text);
    if (statement === undefined) {
      if (statements.size >= MAX_STATEMENTS) statements.clear();
      statement = database.prepare(text);
      statements.set(text, statement);
    }
    return statement;
  };
  // SQLite rolls back by itself when the disk is full; Kysely's rollback must then not hide why.
  const rolledBack = {
    reader: false,
    all: () => [],
    run: () => ({ changes: 0, lastInsertRowid: 0 }),
    iterate: () => [][Symbol.iterator](),
  };
  return {
    close: () => {
      statements.clear();
      database.close();
    },
    prepare: (text) => {
      if (text === 'rollback' && !database.isTransaction) return rolledBack;
      const statement = prepare(text);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
        run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
        iterate: (parameters) =>
          statement.iterate(...(parameters as SQLInputValue[])) as IterableIterator<never>,
      };
    },
  };
}
