// A cursor over a condition's text. The language is scannerless: `in`, `or` and `exists` need no word boundary, and
// what a character means depends on what the parser wants next, so every token is tried at the cursor.
// Token shapes: libs, userspace/libsinsp/filter/parser (EBNF).

import type { Span } from '../../base/diagnostic.ts';

/** Thrown inside this room only; `parseCondition` turns it into a value. */
export class SyntaxFailure extends Error {
  /** Where parsing stopped, which is where Falco says the error is. */
  readonly at: number;
  /** What to underline. */
  readonly span: Span;
  /** What really is wrong, where Falco's own message hides it. */
  readonly reason: string | undefined;

  constructor(message: string, at: number, span: Span = { from: at, to: at }, reason?: string) {
    super(message);
    this.name = 'SyntaxFailure';
    this.at = at;
    this.span = span;
    this.reason = reason;
  }
}

// `[:space:]` in the patterns is POSIX's; the blanks between tokens are other ones: backspace, but no VT and no FF.
const NOT = /not[ \t\n\v\f\r]+/y;
const IDENTIFIER = /[a-zA-Z][a-zA-Z0-9_]*/y;
const FIELD_NAME = /[a-zA-Z][a-zA-Z0-9_]*(?:\.[a-zA-Z][a-zA-Z0-9_]*)+/y;
const FIELD_ARG = /[^\][\\"' \t\n\v\f\r]+/y;
const NUMBER = /0[xX][0-9a-fA-F]+|[+-]?[0-9]+\.?[0-9]*(?:[eE][+-][0-9]+)?/y;
const BARE = /[^()"' \t\n\v\f\r=,]+/y;

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  '/': '/',
  // A quirk of Falco's: the blank is dropped and the backslash stays.
  ' ': '\\',
};

export class Scanner {
  readonly text: string;
  pos = 0;
  /** The last token taken, which some messages quote. */
  last = '';

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.pos === this.text.length;
  }

  blanks(): boolean {
    const from = this.pos;
    for (; this.pos < this.text.length; this.pos++) {
      const c = this.text.charCodeAt(this.pos);
      if (c !== 32 && c !== 9 && c !== 10 && c !== 13 && c !== 8) break;
    }
    return this.pos > from;
  }

  take(token: string): boolean {
    if (!this.text.startsWith(token, this.pos)) return false;
    this.pos += token.length;
    this.last = token;
    return true;
  }

  takeFirst<T extends string>(tokens: readonly T[]): T | undefined {
    return tokens.find((token) => this.take(token));
  }

  notKeyword(): boolean {
    return this.#match(NOT) !== undefined;
  }
  identifier(): string | undefined {
    return this.#match(IDENTIFIER);
  }
  fieldName(): string | undefined {
    return this.#match(FIELD_NAME);
  }
  fieldArg(): string | undefined {
    return this.#match(FIELD_ARG);
  }
  number(): string | undefined {
    return this.#match(NUMBER);
  }
  bare(): string | undefined {
    return this.#match(BARE);
  }

  /** A quoted string's value. It ends at the first delimiter with no backslash right before it. */
  quoted(): string | undefined {
    const from = this.pos;
    const delimiter = this.text[from];
    if (delimiter !== '"' && delimiter !== "'") return undefined;
    for (let i = from + 1; i < this.text.length; i++) {
      const c = this.text[i];
      if (c === '\0') return undefined;
      if (c === delimiter && this.text[i - 1] !== '\\') {
        this.pos = i + 1;
        this.last = unescapeQuoted(this.text, from + 1, i, delimiter);
        return this.last;
      }
    }
    return undefined;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.pos;
    const token = pattern.exec(this.text)?.[0];
    if (token === undefined) return undefined;
    this.pos += token.length;
    this.last = token;
    return token;
  }
}

/** The value of `text[from..to]`, the inside of a quoted string. Falco reports its errors behind the closing quote. */
function unescapeQuoted(text: string, from: number, to: number, delimiter: string): string {
  let out = '';
  let start = from;
  let bytes = false;
  for (let i = text.indexOf('\\', from); i !== -1 && i < to; i = text.indexOf('\\', start)) {
    out += text.slice(start, i);
    const c = text[i + 1] as string;
    const fail = (message: string, length: number) =>
      new SyntaxFailure(message, to + 1, { from: i, to: Math.min(i + length, to) });
    let length = 2;
    if (c === 'x') {
      length = 4;
      const digits = /^[0-9a-fA-F]{2}/.exec(text.slice(i + 2, Math.min(i + 4, to)))?.[0];
      if (digits === undefined) throw fail('truncated hex char escape sequence', 4);
      const byte = Number.parseInt(digits, 16);
      bytes ||= byte > 0x7f;
      out += byte > 0x7f ? String.fromCharCode(BYTE_MARK + byte) : String.fromCharCode(byte);
    } else if (c === '"' || c === "'") {
      if (c !== delimiter) throw fail(`invalid \\${c} escape in ${delimiter}-quoted string`, 2);
      out += c;
    } else {
      const value = SIMPLE_ESCAPES[c];
      if (value === undefined) throw fail(`unsupported string escape sequence: \\${c}`, 2);
      out += value;
    }
    start = i + length;
  }
  out += text.slice(start, to);
  return bytes ? joinBytes(out) : out;
}

/** Where bytes above 0x7F wait, among UTF-16's surrogates, which no decoded text holds alone. */
const BYTE_MARK = 0xdc00;

/** `\\xc3\\xa9` is the two bytes of one character, as in the events' UTF-8; bytes that are not UTF-8 become U+FFFD. */
function joinBytes(marked: string): string {
  return marked.replace(/(?<![\ud800-\udbff])[\udc80-\udcff]+/g, (run) =>
    new TextDecoder().decode(Uint8Array.from(run, (c) => c.charCodeAt(0) - BYTE_MARK)),
  );
}
