// The rule files that a command loads: files, and folders as Falco takes them (`*.yaml` and `*.yml` directly in them,
// sorted by the bytes of their paths).

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { terminalText } from '../base/escape/terminal.ts';
import { byBytes, type RuleFileText } from '../detect/rules/index.ts';
import { CliError, systemError } from './error.ts';

/** Paths to rule files in Falco's order. Throws `CliError`: 2 for a folder without rules, 3 for what cannot be read. */
export function ruleFilePaths(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    try {
      if (!statSync(path).isDirectory()) return [path];
      const files = readdirSync(path, { withFileTypes: true })
        .filter((entry) => !entry.isDirectory() && /\.ya?ml$/.test(entry.name))
        .map((entry) => join(path, entry.name))
        .sort(byBytes);
      if (files.length === 0) throw new CliError(2, `${terminalText(path)} holds no .yaml or .yml files`);
      return files;
    } catch (error) {
      if (error instanceof CliError) throw error;
      throw systemError(`cannot read ${terminalText(path)}`, error);
    }
  });
}

/** The texts of rule files and folders. Throws `CliError` as `ruleFilePaths` does. */
export function readRuleFiles(paths: readonly string[]): RuleFileText[] {
  return ruleFilePaths(paths).map((name) => {
    try {
      return { name, content: readFileSync(name, 'utf8') };
    } catch (error) {
      throw systemError(`cannot read ${terminalText(name)}`, error);
    }
  });
}

/** Writes a rule file that was read before. Throws `CliError` 3 where the machine refuses. */
export function writeRuleFile(name: string, content: string): void {
  try {
    writeFileSync(name, content);
  } catch (error) {
    throw systemError(`cannot write ${terminalText(name)}`, error);
  }
}
