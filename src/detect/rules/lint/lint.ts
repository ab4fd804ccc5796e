// The linter: everything that loads and is probably not meant. Each rule-group is a file of its own.

import { catalogueFor } from '../../fields/index.ts';
import type { RuleFileText } from '../load.ts';
import type { RuleSet } from '../types.ts';
import { authoredItems } from './authored.ts';
import { lintConditions } from './conditions.ts';
import { lintDuplicates } from './duplicates.ts';
import { lintExceptions } from './exceptions.ts';
import { lintFiring } from './firing.ts';
import { lintOrder } from './order.ts';
import { lintOutput } from './output.ts';
import { lintRegexes } from './regexes.ts';
import { lintTags } from './tags.ts';
import type { Lint, LintContext, LintFinding } from './types.ts';

const LINTS: readonly Lint[] = [
  lintConditions,
  lintFiring,
  lintDuplicates,
  lintOrder,
  lintRegexes,
  lintExceptions,
  lintOutput,
  lintTags,
];

/** What the linter has to say about files that `loadRules` made `set` from. Never throws for what they say. */
export function lintRules(files: readonly RuleFileText[], set: RuleSet): LintFinding[] {
  const context: LintContext = {
    items: authoredItems(files),
    set,
    lists: new Map(set.lists.map(({ name, items }) => [name, items])),
    catalogueOf: (source) => catalogueFor(source),
  };
  return LINTS.flatMap((lint) => [...lint(context)]);
}
