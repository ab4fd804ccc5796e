// Strings and lists of strings as captures hold them. Lists are decoded when someone asks: most are never looked at, so
// the state keeps where their bytes are; before the reader reuses its buffer it calls `settle` on what is still alive.

import { sanitise } from '../sanitise.ts';
import { Weight } from './growth.ts';

/** Decodes `bytes[from, to)` up to the first NUL. Invalid UTF-8 becomes U+FFFD, one for each maximal subpart. */
export function decodeText(bytes: Buffer, from: number, to: number): string {
  const nul = bytes.indexOf(0, from);
  const end = nul < 0 || nul > to ? to : nul;
  return bytes.toString('utf8', from, end);
}

/** Decodes a NUL-separated list. One NUL at its end ends the last element; what is empty then is an empty list. */
export function decodeList(bytes: Buffer, from: number, to: number): readonly string[] {
  const list: string[] = [];
  const last = to > from && bytes[to - 1] === 0 ? to - 1 : to;
  if (last === from) return list;
  for (let at = from; at <= last; ) {
    const nul = bytes.indexOf(0, at);
    const end = nul < 0 || nul > last ? last : nul;
    list.push(bytes.toString('utf8', at, end));
    at = end + 1;
  }
  return list;
}

/** A NUL-separated list that may still be bytes in the reader's buffer: arguments, environment, cgroups. */
export class LazyList {
  /** Where its bytes are; undefined once they are copied or decoded. */
  #bytes: Buffer | undefined;
  readonly #from: number;
  readonly #to: number;
  /** The bytes as latin-1, one character each: a copy that takes no more than they do. */
  #copy = '';
  #list: readonly string[] | undefined;
  #joined: string | undefined = undefined;
  /** For lists of cgroups: the container that they tell of, once that was looked for. */
  containerId: string | undefined = undefined;

  constructor(bytes: Buffer | undefined, from: number, to: number, list?: readonly string[]) {
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
    this.#list = list;
  }

  static of(list: readonly string[]): LazyList {
    return new LazyList(undefined, 0, 0, list.map(sanitise));
  }

  /** The elements; decoded on first use. */
  get(): readonly string[] {
    if (this.#list === undefined) {
      const bytes = this.#bytes ?? Buffer.from(this.#copy, 'latin1');
      const from = this.#bytes === undefined ? 0 : this.#from;
      this.#list = decodeList(bytes, from, from + this.#to - this.#from).map(sanitise);
      this.#bytes = undefined;
      this.#copy = '';
    }
    return this.#list;
  }

  /** The elements, joined by blanks. */
  get joined(): string {
    this.#joined ??= this.get().join(' ');
    return this.#joined;
  }

  /** At most what it takes, decoded or not. */
  get weight(): number {
    const size = this.#to - this.#from;
    // The elements, all of them joined, and the command line that is made of that.
    return this.#list === undefined ? size : 3 * size + this.#list.length * Weight.element;
  }

  /** Lets go of the reader's buffer; the bytes are copied, not decoded. */
  settle(): void {
    if (this.#bytes === undefined) return;
    this.#copy = this.#bytes.toString('latin1', this.#from, this.#to);
    this.#bytes = undefined;
  }
}

/** Shared by all that have none. */
export const EMPTY_LIST: LazyList = LazyList.of([]);
