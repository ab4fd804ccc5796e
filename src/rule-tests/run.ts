// Runs a test file: loads its rules, gives each test's events to them, and judges what fired.

import { readFileSync } from 'node:fs';
import { UnpackError } from '../alerts/node/index.ts';
import { invariant } from '../base/assert.ts';
import type { Diagnostic, Location } from '../base/diagnostic.ts';
import { nearest } from '../base/nearest.ts';
import type { Coverage, CoveragePlan } from './coverage.ts';
import { explainSilence } from './explain.ts';
import { Unreadable } from './files.ts';
import { type Failure, judge } from './judge.ts';
import { type Loaded, Loader } from './load.ts';
import { type EventStream, openStream, type StreamResult } from './streams.ts';
import { readTestFile, type TestCase } from './test-file.ts';

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
  /** Mistakes in the file, in its rules or its config; with an error `tests` is empty. */
  readonly diagnostics: readonly Diagnostic[];
  /** Something that the tests need could not be read. */
  readonly unreadable: boolean;
  /** The texts that places in the results point into, by name; all files that were read as text. */
  readonly texts: ReadonlyMap<string, string>;
  /** Captures and records that the tests name, and what could not be read. */
  readonly dataFiles: readonly string[];
}

export interface RunOptions {
  /** Runs only tests whose name holds this text, in any case. */
  readonly filter?: string;
  /** Collects what the tests reach. */
  readonly coverage?: Coverage;
  /** Shares rules between the files of one run. */
  readonly loader?: Loader;
}

/** Runs one test file. Never throws for what files say. */
export async function runTestFile(file: string, options: RunOptions = {}): Promise<FileResult> {
  const texts = new Map<string, string>();
  const result = (part: Partial<FileResult>): FileResult => ({
    file,
    tests: [],
    diagnostics: [],
    unreadable: false,
    dataFiles: [],
    ...part,
    texts,
  });
  try {
    const text = readTestText(file);
    texts.set(file, text);
    const { parsed, diagnostics, texts: definitions } = readTestFile(text, file);
    for (const [name, content] of definitions) texts.set(name, content);
    if (parsed === undefined) return result({ diagnostics });
    const loader = options.loader ?? new Loader();
    const { loaded, texts: read, diagnostics: problems } = await loader.load(parsed);
    for (const [name, content] of read) texts.set(name, content);
    const dataFiles = parsed.tests.flatMap(({ dataFile }) => dataFile ?? []);
    if (loaded === undefined) return result({ diagnostics: problems, dataFiles });
    const runner = new TestRunner(file, loaded, options.coverage);
    const tests: TestResult[] = [];
    for (const test of parsed.tests) if (isChosen(test, options.filter)) tests.push(await runner.run(test));
    return result({ tests, diagnostics: problems, unreadable: runner.unreadable, dataFiles });
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return result({ diagnostics: [error.diagnostic], unreadable: true, dataFiles: [error.path] });
  }
}

function readTestText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const at = { file, from: 0, to: 0, line: 1, column: 1 };
    throw new Unreadable({ path: file, at }, file, error);
  }
}

function isChosen(test: TestCase, filter: string | undefined): boolean {
  return filter === undefined || test.name.toLowerCase().includes(filter.toLowerCase());
}

class TestRunner {
  unreadable = false;
  readonly #file: string;
  readonly #loaded: Loaded;
  readonly #plan: CoveragePlan | undefined;

  constructor(file: string, loaded: Loaded, coverage: Coverage | undefined) {
    this.#file = file;
    this.#loaded = loaded;
    this.#plan = coverage?.plan(loaded.set, loaded.settings, (name) => loaded.texts.get(name));
  }

  async run(test: TestCase): Promise<TestResult> {
    const head = { name: test.name, at: test.at };
    const mistakes = [...test.diagnostics, ...mistakenExpectations(test, this.#loaded)];
    if (test.input === undefined || mistakes.length > 0)
      return { ...head, status: 'error', failures: [], diagnostics: mistakes };
    try {
      const stream = openStream(test.input, this.#file, this.#loaded.machinery);
      const result = await stream.run();
      const failures: Failure[] = [];
      for (const failure of judge(test, result))
        failures.push(await this.#explained(failure, stream, result));
      await this.#plan?.record(stream, result.fired);
      const broken = result.diagnostics.some(({ severity }) => severity === 'error');
      return {
        ...head,
        status: broken ? 'error' : failures.length > 0 ? 'failed' : 'passed',
        failures,
        diagnostics: result.diagnostics,
      };
    } catch (error) {
      if (error instanceof UnpackError) {
        const damaged = mistake(error.code, error.message, test.at, undefined);
        return { ...head, status: 'error', failures: [], diagnostics: [damaged] };
      }
      if (!(error instanceof Unreadable)) throw error;
      this.unreadable = true;
      return { ...head, status: 'error', failures: [], diagnostics: [error.diagnostic] };
    }
  }

  async #explained(failure: Failure, stream: EventStream, result: StreamResult): Promise<Failure> {
    if (failure.tooFew !== true) return failure;
    const { set, settings, texts } = this.#loaded;
    const rule = set.rules.find(({ name }) => name === failure.rule);
    invariant(rule !== undefined, 'unknown rules were told before');
    const fired = new Set(result.fired.flatMap((one) => (one.rule === rule ? one.event : [])));
    const why = await explainSilence(
      rule,
      stream,
      { events: result.events, fired },
      { set, settings, textOf: (name) => texts.get(name) },
    );
    return { ...failure, why: [...failure.why, ...why] };
  }
}

/** Rules that are not there, and fields that no alert of the rule can have. */
function mistakenExpectations(test: TestCase, { set, settings, machinery }: Loaded): Diagnostic[] {
  const added = new Set(
    settings.appendOutput.flatMap(({ extraFields }) => extraFields.map(({ name }) => name)),
  );
  return test.expect.flatMap(({ rule: name, at, fields }): Diagnostic[] => {
    const rule = set.rules.find((one) => one.name === name);
    if (rule === undefined) {
      const near = nearest(
        name,
        set.rules.map((one) => one.name),
      );
      return [mistake('TEST_RULE_UNKNOWN', `The rules have no rule \`${name}\``, at, near)];
    }
    const catalogue = machinery.sources.catalogue(rule.source);
    return [...fields].flatMap(([field, { at: where }]) => {
      if (added.has(field) || catalogue.resolve(field).ref !== undefined) return [];
      const message = `Unknown field \`${field}\` of source ${rule.source}`;
      return [mistake('TEST_FIELD_UNKNOWN', message, where, catalogue.nearest(field))];
    });
  });
}

function mistake(code: string, message: string, at: Location, near: string | undefined): Diagnostic {
  return {
    code,
    severity: 'error',
    message,
    at,
    ...(near !== undefined && { help: `did you mean '${near}'?` }),
  };
}
