// `npm run bench:ingest [sqlite] [postgres]`: durable alerts a second, acknowledgement latency, CPU and memory of the
// real `yarak serve`, on both databases. The load generator is a process of its own on the same machine. Four runs a
// database, each on a fresh one: one alert a request as fast as 64 connections go, the same at 80 % of that rate
// (latency counts from when a request was due), batches of 500, and how long triage and index need afterwards. The
// last line is one JSON object, also kept in results/. YARAK_BENCH_SECONDS sets a run's length (default 15).

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../tests/support/postgres.ts';
import type { LoadOptions, LoadResult } from './ingest-load.ts';
import { type ServerProcess, startServer } from './ingest-server.ts';

const SECONDS = Number(process.env['YARAK_BENCH_SECONDS'] ?? 15);
const WARM_SECONDS = 3;
const alertsFolder = process.env['YARAK_ALERTS'] ?? join(import.meta.dirname, '../tests/alerts');
const profile = process.env['YARAK_BENCH_PROFILE'];

interface Measured extends LoadResult {
  readonly alertsPerSecond: number;
  readonly serverCpuSecondsPer100k: number;
  readonly peakRssMb: number;
}

function load(options: Omit<LoadOptions, 'alertsFolder'>): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'ingest-load.ts'), JSON.stringify({ ...options, alertsFolder })],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.once('exit', (code) =>
      code === 0
        ? resolve(JSON.parse(out) as LoadResult)
        : reject(new Error(`the load generator ended with ${code}`)),
    );
  });
}

async function metric(server: ServerProcess, name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? ([\\d.e+]+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

/** Seconds until no incident waits for triage and no alert for the text index. */
async function catchUp(server: ServerProcess): Promise<number> {
  const from = performance.now();
  for (;;) {
    const waiting =
      (await metric(server, 'yarak_triage_waiting_incidents')) +
      (await metric(server, 'yarak_text_index_waiting_alerts'));
    if (!(waiting > 0)) return Math.round((performance.now() - from) / 100) / 10;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function measure(
  server: ServerProcess,
  options: Omit<LoadOptions, 'alertsFolder' | 'port' | 'seconds'>,
): Promise<Measured> {
  await load({ ...options, port: server.port, seconds: WARM_SECONDS, seed: options.seed + 1000 });
  const before = server.cpuSeconds();
  const result = await load({ ...options, port: server.port, seconds: SECONDS });
  const cpu = server.cpuSeconds() - before;
  return {
    ...result,
    alertsPerSecond: Math.round(result.alerts / result.seconds),
    serverCpuSecondsPer100k: Math.round((cpu / result.alerts) * 1e7) / 100,
    peakRssMb: server.peakRssMb(),
  };
}

const show = (name: string, m: Measured): void =>
  console.log(
    `${name}: ${m.alertsPerSecond} alerts/s, p50 ${m.p50Ms} ms, p99 ${m.p99Ms} ms, max ${m.maxMs} ms, refused ${m.refused}, server CPU ${m.serverCpuSecondsPer100k} s per 100,000, peak RSS ${m.peakRssMb} MB, generator CPU ${m.cpuSeconds} s in ${m.seconds} s`,
  );

/** A fresh database for each run. */
async function database(kind: string): Promise<{ next: () => Promise<object>; stop: () => Promise<void> }> {
  let n = 0;
  if (kind === 'sqlite') {
    const root = mkdtempSync(join(tmpdir(), 'yarak-ingest-'));
    return {
      next: async () => ({ data: join(root, String(++n)) }),
      stop: async () => rmSync(root, { recursive: true, force: true }),
    };
  }
  const server = await startPostgres();
  return {
    next: async () => ({ database: await server.create(`bench${++n}`) }),
    stop: () => server.stop(),
  };
}

async function bench(kind: string): Promise<object> {
  const { next, stop } = await database(kind);
  const nodeFlags = (run: string): string[] =>
    profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', join(profile, `${kind}-${run}`)];
  const run = async (
    name: string,
    options: Omit<LoadOptions, 'alertsFolder' | 'port' | 'seconds'>,
  ): Promise<Measured & { catchUpSeconds: number }> => {
    const server = await startServer({ ...(await next()), nodeFlags: nodeFlags(name) });
    try {
      const measured = await measure(server, options);
      show(`${kind} ${name}`, measured);
      const catchUpSeconds = await catchUp(server);
      console.log(`${kind} ${name}: triage and text index caught up ${catchUpSeconds} s later`);
      return { ...measured, catchUpSeconds };
    } finally {
      await server.stop();
    }
  };
  try {
    const single = await run('single', { connections: 64, batch: 1, seed: 1 });
    const rate = (single.requests / single.seconds) * 0.8;
    const steady = await run('steady', { connections: 64, batch: 1, rate, seed: 2 });
    const batched = await run('batched', { connections: 8, batch: 500, seed: 3 });
    return { single, steady, batched };
  } finally {
    await stop();
  }
}

const KINDS = ['sqlite', 'postgres'];
const kinds = process.argv.length > 2 ? process.argv.slice(2) : KINDS;
const unknown = kinds.find((kind) => !KINDS.includes(kind));
if (unknown !== undefined) {
  console.error(`Unknown database ${JSON.stringify(unknown)}: expected ${KINDS.join(' or ')}.`);
  process.exit(2);
}
const results: Record<string, object> = {};
for (const kind of kinds) results[kind] = await bench(kind);
const result = {
  bench: 'ingest',
  node: process.version,
  cores: cpus().length,
  seconds: SECONDS,
  ...results,
  target: { single: 4000, batched: 20_000, p99BelowSaturationMs: 100, peakRssMb: 400 },
};
if (kinds.length === 2)
  writeFileSync(join(import.meta.dirname, 'results/ingest.json'), `${JSON.stringify(result, null, 2)}\n`);
console.log(JSON.stringify(result));
