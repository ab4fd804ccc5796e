// Rules that can never fire, always fire, or fire only where another one has fired already.

import type { Compare, Expr } from '../../lang/index.ts';
import type { Rule } from '../types.ts';
import type { LintContext, LintFinding } from './types.ts';
import { conjunctsOf, constantsOf, plainField } from './walk.ts';

export function* lintFiring({ set, catalogueOf }: LintContext): Generator<LintFinding> {
  const first = new Map<string, Rule>();
  const truth = new Truth();
  for (const rule of set.rules) {
    if (!rule.enabled) continue;
    const never =
      truth.of(rule.condition) === false ? 'a part of its condition that must hold never does' : undefined;
    const why =
      never ??
      noEventType(rule) ??
      contradiction(rule, catalogueOf(rule.source)) ??
      emptyRange(rule, catalogueOf(rule.source));
    if (why !== undefined) {
      yield {
        code: 'LINT_NEVER_FIRES',
        severity: 'warning',
        message: `the rule '${rule.name}' can never fire: ${why}`,
        at: rule.at,
        help: 'if that is meant, say `enabled: false`; otherwise look for `never_true`, or for `and` where `or` is meant',
      };
      continue;
    }
    if (truth.of(rule.condition) === true) {
      yield {
        code: 'LINT_ALWAYS_FIRES',
        severity: 'warning',
        message: `the rule '${rule.name}' fires for every event`,
        at: rule.at,
        help: 'its condition holds whatever happens; look for `always_true` or `or` where `and` is meant',
      };
      continue;
    }
    const key = `${rule.source}\0${rule.compiled}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, rule);
    else {
      yield {
        code: 'LINT_SAME_CONDITION',
        severity: 'warning',
        message: `the rule '${rule.name}' has the condition of '${other.name}', which comes first`,
        at: rule.at,
        notes: [{ message: 'the first one is here', at: other.at }],
        help: 'with `rule_matching: first`, which is the default, only the first one ever fires',
      };
    }
  }
}

function noEventType(rule: Rule): string | undefined {
  return rule.source === 'syscall' && rule.eventCodes.size === 0
    ? 'no event has a type that all parts of its condition allow'
    : undefined;
}

/** Two checks of one field that cannot hold together, such as `proc.name = a and proc.name = b`. */
function contradiction(rule: Rule, catalogue: ReturnType<LintContext['catalogueOf']>): string | undefined {
  const allowed = new Map<string, ReadonlySet<string>>();
  for (const part of conjunctsOf(rule.condition)) {
    if (part.kind !== 'compare' || !isEquality(part)) continue;
    const field = plainField(part.left);
    const def = field === undefined ? undefined : catalogue.get(field);
    // Fields that stand for either end, lists, and what has several spellings of one value are left alone.
    if (field === undefined || def === undefined || def.isList || def.filterOnly || def.type !== 'CHARBUF')
      continue;
    if (SEVERAL_VALUES.test(field)) continue;
    const values = new Set(constantsOf(part).map(({ text }) => text));
    const before = allowed.get(field);
    const both = before === undefined ? values : new Set([...values].filter((value) => before.has(value)));
    if (both.size === 0) return `no value of ${field} passes all of its checks`;
    allowed.set(field, both);
  }
  return undefined;
}

/** Types whose values are whole numbers and compare as such. */
const NUMERIC = /^(?:U?INT(?:8|16|32|64)|PID|FD|UID|GID|PORT|ERRNO|SYSCALLID|SIGTYPE|(?:REL|ABS)TIME)$/;

/** Bounds of one number that leave nothing between them, such as `evt.rawres > 5 and evt.rawres < 3`. */
function emptyRange(rule: Rule, catalogue: ReturnType<LintContext['catalogueOf']>): string | undefined {
  const ranges = new Map<string, { low: bigint; high: bigint }>();
  for (const part of conjunctsOf(rule.condition)) {
    if (part.kind !== 'compare' || part.modifier !== undefined || part.right.kind !== 'literal') continue;
    const field = plainField(part.left);
    const def = field === undefined ? undefined : catalogue.get(field);
    if (field === undefined || def === undefined || def.isList || def.filterOnly || !NUMERIC.test(def.type))
      continue;
    if (!/^-?\d{1,19}$/.test(part.right.text)) continue;
    const value = BigInt(part.right.text);
    const range = ranges.get(field) ?? { low: -(2n ** 64n), high: 2n ** 64n };
    ranges.set(field, range);
    const { op } = part;
    const equal = op === '=' || op === '==';
    if (equal || op === '>=' || op === '>') {
      const low = op === '>' ? value + 1n : value;
      if (low > range.low) range.low = low;
    }
    if (equal || op === '<=' || op === '<') {
      const high = op === '<' ? value - 1n : value;
      if (high < range.high) range.high = high;
    }
    if (range.low > range.high) return `no number passes all checks of ${field}`;
  }
  return undefined;
}

/** Any ancestor, or any name of an address, may be the one that matches. */
const SEVERAL_VALUES = /^proc\.a(?:name|exe|exepath|cmdline|args|env)$|^fd\.\w*ip\.name$/;

function isEquality({ op, modifier, right }: Compare): boolean {
  return (
    modifier === undefined &&
    (op === '=' || op === '==' || op === 'in') &&
    (right.kind === 'literal' || right.kind === 'list')
  );
}

/** What conditions are, whatever the event; `undefined`: it depends. */
class Truth {
  readonly #known = new Map<Expr, boolean | undefined>();

  of(expr: Expr): boolean | undefined {
    if (!this.#known.has(expr)) this.#known.set(expr, this.#compute(expr));
    return this.#known.get(expr);
  }

  #compute(expr: Expr): boolean | undefined {
    if (expr.kind === 'not') {
      const inner = this.of(expr.item);
      return inner === undefined ? undefined : !inner;
    }
    if (expr.kind === 'and' || expr.kind === 'or') {
      const decides = expr.kind === 'or';
      let open = false;
      for (const item of expr.items) {
        const value = this.of(item);
        if (value === decides) return decides;
        if (value === undefined) open = true;
      }
      return open ? undefined : !decides;
    }
    return expr.kind === 'compare' ? eventNumber(expr) : undefined;
  }
}

/** `evt.num` counts from 1: the stock rules' `never_true` and `always_true` are made of it. */
function eventNumber(compare: Compare): boolean | undefined {
  if (plainField(compare.left) !== 'evt.num' || compare.right.kind !== 'literal') return undefined;
  const { text } = compare.right;
  if (!/^\d{1,15}$/.test(text)) return undefined;
  const number = Number(text);
  switch (compare.op) {
    case '=':
    case '==':
      return number === 0 ? false : undefined;
    case '!=':
      return number === 0 ? true : undefined;
    case '<':
      return number <= 1 ? false : undefined;
    case '<=':
      return number === 0 ? false : undefined;
    case '>':
      return number === 0 ? true : undefined;
    case '>=':
      return number <= 1 ? true : undefined;
    default:
      return undefined;
  }
}
