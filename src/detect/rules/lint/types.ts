// What a lint rule gets and gives.

import type { Diagnostic } from '../../../base/diagnostic.ts';
import type { FieldCatalogue } from '../../fields/index.ts';
import type { RuleSet } from '../types.ts';
import type { AuthoredItem } from './authored.ts';

export type LintCode =
  | 'LINT_LIST_NAME_QUOTED'
  | 'LINT_LIST_IN_STRING'
  | 'LINT_NET_FIRST_ONLY'
  | 'LINT_NA_COMPARE'
  | 'LINT_NEVER_FIRES'
  | 'LINT_ALWAYS_FIRES'
  | 'LINT_SAME_CONDITION'
  | 'LINT_REDEFINED'
  | 'LINT_DUPLICATE_ITEM'
  | 'LINT_DUPLICATE_CONDITION'
  | 'LINT_EXPENSIVE_FIRST'
  | 'LINT_EXCEPTION_SPOOFABLE'
  | 'LINT_OUTPUT_LACKS'
  | 'LINT_TAG_RETIRED'
  | 'LINT_TAG_MALFORMED'
  | 'LINT_TAG_UNKNOWN'
  | 'LINT_TAG_MISSING'
  | 'LINT_REGEX_SIMPLER';

/** A diagnostic of the linter. */
export interface LintFinding extends Diagnostic {
  readonly code: LintCode;
}

export interface LintContext {
  /** Every list, macro and rule item of all files, as written, in order. */
  readonly items: readonly AuthoredItem[];
  /** What the loader made of them. */
  readonly set: RuleSet;
  /** The items of each list, lists in them put in place one level deep. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  readonly catalogueOf: (source: string) => FieldCatalogue;
}

/** One rule-group: looks at everything and says what it finds. Never throws for what the files say. */
export type Lint = (context: LintContext) => Iterable<LintFinding>;
