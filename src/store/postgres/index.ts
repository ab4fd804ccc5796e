// The PostgreSQL store: for a team, or where a database is at hand that someone else backs up.

import type { Socket } from 'node:net';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { migrate } from '../migrations/index.ts';
import type { Tables } from '../schema.ts';
import { SqlStore, unavailable } from '../sql-store.ts';
import type { Store } from '../types.ts';
import { postgresIngest } from './ingest-sql.ts';

const INT8 = 20;
const MAX_CONNECTIONS = 8;
const STATEMENT_MS = 30_000;
/** A connection that is silent for longer than any statement may take is given up. */
const STALL_MS = 40_000;

/** `stallMs`: for tests. */
export interface PostgresOptions {
  readonly stallMs?: number;
}

/** SQLSTATE classes and codes that mean "not now" (PostgreSQL manual, appendix A). */
function translatePostgres(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === '53100' || code === '53200')
    return unavailable('full', `PostgreSQL is out of room: ${error.message}`, error);
  if (code === '55P03' || code === '40001' || code === '40P01' || code === '57014')
    return unavailable('locked', `PostgreSQL could not take the work: ${error.message}`, error);
  if (code === '25006') return unavailable('read-only', `PostgreSQL is read-only: ${error.message}`, error);
  const lost =
    code.startsWith('08') || code.startsWith('57P') || code.startsWith('53') || /^E[A-Z]+$/.test(code);
  if (
    lost ||
    /terminated|timeout exceeded when trying to connect|Client has encountered a connection error/i.test(
      error.message,
    )
  ) {
    return unavailable('gone', `PostgreSQL cannot be reached: ${error.message}`, error);
  }
  return error;
}

/** Opens (and migrates) the store at `url` (`postgres://user:password@host/database`). */
export async function openPostgresStore(
  url: string,
  { stallMs = STALL_MS }: PostgresOptions = {},
): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: 5000,
    statement_timeout: STATEMENT_MS,
    keepAlive: true,
    application_name: 'yarak',
    // Counts and times are below 2^53.
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  // A dropped idle connection is not a crash: the next query reports it.
  pool.on('error', () => {});
  // A server that stops answering without closing (a lost route, a frozen machine) would hold a query for ever. What
  // is idle in the pool is closed before that.
  pool.on('connect', (client) => {
    // Its query hears of it too.
    client.on('error', () => {});
    const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
    stream.setTimeout(stallMs, () => stream.destroy(new Error('Connection terminated: no answer in time')));
  });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await migrate(db, 'postgres');
  } catch (error) {
    await db.destroy();
    throw translatePostgres(error);
  }
  return new SqlStore({ db, dialect: 'postgres', ingest: postgresIngest(db), translate: translatePostgres });
}
