// `yarak test`: unit tests for rules. Results go to standard output, or as data into a file.

import { globSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { terminalText } from '../../base/escape/terminal.ts';
import { nearest } from '../../base/nearest.ts';
import { byBytes } from '../../detect/rules/index.ts';
import {
  Coverage,
  type CoverageSummary,
  type FileResult,
  Loader,
  percent,
  percentText,
  renderJson,
  renderJunit,
  runTestFile,
  summarise,
  tally,
  watchFiles,
} from '../../rule-tests/index.ts';
import { CliError, EXIT, systemError } from '../error.ts';
import { renderTestText } from '../test/text.ts';

export interface TestCommandOptions {
  readonly format?: string;
  readonly out?: string;
  readonly filter?: string;
  readonly coverage?: boolean;
  readonly minCoverage?: string;
  readonly watch?: boolean;
}

const FORMATS = ['text', 'json', 'junit'] as const;
type Format = (typeof FORMATS)[number];

interface Run {
  readonly results: readonly FileResult[];
  readonly coverage: CoverageSummary | undefined;
}

/**
 * Runs the command: 1 when a test failed or could not be run, or coverage is below the minimum; 3 when something could
 * not be read. With `watch` it ends on SIGINT or SIGTERM, with 0.
 */
export async function run(paths: readonly string[], options: TestCommandOptions): Promise<number> {
  if (paths.length === 0) throw new CliError(2, 'name the tests to run: yarak test rules.test.yaml');
  const format = formatOf(options.format ?? 'text');
  const minimum = minimumOf(options.minCoverage);
  const once = async (): Promise<{ code: number; done: Run }> => {
    const done = await runAll(testFiles(paths), options, minimum !== undefined);
    checkFilter(done, options.filter);
    await emit(done, format, options.out);
    return { code: exitCode(done, minimum), done };
  };
  const { code, done } = await once();
  if (options.watch !== true) return code;
  await watchAndRun(done, async () => (await once()).done);
  return EXIT.ok;
}

/** A filter that leaves nothing is a mistake: CI would pass without having tested. */
function checkFilter({ results }: Run, filter: string | undefined): void {
  if (
    filter !== undefined &&
    results.every(({ tests, diagnostics }) => tests.length + diagnostics.length === 0)
  )
    throw new CliError(2, `no test's name holds ${JSON.stringify(filter)}`);
}

async function runAll(
  files: readonly string[],
  { filter, coverage: wanted }: TestCommandOptions,
  measured: boolean,
): Promise<Run> {
  const coverage = wanted === true || measured ? new Coverage() : undefined;
  const loader = new Loader();
  const results: FileResult[] = [];
  for (const file of files) {
    results.push(
      await runTestFile(file, {
        loader,
        ...(filter !== undefined && { filter }),
        ...(coverage && { coverage }),
      }),
    );
  }
  return { results, coverage: coverage && summarise(coverage) };
}

/** The files as given, and what folders hold at any depth. Throws `CliError`: 2 for a folder without tests, 3 for what cannot be read. */
function testFiles(paths: readonly string[]): string[] {
  const out = paths.flatMap((path) => {
    try {
      if (!statSync(path).isDirectory()) return [path];
    } catch (error) {
      throw systemError(`cannot read ${terminalText(path)}`, error);
    }
    const found = globSync('**/*.test.{yaml,yml}', { cwd: path }).sort(byBytes);
    if (found.length === 0)
      throw new CliError(2, `${terminalText(path)} holds no .test.yaml or .test.yml files`);
    return found.map((name) => join(path, name));
  });
  return [...new Set(out)];
}

/** With a file, the format goes there and the text to standard output. */
async function emit({ results, coverage }: Run, format: Format, file: string | undefined): Promise<void> {
  const color = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
  const render = async (name: Format, paint: boolean): Promise<string> => {
    if (name === 'json') return renderJson(results, coverage);
    if (name === 'junit') return renderJunit(results);
    return renderTestText(results, coverage, paint);
  };
  if (file === undefined) {
    process.stdout.write(await render(format, color));
    return;
  }
  try {
    writeFileSync(file, await render(format, false));
  } catch (error) {
    throw systemError(`cannot write ${terminalText(file)}`, error);
  }
  process.stdout.write(await render('text', color));
}

function exitCode({ results, coverage }: Run, minimum: number | undefined): number {
  if (results.some(({ unreadable }) => unreadable)) return EXIT.environment;
  const { failed, errors } = tally(results);
  if (failed + errors > 0) return EXIT.failed;
  if (coverage === undefined || minimum === undefined || percent(coverage) >= minimum) return EXIT.ok;
  process.stderr.write(`yarak: coverage is ${percentText(coverage)}, below ${minimum} %\n`);
  return EXIT.failed;
}

/**
 * Runs again after each change of a file that the last run read, until the process is asked to end. A change while a run
 * is under way is not lost: the old watch ends only when the next one has begun.
 */
async function watchAndRun(first: Run, again: () => Promise<Run>): Promise<void> {
  let last = first;
  let ended = false;
  let changed = false;
  let wake = () => {};
  const onChange = () => {
    changed = true;
    wake();
  };
  const end = () => {
    ended = true;
    wake();
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  let unwatch = () => {};
  // What an earlier run read is watched on: after a slip in `rules` the file may come back into its own.
  const files = new Set<string>();
  while (!ended) {
    const before = unwatch;
    for (const { file, texts, dataFiles } of last.results)
      for (const one of [file, ...texts.keys(), ...dataFiles]) files.add(one);
    unwatch = watchFiles(files, (path) => /\.ya?ml$/.test(path), onChange);
    before();
    process.stderr.write('watching for changes; Ctrl-C ends\n');
    if (!changed && !ended) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (ended) break;
    changed = false;
    try {
      last = await again();
    } catch (error) {
      // A folder or file that is gone for a moment: say it and wait for the next change.
      if (!(error instanceof CliError)) throw error;
      process.stderr.write(`yarak: ${error.message}\n`);
    }
  }
  unwatch();
  process.off('SIGINT', end);
  process.off('SIGTERM', end);
}

function minimumOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || value > 100)
    throw new CliError(2, `--min-coverage takes a number from 0 to 100, found ${JSON.stringify(text)}`);
  return value;
}

function formatOf(name: string): Format {
  const format = FORMATS.find((one) => one === name.toLowerCase());
  if (format !== undefined) return format;
  const close = nearest(name, FORMATS);
  const hint = close === undefined ? '' : ` (did you mean "${close}"?)`;
  throw new CliError(2, `unknown format ${JSON.stringify(name)}${hint}; there are ${FORMATS.join(', ')}`);
}
