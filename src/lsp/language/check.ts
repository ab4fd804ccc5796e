// What the loader and the linter say of the files of a workspace, by file.

import type { Diagnostic } from '../../base/diagnostic.ts';
import { lintRules, loadRules, type RuleSet } from '../../detect/rules/index.ts';
import type { DocumentText } from './workspace.ts';

/** What loading says: every error and warning, also those behind Falco's first error. */
export function loadFindings(files: readonly DocumentText[]): {
  readonly set: RuleSet;
  readonly diagnostics: readonly Diagnostic[];
} {
  const set = loadRules(files);
  const loaded = set.results.flatMap(({ errors, warnings, later }) => [...errors, ...warnings, ...later]);
  return { set, diagnostics: [...loaded.map(({ diagnostic }) => diagnostic), ...set.pluginProblems] };
}

/** What the linter adds. */
export function lintFindings(files: readonly DocumentText[], set: RuleSet): readonly Diagnostic[] {
  return lintRules(files, set);
}

/** Diagnostics by file and then by place, without the codes that are not wanted; errors stay. */
export function byFile(
  files: readonly DocumentText[],
  diagnostics: readonly Diagnostic[],
  ignored: ReadonlySet<string>,
): ReadonlyMap<string, readonly Diagnostic[]> {
  const found = new Map<string, Diagnostic[]>(files.map(({ name }) => [name, []]));
  for (const diagnostic of diagnostics) {
    if (diagnostic.severity !== 'error' && ignored.has(diagnostic.code)) continue;
    found.get(diagnostic.at?.file ?? '')?.push(diagnostic);
  }
  for (const list of found.values()) list.sort((a, b) => (a.at?.from ?? 0) - (b.at?.from ?? 0));
  return found;
}
