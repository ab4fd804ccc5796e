// Runs a test file: loads its rules once, gives each test's events to them, and judges what fired.

import { readFileSync } from 'node:fs';
import { invariant } from '../base/assert.ts';
import type { Diagnostic, Location } from '../base/diagnostic.ts';
import { nearest } from '../base/nearest.ts';
import { DEFAULT_SETTINGS, type EngineSettings, readFalcoConfig } from '../detect/engine/index.ts';
import { loadRules, type RuleSet } from '../detect/rules/index.ts';
import { explainSilence } from './explain.ts';
import { readNamed, readRules, resolveNamed, Unreadable } from './files.ts';
import { type Failure, judge } from './judge.ts';
import { openStream } from './streams.ts';
import { readTestFile, type TestCase, type TestFile } from './test-file.ts';

/** `error`: the test itself could not be run. */
export type TestStatus = 'passed' | 'failed' | 'error';

export interface TestResult {
  readonly name: string;
  readonly at: Location;
  readonly status: TestStatus;
  readonly failures: readonly Failure[];
  /** Why it could not be run, and what is odd about its data. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface FileResult {
  readonly file: string;
  readonly tests: readonly TestResult[];
  /** Mistakes in the file or in its rules: then `tests` is empty. */
  readonly diagnostics: readonly Diagnostic[];
  /** Something that the tests need could not be read. */
  readonly unreadable: boolean;
  /** The texts that places in the results point into, by name. */
  readonly texts: ReadonlyMap<string, string>;
}

export interface RunOptions {
  /** Runs only tests whose name holds this text, in any case. */
  readonly filter?: string;
}

/** Runs one test file. Never throws for what files say. */
export async function runTestFile(file: string, options: RunOptions = {}): Promise<FileResult> {
  const texts = new Map<string, string>();
  const failed = (diagnostics: readonly Diagnostic[], unreadable = false): FileResult => ({
    file,
    tests: [],
    diagnostics,
    unreadable,
    texts,
  });
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const at = { file, from: 0, to: 0, line: 1, column: 1 };
    return failed([new Unreadable({ path: file, at }, file, error).diagnostic], true);
  }
  texts.set(file, text);
  const { parsed, diagnostics } = readTestFile(text, file);
  if (parsed === undefined) return failed(diagnostics);
  try {
    const rules = readRules(file, parsed.rules);
    for (const { name, content } of rules) texts.set(name, content);
    const set = loadRules(rules);
    const errors = set.results.flatMap((one) => one.errors.map(({ diagnostic }) => diagnostic));
    if (errors.length > 0) return failed([...diagnostics, ...errors]);
    const { settings, problems } = await readSettings(parsed, texts);
    if (settings === undefined) return failed(problems);
    const tests: TestResult[] = [];
    let unreadable = false;
    for (const test of parsed.tests) {
      if (!isChosen(test, options.filter)) continue;
      try {
        tests.push(await runTest(test, file, { set, settings, texts }));
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        unreadable = true;
        tests.push({ ...head(test), status: 'error', failures: [], diagnostics: [error.diagnostic] });
      }
    }
    return { file, tests, diagnostics, unreadable, texts };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return failed([error.diagnostic], true);
  }
}

function isChosen(test: TestCase, filter: string | undefined): boolean {
  return filter === undefined || test.name.toLowerCase().includes(filter.toLowerCase());
}

const head = ({ name, at }: TestCase) => ({ name, at });

/** falco.yaml's settings; alerts are JSON with all that can be expected of them, whatever it says. */
async function readSettings(
  parsed: TestFile,
  texts: Map<string, string>,
): Promise<{ settings?: EngineSettings; problems: readonly Diagnostic[] }> {
  const forced = { json: true, jsonOutputProperty: true, jsonOutputFieldsProperty: true };
  if (parsed.config === undefined) return { settings: { ...DEFAULT_SETTINGS, ...forced }, problems: [] };
  const name = resolveNamed(parsed.file, parsed.config);
  const text = readNamed(parsed.file, parsed.config);
  texts.set(name, text);
  const { settings, diagnostics } = await readFalcoConfig(text, name);
  return { ...(settings && { settings: { ...settings, ...forced } }), problems: diagnostics };
}

interface Loaded {
  readonly set: RuleSet;
  readonly settings: EngineSettings;
  readonly texts: ReadonlyMap<string, string>;
}

async function runTest(test: TestCase, file: string, { set, settings, texts }: Loaded): Promise<TestResult> {
  const unknown = unknownRules(test, set);
  if (test.input === undefined || unknown.length > 0) {
    const diagnostics = [...test.diagnostics, ...unknown];
    return { ...head(test), status: 'error', failures: [], diagnostics };
  }
  const stream = openStream(test.input, file);
  const result = await stream.run(set.rules, settings);
  const failures = await Promise.all(
    judge(test, result).map(async (failure) => {
      if (!failure.tooFew) return failure;
      const rule = set.rules.find(({ name }) => name === failure.rule);
      invariant(rule !== undefined, 'unknown rules were told before');
      const explainer = { set, settings, textOf: (name: string) => texts.get(name) };
      const fired = new Set(result.fired.flatMap((one) => (one.rule === rule ? one.event : [])));
      const why = await explainSilence(rule, stream, { events: result.events, fired }, explainer);
      return { ...failure, why: [...failure.why, ...why] };
    }),
  );
  const broken = result.diagnostics.some(({ severity }) => severity === 'error');
  return {
    ...head(test),
    status: broken ? 'error' : failures.length > 0 ? 'failed' : 'passed',
    failures,
    diagnostics: result.diagnostics,
  };
}

function unknownRules(test: TestCase, set: RuleSet): Diagnostic[] {
  const names = set.rules.map(({ name }) => name);
  return test.expect
    .filter(({ rule }) => !names.includes(rule))
    .map(({ rule, at }) => {
      const near = nearest(rule, names);
      return {
        code: 'TEST_RULE_UNKNOWN',
        severity: 'error' as const,
        message: `The rules have no rule \`${rule}\``,
        at,
        ...(near !== undefined && { help: `did you mean '${near}'?` }),
      };
    });
}
