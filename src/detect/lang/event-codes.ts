// Which event codes a condition can match, from its comparisons of evt.type (libs, userspace/libsinsp/filter/ppm_codes).
// `and` intersects, `or` unites, `not` swaps them and inverts the leaves that know something; all others are neutral.

import { EVENT_CODE_COUNT, eventCodes } from '../fields/index.ts';
import type { Compare, Exists, Expr } from './ast.ts';

/** A set of event codes, a bit each. */
type Bits = Uint32Array;

const WORDS = Math.ceil(EVENT_CODE_COUNT / 32);
const NONE: Bits = new Uint32Array(WORDS);
const ALL: Bits = (() => {
  const bits = new Uint32Array(WORDS);
  for (let code = 0; code < EVENT_CODE_COUNT; code++) add(bits, code);
  return bits;
})();

function add(bits: Bits, code: number): void {
  bits[code >> 5] = (bits[code >> 5] as number) | (1 << (code & 31));
}

function invert(bits: Bits): Bits {
  return bits.map((word, i) => ~word & (ALL[i] as number));
}

/** Infers event codes; subtrees that conditions share are looked at once. */
export class EventCodeInference {
  readonly #straight = new WeakMap<Expr, Bits>();
  readonly #negated = new WeakMap<Expr, Bits>();

  /** The codes that a condition, macros in place, can match. */
  codes(expr: Expr): ReadonlySet<number> {
    const bits = this.#bits(expr, false);
    const codes = new Set<number>();
    for (let code = 0; code < EVENT_CODE_COUNT; code++) {
      if (((bits[code >> 5] as number) >>> (code & 31)) & 1) codes.add(code);
    }
    return codes;
  }

  #bits(expr: Expr, negated: boolean): Bits {
    const memo = negated ? this.#negated : this.#straight;
    let bits = memo.get(expr);
    if (bits === undefined) {
      bits = this.#compute(expr, negated);
      memo.set(expr, bits);
    }
    return bits;
  }

  #compute(expr: Expr, negated: boolean): Bits {
    switch (expr.kind) {
      case 'not':
        return this.#bits(expr.item, !negated);
      case 'and':
      case 'or': {
        const intersect = (expr.kind === 'and') !== negated;
        const result = (intersect ? ALL : NONE).slice();
        for (const item of expr.items) {
          const bits = this.#bits(item, negated);
          for (let i = 0; i < WORDS; i++) {
            const word = bits[i] as number;
            result[i] = intersect ? (result[i] as number) & word : (result[i] as number) | word;
          }
        }
        return result;
      }
      case 'macro':
        return ALL;
      default: {
        const known = leafCodes(expr);
        if (known === undefined) return ALL;
        return negated ? invert(known) : known;
      }
    }
  }
}

/** What one comparison says about the event's code; `undefined` if nothing. */
function leafCodes(leaf: Exists | Compare): Bits | undefined {
  const { left } = leaf;
  if (left.kind !== 'field' || left.arg !== undefined) return undefined;
  if (left.name === 'evt.num') return leaf.kind === 'compare' ? numberCodes(leaf) : undefined;
  if (left.name !== 'evt.type' && left.name !== 'syscall.type') return undefined;
  if (leaf.kind === 'exists') return ALL;
  const values = constants(leaf);
  if (values === undefined || leaf.modifier !== undefined) return undefined;
  if (leaf.op !== '=' && leaf.op !== '==' && leaf.op !== '!=' && leaf.op !== 'in') return undefined;
  const bits = new Uint32Array(WORDS);
  for (const value of values) for (const code of eventCodes(value) ?? []) add(bits, code);
  return leaf.op === '!=' ? invert(bits) : bits;
}

/** evt.num counts from 1, so comparisons that this decides are always or never true. */
function numberCodes(leaf: Compare): Bits | undefined {
  const values = constants(leaf);
  if (values === undefined || leaf.modifier !== undefined) return undefined;
  const numbers = values.map((value) => (/^\d+$/.test(value) ? Number(value) : Number.NaN));
  const [first = Number.NaN] = numbers;
  switch (leaf.op) {
    case '=':
    case '==':
      return first === 0 ? NONE : undefined;
    case '!=':
      return first === 0 ? ALL : undefined;
    case 'in':
    case 'intersects':
      return numbers.every((n) => n === 0) ? NONE : undefined;
    case '<':
      return first <= 1 ? NONE : undefined;
    case '<=':
      return first <= 0 ? NONE : undefined;
    case '>':
      return first <= 0 ? ALL : undefined;
    case '>=':
      return first <= 1 ? ALL : undefined;
    default:
      return undefined;
  }
}

function constants(leaf: Compare): readonly string[] | undefined {
  if (leaf.right.kind === 'literal') return [leaf.right.text];
  if (leaf.right.kind === 'list') return leaf.right.items.map((item) => item.text);
  return undefined;
}
