// Quick fixes: those that diagnostics carry, the nearest right name where one is wrong, and all safe ones at once.

import type { Diagnostic, Span } from '../../base/diagnostic.ts';
import { nearest } from '../../base/nearest.ts';
import { applyFixes } from '../../detect/rules/index.ts';
import type { DocumentText } from './workspace.ts';

export interface FileEdit extends Span {
  readonly file: string;
  readonly text: string;
}

export interface CodeAction {
  readonly title: string;
  readonly edits: readonly FileEdit[];
  /** What it fixes. */
  readonly diagnostic: Diagnostic;
  /** It never changes what Falco makes of the file. */
  readonly safe: boolean;
}

/** The fixes of the diagnostics that touch a range of a file. */
export function codeActions(
  file: DocumentText,
  diagnostics: readonly Diagnostic[],
  range: Span,
): CodeAction[] {
  return diagnostics
    .filter(({ at }) => at !== undefined && at.from <= range.to && range.from <= at.to)
    .flatMap((diagnostic) => {
      const fixes = (diagnostic.fixes ?? []).map(
        ({ title, safe, edits }): CodeAction => ({
          title: sentence(title),
          safe,
          diagnostic,
          edits: edits.map(({ at, text }) => ({ file: at.file, from: at.from, to: at.to, text })),
        }),
      );
      const named = nearestName(file, diagnostic);
      return named === undefined ? fixes : [...fixes, named];
    });
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * The loader's "did you mean", as an edit of the wrong word alone: a diagnostic's place may hold more than it, such as
 * an argument or a transformer; where it does not hold it at all, as behind a list's name, there is nothing to edit.
 */
function nearestName(file: DocumentText, diagnostic: Diagnostic): CodeAction | undefined {
  const { at, help = '' } = diagnostic;
  const right = /^did you mean '([^']+)'\?$/.exec(help)?.[1];
  if (right === undefined || at === undefined || at.file !== file.name) return undefined;
  const words = [...file.content.slice(at.from, at.to).matchAll(/[A-Za-z_][\w.-]*/g)].filter(
    ([word]) => word !== right && nearest(word, [right]) !== undefined,
  );
  const [word] = words;
  if (word === undefined || words.length > 1) return undefined;
  const from = at.from + word.index;
  return {
    title: `Write ${right}`,
    safe: false,
    diagnostic,
    edits: [{ file: file.name, from, to: from + word[0].length, text: right }],
  };
}

/** A file's text with all safe fixes made; `undefined` if there are none. */
export function fixAll(file: DocumentText, diagnostics: readonly Diagnostic[]): string | undefined {
  const fixed = applyFixes(file, diagnostics);
  return fixed === file.content ? undefined : fixed;
}
