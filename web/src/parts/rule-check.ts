// What Falco's loader and the linter say of a rule file, in the browser.

import type { Diagnostic, Fix } from '../../../src/base/diagnostic.ts';
import { nearest } from '../../../src/base/nearest.ts';
import { lintRules, loadRules } from '../../../src/detect/rules/index.ts';

export interface RuleFile {
  readonly name: string;
  readonly content: string;
}

export interface Checked {
  /** By place. */
  readonly diagnostics: readonly Diagnostic[];
  readonly errors: number;
  readonly warnings: number;
  /** Milder than warnings. */
  readonly hints: number;
  /** Rules of all files, as Falco would load them. */
  readonly rules: number;
}

/** The loader's "did you mean", as an edit of the one wrong word at the place. */
function nearestName({ at, help = '' }: Diagnostic, text: string): readonly Fix[] {
  const right = /^did you mean '([^']+)'\?$/.exec(help)?.[1];
  if (right === undefined || at === undefined) return [];
  const words = [...text.slice(at.from, at.to).matchAll(/[A-Za-z_][\w.-]*/g)].filter(
    ([word]) => word !== right && nearest(word, [right]) !== undefined,
  );
  const [word] = words;
  if (word === undefined || words.length > 1) return [];
  const from = at.from + word.index;
  const place = { ...at, from, to: from + word[0].length };
  return [{ title: `write ${right}`, safe: false, edits: [{ at: place, text: right }] }];
}

/** What is found in `text` after the files that come before it, by place. Plain data: it crosses threads. */
export function check(name: string, text: string, before: readonly RuleFile[]): Checked {
  const files = [...before, { name, content: text }];
  const set = loadRules(files);
  const loaded = set.results.flatMap(({ errors, warnings, later }) => [...errors, ...warnings, ...later]);
  const diagnostics = [...loaded.map(({ diagnostic }) => diagnostic), ...lintRules(files, set)]
    .filter(({ at }) => at === undefined || at.file === name)
    .map((one) => ({ ...one, fixes: [...(one.fixes ?? []), ...nearestName(one, text)] }))
    .sort((a, b) => (a.at?.from ?? 0) - (b.at?.from ?? 0));
  return {
    diagnostics,
    errors: diagnostics.filter(({ severity }) => severity === 'error').length,
    warnings: diagnostics.filter(({ severity }) => severity === 'warning').length,
    hints: diagnostics.filter(({ severity }) => severity === 'info' || severity === 'hint').length,
    rules: set.rules.length,
  };
}
