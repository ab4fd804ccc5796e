// SQLite's result codes that mean "not now".

import { unavailable } from '../sql-store.ts';

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;

export function translateSqlite(error: unknown): unknown {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return error;
  switch (error.errcode & 0xff) {
    case SQLITE_FULL:
      return unavailable('full', `The disk or the database's size limit is full: ${error.message}`, error);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return unavailable('locked', `Another process holds the database: ${error.message}`, error);
    case SQLITE_READONLY:
      return unavailable('read-only', `The database cannot be written: ${error.message}`, error);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return unavailable('gone', `The database cannot be reached: ${error.message}`, error);
    default:
      return error;
  }
}
