// Reads a test file: the schema, then what the schema cannot know (fields of the source, event types, values). Every
// mistake is a diagnostic at its place; a test with a mistake is not run, the others are.

import type { Diagnostic, Location } from '../base/diagnostic.ts';
import { nearest } from '../base/nearest.ts';
import { readYaml, type YamlPlaces } from '../base/yaml-schema.ts';
import { catalogueFor, knownSources } from '../detect/fields/index.ts';
import { type NamedFile, resolveNamed } from './files.ts';
import { type InlineEvent, readEvent, type WrittenFields } from './inline-event.ts';
import { type Expectation, testFileSchema, type WrittenFile, type WrittenTest } from './schema.ts';

export type TestInput =
  | { readonly kind: 'events'; readonly source: string; readonly events: readonly InlineEvent[] }
  | { readonly kind: 'capture' | 'alerts'; readonly file: NamedFile }
  | { readonly kind: 'json'; readonly source: string; readonly file: NamedFile };

export interface ExpectedAlert extends Omit<Expectation, 'fields'> {
  readonly at: Location;
  /** Field names to texts; `null`: printed as null. */
  readonly fields: ReadonlyMap<string, { readonly text: string | null; readonly at: Location }>;
}

export interface TestCase {
  readonly name: string;
  readonly at: Location;
  /** `undefined`: a mistake in the test, see `diagnostics`. */
  readonly input: TestInput | undefined;
  /** The path of the capture or records, for who wants to watch it. */
  readonly dataFile: string | undefined;
  readonly expect: readonly ExpectedAlert[];
  readonly others: 'fail' | 'allow';
  readonly diagnostics: readonly Diagnostic[];
}

export interface TestFile {
  readonly file: string;
  readonly rules: readonly NamedFile[];
  readonly config: NamedFile | undefined;
  readonly tests: readonly TestCase[];
}

/** Reads one test file's text. `parsed` is undefined when the file as a whole cannot be used. */
export function readTestFile(
  text: string,
  file: string,
): { readonly parsed?: TestFile; readonly diagnostics: readonly Diagnostic[] } {
  const { value, diagnostics, places } = readYaml(text, testFileSchema, { file, code: 'TEST' });
  if (value === undefined || places === undefined) return { diagnostics };
  const rulesAt = (index: number) => {
    const at = places.at(['rules', index]);
    return value.rules.length === 1 ? places.at(['rules']) : at;
  };
  return {
    diagnostics,
    parsed: {
      file,
      rules: value.rules.map((path, index) => ({ path, at: rulesAt(index) })),
      config: value.config === undefined ? undefined : { path: value.config, at: places.at(['config']) },
      tests: value.tests.map((test, index) => readCase(value, test, index, places)),
    },
  };
}

function readCase(file: WrittenFile, test: WrittenTest, index: number, places: YamlPlaces): TestCase {
  const path = ['tests', index] as const;
  const diagnostics: Diagnostic[] = [];
  const source = test.source ?? (test.audit === undefined ? file.source : 'k8s_audit');
  const named = (key: 'capture' | 'audit' | 'alerts' | 'json'): NamedFile => ({
    path: test[key] as string,
    at: places.at([...path, key]),
  });
  let input: TestInput | undefined;
  if (test.capture !== undefined) input = { kind: 'capture', file: named('capture') };
  else if (test.alerts !== undefined) input = { kind: 'alerts', file: named('alerts') };
  else if (test.audit !== undefined) input = { kind: 'json', source, file: named('audit') };
  else if (test.json !== undefined) input = { kind: 'json', source, file: named('json') };
  if (input === undefined || input.kind === 'json') {
    const problem = sourceProblem(
      source,
      places.at(test.source === undefined ? ['source'] : [...path, 'source']),
    );
    if (problem !== undefined) diagnostics.push(problem);
    else if (input === undefined) input = inlineEvents(file, test, index, source, places, diagnostics);
  }
  const failed = diagnostics.length > 0;
  return {
    name: test.name,
    at: places.at([...path, 'name']),
    input: failed ? undefined : input,
    dataFile:
      input === undefined || input.kind === 'events'
        ? undefined
        : resolveNamed(places.at([]).file, input.file),
    expect: test.expect.map((one, i) => readExpectation(one, [...path, 'expect', i], places)),
    others: test.others,
    diagnostics,
  };
}

function inlineEvents(
  file: WrittenFile,
  test: WrittenTest,
  index: number,
  source: string,
  places: YamlPlaces,
  diagnostics: Diagnostic[],
): TestInput {
  const layers: WrittenFields[] = [];
  // The file's base is for events of the file's source.
  if (file.base !== undefined && source === file.source) layers.push({ fields: file.base, path: ['base'] });
  if (test.base !== undefined) layers.push({ fields: test.base, path: ['tests', index, 'base'] });
  const catalogue = catalogueFor(source);
  const events = (test.events ?? []).flatMap((fields, i) => {
    const path = ['tests', index, 'events', i];
    const read = readEvent([...layers, { fields, path }], { catalogue, places, number: i + 1 });
    // A mistake in `base` is told once, not once an event.
    for (const one of read.diagnostics)
      if (!diagnostics.some(({ at, code }) => at?.from === one.at?.from && code === one.code))
        diagnostics.push(one);
    return read.event ?? [];
  });
  return { kind: 'events', source, events };
}

function sourceProblem(source: string, at: Location): Diagnostic | undefined {
  if (knownSources().includes(source)) return undefined;
  const near = nearest(source, knownSources());
  return {
    code: 'TEST_SOURCE_UNKNOWN',
    severity: 'error',
    message: `Unknown event source \`${source}\`; there are ${knownSources().join(', ')}`,
    at,
    ...(near !== undefined && { help: `did you mean '${near}'?` }),
  };
}

function readExpectation(
  { fields = {}, ...rest }: Expectation,
  path: readonly PropertyKey[],
  places: YamlPlaces,
): ExpectedAlert {
  return {
    ...rest,
    at: places.at([...path, 'rule']),
    fields: new Map(
      Object.entries(fields).map(([name, value]) => {
        const here = [...path, 'fields', name];
        const text =
          value === null
            ? null
            : typeof value === 'object'
              ? JSON.stringify(value)
              : typeof value === 'string'
                ? value
                : (places.plainText(here) ?? String(value));
        return [name, { text, at: places.at(here, 'key') }];
      }),
    ),
  };
}
