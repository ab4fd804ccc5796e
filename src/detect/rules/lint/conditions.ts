// Comparisons that compile and say something else than they seem to: list names in quotes, networks that are not
// looked at, `<NA>` (falco-engine-spec 1.7, 2.5, 3).

import type { Compare, Literal } from '../../lang/index.ts';
import type { AuthoredCondition } from './authored.ts';
import type { LintContext, LintFinding } from './types.ts';
import { comparesOf, constantsOf, plainField } from './walk.ts';

export function* lintConditions({ items, lists }: LintContext): Generator<LintFinding> {
  for (const { condition } of items) {
    if (condition === undefined) continue;
    for (const compare of comparesOf(condition.expr)) {
      for (const constant of constantsOf(compare)) {
        yield* quotedList(constant, condition, lists);
        yield* notAvailable(compare, constant, condition);
      }
      yield* severalNets(compare, condition, lists);
    }
  }
}

function* quotedList(
  constant: Literal,
  condition: AuthoredCondition,
  lists: LintContext['lists'],
): Generator<LintFinding> {
  if (constant.form !== 'quoted') return;
  const at = condition.locate(constant);
  if (lists.has(constant.text)) {
    yield {
      code: 'LINT_LIST_NAME_QUOTED',
      severity: 'warning',
      message: `'${constant.text}' is the name of a list, but in quotes it is compared as a plain string`,
      at,
      help: 'name the list without quotes, in parentheses after `in`',
      fixes: [
        { title: `write ${constant.text} without quotes`, safe: false, edits: [{ at, text: constant.text }] },
      ],
    };
    return;
  }
  // Falco puts lists in place in the text, also inside a string where blanks or commas stand around the name.
  for (const [word] of constant.text.matchAll(/(?<=[ \t\n\r(),=])[^ \t\n\r(),="']+(?=[ \t\n\r(),=])/g)) {
    if (!lists.has(word)) continue;
    yield {
      code: 'LINT_LIST_IN_STRING',
      severity: 'warning',
      message: `the word '${word}' in this string is the name of a list: Falco replaces it by the list's items`,
      at,
      help: 'rename the list, or compare without this word',
    };
  }
}

function* notAvailable(
  compare: Compare,
  constant: Literal,
  condition: AuthoredCondition,
): Generator<LintFinding> {
  if (constant.text !== '<NA>') return;
  const field = compare.left.kind === 'field' ? compare.left.name : undefined;
  // `ka` and `jevt` are Falco's own LOAD_UNSAFE_NA_CHECK; the others do hold this text where there is nothing.
  if (field !== undefined && /^(?:ka|jevt|user|group)\.|^fd\.l4proto$/.test(field)) return;
  yield {
    code: 'LINT_NA_COMPARE',
    severity: 'hint',
    message: `${field ?? 'the value'} is compared with the text <NA>; most fields without a value are absent, and no comparison with them holds`,
    at: condition.locate(constant),
    help: `to ask whether there is a value, write \`${field ?? 'FIELD'} exists\``,
  };
}

/** Only these look at the first network alone; `fd.snet`, `fd.cnet`, `fd.lnet` and `fd.rnet` look at all. */
function* severalNets(
  compare: Compare,
  condition: AuthoredCondition,
  lists: LintContext['lists'],
): Generator<LintFinding> {
  if (plainField(compare.left) !== 'fd.net' || (compare.op !== 'in' && compare.op !== 'intersects')) return;
  const nets = constantsOf(compare).flatMap(({ text, form }) =>
    form === 'quoted' ? text : (lists.get(text) ?? text),
  );
  if (nets.length < 2) return;
  yield {
    code: 'LINT_NET_FIRST_ONLY',
    severity: 'warning',
    message: `\`fd.net in\` looks at the first network only (${nets[0]}); ${nets.length - 1} more ${nets.length === 2 ? 'is' : 'are'} never compared`,
    at: condition.locate(compare),
    help: 'write `fd.cnet in (…) or fd.snet in (…)`, which look at all of them',
  };
}
