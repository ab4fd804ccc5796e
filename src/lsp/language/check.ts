// What the loader and the linter say of the files of a workspace, by file.

import type { Diagnostic } from '../../base/diagnostic.ts';
import { lintRules, loadRules, type RuleSet } from '../../detect/rules/index.ts';
import type { DocumentText, Workspace } from './workspace.ts';

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

/**
 * Diagnostics by file and then by place, each once; without the codes that are not wanted (errors stay), and without
 * Falco's warning, from when it had read only the first files, that nothing uses what a later file does use.
 */
export function byFile(
  workspace: Workspace,
  files: readonly DocumentText[],
  diagnostics: readonly Diagnostic[],
  ignored: ReadonlySet<string>,
): ReadonlyMap<string, readonly Diagnostic[]> {
  const found = new Map<string, Map<string, Diagnostic>>(files.map(({ name }) => [name, new Map()]));
  for (const diagnostic of diagnostics) {
    const { code, severity, message, at } = diagnostic;
    if (severity !== 'error' && (ignored.has(code) || isUsed(workspace, diagnostic))) continue;
    const key = `${code} ${at?.from} ${at?.to} ${message}`;
    const list = found.get(at?.file ?? '');
    if (list !== undefined && !list.has(key)) list.set(key, diagnostic);
  }
  const byPlace = (a: Diagnostic, b: Diagnostic) => (a.at?.from ?? 0) - (b.at?.from ?? 0);
  return new Map([...found].map(([name, list]) => [name, [...list.values()].sort(byPlace)]));
}

function isUsed(workspace: Workspace, { code, at }: Diagnostic): boolean {
  if ((code !== 'LOAD_UNUSED_MACRO' && code !== 'LOAD_UNUSED_LIST') || at === undefined) return false;
  const place = workspace.at(at.file, at.from);
  return (
    place !== undefined && workspace.occurrences(place.kind, place.name).some(({ role }) => role === 'uses')
  );
}
