// The service as a child process, for benchmarks and for tests that kill it: started by its command line, watched from
// outside.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../tests/support/processes.ts';

const CLI = join(import.meta.dirname, '../bin/yarak.js');
const TICKS_PER_SECOND = 100;

export interface ServerOptions {
  readonly data?: string;
  readonly database?: string;
  readonly port?: number;
  /** More of the configuration file, as YAML lines. */
  readonly config?: string;
  readonly nodeFlags?: readonly string[];
  /** A program and its arguments that start the service: `unshare`, `prlimit`. */
  readonly wrapper?: readonly string[];
}

export interface ServerProcess {
  readonly port: number;
  readonly url: string;
  readonly child: ChildProcess;
  /** The one-time link that it printed. */
  readonly login: string;
  readonly log: () => string;
  /** CPU seconds used so far, user and system, all threads. */
  cpuSeconds(): number;
  /** Highest resident set so far, in MB. */
  peakRssMb(): number;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts `yarak serve` and waits until it is ready. Rejects when it ends instead. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const port = options.port ?? (await freePort());
  const args = [
    ...(options.nodeFlags ?? []),
    CLI,
    'serve',
    '--listen',
    `127.0.0.1:${port}`,
    ...(options.data === undefined ? [] : ['--data', options.data]),
    ...(options.database === undefined ? [] : ['--database', options.database]),
    ...(options.config === undefined ? [] : ['--config', options.config]),
  ];
  const [program = process.execPath, ...rest] = [...(options.wrapper ?? []), process.execPath, ...args];
  const child = spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, YARAK_LOG_LEVEL: process.env['YARAK_LOG_LEVEL'] ?? 'warn' },
  });
  let out = '';
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-100_000);
  });
  const login = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const link = /http\S+/.exec(out)?.[0];
      if (link !== undefined) resolve(link);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`yarak serve ended with ${code}: ${log}`)));
  });
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    child,
    login,
    log: () => log,
    cpuSeconds: () => {
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    },
    peakRssMb: () =>
      Math.round(
        Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
      ),
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await exited;
    },
  };
}
