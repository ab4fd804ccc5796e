// `yarak fmt`: rule files in one layout.

import { terminalText } from '../../base/escape/terminal.ts';
import { formatRules } from '../../detect/rules/index.ts';
import { CliError, EXIT } from '../error.ts';
import { readRuleFiles, writeRuleFile } from '../rule-files.ts';
import { renderDiagnostics } from '../source-frame.ts';

export interface FmtCommandOptions {
  readonly check?: boolean;
  readonly write?: boolean;
}

/** Runs the command: 1 when a file cannot be formatted, or with `check` when one is not. */
export async function run(paths: readonly string[], options: FmtCommandOptions): Promise<number> {
  if (paths.length === 0) throw new CliError(2, 'name the rules to format: yarak fmt rules.yaml');
  if (options.check === true && options.write === true) {
    throw new CliError(2, '--check only looks and --write writes; choose one');
  }
  const files = readRuleFiles(paths);
  let failed = false;
  let changed = 0;
  for (const [index, file] of files.entries()) {
    const { text, problem } = formatRules(file, files.slice(0, index));
    if (text === undefined) {
      failed = true;
      const color = process.stderr.isTTY === true && process.env['NO_COLOR'] === undefined;
      process.stderr.write(`${await renderDiagnostics([problem], () => file.content, color)}\n`);
    } else if (options.check !== true && options.write !== true) process.stdout.write(text);
    else if (text !== file.content) {
      changed++;
      if (options.write === true) writeRuleFile(file.name, text);
      process.stdout.write(`${terminalText(file.name)}\n`);
    }
  }
  return failed || (options.check === true && changed > 0) ? EXIT.failed : EXIT.ok;
}
