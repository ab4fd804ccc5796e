// Formatting a file, as edits that touch only the lines that change.

import type { Span } from '../../base/diagnostic.ts';
import { formatRules } from '../../detect/rules/index.ts';
import type { DocumentText } from './workspace.ts';

export type FormatResult =
  | { readonly edit: (Span & { readonly text: string }) | undefined; readonly problem?: undefined }
  | { readonly edit?: undefined; readonly problem: string };

/** Formats a file; `before`: the files that load before it, for the proof that the meaning stays. */
export function format(file: DocumentText, before: readonly DocumentText[]): FormatResult {
  const { text, problem } = formatRules(file, before);
  if (problem !== undefined) {
    const place = problem.at === undefined ? '' : `line ${problem.at.line}, column ${problem.at.column}: `;
    return { problem: `${place}${problem.message}` };
  }
  return { edit: difference(file.content, text) };
}

/** The one edit that makes `after` of `before`, in whole lines at both ends. */
export function difference(before: string, after: string): (Span & { readonly text: string }) | undefined {
  if (before === after) return undefined;
  const limit = Math.min(before.length, after.length);
  let start = 0;
  while (start < limit && before[start] === after[start]) start++;
  start = start === 0 ? 0 : before.lastIndexOf('\n', start - 1) + 1;
  let end = 0;
  while (end < limit - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const line = before.indexOf('\n', before.length - end);
  const to = line === -1 ? before.length : line + 1;
  return { from: start, to, text: after.slice(start, after.length - (before.length - to)) };
}
