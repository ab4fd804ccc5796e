// Making fixes: edits of the author's text by offsets, so that comments and layout stay.

import type { Diagnostic, Location } from '../../../base/diagnostic.ts';
import type { RuleFileText } from '../load.ts';

/** The file's text with every safe fix made. Of fixes whose edits overlap, the first one wins. */
export function applyFixes(file: RuleFileText, diagnostics: readonly Diagnostic[]): string {
  const taken: { readonly at: Location; readonly text: string }[] = [];
  for (const { fixes = [] } of diagnostics) {
    for (const { safe, edits } of fixes) {
      if (!safe || edits.some(({ at }) => at.file !== file.name)) continue;
      if (edits.some(({ at }) => taken.some((other) => at.from < other.at.to && other.at.from < at.to)))
        continue;
      taken.push(...edits);
    }
  }
  const parts: string[] = [];
  let from = 0;
  for (const { at, text } of taken.sort((a, b) => a.at.from - b.at.from)) {
    parts.push(file.content.slice(from, at.from), text);
    from = at.to;
  }
  return parts.join('') + file.content.slice(from);
}
