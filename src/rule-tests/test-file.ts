// Reads a test file: the schema, then what the schema cannot know (fields of the source, event types, values). Every
// mistake is a diagnostic at its place; a test with a mistake is not run, the others are.

import type { Diagnostic, Location } from '../base/diagnostic.ts';
import { nearest } from '../base/nearest.ts';
import { readYaml, type YamlPlaces } from '../base/yaml-schema.ts';
import { type NamedFile, resolveNamed } from './files.ts';
import { type InlineEvent, readEvent, type WrittenFields } from './inline-event.ts';
import { type Expectation, testFileSchema, type WrittenFile, type WrittenTest } from './schema.ts';
import { type EventSources, readDefinitions, SYSCALL } from './sources.ts';

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
  /** The sources that its tests may speak of. */
  readonly sources: EventSources;
  readonly config: NamedFile | undefined;
  readonly tests: readonly TestCase[];
}

/** What was made of a test file's text. */
export interface ReadTestFile {
  /** `undefined`: the file as a whole cannot be used. */
  readonly parsed?: TestFile;
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of the files that define sources, by name. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Reads one test file's text, and the sources that it defines. Throws `Unreadable` for those. */
export function readTestFile(text: string, file: string): ReadTestFile {
  const { value, diagnostics, places } = readYaml(text, testFileSchema, { file, code: 'TEST' });
  if (value === undefined || places === undefined) return { diagnostics, texts: new Map() };
  const named = (key: 'rules' | 'define', paths: readonly string[]): NamedFile[] =>
    paths.map((path, index) => ({ path, at: places.at([key, index]) }));
  const definitions = readDefinitions(file, named('define', value.define ?? []));
  const { sources, texts } = definitions;
  const problems = [...diagnostics, ...definitions.diagnostics];
  if (definitions.diagnostics.some(({ severity }) => severity === 'error'))
    return { diagnostics: problems, texts };
  return {
    diagnostics: problems,
    texts,
    parsed: {
      file,
      rules: named('rules', value.rules),
      sources,
      config: value.config === undefined ? undefined : { path: value.config, at: places.at(['config']) },
      tests: value.tests.map((test, index) => new CaseReader(value, places, sources).read(test, index)),
    },
  };
}

/** Reads the tests of one file. */
class CaseReader {
  readonly #file: WrittenFile;
  readonly #places: YamlPlaces;
  readonly #sources: EventSources;

  constructor(file: WrittenFile, places: YamlPlaces, sources: EventSources) {
    this.#file = file;
    this.#places = places;
    this.#sources = sources;
  }

  read(test: WrittenTest, index: number): TestCase {
    const places = this.#places;
    const path = ['tests', index] as const;
    const diagnostics: Diagnostic[] = [];
    const input = this.#input(test, index, diagnostics);
    return {
      name: test.name,
      at: places.at([...path, 'name']),
      input: diagnostics.length > 0 ? undefined : input,
      dataFile:
        input === undefined || input.kind === 'events'
          ? undefined
          : resolveNamed(places.at([]).file, input.file),
      expect: test.expect.map((one, i) => readExpectation(one, [...path, 'expect', i], places)),
      others: test.others,
      diagnostics,
    };
  }

  #input(test: WrittenTest, index: number, diagnostics: Diagnostic[]): TestInput | undefined {
    const { capture, alerts, audit, json } = test;
    const named = (key: 'capture' | 'audit' | 'alerts' | 'json', path: string): NamedFile => ({
      path,
      at: this.#places.at(['tests', index, key]),
    });
    if (capture !== undefined) return { kind: 'capture', file: named('capture', capture) };
    if (alerts !== undefined) return { kind: 'alerts', file: named('alerts', alerts) };
    const source = test.source ?? (audit === undefined ? this.#file.source : 'k8s_audit');
    const isJson = audit !== undefined || json !== undefined;
    const at = this.#places.at(test.source === undefined ? ['source'] : ['tests', index, 'source']);
    const problem = this.#sourceProblem(source, isJson, at);
    if (problem !== undefined) {
      diagnostics.push(problem);
      return undefined;
    }
    if (audit !== undefined) return { kind: 'json', source, file: named('audit', audit) };
    if (json !== undefined) return { kind: 'json', source, file: named('json', json) };
    return { kind: 'events', source, events: this.#events(test, index, source, diagnostics) };
  }

  #events(test: WrittenTest, index: number, source: string, diagnostics: Diagnostic[]): InlineEvent[] {
    const layers: WrittenFields[] = [];
    const { base, source: ofFile } = this.#file;
    // The file's base is for events of the file's source.
    if (base !== undefined && source === ofFile) layers.push({ fields: base, path: ['base'] });
    if (test.base !== undefined) layers.push({ fields: test.base, path: ['tests', index, 'base'] });
    const catalogue = this.#sources.catalogue(source);
    return (test.events ?? []).flatMap((fields, i) => {
      const path = ['tests', index, 'events', i];
      const read = readEvent([...layers, { fields, path }], {
        catalogue,
        places: this.#places,
        number: i + 1,
      });
      // A mistake in `base` is told once, not once an event.
      for (const one of read.diagnostics)
        if (!diagnostics.some(({ at, code }) => at?.from === one.at?.from && code === one.code))
          diagnostics.push(one);
      return read.event ?? [];
    });
  }

  #sourceProblem(source: string, isJson: boolean, at: Location): Diagnostic | undefined {
    const known = this.#sources.names.filter((name) => !isJson || name !== SYSCALL);
    if (known.includes(source)) return undefined;
    const near = nearest(source, known);
    return {
      code: 'TEST_SOURCE_UNKNOWN',
      severity: 'error',
      message: `Unknown source of ${isJson ? 'JSON ' : ''}events \`${source}\`; there are ${known.join(', ')}`,
      at,
      ...(near !== undefined && { help: `did you mean '${near}'?` }),
    };
  }
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
