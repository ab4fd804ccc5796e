// The sources of events that a test file can speak of: system calls, the built-in JSON sources, and those that the file
// itself defines.

import type { Diagnostic } from '../base/diagnostic.ts';
import { catalogueResolver, type FieldResolver } from '../detect/engine/index.ts';
import { catalogueFor, type FieldCatalogue, type FieldDef } from '../detect/fields/index.ts';
import { JSON_SOURCES, type JsonSource, readJsonSource } from '../sources/audit/index.ts';
import { type NamedFile, readNamed, resolveNamed } from './files.ts';

export const SYSCALL = 'syscall';

export class EventSources {
  readonly #json: ReadonlyMap<string, JsonSource>;
  readonly #catalogues = new Map<string, FieldCatalogue>();
  readonly #defined: readonly JsonSource[];
  /** Fields of every source: those of falco.yaml's `static_fields`. */
  readonly #everywhere: readonly FieldDef[];

  constructor(defined: readonly JsonSource[] = [], everywhere: readonly FieldDef[] = []) {
    this.#json = new Map([...JSON_SOURCES, ...defined].map((source) => [source.name, source]));
    this.#defined = defined;
    this.#everywhere = everywhere;
  }

  /** The same sources with these fields in each. */
  withFields(fields: readonly FieldDef[]): EventSources {
    return fields.length === 0 ? this : new EventSources(this.#defined, fields);
  }

  /** Names of the sources that the test file defines. */
  get defined(): readonly string[] {
    return this.#defined.map(({ name }) => name);
  }

  /** The catalogues that differ from Falco's own, by source. */
  get special(): ReadonlyMap<string, FieldCatalogue> {
    const names = this.#everywhere.length > 0 ? this.names : this.defined;
    return new Map(names.map((name) => [name, this.catalogue(name)]));
  }

  get names(): readonly string[] {
    return [SYSCALL, ...this.#json.keys()];
  }

  json(name: string): JsonSource | undefined {
    return this.#json.get(name);
  }

  /** Fields of a defined source. */
  extra(name: string): readonly FieldDef[] {
    return this.#json.get(name)?.extra ?? [];
  }

  catalogue(name: string): FieldCatalogue {
    let catalogue = this.#catalogues.get(name);
    if (catalogue === undefined) {
      catalogue = catalogueFor(name, { extra: [...this.extra(name), ...this.#everywhere] });
      this.#catalogues.set(name, catalogue);
    }
    return catalogue;
  }

  /** Finds a field of whichever source has it. */
  get anyField(): FieldResolver {
    const resolvers = this.names.map((name) => catalogueResolver(this.catalogue(name)));
    return (field) => {
      for (const resolve of resolvers) {
        const ref = resolve(field);
        if (ref !== undefined) return ref;
      }
      return undefined;
    };
  }
}

/** Reads the definitions that a test file names. Throws `Unreadable`. */
export function readDefinitions(
  testFile: string,
  files: readonly NamedFile[],
): {
  readonly sources: EventSources;
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
} {
  const defined: JsonSource[] = [];
  const diagnostics: Diagnostic[] = [];
  const texts = new Map<string, string>();
  const taken = new Set(new EventSources().names);
  for (const file of files) {
    const name = resolveNamed(testFile, file);
    const text = readNamed(testFile, file);
    texts.set(name, text);
    const read = readJsonSource(text, name);
    diagnostics.push(...read.diagnostics);
    if (read.source === undefined) continue;
    if (taken.has(read.source.name)) {
      const message = `There is a source ${read.source.name} already`;
      diagnostics.push({ code: 'TEST_SOURCE_TAKEN', severity: 'error', message, at: file.at });
      continue;
    }
    taken.add(read.source.name);
    defined.push(read.source);
  }
  return { sources: new EventSources(defined), diagnostics, texts };
}
