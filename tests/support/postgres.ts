// A real PostgreSQL for one test file: Debian's server on a socket and port of its own, in a temporary folder.

import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './processes.ts';

export interface TestPostgres {
  readonly url: string;
  readonly pid: () => number;
  /** A fresh database; returns its URL. */
  create(name: string): Promise<string>;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const bin = (): string | undefined => globSync('/usr/lib/postgresql/*/bin').sort().at(-1);

export const hasPostgres = (): boolean => bin() !== undefined && existsSync(join(bin() as string, 'initdb'));

export async function startPostgres(): Promise<TestPostgres> {
  const programs = bin() as string;
  const root = mkdtempSync(join(tmpdir(), 'yarak-pg-'));
  const data = join(root, 'data');
  mkdirSync(data);
  // PostgreSQL refuses to run as root; Debian's package makes this user.
  const asRoot = process.getuid?.() === 0;
  const ids = asRoot
    ? {
        uid: Number(execFileSync('id', ['-u', 'postgres'])),
        gid: Number(execFileSync('id', ['-g', 'postgres'])),
      }
    : {};
  if (asRoot) for (const folder of [root, data]) chownSync(folder, ids.uid as number, ids.gid as number);
  execFileSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'yarak', '--auth=trust', '-E', 'UTF8', '--no-sync'],
    { ...ids, stdio: 'ignore', cwd: root },
  );
  const port = await freePort();
  const url = `postgres://yarak@127.0.0.1:${port}/postgres`;
  let server: ReturnType<typeof spawn> | undefined;

  const launch = (): void => {
    server = spawn(
      join(programs, 'postgres'),
      [
        '-D',
        data,
        '-p',
        String(port),
        '-k',
        root,
        '-c',
        'listen_addresses=127.0.0.1',
        '-c',
        'max_connections=50',
      ],
      { ...ids, stdio: 'ignore', cwd: root },
    );
  };
  const start = async (): Promise<void> => {
    launch();
    for (let i = 0; ; i++) {
      const client = new pg.Client({ connectionString: url });
      try {
        await client.connect();
        await client.query('select 1');
        await client.end();
        return;
      } catch (error) {
        await client.end().catch(() => {});
        if (i > 900) throw error;
        // After a kill, processes of the old server may hold its memory for a moment, and the new one gives up.
        if (server?.exitCode !== null) launch();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = server;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await exited;
  };
  await start();
  return {
    url,
    pid: () => server?.pid as number,
    async create(name) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(`create database ${client.escapeIdentifier(name)}`);
      await client.end();
      return url.replace(/\/postgres$/, `/${name}`);
    },
    kill: () => end('SIGKILL'),
    start,
    async stop() {
      await end('SIGINT');
      rmSync(root, { recursive: true, force: true });
    },
  };
}
