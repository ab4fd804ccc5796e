// `yarak test`: unit tests for rules. Results go to standard output.

import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { terminalText } from '../../base/escape/terminal.ts';
import { byBytes } from '../../detect/rules/index.ts';
import { type FileResult, runTestFile } from '../../rule-tests/index.ts';
import { CliError, EXIT, systemError } from '../error.ts';

export interface TestCommandOptions {
  readonly filter?: string;
}

/** Runs the command: 1 when a test failed or could not be run, 3 when something could not be read. */
export async function run(paths: readonly string[], options: TestCommandOptions): Promise<number> {
  if (paths.length === 0) throw new CliError(2, 'name the tests to run: yarak test rules.test.yaml');
  const results: FileResult[] = [];
  for (const file of testFiles(paths)) results.push(await runTestFile(file, options));
  await printText(results);
  return exitCode(results);
}

/** The files as given, and what folders hold at any depth. Throws `CliError`: 2 for a folder without tests, 3 for what cannot be read. */
export function testFiles(paths: readonly string[]): string[] {
  const out = paths.flatMap((path) => {
    try {
      if (!statSync(path).isDirectory()) return [path];
    } catch (error) {
      throw systemError(`cannot read ${terminalText(path)}`, error);
    }
    const found = globSync('**/*.test.{yaml,yml}', { cwd: path }).sort(byBytes);
    if (found.length === 0) {
      throw new CliError(2, `${terminalText(path)} holds no .test.yaml or .test.yml files`);
    }
    return found.map((name) => join(path, name));
  });
  return [...new Set(out)];
}

function exitCode(results: readonly FileResult[]): number {
  if (results.some(({ unreadable }) => unreadable)) return EXIT.environment;
  const good = results.every(
    ({ tests, diagnostics }) =>
      tests.every(({ status }) => status === 'passed') &&
      diagnostics.every(({ severity }) => severity !== 'error'),
  );
  return good ? EXIT.ok : EXIT.failed;
}

async function printText(results: readonly FileResult[]): Promise<void> {
  const { renderDiagnostics } = await import('../source-frame.ts');
  const color = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
  for (const { file, tests, diagnostics, texts } of results) {
    process.stdout.write(`${terminalText(file)}\n`);
    const textOf = (name: string) => texts.get(name);
    if (diagnostics.length > 0)
      process.stdout.write(`${await renderDiagnostics(diagnostics, textOf, color)}\n`);
    for (const test of tests) {
      process.stdout.write(`  ${test.status === 'passed' ? 'ok' : 'FAILED'} ${terminalText(test.name)}\n`);
      if (test.diagnostics.length > 0)
        process.stdout.write(`${await renderDiagnostics(test.diagnostics, textOf, color)}\n`);
      for (const { message, at, why } of test.failures) {
        process.stdout.write(`     ${terminalText(`${at.file}:${at.line}:${at.column} ${message}`)}\n`);
        for (const reason of why)
          process.stdout.write(
            `       ${terminalText(reason.at ? `${reason.at.file}:${reason.at.line}:${reason.at.column} ` : '')}${terminalText(reason.text)}\n`,
          );
      }
    }
  }
  const all = results.flatMap(({ tests }) => tests);
  const passed = all.filter(({ status }) => status === 'passed').length;
  process.stdout.write(`${passed} passed, ${all.length - passed} failed\n`);
}
