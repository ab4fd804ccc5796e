// The bound on what is held in memory: alerts that were read and are not yet on the disk. Past it, senders are told to
// come back, and nothing of theirs is taken.

import { HttpProblem } from './problem.ts';

export class InFlight {
  readonly #max: number;
  readonly #changed: (count: number) => void;
  #count = 0;

  constructor(max: number, changed: (count: number) => void) {
    this.#max = max;
    this.#changed = changed;
  }

  /** Runs `work` with `count` alerts in flight; refuses with 429 when that is too many (one batch always fits an idle server). */
  async run<T>(count: number, work: () => Promise<T>): Promise<T> {
    if (this.#count > 0 && this.#count + count > this.#max) {
      throw new HttpProblem({
        status: 429,
        title: 'Too busy',
        detail: `${this.#count} alerts are on their way to the disk.`,
        retryAfter: 1,
      });
    }
    this.#add(count);
    try {
      return await work();
    } finally {
      this.#add(-count);
    }
  }

  get count(): number {
    return this.#count;
  }

  #add(count: number): void {
    this.#count += count;
    this.#changed(this.#count);
  }
}
