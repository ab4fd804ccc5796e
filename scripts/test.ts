// What `npm test` and `npm run check` do: the tools that tests need, lint, types, tests; then one line that counts.
//
//   npm test          everything
//   npm run check     --quick: lint, types and unit tests, for the loop while writing (under a minute)
//
// The last line is `N passed, N failed`, alone: every test counts one, and so do lint and each type check. A test
// whose tool or data is not there is skipped by name and listed; it counts as neither.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const quick = process.argv.includes('--quick');

/** The part of Vitest's JSON report that is counted here. */
interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

interface Count {
  passed: number;
  failed: number;
  readonly skipped: string[];
}

const total: Count = { passed: 0, failed: 0, skipped: [] };

/** Runs a command in the project's folder and shows its output; its exit code, or 127 where it cannot start. */
function run(command: string, args: readonly string[]): number {
  const done = spawnSync(command, [...args], { cwd: root, stdio: 'inherit' });
  if (done.error !== undefined) process.stderr.write(`${command}: ${done.error.message}\n`);
  return done.status ?? 127;
}

function step(name: string, command: string, args: readonly string[]): void {
  const startMs = performance.now();
  const passed = run(command, args) === 0;
  if (passed) total.passed++;
  else total.failed++;
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  process.stdout.write(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
}

/** Counts what Vitest reported. A file that could not be loaded, or a report that is not there, is one failure. */
function countVitest(reportFile: string, exitCode: number): void {
  const before = total.failed;
  if (existsSync(reportFile)) {
    const report = JSON.parse(readFileSync(reportFile, 'utf8')) as VitestReport;
    for (const file of report.testResults) {
      let failures = 0;
      for (const test of file.assertionResults) {
        if (test.status === 'passed') total.passed++;
        else if (test.status === 'failed') failures++;
        else total.skipped.push(test.fullName);
      }
      if (file.status === 'failed' && failures === 0) {
        process.stdout.write(`FAILED ${file.name}: ${file.message}\n`);
        failures = 1;
      }
      total.failed += failures;
    }
  }
  // An unhandled error outside of any test leaves no failed test, only the exit code.
  if (exitCode !== 0 && total.failed === before) total.failed++;
}

function vitest(projects: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'yarak-test-'));
  const reportFile = join(folder, 'report.json');
  const exitCode = run(process.execPath, [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
  ]);
  countVitest(reportFile, exitCode);
  rmSync(folder, { recursive: true, force: true });
}

const setup = join(root, 'scripts/setup-tools.sh');
if (!quick && existsSync(setup) && run('bash', [setup]) !== 0) {
  process.stdout.write(
    'scripts/setup-tools.sh could not install every tool: tests that need them are skipped.\n',
  );
}
const bin = join(root, 'node_modules/.bin');
step('lint and format (biome)', join(bin, 'biome'), ['check', '.']);
step('types (tsc)', join(bin, 'tsc'), ['-p', 'tsconfig.json']);
if (existsSync(join(root, 'web/tsconfig.json'))) {
  step('types of the web UI (tsc)', join(bin, 'tsc'), ['-p', 'web/tsconfig.json']);
}
step('types of the VS Code extension (tsc)', join(bin, 'tsc'), ['-p', 'editors/vscode/tsconfig.json']);
vitest(quick ? ['unit'] : ['unit', 'integration']);

if (total.skipped.length > 0) {
  process.stdout.write(`\nSkipped (${total.skipped.length}):\n`);
  for (const name of total.skipped) process.stdout.write(`  ${name}\n`);
}
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
