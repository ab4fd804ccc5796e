// Regular expressions that a plain operator does better. Falco matches the whole value, so `.*` at an end is what makes
// `startswith`, `endswith` and `contains` of it (falco-engine-spec 2.6). What has no special characters at all is
// Falco's own LOAD_COMPILE_CONDITION.

import type { Compare } from '../../lang/index.ts';
import type { AuthoredCondition } from './authored.ts';
import type { LintContext, LintFinding } from './types.ts';
import { comparesOf, plainField } from './walk.ts';

export function* lintRegexes({ items, lists }: LintContext): Generator<LintFinding> {
  for (const { condition } of items) {
    if (condition === undefined) continue;
    for (const compare of comparesOf(condition.expr)) {
      const { right } = compare;
      if (compare.op !== 'regex' || right.kind !== 'literal') continue;
      const field = plainField(compare.left);
      const plain = plainForm(right.text, lists);
      if (plain === undefined) continue;
      const text = `${condition.sourceOf(compare.left) ?? field ?? 'FIELD'} ${plain.text}`;
      yield {
        code: 'LINT_REGEX_SIMPLER',
        severity: 'hint',
        message: `this regular expression says no more than \`${text}\``,
        at: condition.locate(right),
        help: 'plain operators are faster, and easier to read',
        ...fixFor(compare, condition, plain.safe ? text : undefined),
      };
    }
  }
}

function fixFor(compare: Compare, condition: AuthoredCondition, text: string | undefined) {
  if (text === undefined || condition.sourceOf(compare) === undefined) return {};
  return {
    fixes: [{ title: `write \`${text}\``, safe: true, edits: [{ at: condition.locate(compare), text }] }],
  };
}

interface Plain {
  readonly text: string;
  /** `.*` does not match a line feed and plain operators do, so only forms without it are the same thing. */
  readonly safe: boolean;
}

/** `= x`, `in (x, y)`, `startswith x`, … for a pattern that is that; only words that need no quotes. */
function plainForm(pattern: string, lists: LintContext['lists']): Plain | undefined {
  const body = pattern.replace(/^\^/, '').replace(/(?<!\\)\$$/, '');
  const open = body.startsWith('.*');
  const close = body.length > 3 && body.endsWith('.*') && !body.endsWith('\\.*');
  const inner = body.slice(open ? 2 : 0, close ? -2 : undefined);
  const group = /^\(([^()]*)\)$/.exec(inner)?.[1];
  const words = (group ?? inner).split('|').map(literalOf);
  if ((group === undefined && inner.includes('|')) || words.length > 50) return undefined;
  const named: string[] = [];
  for (const word of words) {
    if (word === undefined || lists.has(word)) return undefined;
    named.push(word);
  }
  const [only = ''] = named;
  const hasEscape = inner.includes('\\');
  if (group === undefined && !hasEscape) return undefined;
  if (named.length === 1) {
    const operator = open ? (close ? 'contains' : 'endswith') : close ? 'startswith' : '=';
    return { text: `${operator} ${only}`, safe: !open && !close };
  }
  if (!open && !close) return { text: `in (${named.join(', ')})`, safe: true };
  const operator = open ? (close ? 'contains' : 'endswith') : 'startswith';
  return { text: `${operator} anyof (${named.join(', ')})`, safe: false };
}

/** The one text that a piece of a pattern matches, if a condition can hold it without quotes. */
function literalOf(piece: string): string | undefined {
  const text = piece.replace(/\\([.\-+/])/g, '\u0001$1');
  if (/[\\^$.|?*+()[\]{}]/.test(text.replace(/\u0001./g, ''))) return undefined;
  const plain = text.replaceAll('\u0001', '');
  return /^[a-zA-Z/._][a-zA-Z0-9/._+-]*$/.test(plain) ? plain : undefined;
}
