// Tests on text (CHARBUF, FSPATH, FSRELPATH). Falco compares bytes; on well-formed text, which is all that sources
// hand out, code points order and compare the same way.

import { compileRegex, type Operator } from '../../lang/index.ts';
import { compileFnmatch } from './fnmatch.ts';
import { compilePmatch } from './pmatch.ts';
import { inSet, NEVER, type Test } from './test.ts';

/** strcmp's order: UTF-8 bytes, which is code point order. Negative, zero or positive. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      const surrogates = Number(isSurrogate(x)) - Number(isSurrogate(y));
      return surrogates === 0 ? x - y : surrogates;
    }
  }
  return a.length - b.length;
}

function isSurrogate(c: number): boolean {
  return c >= 0xd800 && c <= 0xdfff;
}

/** Lower case of ASCII letters only, as strcasestr does in the C locale. */
export function asciiLower(text: string): string {
  // V8 has a fast path for the whole string; beyond ASCII it would fold letters that strcasestr leaves alone.
  if (!/[^\x00-\x7f]/.test(text)) return text.toLowerCase();
  return text.replace(/[A-Z]+/g, (upper) => upper.toLowerCase());
}

export function asciiUpper(text: string): string {
  return text.replace(/[a-z]+/g, (lower) => lower.toUpperCase());
}

type Relation = '<' | '<=' | '>' | '>=';

export function relationHolds(op: Relation, order: number): boolean {
  return op === '<' ? order < 0 : op === '<=' ? order <= 0 : op === '>' ? order > 0 : order >= 0;
}

/** `op` against one constant. */
export function textTest(op: Operator, value: string): Test {
  switch (op) {
    case '=':
    case '==':
      return { op: 'eq', value };
    case '!=':
      return { op: 'ne', value };
    case '<':
    case '<=':
    case '>':
    case '>=':
      return { op: 'call', run: (v) => relationHolds(op, compareText(v as string, value)) };
    case 'contains':
    case 'startswith':
    case 'endswith':
      return { op, value };
    case 'icontains': {
      const lower = asciiLower(value);
      return { op: 'call', run: (v) => asciiLower(v as string).includes(lower) };
    }
    case 'glob':
    case 'iglob': {
      const match = compileFnmatch(value, op === 'iglob');
      return { op: 'call', run: (v) => match(v as string) };
    }
    case 'regex': {
      const { matches } = compileRegex(value);
      return matches === undefined ? NEVER : { op: 'call', run: (v) => matches(v as string) };
    }
    default:
      throw new TypeError(`Operator '${op}' does not compare text with one constant`);
  }
}

/** `op` against a list of constants. */
export function textListTest(op: 'in' | 'intersects' | 'pmatch', values: readonly string[]): Test {
  if (op !== 'pmatch') return inSet(values);
  const match = compilePmatch(values);
  return { op: 'call', run: (v) => match(v as string) };
}

/** Both sides are fields: the right one is known only per event. */
export function compareTexts(op: Operator, left: string, right: string): boolean {
  switch (op) {
    case '=':
    case '==':
    case 'in':
    case 'intersects':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
    case '<=':
    case '>':
    case '>=':
      return relationHolds(op, compareText(left, right));
    case 'contains':
      return left.includes(right);
    case 'icontains':
      return asciiLower(left).includes(asciiLower(right));
    case 'startswith':
      return left.startsWith(right);
    case 'endswith':
      return left.endsWith(right);
    case 'glob':
    case 'iglob':
      return compileFnmatch(right, op === 'iglob')(left);
    default:
      return false;
  }
}
