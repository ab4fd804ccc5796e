// Tags that should name an ATT&CK technique. The table knows which ids ATT&CK has retired; whether an id that it does
// not list exists is not judged.

import { locationOf, mapValue } from '../yaml.ts';
import { ATTACK_VERSION, RETIRED_TECHNIQUES } from './generated/attack.ts';
import type { LintContext, LintFinding } from './types.ts';

const TECHNIQUE = /^T\d{4}(?:\.\d{3})?$/;
/** A technique id with a slip: lower case, too few digits of a sub-technique, another separator. */
const ALMOST = /^[tT][ _-]?(\d{4})(?:[._\-/](\d{1,3}))?$/;

export function* lintTags({ set, items }: LintContext): Generator<LintFinding> {
  const retired = new Map(Object.entries(RETIRED_TECHNIQUES));
  for (const item of items) {
    const node = item.kind === 'rule' ? mapValue(item.map, 'tags') : undefined;
    if (node?.kind !== 'seq') continue;
    for (const tag of node.items) {
      if (tag.kind !== 'scalar') continue;
      const at = locationOf(tag);
      const today = retired.get(tag.value);
      const almost = ALMOST.exec(tag.value);
      if (today !== undefined) {
        yield {
          code: 'LINT_TAG_RETIRED',
          severity: 'info',
          message: `ATT&CK ${ATTACK_VERSION} has ${today} in place of ${tag.value}`,
          at,
          fixes: [{ title: `write ${today}`, safe: false, edits: [{ at, text: today }] }],
        };
      } else if (almost !== null && !TECHNIQUE.test(tag.value)) {
        const [, technique = '', sub] = almost;
        const right = `T${technique}${sub === undefined ? '' : `.${sub.padStart(3, '0')}`}`;
        yield {
          code: 'LINT_TAG_MALFORMED',
          severity: 'warning',
          message: `'${tag.value}' looks like an ATT&CK technique but is not written as one`,
          at,
          help: `ATT&CK writes ${right}`,
          fixes: [{ title: `write ${right}`, safe: false, edits: [{ at, text: right }] }],
        };
      }
    }
  }
  for (const rule of set.rules) {
    if (rule.tags.some((tag) => ALMOST.test(tag))) continue;
    yield {
      code: 'LINT_TAG_MISSING',
      severity: 'hint',
      message: `no tag of the rule '${rule.name}' names an ATT&CK technique`,
      at: rule.at,
      help: 'add the technique that it detects to `tags`, as in T1059.004',
    };
  }
}
