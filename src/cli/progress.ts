// A progress line for anything that takes over a second, on a terminal only; silence in a pipe.

const AFTER_MS = 1000;
const EVERY_MS = 120;
const BAR = 24;

/** Draws on stderr. `totalBytes` undefined: the amount is not known, so only what was done is shown. */
export class Progress {
  readonly #what: string;
  readonly #totalBytes: number | undefined;
  readonly #enabled: boolean;
  readonly #startMs = performance.now();
  #lastMs = 0;
  #shown = false;

  constructor(what: string, totalBytes: number | undefined, enabled = process.stderr.isTTY === true) {
    this.#what = what;
    this.#totalBytes = totalBytes;
    this.#enabled = enabled;
  }

  /** `done` in bytes; `detail` is ours, e.g. a count. */
  update(done: number, detail: string): void {
    if (!this.#enabled) return;
    const now = performance.now();
    if (now - this.#startMs < AFTER_MS || now - this.#lastMs < EVERY_MS) return;
    this.#lastMs = now;
    this.#shown = true;
    const seconds = (now - this.#startMs) / 1000;
    const speed = `${megabytes(done / seconds)}/s`;
    process.stderr.write(`\r\x1b[K${this.#what} ${this.#bar(done)}${megabytes(done)}, ${speed}, ${detail}`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#shown) process.stderr.write('\r\x1b[K');
  }

  #bar(done: number): string {
    if (this.#totalBytes === undefined || this.#totalBytes === 0) return '';
    const share = Math.min(1, done / this.#totalBytes);
    const full = Math.round(share * BAR);
    return `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${String(Math.floor(share * 100)).padStart(3)} % `;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
