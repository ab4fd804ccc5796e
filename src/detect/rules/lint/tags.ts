// Tags that should name an ATT&CK technique: written as one, in the Enterprise matrix, not retired.

import { locationOf, mapValue } from '../yaml.ts';
import { ATTACK_VERSION, RETIRED_TECHNIQUES, TECHNIQUES } from './generated/attack.ts';
import type { LintContext, LintFinding } from './types.ts';

const TECHNIQUE = /^T\d{4}(?:\.\d{3})?$/;
/** A technique id with a slip: lower case, too few digits of a sub-technique, another separator. */
const ALMOST = /^[tT][ _-]?(\d{4})(?:[._\-/](\d{1,3}))?$/;

/** Built when a first tag asks. */
let known: ReadonlySet<string> | undefined;

/** Every technique id of ATT&CK's Enterprise matrix, sub-techniques behind their technique. */
export function attackTechniques(): ReadonlySet<string> {
  known ??= new Set(
    Object.entries(TECHNIQUES).flatMap(([technique, subs]) => [
      technique,
      ...subs.split(',').flatMap((range) => {
        const [first, last = first] = range.split('-').map(Number) as [number, number?];
        if (range === '') return [];
        return Array.from(
          { length: last - first + 1 },
          (_, at) => `${technique}.${String(first + at).padStart(3, '0')}`,
        );
      }),
    ]),
  );
  return known;
}

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
      } else if (almost !== null && !attackTechniques().has(tag.value)) {
        const [parent = ''] = tag.value.split('.');
        yield {
          code: 'LINT_TAG_UNKNOWN',
          severity: 'warning',
          message: `ATT&CK ${ATTACK_VERSION} (Enterprise) has no technique ${tag.value}`,
          at,
          ...(attackTechniques().has(parent) && { help: `${parent} exists; ${subTechniques(parent)}` }),
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

function subTechniques(technique: string): string {
  const subs = TECHNIQUES[technique] ?? '';
  return subs === '' ? 'it has no sub-techniques' : `its sub-techniques are numbered ${subs}`;
}
