// `yarak check`: rule files, loaded as Falco would load them and linted. Findings go to standard output.

import type { Diagnostic, Severity } from '../../base/diagnostic.ts';
import { nearest } from '../../base/nearest.ts';
import { VERSION } from '../../base/node/version.ts';
import {
  applyFixes,
  lintRules,
  loadRules,
  type RuleFileText,
  type RuleSet,
  toFalcoJson,
} from '../../detect/rules/index.ts';
import { CliError, EXIT } from '../error.ts';
import { readRuleFiles, writeRuleFile } from '../rule-files.ts';

export interface CheckCommandOptions {
  readonly format?: string;
  readonly strict?: boolean;
  readonly ignore?: readonly string[];
  readonly fix?: boolean;
  /** False with `--no-lint`. */
  readonly lint?: boolean;
}

const FORMATS = ['text', 'json', 'sarif'] as const;
type Format = (typeof FORMATS)[number];

interface Checked {
  readonly set: RuleSet;
  readonly diagnostics: readonly Diagnostic[];
}

/** Runs the command: 1 when Falco would refuse a file, or with `strict` when there is a warning. */
export async function run(paths: readonly string[], options: CheckCommandOptions): Promise<number> {
  if (paths.length === 0) throw new CliError(2, 'name the rules to check: yarak check falco_rules.yaml');
  const format = formatOf(options.format ?? 'text');
  let files = readRuleFiles(paths);
  let checked = check(files, options);
  if (options.fix === true) {
    const fixed = fix(files, checked, options);
    for (const [index, { name, content }] of fixed.entries()) {
      if (content !== files[index]?.content) writeRuleFile(name, content);
    }
    if (fixed !== files) {
      files = fixed;
      checked = check(files, options);
    }
  }
  const { set, diagnostics } = checked;
  const texts = new Map(files.map(({ name, content }) => [name, content]));
  const textOf = (name: string) => texts.get(name);
  if (format === 'json') {
    const document = {
      falco_load_results: set.results.map((result) => toFalcoJson(result, textOf)),
      diagnostics,
    };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else if (format === 'sarif') {
    const { renderDiagnosticsSarif } = await import('../../report/index.ts');
    process.stdout.write(await renderDiagnosticsSarif({ version: VERSION, diagnostics }));
  } else await printText(set, diagnostics, textOf);
  const count = (severity: Severity) => diagnostics.filter((item) => item.severity === severity).length;
  return count('error') > 0 || (options.strict === true && count('warning') > 0) ? EXIT.failed : EXIT.ok;
}

/** Everything that is wrong, without what is ignored, by file in the order given and then by place. */
function check(files: readonly RuleFileText[], options: CheckCommandOptions): Checked {
  const set = loadRules(files);
  const loaded = set.results.flatMap(({ errors, warnings, later }) => [...errors, ...warnings, ...later]);
  const ignored = new Set(
    (options.ignore ?? []).flatMap((list) => list.split(',')).map((code) => code.trim()),
  );
  const all = [
    ...loaded
      .filter(({ code, diagnostic }) => diagnostic.severity === 'error' || !ignored.has(code))
      .map(({ diagnostic }) => diagnostic),
    ...set.pluginProblems,
    ...(options.lint === false ? [] : lintRules(files, set)),
  ].filter(({ code, severity }) => severity === 'error' || !ignored.has(code));
  const order = new Map(files.map(({ name }, index) => [name, index]));
  const rank = ({ at }: Diagnostic) => (at === undefined ? -1 : (order.get(at.file) ?? files.length));
  const diagnostics = all.sort((a, b) => rank(a) - rank(b) || (a.at?.from ?? 0) - (b.at?.from ?? 0));
  return { set, diagnostics };
}

/** The files with all safe fixes made; unchanged if Falco would load them differently afterwards. */
function fix(
  files: readonly RuleFileText[],
  { set, diagnostics }: Checked,
  options: CheckCommandOptions,
): RuleFileText[] {
  const fixed = files.map((file) => ({ ...file, content: applyFixes(file, diagnostics) }));
  const after = loadRules(fixed);
  const verdict = (one: RuleSet) =>
    JSON.stringify([
      one.results.map(({ successful, errors }) => [successful, errors.map(({ code }) => code)]),
      one.rules.map(({ name, output, enabled, priority, source, tags }) => [
        name,
        output,
        enabled,
        priority,
        source,
        tags,
      ]),
    ]);
  if (verdict(set) !== verdict(after)) {
    process.stderr.write('yarak: the fixes would change which rules load; nothing was written\n');
    return [...files];
  }
  const left = check(fixed, options).diagnostics.length;
  const changed = fixed.filter((file, index) => file.content !== files[index]?.content).length;
  process.stderr.write(
    `yarak: ${changed} ${changed === 1 ? 'file' : 'files'} changed, ${diagnostics.length - left} findings fixed\n`,
  );
  return fixed;
}

async function printText(
  set: RuleSet,
  diagnostics: readonly Diagnostic[],
  textOf: (name: string) => string | undefined,
): Promise<void> {
  if (diagnostics.length > 0) {
    const { renderDiagnostics } = await import('../source-frame.ts');
    const color = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
    process.stdout.write(`${await renderDiagnostics(diagnostics, textOf, color)}\n\n`);
  }
  const counts = (['error', 'warning', 'info', 'hint'] as const)
    .map((severity) => [severity, diagnostics.filter((item) => item.severity === severity).length] as const)
    .filter(([severity, count]) => count > 0 || severity === 'error' || severity === 'warning')
    .map(([severity, count]) => `${count} ${severity}${count === 1 || severity === 'info' ? '' : 's'}`);
  const files = set.results.length;
  process.stdout.write(
    `${files} ${files === 1 ? 'file' : 'files'}, ${set.rules.length} ${set.rules.length === 1 ? 'rule' : 'rules'}: ${counts.join(', ')}\n`,
  );
}

function formatOf(name: string): Format {
  const format = FORMATS.find((one) => one === name.toLowerCase());
  if (format !== undefined) return format;
  const close = nearest(name, FORMATS);
  const hint = close === undefined ? '' : ` (did you mean "${close}"?)`;
  throw new CliError(2, `unknown format ${JSON.stringify(name)}${hint}; there are ${FORMATS.join(', ')}`);
}
