// Falco's condition language for the fields that take a condition. Loaded on demand (filter-bar.tsx).

import { parseCondition } from '../../../src/detect/lang/index.ts';

/** What is wrong with `text` as a condition, or `undefined`. An empty one is fine. */
export function conditionProblem(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  const { error } = parseCondition(text);
  return error === undefined
    ? undefined
    : `${error.reason ?? error.message} (at character ${error.span.from + 1})`;
}
