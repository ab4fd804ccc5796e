// Every code that rule files can get, with its page: what `yarak explain CODE` and docs/diagnostics.md show.

import { CONDITION_CODES } from './conditions.ts';
import { FALCO_ERRORS } from './falco-errors.ts';
import { FALCO_WARNINGS } from './falco-warnings.ts';
import { LINT_CODES } from './lint.ts';
import type { CodePage } from './types.ts';

/** The codes in groups, in the order of the documentation. */
export const CODE_GROUPS: readonly {
  readonly title: string;
  readonly pages: Readonly<Record<string, CodePage>>;
}[] = [
  { title: 'Conditions', pages: CONDITION_CODES },
  { title: "Falco's errors", pages: FALCO_ERRORS },
  { title: "Falco's warnings", pages: FALCO_WARNINGS },
  { title: 'Lint', pages: LINT_CODES },
];

/** All codes by name. */
export const CODE_PAGES: ReadonlyMap<string, CodePage> = new Map(
  CODE_GROUPS.flatMap(({ pages }) => Object.entries(pages)),
);
