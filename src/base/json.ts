// JSON for untrusted text (RFC 8259): integers outside ±2^53 stay exact as bigint, objects become Maps so that
// `__proto__` and `constructor` are keys like any other, depth is limited, and an error says where and why. Own code,
// because JSON.parse rounds such integers before anyone can look, its reviver with source text costs ten times as
// much, and its errors do not always carry a place.

import type { Diagnostic, Location } from './diagnostic.ts';
import { LineIndex } from './line-index.ts';

export type JsonValue = string | number | bigint | boolean | null | JsonArray | JsonObject;
export type JsonArray = readonly JsonValue[];
export type JsonObject = ReadonlyMap<string, JsonValue>;

export interface JsonLimits {
  /** Nesting of arrays and objects; default 64. */
  readonly maxDepth?: number;
  /** Length of the text in UTF-16 units; default 64 Mi. */
  readonly maxLength?: number;
  /** A comma before `}` or `]` is read as if it were not there, and reported in `repairs`; default false. */
  readonly allowTrailingCommas?: boolean;
}

/** Why a text is not JSON. `offset` is the UTF-16 offset where reading stopped. */
export interface JsonError {
  readonly code: 'JSON_SYNTAX' | 'JSON_TRUNCATED' | 'JSON_TOO_DEEP' | 'JSON_TOO_LONG' | 'JSON_TRAILING_TEXT';
  readonly message: string;
  readonly offset: number;
}

export type JsonResult =
  | { readonly ok: true; readonly value: JsonValue; readonly repairs: readonly JsonError[] }
  | { readonly ok: false; readonly error: JsonError };

/** Parses a whole text. Never throws. A key given twice keeps its last value, as in JSON.parse. */
export function parseJson(text: string, limits: JsonLimits = {}): JsonResult {
  const maxLength = limits.maxLength ?? 64 * 1024 * 1024;
  if (text.length > maxLength) {
    return {
      ok: false,
      error: {
        code: 'JSON_TOO_LONG',
        message: `The text has ${text.length} characters; the limit is ${maxLength}`,
        offset: maxLength,
      },
    };
  }
  const parser = new Parser(text, limits.maxDepth ?? 64, limits.allowTrailingCommas ?? false);
  try {
    return { ok: true, value: parser.document(), repairs: parser.repairs };
  } catch (error) {
    if (error instanceof Failure) return { ok: false, error: error.detail };
    throw error;
  }
}

/** The error as a diagnostic placed in `file`; `text` is what was parsed, its first line being `firstLine` there. */
export function jsonDiagnostic(error: JsonError, file: string, text: string, firstLine = 1): Diagnostic {
  const at = new LineIndex(file, text).locate(error.offset);
  const shifted: Location = { ...at, line: at.line + firstLine - 1 };
  return { code: error.code, severity: 'error', message: error.message, at: shifted };
}

/** Carries a JsonError out of the recursion; never leaves this file. */
class Failure extends Error {
  readonly detail: JsonError;
  constructor(detail: JsonError) {
    super(detail.message);
    this.detail = detail;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

class Parser {
  readonly repairs: JsonError[] = [];
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #trailingCommas: boolean;
  #at = 0;

  constructor(text: string, maxDepth: number, trailingCommas: boolean) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#trailingCommas = trailingCommas;
  }

  document(): JsonValue {
    if (this.#text.charCodeAt(0) === 0xfeff) this.#at = 1;
    this.#blank();
    const value = this.#value(0);
    this.#blank();
    if (this.#at < this.#text.length) {
      this.#fail('JSON_TRAILING_TEXT', `Text after the end of the JSON value: ${this.#found()}`);
    }
    return value;
  }

  #value(depth: number): JsonValue {
    const c = this.#text.charCodeAt(this.#at);
    if (c === QUOTE) return this.#string();
    if (c === 0x7b) return this.#object(depth + 1);
    if (c === 0x5b) return this.#array(depth + 1);
    if (c === 0x2d || (c >= 0x30 && c <= 0x39)) return this.#number();
    if (c === 0x74) return this.#word('true', true);
    if (c === 0x66) return this.#word('false', false);
    if (c === 0x6e) return this.#word('null', null);
    return this.#fail('JSON_SYNTAX', `Expected a value, found ${this.#found()}`);
  }

  #object(depth: number): JsonObject {
    this.#enter(depth);
    const map = new Map<string, JsonValue>();
    let first = true;
    for (;;) {
      this.#blank();
      const c = this.#text.charCodeAt(this.#at);
      if (c === 0x7d) {
        if (!first) this.#trailingComma('}');
        this.#at++;
        return map;
      }
      if (c !== QUOTE)
        this.#fail('JSON_SYNTAX', `Expected a key in double quotes or "}", found ${this.#found()}`);
      const key = this.#string();
      this.#blank();
      if (this.#text.charCodeAt(this.#at) !== 0x3a) {
        this.#fail('JSON_SYNTAX', `Expected ":" after a key, found ${this.#found()}`);
      }
      this.#at++;
      this.#blank();
      map.set(key, this.#value(depth));
      this.#blank();
      const after = this.#text.charCodeAt(this.#at);
      if (after === 0x7d) {
        this.#at++;
        return map;
      }
      if (after !== 0x2c)
        this.#fail('JSON_SYNTAX', `Expected "," or "}" after a value, found ${this.#found()}`);
      this.#at++;
      first = false;
    }
  }

  #array(depth: number): JsonArray {
    this.#enter(depth);
    const items: JsonValue[] = [];
    for (;;) {
      this.#blank();
      if (this.#text.charCodeAt(this.#at) === 0x5d) {
        if (items.length > 0) this.#trailingComma(']');
        this.#at++;
        return items;
      }
      items.push(this.#value(depth));
      this.#blank();
      const after = this.#text.charCodeAt(this.#at);
      if (after === 0x5d) {
        this.#at++;
        return items;
      }
      if (after !== 0x2c)
        this.#fail('JSON_SYNTAX', `Expected "," or "]" after a value, found ${this.#found()}`);
      this.#at++;
    }
  }

  /** At the opening quote. Strings without escapes are cut out whole. */
  #string(): string {
    const text = this.#text;
    const start = this.#at + 1;
    let i = start;
    for (; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === QUOTE) {
        this.#at = i + 1;
        return text.slice(start, i);
      }
      if (c === BACKSLASH) break;
      if (c < 0x20) this.#rawControl(i, c);
    }
    let value = text.slice(start, i);
    let from = i;
    while (i < text.length) {
      const c = text.charCodeAt(i);
      if (c === QUOTE) {
        this.#at = i + 1;
        return value + text.slice(from, i);
      }
      if (c === BACKSLASH) {
        value += text.slice(from, i);
        this.#at = i;
        value += this.#escape();
        i = this.#at;
        from = i;
      } else {
        if (c < 0x20) this.#rawControl(i, c);
        i++;
      }
    }
    this.#at = text.length;
    return this.#fail('JSON_TRUNCATED', 'The text ends inside a string');
  }

  /** At a backslash; leaves the position behind the escape. */
  #escape(): string {
    const c = this.#text.charCodeAt(this.#at + 1);
    if (c === 0x75) {
      const hex = this.#text.slice(this.#at + 2, this.#at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) {
        if (this.#at + 2 + hex.length >= this.#text.length) {
          this.#fail('JSON_TRUNCATED', 'The text ends inside a \\u escape');
        }
        this.#fail('JSON_SYNTAX', 'Expected four hexadecimal digits after \\u');
      }
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const plain = ESCAPES.get(c);
    if (plain === undefined) {
      if (Number.isNaN(c)) this.#fail('JSON_TRUNCATED', 'The text ends inside an escape');
      this.#fail(
        'JSON_SYNTAX',
        `Unknown escape in a string: \\${JSON.stringify(String.fromCharCode(c)).slice(1, -1)}`,
      );
    }
    this.#at += 2;
    return plain;
  }

  #number(): number | bigint {
    const text = this.#text;
    const start = this.#at;
    let i = start;
    if (text.charCodeAt(i) === 0x2d) i++;
    const digits = i;
    i = skipDigits(text, i);
    const whole = i - digits;
    let integer = true;
    if (whole === 0 || (whole > 1 && text.charCodeAt(digits) === 0x30)) this.#badNumber(start);
    if (text.charCodeAt(i) === 0x2e) {
      const fraction = skipDigits(text, i + 1);
      if (fraction === i + 1) this.#badNumber(start);
      i = fraction;
      integer = false;
    }
    const e = text.charCodeAt(i);
    if (e === 0x65 || e === 0x45) {
      const sign = text.charCodeAt(i + 1);
      const from = sign === 0x2b || sign === 0x2d ? i + 2 : i + 1;
      i = skipDigits(text, from);
      if (i === from) this.#badNumber(start);
      integer = false;
    }
    this.#at = i;
    const token = text.slice(start, i);
    const value = Number(token);
    // A longer run than any real field has would make BigInt quadratic work for an attacker.
    if (integer && whole >= 16 && whole <= 40 && !Number.isSafeInteger(value)) return BigInt(token);
    return value;
  }

  #word<T extends boolean | null>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) {
      const rest = this.#text.slice(this.#at, this.#at + word.length);
      if (this.#at + rest.length === this.#text.length && word.startsWith(rest)) {
        this.#at = this.#text.length;
        this.#fail('JSON_TRUNCATED', `The text ends inside "${word}"`);
      }
      this.#fail('JSON_SYNTAX', `Expected a value, found ${this.#found()}`);
    }
    this.#at += word.length;
    return value;
  }

  #enter(depth: number): void {
    if (depth > this.#maxDepth) {
      this.#fail('JSON_TOO_DEEP', `Nested more than ${this.#maxDepth} levels deep`);
    }
    this.#at++;
  }

  #trailingComma(close: string): void {
    const message = `A comma before "${close}" with nothing after it`;
    if (!this.#trailingCommas) this.#fail('JSON_SYNTAX', message);
    this.repairs.push({ code: 'JSON_SYNTAX', message, offset: this.#at });
  }

  #badNumber(at: number): never {
    this.#at = at;
    return this.#fail('JSON_SYNTAX', `Not a number: ${this.#found()}`);
  }

  #rawControl(at: number, code: number): never {
    this.#at = at;
    const what =
      code === 10 || code === 13
        ? 'A string is broken by a line end: was the text wrapped by a terminal or a pager?'
        : `A control character (0x${code.toString(16).padStart(2, '0')}) inside a string must be escaped`;
    return this.#fail('JSON_SYNTAX', what);
  }

  #blank(): void {
    for (;;) {
      const c = this.#text.charCodeAt(this.#at);
      if (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) this.#at++;
      else return;
    }
  }

  /** What stands at the position, short, for a message. */
  #found(): string {
    if (this.#at >= this.#text.length) return 'the end of the text';
    return JSON.stringify(this.#text.slice(this.#at, this.#at + 12));
  }

  #fail(code: JsonError['code'], message: string): never {
    const truncated = code === 'JSON_SYNTAX' && this.#at >= this.#text.length;
    throw new Failure({ code: truncated ? 'JSON_TRUNCATED' : code, message, offset: this.#at });
  }
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x22, '"'],
  [0x5c, '\\'],
  [0x2f, '/'],
  [0x62, '\b'],
  [0x66, '\f'],
  [0x6e, '\n'],
  [0x72, '\r'],
  [0x74, '\t'],
]);

function skipDigits(text: string, from: number): number {
  let i = from;
  for (;;) {
    const c = text.charCodeAt(i);
    if (c >= 0x30 && c <= 0x39) i++;
    else return i;
  }
}

/** The JSON.rawJSON of ES2025, which our TypeScript library does not declare. */
const rawJson = (JSON as unknown as { rawJSON(text: string): object }).rawJSON;

/**
 * As JSON.stringify, and: bigints as integers, Maps as objects, Sets as arrays, undefined Map values left out.
 * Lone surrogates come out escaped. Throws only where JSON.stringify does (a cycle).
 */
export function stringifyJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, replacer, indent) ?? 'null';
}

function replacer(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return rawJson(value.toString());
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  return value;
}
