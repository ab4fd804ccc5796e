// A POSIX shell lexer with the parts of bash that command lines use: quotes, expansions, redirections, substitutions.
// It never expands anything: `$HOME` stays `$HOME`. One pass, no backtracking; unterminated quotes and substitutions
// end at the end of the text. Falco prints a line break inside an argument as U+FFFD, which therefore ends a command.

import type { Redirect } from './types.ts';

export type Token =
  | {
      readonly kind: 'word';
      readonly text: string;
      readonly quoted: boolean;
      readonly subs: readonly string[];
    }
  | { readonly kind: 'redirect'; readonly op: Redirect['op']; readonly fd?: number }
  | { readonly kind: 'operator'; readonly text: ';' | '&' | '&&' | '||' | '|' | '(' | ')' };

const BLANK = /[ \t\r]/;
const REDIRECTS = ['&>>', '<<<', '&>', '>>', '>&', '>|', '<<', '<&', '<>', '>', '<'] as const;

/** Splits a script into words, redirections and control operators. `subs` are the scripts of substitutions in a word. */
export function lexScript(text: string): Token[] {
  const tokens: Token[] = [];
  let i = 0;
  const length = text.length;
  while (i < length) {
    const c = text[i] as string;
    if (BLANK.test(c)) {
      i++;
    } else if (c === '\n' || c === '\ufffd') {
      tokens.push({ kind: 'operator', text: ';' });
      i++;
    } else if (c === '#') {
      while (i < length && text[i] !== '\n' && text[i] !== '\ufffd') i++;
    } else if (c === '\\' && text[i + 1] === '\n') {
      i += 2;
    } else {
      const redirect = readRedirect(text, i);
      if (redirect !== undefined) {
        tokens.push(redirect.token);
        i = redirect.end;
        continue;
      }
      const operator = readOperator(text, i);
      if (operator !== undefined) {
        tokens.push({ kind: 'operator', text: operator.text });
        i += operator.size;
        continue;
      }
      const word = readWord(text, i);
      tokens.push(word.token);
      i = word.end;
    }
  }
  return tokens;
}

function readRedirect(text: string, at: number): { token: Token; end: number } | undefined {
  let i = at;
  while (i < at + 3 && isDigit(text.charCodeAt(i))) i++;
  const first = text[i];
  if (first !== '<' && first !== '>' && !(first === '&' && text[i + 1] === '>')) return undefined;
  if ((first === '<' || first === '>') && text[i + 1] === '(') return undefined;
  const op = REDIRECTS.find((candidate) => text.startsWith(candidate, i)) as Redirect['op'];
  const token: Token =
    i > at ? { kind: 'redirect', op, fd: Number(text.slice(at, i)) } : { kind: 'redirect', op };
  return { token, end: i + op.length };
}

type OperatorText = Extract<Token, { kind: 'operator' }>['text'];

function readOperator(text: string, i: number): { text: OperatorText; size: number } | undefined {
  const c = text[i];
  if (c === '&') return text[i + 1] === '&' ? { text: '&&', size: 2 } : { text: '&', size: 1 };
  if (c === '|') {
    if (text[i + 1] === '|') return { text: '||', size: 2 };
    return { text: '|', size: text[i + 1] === '&' ? 2 : 1 };
  }
  if (c === ';') {
    let size = 1;
    while (text[i + size] === ';') size++;
    return { text: ';', size };
  }
  if (c === '(' || c === ')') return { text: c, size: 1 };
  return undefined;
}

function readWord(text: string, at: number): { token: Token; end: number } {
  const parts: string[] = [];
  const subs: string[] = [];
  let quoted = false;
  let i = at;
  while (i < text.length) {
    const c = text[i] as string;
    if (c === "'") {
      quoted = true;
      const end = closing(text, "'", i + 1);
      parts.push(text.slice(i + 1, end));
      i = end + 1;
    } else if (c === '$' && text[i + 1] === "'") {
      quoted = true;
      const end = closingAnsiC(text, i + 2);
      parts.push(unescapeAnsiC(text.slice(i + 2, end)));
      i = end + 1;
    } else if (c === '"') {
      quoted = true;
      i = readDoubleQuoted(text, i + 1, parts, subs);
    } else if (c === '\\') {
      parts.push(text[i + 1] ?? '');
      i += 2;
    } else if (isSubstitution(text, i)) {
      i = readSubstitution(text, i, parts, subs);
    } else if (BLANK.test(c) || '\n\ufffd;&|()<>'.includes(c)) {
      break;
    } else {
      parts.push(c);
      i++;
    }
  }
  return { token: { kind: 'word', text: parts.join(''), quoted, subs }, end: Math.max(i, at + 1) };
}

/** Reads up to the closing `"`; returns the index after it. */
function readDoubleQuoted(text: string, at: number, parts: string[], subs: string[]): number {
  let i = at;
  while (i < text.length && text[i] !== '"') {
    if (text[i] === '\\') {
      const next = text[i + 1] ?? '';
      parts.push('"\\$`'.includes(next) ? next : `\\${next}`);
      i += 2;
    } else if (isSubstitution(text, i) && text[i] !== '<' && text[i] !== '>') {
      i = readSubstitution(text, i, parts, subs);
    } else {
      parts.push(text[i] as string);
      i++;
    }
  }
  return i + 1;
}

function isSubstitution(text: string, i: number): boolean {
  const c = text[i];
  if (c === '`') return true;
  const next = text[i + 1];
  if (c === '$') return next === '(' || next === '{';
  return (c === '<' || c === '>') && next === '(';
}

/** Reads `$(…)`, backquotes, `${…}`, `<(…)`; keeps its text in the word and its script in `subs`. */
function readSubstitution(text: string, at: number, parts: string[], subs: string[]): number {
  if (text[at] === '`') {
    const end = closing(text, '`', at + 1);
    subs.push(text.slice(at + 1, end));
    parts.push(text.slice(at, end + 1));
    return end + 1;
  }
  const open = text[at + 1] as '(' | '{';
  const end = closingBracket(text, at + 2, open, open === '(' ? ')' : '}');
  if (open === '(' && text[at + 2] !== '(') subs.push(text.slice(at + 2, end));
  parts.push(text.slice(at, end + 1));
  return end + 1;
}

function closing(text: string, quote: string, from: number): number {
  const end = text.indexOf(quote, from);
  return end < 0 ? text.length : end;
}

function closingAnsiC(text: string, from: number): number {
  let i = from;
  while (i < text.length && text[i] !== "'") i += text[i] === '\\' ? 2 : 1;
  return Math.min(i, text.length);
}

/** The matching bracket, skipping quotes and nested brackets; the end of the text if there is none. */
function closingBracket(text: string, from: number, open: string, close: string): number {
  let level = 1;
  let i = from;
  while (i < text.length) {
    const c = text[i];
    if (c === '\\') i++;
    else if (c === "'") i = closing(text, "'", i + 1);
    else if (c === '"') {
      i++;
      while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
    } else if (c === open) level++;
    else if (c === close && --level === 0) return i;
    i++;
  }
  return text.length;
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
};

/** The escapes of `$'…'`, `echo -e` and `printf`: `\x41`, `\101`, `\u0041`, `\n`. */
export function unescapeAnsiC(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(
    /\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|0?([0-7]{1,3})|(.))/gs,
    (whole, hex: string, unicode: string, octal: string, simple: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      return SIMPLE_ESCAPES[simple] ?? whole;
    },
  );
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
