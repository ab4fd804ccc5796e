// Offsets to lines and columns. Positions are plain UTF-16 offsets everywhere else; only rendered output needs these.

import type { Location } from './diagnostic.ts';

/** Finds the line of an offset by binary search. LF, CR LF and lone CR each end a line. */
export class LineIndex {
  readonly file: string;
  readonly #length: number;
  readonly #starts: number[] = [0];

  constructor(file: string, text: string) {
    this.file = file;
    this.#length = text.length;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === 10 || (c === 13 && text.charCodeAt(i + 1) !== 10)) this.#starts.push(i + 1);
    }
  }

  /** The place of `from..to`; offsets outside the text are clamped to it. */
  locate(from: number, to = from): Location {
    const start = Math.max(0, Math.min(from, this.#length));
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] as number) <= start) low = middle;
      else high = middle - 1;
    }
    return {
      file: this.file,
      from: start,
      to: Math.max(start, Math.min(to, this.#length)),
      line: low + 1,
      column: start - (this.#starts[low] as number) + 1,
    };
  }

  /** The offset of a 1-based line and column. */
  offset(line: number, column: number): number {
    const start = this.#starts[Math.max(0, Math.min(line - 1, this.#starts.length - 1))] as number;
    return Math.min(start + Math.max(0, column - 1), this.#length);
  }
}
