// References to many alerts in four bytes each: millions of repeats of one finding stay cheap.

import type { AlertRef } from '../alerts/index.ts';

/** Appends references; gives them back as objects only when asked. */
export class RefLog {
  #lines = new Uint32Array(4);
  #length = 0;
  /** Where another file begins: the first index that belongs to it. */
  readonly #files: { readonly file: string; readonly from: number }[] = [];

  get length(): number {
    return this.#length;
  }

  push(file: string, line: number): void {
    if (this.#files.at(-1)?.file !== file) this.#files.push({ file, from: this.#length });
    if (this.#length === this.#lines.length) {
      const grown = new Uint32Array(this.#length + Math.min(this.#length, 1 << 20));
      grown.set(this.#lines);
      this.#lines = grown;
    }
    this.#lines[this.#length++] = line;
  }

  append(other: RefLog): void {
    other.#each((file, line) => this.push(file, line));
  }

  toArray(): AlertRef[] {
    const refs: AlertRef[] = [];
    this.#each((file, line) => refs.push({ file, line }));
    return refs;
  }

  #each(visit: (file: string, line: number) => void): void {
    this.#files.forEach(({ file, from }, i) => {
      const to = this.#files[i + 1]?.from ?? this.#length;
      for (let at = from; at < to; at++) visit(file, this.#lines[at] as number);
    });
  }
}
