// The `regex` operator: RE2 in POSIX syntax, anchored at both ends, in linear time. re2js (a port of RE2) has no
// public POSIX mode, so this file reads the pattern by POSIX mode's rules (github.com/google/re2, re2/parse.cc), says
// what RE2 would say of a bad one, and writes an equal pattern in re2js' own syntax. Since the whole text must match,
// longest and first match agree.

import { RE2JS } from 're2js';

/** A compiled pattern, or what RE2 says is wrong with it. */
export type RegexResult =
  | { readonly matches: (text: string) => boolean; readonly error?: undefined }
  | { readonly matches?: undefined; readonly error: string };

/** RE2's bound for one repetition count. */
const MAX_REPEAT = 1000;

/** Compiles a pattern; never throws. Matching is linear in the text. */
export function compileRegex(pattern: string): RegexResult {
  const translated = new PosixPattern(pattern).translate();
  if (typeof translated !== 'string') return { error: `invalid regex pattern: ${translated.error}` };
  try {
    const compiled = RE2JS.compile(translated, RE2JS.MULTILINE);
    return { matches: (text) => compiled.testExact(text) };
  } catch (failure) {
    const message = failure instanceof Error ? failure.message : String(failure);
    return { error: `invalid regex pattern: ${message.replace(/^error parsing regexp: /, '')}` };
  }
}

const CLASS_NAMES = new Set(
  'alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit'.split(' '),
);

interface Failure {
  readonly error: string;
}

class PosixPattern {
  readonly #text: string;
  #pos = 0;
  readonly #out: string[] = [];
  /** Where in `#out` the thing starts that a repetition would apply to; -1 if there is none. */
  #atom = -1;
  #repeated = false;
  readonly #groups: number[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  translate(): string | Failure {
    while (this.#pos < this.#text.length) {
      const failure = this.#next();
      if (failure !== undefined) return failure;
    }
    if (this.#groups.length > 0) return { error: `missing ): ${this.#text}` };
    return this.#out.join('');
  }

  #push(piece: string): undefined {
    this.#atom = this.#out.push(piece) - 1;
    this.#repeated = false;
  }

  #next(): Failure | undefined {
    const c = this.#text[this.#pos] as string;
    switch (c) {
      case '(':
        this.#pos++;
        this.#groups.push(this.#out.push('(?:') - 1);
        this.#atom = -1;
        return undefined;
      case ')': {
        this.#pos++;
        const start = this.#groups.pop();
        if (start === undefined) return { error: `unexpected ): ${this.#text}` };
        this.#out.push(')');
        this.#atom = start;
        this.#repeated = false;
        return undefined;
      }
      case '|':
        this.#pos++;
        this.#out.push('|');
        this.#atom = -1;
        return undefined;
      case '*':
      case '+':
      case '?':
        this.#pos++;
        return this.#repeat(c);
      case '{': {
        const match = /^\{(\d+)(,(\d*))?\}/.exec(this.#text.slice(this.#pos, this.#pos + 40));
        if (match === null) break;
        this.#pos += match[0].length;
        const low = Number(match[1]);
        const high = match[3] === undefined ? low : match[3] === '' ? -1 : Number(match[3]);
        if (low > MAX_REPEAT || high > MAX_REPEAT || (high !== -1 && low > high)) {
          return { error: `invalid repetition size: ${match[0]}` };
        }
        return this.#repeat(match[0]);
      }
      case '[':
        return this.#class();
      case '\\': {
        const escaped = this.#escape();
        if (typeof escaped === 'number') return this.#push(literal(escaped));
        return escaped;
      }
      case '^':
      case '$':
      case '.':
        this.#pos++;
        return this.#push(c);
    }
    const code = this.#text.codePointAt(this.#pos) as number;
    this.#pos += code > 0xffff ? 2 : 1;
    return this.#push(literal(code));
  }

  /** POSIX mode lets repetitions pile up (`a+?`, `a{2}{3}`); re2js needs a group around what is already repeated. */
  #repeat(operator: string): Failure | undefined {
    if (this.#atom === -1) return { error: `no argument for repetition operator: ${operator}` };
    if (this.#repeated) {
      this.#out.splice(this.#atom, 0, '(?:');
      this.#out.push(')');
    }
    this.#out.push(operator);
    this.#repeated = true;
    return undefined;
  }

  /** The character that an escape stands for; the cursor is at the backslash. */
  #escape(): number | Failure {
    const from = this.#pos;
    const c = this.#text[from + 1];
    if (c === undefined) return { error: 'trailing \\' };
    const code = this.#text.codePointAt(from + 1) as number;
    const bad = (end: number): Failure => ({
      error: `invalid escape sequence: ${this.#text.slice(from, end)}`,
    });
    this.#pos = from + 1 + (code > 0xffff ? 2 : 1);
    if (code < 0x80 && !/[0-9A-Za-z_]/.test(c)) return code;
    const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(this.#text.slice(from + 1, from + 4));
    if (octal !== null) {
      this.#pos = from + 1 + octal[0].length;
      return Number.parseInt(octal[0], 8);
    }
    if (c === 'x') {
      const hex = /^(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]+)\})/.exec(this.#text.slice(from + 2, from + 16));
      const value = Number.parseInt(hex?.[1] ?? hex?.[2] ?? '', 16);
      if (hex === null || value > 0x10ffff) return bad(Math.min(from + 4, this.#text.length));
      this.#pos = from + 2 + hex[0].length;
      return value;
    }
    const control = { n: 10, r: 13, t: 9, a: 7, f: 12, v: 11 }[c];
    return control ?? bad(this.#pos);
  }

  #class(): Failure | undefined {
    const from = this.#pos;
    const missing: Failure = { error: `missing ]: ${this.#text.slice(from)}` };
    this.#pos++;
    let out = '[';
    if (this.#text[this.#pos] === '^') {
      out += '^';
      this.#pos++;
    }
    for (let first = true; first || this.#text[this.#pos] !== ']'; first = false) {
      if (this.#pos >= this.#text.length) return missing;
      const rest = this.#text.slice(this.#pos, this.#pos + 16);
      if (rest.startsWith('-') && !first && rest[1] !== ']' && rest.length > 1) {
        return { error: `invalid character class range: ${rest.slice(0, 2)}` };
      }
      const named = /^\[:(\^?)([^\]]*?):\]/.exec(rest);
      if (named !== null) {
        if (!CLASS_NAMES.has(named[2] as string)) {
          return { error: `invalid character class range: ${named[0]}` };
        }
        out += named[0];
        this.#pos += named[0].length;
        continue;
      }
      const start = this.#pos;
      const low = this.#classCharacter();
      if (typeof low !== 'number') return low ?? missing;
      let high = low;
      if (
        this.#text[this.#pos] === '-' &&
        this.#pos + 1 < this.#text.length &&
        this.#text[this.#pos + 1] !== ']'
      ) {
        this.#pos++;
        const end = this.#classCharacter();
        if (typeof end !== 'number') return end ?? missing;
        high = end;
      }
      if (high < low)
        return { error: `invalid character class range: ${this.#text.slice(start, this.#pos)}` };
      out += high === low ? literal(low) : `${literal(low)}-${literal(high)}`;
    }
    this.#pos++;
    return this.#push(`${out}]`);
  }

  #classCharacter(): number | Failure | undefined {
    if (this.#text[this.#pos] === '\\') return this.#escape();
    const code = this.#text.codePointAt(this.#pos);
    if (code === undefined) return undefined;
    this.#pos += code > 0xffff ? 2 : 1;
    return code;
  }
}

/** A character that stands for itself, inside and outside of classes. */
function literal(code: number): string {
  const c = String.fromCodePoint(code);
  return /[0-9A-Za-z_]/.test(c) || code > 0x7f ? c : `\\x${code.toString(16).padStart(2, '0')}`;
}
