// The load generator of bench/ingest.ts, in a process of its own: plain sockets, keep-alive, one request at a time on
// each connection. Argument: one JSON object (LoadOptions); prints one JSON object (LoadResult). Every alert counts
// once: what is refused (429, 503) is sent again with the same identity after a pause.

import { createConnection, type Socket } from 'node:net';
import { AlertSet } from './ingest-alerts.ts';

export interface LoadOptions {
  readonly port: number;
  readonly alertsFolder: string;
  readonly connections: number;
  /** Alerts a request; 1 sends a bare object, more send NDJSON. */
  readonly batch: number;
  readonly seconds: number;
  /** Requests a second over all connections; absent: as fast as answers come. */
  readonly rate?: number;
  readonly seed: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly alerts: number;
  readonly refused: number;
  readonly seconds: number;
  readonly meanBytes: number;
  /** Milliseconds from the moment a request was due to its acknowledgement. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly cpuSeconds: number;
}

const RETRY_MS = 100;

const options = JSON.parse(process.argv[2] as string) as LoadOptions;
const set = new AlertSet(options.alertsFolder, { findings: 200, podsPerFinding: 20, seed: options.seed });
const maxBody = options.batch * (set.maxBytes + 1);
const latencies: number[] = [];
let alerts = 0;
let bytes = 0;
let refused = 0;
let failure: string | undefined;

const started = performance.now();
const until = started + options.seconds * 1000;
let due = started;

class Connection {
  readonly #socket: Socket;
  readonly #buffer = Buffer.allocUnsafe(maxBody + 256);
  #length = 0;
  #head = 0;
  #dueMs = 0;
  #answer = '';
  #done: () => void = () => {};
  readonly finished = new Promise<void>((resolve) => {
    this.#done = resolve;
  });

  constructor(port: number) {
    this.#socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk) => this.#data(chunk));
    this.#socket.on('error', (error) => this.#fail(error.message));
    this.#socket.on('close', () => this.#done());
  }

  /** Waits for the next request's turn and sends it. */
  next(): void {
    const now = performance.now();
    if (options.rate !== undefined) {
      this.#dueMs = due;
      due += 1000 / options.rate;
    } else this.#dueMs = now;
    if (this.#dueMs >= until) {
      this.#socket.end();
      return;
    }
    const wait = this.#dueMs - now;
    if (wait > 1) setTimeout(() => this.#make(), wait);
    else this.#make();
  }

  #make(): void {
    let length = 0;
    const body = this.#buffer.subarray(256);
    for (let i = 0; i < options.batch; i++) {
      length += set.write(body, length, Date.now() * 1000 + (i % 1000));
      if (options.batch > 1) body[length++] = 10;
    }
    const head = Buffer.from(
      `POST /ingest HTTP/1.1\r\nHost: 127.0.0.1:${options.port}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`,
    );
    // The head ends where the body begins, so that both leave in one write.
    this.#head = 256 - head.length;
    head.copy(this.#buffer, this.#head);
    this.#length = length;
    this.#send();
  }

  #send(): void {
    this.#socket.write(this.#buffer.subarray(this.#head, 256 + this.#length));
  }

  #data(chunk: Buffer): void {
    this.#answer += chunk.toString('latin1');
    const end = this.#answer.indexOf('\r\n\r\n');
    if (end === -1) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#answer)?.[1];
    if (length === undefined) {
      this.#fail(`an answer without length: ${this.#answer.slice(0, 200)}`);
      return;
    }
    if (this.#answer.length < end + 4 + Number(length)) return;
    const answer = this.#answer;
    this.#answer = '';
    const status = answer.slice(9, 12);
    if (status === '429' || status === '503') {
      refused++;
      setTimeout(() => this.#send(), RETRY_MS);
      return;
    }
    if (status !== '200' || !answer.includes(`"stored":${options.batch},`)) {
      this.#fail(`unexpected answer: ${answer.slice(0, 1000)}`);
      return;
    }
    latencies.push(performance.now() - this.#dueMs);
    alerts += options.batch;
    bytes += this.#length;
    this.next();
  }

  #fail(message: string): void {
    failure ??= message;
    this.#socket.destroy();
  }
}

const connections = Array.from({ length: options.connections }, () => new Connection(options.port));
for (const connection of connections) connection.next();
await Promise.all(connections.map((connection) => connection.finished));
if (failure !== undefined) throw new Error(failure);
const seconds = (performance.now() - started) / 1000;
const sorted = latencies.toSorted((a, b) => a - b);
const quantile = (q: number): number =>
  Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0) * 100) / 100;
const { user, system } = process.cpuUsage();
const result: LoadResult = {
  requests: latencies.length,
  alerts,
  refused,
  seconds: Math.round(seconds * 1000) / 1000,
  meanBytes: Math.round(bytes / Math.max(1, alerts)),
  p50Ms: quantile(0.5),
  p99Ms: quantile(0.99),
  maxMs: quantile(1),
  cpuSeconds: Math.round((user + system) / 1000) / 1000,
};
console.log(JSON.stringify(result));
