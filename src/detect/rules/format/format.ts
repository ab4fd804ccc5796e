// The formatter: one canonical layout that never changes what a file means. What it cannot prove, it refuses.

import type { Diagnostic } from '../../../base/diagnostic.ts';
import type { RuleFileText } from '../load.ts';
import { parseYaml, sourceFileOf } from '../yaml.ts';
import { layOut } from './layout.ts';
import { difference } from './proof.ts';

/** The formatted text, or why there is none. */
export type FormatRulesResult =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly text?: undefined; readonly problem: Diagnostic };

/**
 * Formats one rule file. `others` are the files that load before it, for the proof by loading; it never throws for
 * what a file says. The result is proved to hold the same items and comments, and to load the same.
 */
export function formatRules(file: RuleFileText, others: readonly RuleFileText[] = []): FormatRulesResult {
  const source = sourceFileOf(file);
  const parsed = parseYaml(source);
  if ('problem' in parsed) {
    const { message, from, to } = parsed.problem;
    return {
      problem: { code: 'LOAD_ERR_YAML_PARSE', severity: 'error', message, at: source.locate(from, to) },
    };
  }
  const text = layOut(file.content);
  const why =
    text === undefined
      ? 'the result would not be YAML'
      : difference(file, { name: file.name, content: text }, others);
  if (text !== undefined && why === undefined) return { text };
  return {
    problem: {
      code: 'FORMAT_REFUSED',
      severity: 'error',
      message: `the file is not formatted: ${why}`,
      at: source.locate(0),
    },
  };
}
