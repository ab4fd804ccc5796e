// JSON text that may end anywhere: the value as far as it goes. For telling what a stream holds by its beginning, not
// for reading it.

import type { Json } from './event.ts';

const MAX_DEPTH = 32;

/**
 * Reads the value that begins at `from` (an object or a list). What is cut off is left out; `undefined`: this is no
 * JSON. `end` is behind what was read.
 */
export function partialJson(
  text: string,
  from: number,
): { readonly value: Json | undefined; readonly end: number } {
  const reader = new PartialReader(text, from);
  const value = reader.value(0);
  return { value: value === CUT ? undefined : value, end: reader.at };
}

/** The text ends, or is no JSON from here on. */
const CUT = Symbol('cut');
type Cut = typeof CUT;

class PartialReader {
  at: number;
  readonly #text: string;
  /** Nothing behind this can be trusted. */
  #over = false;

  constructor(text: string, from: number) {
    this.#text = text;
    this.at = from;
  }

  value(depth: number): Json | Cut {
    this.#blank();
    const c = this.#text[this.at];
    if (c === '"') return this.#string();
    if (c === '{' || c === '[') {
      if (depth >= MAX_DEPTH) return this.#cut();
      return c === '{' ? this.#object(depth) : this.#list(depth);
    }
    const word = /[-+.0-9A-Za-z]*/y;
    word.lastIndex = this.at;
    const [found = ''] = word.exec(this.#text) ?? [];
    this.at += found.length;
    if (found === '' || this.at >= this.#text.length) return this.#cut();
    if (found === 'null') return null;
    if (found === 'true' || found === 'false') return found === 'true';
    const number = Number(found);
    return Number.isNaN(number) ? this.#cut() : number;
  }

  #object(depth: number): Json {
    const out: Record<string, Json> = Object.create(null);
    this.at++;
    while (!this.#over) {
      this.#blank();
      if (this.#takes('}')) return out;
      const key = this.#text[this.at] === '"' ? this.#string() : this.#cut();
      this.#blank();
      if (key === CUT || !this.#takes(':')) break;
      const value = this.value(depth + 1);
      if (value !== CUT) out[key] = value;
      this.#blank();
      if (!this.#takes(',') && this.#text[this.at] !== '}') break;
    }
    this.#over = true;
    return out;
  }

  #list(depth: number): Json {
    const out: Json[] = [];
    this.at++;
    while (!this.#over) {
      this.#blank();
      if (this.#takes(']')) return out;
      const value = this.value(depth + 1);
      if (value !== CUT) out.push(value);
      this.#blank();
      if (!this.#takes(',') && this.#text[this.at] !== ']') break;
    }
    this.#over = true;
    return out;
  }

  #string(): string | Cut {
    const from = this.at++;
    for (; this.at < this.#text.length; this.at++) {
      const c = this.#text[this.at];
      if (c === '\\') this.at++;
      else if (c === '"') {
        this.at++;
        try {
          return JSON.parse(this.#text.slice(from, this.at)) as string;
        } catch {
          return this.#cut();
        }
      }
    }
    return this.#cut();
  }

  #takes(c: string): boolean {
    if (this.#text[this.at] !== c) return false;
    this.at++;
    return true;
  }

  #blank(): void {
    while (this.at < this.#text.length && this.#text.charCodeAt(this.at) <= 0x20) this.at++;
  }

  #cut(): Cut {
    this.#over = true;
    return CUT;
  }
}
