// The rule files of a workspace in Falco's order, and what they name. A workspace is made anew after every change;
// chunks whose text is the same are not read again.

import type { Span } from '../../base/diagnostic.ts';
import { type Chunk, chunkAt, chunksOf } from './chunks.ts';
import { configNames } from './config.ts';
import { type Item, type ItemKind, readItems, type Word } from './item.ts';

/** One text of the workspace. `name` is whatever the editor calls it by. */
export interface DocumentText {
  readonly name: string;
  readonly content: string;
}

/** A chunk with its items, whose offsets count from `from`. */
export interface ReadChunk extends Chunk {
  readonly items: readonly Item[];
}

export interface FileModel extends DocumentText {
  readonly chunks: readonly ReadChunk[];
}

/** A place of a file where a name stands. */
export interface Occurrence extends Span {
  readonly file: FileModel;
  readonly kind: ItemKind;
  readonly name: string;
  readonly role: Item['role'] | 'uses';
  /** The item that the name stands in; none in falco.yaml. */
  readonly item: Item | undefined;
  /** Offset of that item's chunk. */
  readonly base: number;
}

/** Reads files, and remembers what it read of their chunks. */
export class FileReader {
  #known = new Map<string, readonly Item[]>();

  /** Models of all the files of a workspace; what none of them holds any more is forgotten. */
  read(files: readonly DocumentText[], before: readonly FileModel[] = []): FileModel[] {
    const next = new Map<string, readonly Item[]>();
    const known = new Map(before.map((model) => [model.name, model]));
    const models = files.map((file) => {
      const same = known.get(file.name);
      const model = same?.content === file.content ? same : this.#model(file);
      for (const { text, items } of model.chunks) next.set(text, items);
      return model;
    });
    this.#known = next;
    return models;
  }

  #model(file: DocumentText): FileModel {
    const { name, content } = file;
    const chunks: ReadChunk[] = [];
    for (const chunk of chunksOf(content)) {
      let items = this.#known.get(chunk.text);
      if (items === undefined) {
        const read = readItems(chunk.text);
        // An alias leads out of its chunk: the file is one piece.
        if (read.alias)
          return { name, content, chunks: [{ from: 0, text: content, items: readItems(content).items }] };
        items = read.items;
      }
      chunks.push({ ...chunk, items });
    }
    return { name, content, chunks };
  }
}

/** What the files define and name. Its index is made when it is first asked for. */
export class Workspace {
  /** In Falco's order. */
  readonly files: readonly FileModel[];
  /** falco.yaml and its like: they name rules. */
  readonly configs: readonly DocumentText[];
  #index: ReadonlyMap<string, readonly Occurrence[]> | undefined;
  #byFile: ReadonlyMap<string, readonly Occurrence[]> | undefined;
  #sources: ReadonlyMap<string, ReadonlySet<string>> | undefined;

  constructor(files: readonly FileModel[], configs: readonly DocumentText[] = []) {
    this.files = files;
    this.configs = configs;
  }

  file(name: string): FileModel | undefined {
    return this.files.find((file) => file.name === name);
  }

  /** Everywhere that a name stands, in Falco's order. */
  occurrences(kind: ItemKind, name: string): readonly Occurrence[] {
    return this.#all().get(`${kind} ${name}`) ?? [];
  }

  /** Where a name is defined, and where that is changed. */
  parts(kind: ItemKind, name: string): readonly Occurrence[] {
    return this.occurrences(kind, name).filter(({ role }) => role !== 'uses');
  }

  /** Every name of a kind that is defined or changed, with its last full definition, or its first change. */
  *names(kind: ItemKind): Generator<Occurrence> {
    for (const [key, places] of this.#all()) {
      if (!key.startsWith(`${kind} `)) continue;
      const part =
        places.findLast(({ role }) => role === 'defines') ?? places.find(({ role }) => role !== 'uses');
      if (part !== undefined) yield part;
    }
  }

  /** The name that stands at an offset of a file. */
  at(file: string, offset: number): Occurrence | undefined {
    this.#all();
    return this.#byFile?.get(file)?.find(({ from, to }) => from <= offset && offset <= to);
  }

  /** All items of a file, with the offset that theirs count from. */
  *items(file: FileModel): Generator<{ readonly item: Item; readonly base: number }> {
    for (const { from, items } of file.chunks) for (const item of items) yield { item, base: from };
  }

  itemAt(file: FileModel, offset: number): { readonly item: Item; readonly base: number } | undefined {
    const chunk = chunkAt(file.chunks, offset);
    if (chunk === undefined) return undefined;
    const item = chunk.items.findLast(({ span }) => span.from <= offset - chunk.from) ?? chunk.items[0];
    return item === undefined ? undefined : { item, base: chunk.from };
  }

  /** The sources of the rules that an item is part of; none for a macro that no rule names. */
  sourcesOf(kind: ItemKind, name: string): ReadonlySet<string> {
    if (kind === 'rule') {
      const given = this.parts('rule', name).flatMap(({ item }) => item?.source ?? []);
      return new Set([given[0] ?? 'syscall']);
    }
    this.#sources ??= macroSources(this);
    return this.#sources.get(name) ?? new Set();
  }

  #all(): ReadonlyMap<string, readonly Occurrence[]> {
    if (this.#index === undefined) {
      const occurrences = occurrencesOf(this.files, this.configs);
      this.#index = Map.groupBy(occurrences, ({ kind, name }) => `${kind} ${name}`);
      this.#byFile = Map.groupBy(occurrences, ({ file }) => file.name);
    }
    return this.#index;
  }
}

function occurrencesOf(files: readonly FileModel[], configs: readonly DocumentText[]): Occurrence[] {
  const lists = new Set<string>();
  for (const { chunks } of files)
    for (const { items } of chunks) for (const { kind, name } of items) if (kind === 'list') lists.add(name);
  const found: Occurrence[] = [];
  for (const file of files) {
    for (const { from: base, items } of file.chunks) {
      for (const item of items) {
        const add = (kind: ItemKind, role: Occurrence['role'], word: Word) =>
          found.push({
            file,
            kind,
            role,
            item,
            base,
            name: word.text,
            from: base + word.from,
            to: base + word.to,
          });
        add(item.kind, item.role, { text: item.name, ...item.head.span(0, item.name.length) });
        for (const word of item.words) if (lists.has(word.text)) add('list', 'uses', word);
        for (const token of item.tokens)
          if (token.kind === 'macro' && !lists.has(token.text)) add('macro', 'uses', token);
      }
    }
  }
  for (const config of configs) {
    const file: FileModel = { ...config, chunks: [] };
    for (const word of configNames(config.content)) {
      const { from, to, text: name } = word;
      found.push({ file, kind: 'rule', role: 'uses', item: undefined, base: 0, name, from, to });
    }
  }
  return found;
}

/** By macro, the sources of the rules that name it, also through other macros. */
function macroSources(workspace: Workspace): ReadonlyMap<string, ReadonlySet<string>> {
  const sources = new Map<string, Set<string>>();
  const bodies = new Map<string, string[]>();
  const open: (readonly [macro: string, source: string])[] = [];
  for (const file of workspace.files) {
    for (const { item } of workspace.items(file)) {
      const named = item.tokens.filter(({ kind }) => kind === 'macro').map(({ text }) => text);
      if (item.kind === 'macro') bodies.set(item.name, [...(bodies.get(item.name) ?? []), ...named]);
      else if (item.kind === 'rule')
        for (const source of workspace.sourcesOf('rule', item.name))
          for (const name of named) open.push([name, source]);
    }
  }
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [name, source] = next;
    const known = sources.get(name) ?? new Set();
    if (known.has(source)) continue;
    sources.set(name, known.add(source));
    for (const inner of bodies.get(name) ?? []) open.push([inner, source]);
  }
  return sources;
}
