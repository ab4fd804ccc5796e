// Kills the service, or the PostgreSQL behind it, at random moments under load, and checks that every alert that was
// acknowledged is stored exactly once, and that counts still add up. Clients send again what was not acknowledged, with
// the same identity. `node scripts/kill-rounds.ts [ROUNDS] [sqlite] [postgres] [SEED]`;
// tests/integration/kill.test.ts runs a few rounds.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlertSet, randomFrom } from '../bench/ingest-alerts.ts';
import { type ServerProcess, startServer } from '../bench/ingest-server.ts';
import { openStore, type StoreOptions } from '../src/store/index.ts';
import { startPostgres, type TestPostgres } from '../tests/support/postgres.ts';
import { freePort } from '../tests/support/processes.ts';

const CLIENTS = 8;
const MAX_BATCH = 40;
const RETRY_MS = 100;
const PAUSE_MS = 1500;
const PATIENCE_MS = 120_000;
const alertsFolder = join(import.meta.dirname, '../tests/alerts');

export type Backend = 'sqlite' | 'postgres';

export interface KillReport {
  readonly backend: Backend;
  readonly seed: number;
  readonly kills: { readonly yarak: number; readonly postgres: number };
  readonly acknowledged: number;
  /** Requests that were sent again because no acknowledgement came. */
  readonly retried: number;
  readonly stored: number;
  readonly lost: number;
  readonly twice: number;
  /** Sums over findings, incidents and hours; each must be `stored`. */
  readonly counted: { readonly findings: number; readonly incidents: number; readonly volume: number };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends alerts until told to stop; knows each alert by its time, which no other has. */
class Load {
  readonly acknowledged = new Set<string>();
  retried = 0;
  readonly #set = new AlertSet(alertsFolder, { findings: 60, podsPerFinding: 4, seed: 7 });
  readonly #buffer = Buffer.alloc(MAX_BATCH * 4096);
  readonly #url: string;
  readonly #random: () => number;
  #us = Date.now() * 1000;
  #stopped = false;
  #running: Promise<void>[] = [];

  constructor(port: number, random: () => number) {
    this.#url = `http://127.0.0.1:${port}/ingest`;
    this.#random = random;
  }

  start(): void {
    this.#running = Array.from({ length: CLIENTS }, () => this.#client());
  }

  /** Every request that was begun is acknowledged when this resolves. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #client(): Promise<void> {
    while (!this.#stopped) {
      const count = this.#random() < 0.5 ? 1 : 1 + Math.floor(this.#random() * MAX_BATCH);
      let length = 0;
      for (let i = 0; i < count; i++) {
        length += this.#set.write(this.#buffer, length, ++this.#us);
        this.#buffer[length++] = 10;
      }
      const body = this.#buffer.toString('utf8', 0, length);
      for (const until = Date.now() + PATIENCE_MS; !(await this.#post(body, count)); ) {
        if (Date.now() > until) throw new Error('no acknowledgement for two minutes');
        this.retried++;
        await sleep(RETRY_MS);
      }
      for (const time of timesIn(body)) this.acknowledged.add(time);
    }
  }

  async #post(body: string, count: number): Promise<boolean> {
    try {
      const response = await fetch(this.#url, { method: 'POST', body });
      const answer = (await response.json()) as { stored: number; duplicates: number };
      if (response.status === 429 || response.status === 503) return false;
      if (response.status !== 200 || answer.stored + answer.duplicates !== count)
        throw new RangeError(`unexpected answer ${response.status}: ${JSON.stringify(answer)}`);
      return true;
    } catch (error) {
      if (error instanceof RangeError) throw error;
      return false;
    }
  }
}

function* timesIn(text: string): Generator<string> {
  for (const [, time] of text.matchAll(/"time":"([^"]+)"/g)) yield time as string;
}

/** What is stored, read by the store itself after everything ended. */
async function inspect(
  options: StoreOptions,
  acknowledged: ReadonlySet<string>,
): Promise<Pick<KillReport, 'stored' | 'lost' | 'twice' | 'counted'>> {
  const store = await openStore(options);
  const seen = new Map<string, number>();
  const counted = { findings: 0, incidents: 0, volume: 0 };
  let stored = 0;
  try {
    for await (const line of store.export()) {
      const { table, row } = JSON.parse(line) as { table: string; row: Record<string, unknown> };
      if (table === 'alerts') {
        stored++;
        for (const time of timesIn(String(row['raw']))) seen.set(time, (seen.get(time) ?? 0) + 1);
      } else if (table === 'findings') counted.findings += Number(row['count']);
      else if (table === 'incidents') counted.incidents += Number(row['alert_count']);
      else if (table === 'volume') counted.volume += Number(row['count']);
    }
  } finally {
    await store.close();
  }
  let lost = 0;
  for (const time of acknowledged) if (!seen.has(time)) lost++;
  const twice = [...seen.values()].filter((n) => n > 1).length;
  return { stored, lost, twice, counted };
}

/** Kills `rounds` times: on SQLite the service, on PostgreSQL the service and the database in turn. */
export async function killRounds(backend: Backend, rounds: number, seed: number): Promise<KillReport> {
  const random = randomFrom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'yarak-kill-'));
  const port = await freePort();
  const kills = { yarak: 0, postgres: 0 };
  let postgres: TestPostgres | undefined;
  let server: ServerProcess | undefined;
  try {
    let store: StoreOptions = { folder };
    if (backend === 'postgres') {
      postgres = await startPostgres();
      store = { url: await postgres.create('kill') };
    }
    const start = (): Promise<ServerProcess> =>
      startServer({ port, ...('url' in store ? { database: store.url } : { data: store.folder }) });
    server = await start();
    const load = new Load(port, random);
    load.start();
    for (let round = 0; round < rounds; round++) {
      await sleep(50 + random() * PAUSE_MS);
      if (postgres !== undefined && round % 2 === 1) {
        await postgres.kill();
        kills.postgres++;
        await postgres.start();
      } else {
        await server.stop('SIGKILL');
        kills.yarak++;
        server = await start();
      }
    }
    await sleep(PAUSE_MS);
    await load.stop();
    await server.stop('SIGKILL');
    const { acknowledged, retried } = load;
    return {
      backend,
      seed,
      kills,
      acknowledged: acknowledged.size,
      retried,
      ...(await inspect(store, acknowledged)),
    };
  } finally {
    await server?.stop('SIGKILL');
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether nothing acknowledged was lost, nothing was stored twice, and every sum is right. */
export const isSound = ({ stored, lost, twice, counted, acknowledged }: KillReport): boolean =>
  lost === 0 &&
  twice === 0 &&
  stored === acknowledged &&
  Object.values(counted).every((sum) => sum === stored);

if (import.meta.main) {
  const args = process.argv.slice(2);
  const numbers = args.filter((arg) => /^\d+$/.test(arg)).map(Number);
  const named = (['sqlite', 'postgres'] as const).filter((backend) => args.includes(backend));
  const [rounds = 50, seed = 1] = numbers;
  let sound = true;
  for (const backend of named.length > 0 ? named : (['sqlite', 'postgres'] as const)) {
    const report = await killRounds(backend, rounds, seed);
    sound &&= isSound(report);
    console.log(JSON.stringify(report));
  }
  process.exitCode = sound ? 0 : 1;
}
