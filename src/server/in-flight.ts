// The bounds on what ingest holds in memory: bytes of bodies that are being received, alerts that were read and are
// not yet on the disk. Past either, senders are told to come back, and nothing of theirs is taken.

import { HttpProblem } from './problem.ts';

/** Work beside ingest gives way for this long after an alert came. */
const BUSY_MS = 100;

const tooBusy = (detail: string): HttpProblem =>
  new HttpProblem({ status: 429, title: 'Too busy', detail, retryAfter: 1 });

export class InFlight {
  readonly #maxAlerts: number;
  readonly #maxBytes: number;
  readonly #changed: (alerts: number) => void;
  #alerts = 0;
  #bytes = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(
    limits: { readonly alerts: number; readonly bytes: number },
    changed: (alerts: number) => void,
  ) {
    this.#maxAlerts = limits.alerts;
    this.#maxBytes = limits.bytes;
    this.#changed = changed;
  }

  /** Whether alerts are coming in: other work then takes turns instead of all the time it wants. */
  get busy(): boolean {
    return this.#alerts > 0 || performance.now() - this.#lastMs < BUSY_MS;
  }

  get alerts(): number {
    return this.#alerts;
  }

  /** Refuses with 429 before anything of a request is read, when nothing more fits. */
  check(): void {
    if (this.#alerts >= this.#maxAlerts)
      throw tooBusy(`${this.#alerts} alerts are on their way to the disk.`);
  }

  /** Takes room for the next `bytes` of a body; 429 when there is none. A body always fits an idle server. */
  receive(bytes: number): void {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes)
      throw tooBusy(`Bodies of ${this.#bytes} bytes are being received.`);
    this.#bytes += bytes;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Runs `work` with `count` alerts in flight; refuses with 429 when that is too many (one batch always fits an idle server). */
  async run<T>(count: number, work: () => Promise<T>): Promise<T> {
    if (this.#alerts > 0 && this.#alerts + count > this.#maxAlerts)
      throw tooBusy(`${this.#alerts} alerts are on their way to the disk.`);
    this.#add(count);
    try {
      return await work();
    } finally {
      this.#add(-count);
    }
  }

  #add(count: number): void {
    this.#alerts += count;
    this.#lastMs = performance.now();
    this.#changed(this.#alerts);
  }
}
