// Rule files as YAML, read the way yaml-cpp 0.8 reads them: every scalar is its text, the first of equal keys wins,
// several documents count as one. Aliases point at their anchor's node, so a bomb stays small; whoever walks the
// tree counts its steps.

import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
} from 'yaml';
import type { Location, Span } from '../../base/diagnostic.ts';
import { LineIndex } from '../../base/line-index.ts';
import { scalarOffsets } from './scalar-source.ts';

/** One file that is being loaded. */
export class SourceFile {
  readonly name: string;
  readonly text: string;
  #lines: LineIndex | undefined;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  locate(from: number, to = from): Location {
    this.#lines ??= new LineIndex(this.name, this.text);
    return this.#lines.locate(from, to);
  }
}

interface Placed extends Span {
  readonly file: SourceFile;
}

export interface YamlSeq extends Placed {
  readonly kind: 'seq';
  readonly items: readonly YamlNode[];
}
export interface YamlMap extends Placed {
  readonly kind: 'map';
  readonly pairs: readonly (readonly [key: YamlNode, value: YamlNode])[];
}
export type YamlNode = YamlScalar | YamlSeq | YamlMap;

export class YamlScalar implements Placed {
  readonly kind = 'scalar';
  readonly file: SourceFile;
  readonly from: number;
  readonly to: number;
  readonly value: string;
  /** Written as nothing, `~` or `null`, without quotes. */
  readonly isNull: boolean;
  readonly #node: Scalar.Parsed;
  #offsets: readonly number[] | null | undefined;

  constructor(file: SourceFile, node: Scalar.Parsed) {
    this.file = file;
    this.from = node.range[0];
    this.to = node.range[1];
    this.value = String(node.value ?? '');
    this.isNull = node.type === 'PLAIN' && /^(?:|~|null|Null|NULL)$/.test(this.value);
    this.#node = node;
  }

  /** How it is written. */
  get style(): 'plain' | 'single' | 'double' | 'block' {
    switch (this.#node.type) {
      case 'QUOTE_SINGLE':
        return 'single';
      case 'QUOTE_DOUBLE':
        return 'double';
      case 'BLOCK_FOLDED':
      case 'BLOCK_LITERAL':
        return 'block';
      default:
        return 'plain';
    }
  }

  #traced(): readonly number[] | null {
    if (this.#offsets === undefined) this.#offsets = scalarOffsets(this.#node, this.value) ?? null;
    return this.#offsets;
  }

  /** Where characters `from..to` of the value stand in the file, through quotes, escapes and folding. */
  span(from: number, to: number): Span {
    const offsets = this.#traced();
    if (offsets === null) return { from: this.from, to: this.to };
    const start = offsets[Math.min(from, offsets.length - 1)] ?? this.to;
    const last = offsets[Math.min(Math.max(to, from + 1), offsets.length) - 1];
    const end = to <= from ? start : (last ?? start) + 1;
    return { from: start, to: Math.max(start, end) };
  }
}

export interface YamlProblem {
  readonly message: string;
  readonly from: number;
  readonly to: number;
}

/** How deep a rule file may nest; Falco's own need five levels. */
const MAX_DEPTH = 64;

class TooDeep extends Error {}

const sources = new WeakMap<object, SourceFile>();
const parsedFiles = new WeakMap<SourceFile, ParsedYaml>();

/** The one `SourceFile` of a file that was handed in, so that loading and linting it parse it once. */
export function sourceFileOf(given: { readonly name: string; readonly content: string }): SourceFile {
  let file = sources.get(given);
  if (file === undefined || file.text !== given.content || file.name !== given.name) {
    file = new SourceFile(given.name, given.content);
    sources.set(given, file);
  }
  return file;
}

export type ParsedYaml = { readonly documents: readonly YamlNode[] } | { readonly problem: YamlProblem };

/** All documents of a file, or the first thing that is wrong with it as YAML. Never throws; parses a file once. */
export function parseYaml(file: SourceFile): ParsedYaml {
  let parsed = parsedFiles.get(file);
  if (parsed === undefined) {
    parsed = parseSafely(file);
    parsedFiles.set(file, parsed);
  }
  return parsed;
}

const TOO_DEEP = 'the document is nested too deeply';

/** What the library said; where its own recursion ended, in words of ours. */
function problemOf({ message, pos: [from, to] }: { message: string; pos: [number, number] }): YamlProblem {
  return { message: /call stack/.test(message) ? TOO_DEEP : message, from, to };
}

/** The text with a byte order mark, which yaml-cpp skips, as an empty line: offsets stay, and so do columns. */
function parsedText({ text }: SourceFile): string {
  return text.startsWith('\ufeff') ? `\n${text.slice(1)}` : text;
}

function parseSafely(file: SourceFile): ParsedYaml {
  try {
    return parse(file);
  } catch (failure) {
    // The library recurses over the text's own nesting.
    if (failure instanceof TooDeep || failure instanceof RangeError) {
      return { problem: { message: TOO_DEEP, from: 0, to: 0 } };
    }
    throw failure;
  }
}

const OPTIONS = {
  schema: 'failsafe',
  keepSourceTokens: true,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

/**
 * What can be read of a text that need not be YAML yet, for editors; `problem` is the first thing that is wrong.
 * Never throws.
 */
export function parseLeniently(file: SourceFile): {
  readonly documents: readonly YamlNode[];
  readonly problem?: YamlProblem;
} {
  try {
    const parsed = parseAllDocuments(parsedText(file), OPTIONS);
    let problem: YamlProblem | undefined;
    const documents: YamlNode[] = [];
    for (const document of Array.isArray(parsed) ? parsed : []) {
      const [error] = document.errors;
      if (error !== undefined) problem ??= problemOf(error);
      if (document.contents === null) continue;
      const converter = new Converter(file);
      documents.push(converter.convert(document.contents as ParsedNode, 0));
      problem ??= converter.problem;
    }
    return { documents, ...(problem !== undefined && { problem }) };
  } catch {
    // Nested too deeply, or a tree that is none.
    return { documents: [], problem: { message: 'the document cannot be read', from: 0, to: 0 } };
  }
}

function parse(file: SourceFile): ParsedYaml {
  const parsed = parseAllDocuments(parsedText(file), OPTIONS);
  const documents: YamlNode[] = [];
  if (!Array.isArray(parsed)) return { documents };
  for (const document of parsed) {
    const [error] = document.errors;
    if (error !== undefined) {
      return { problem: problemOf(error) };
    }
  }
  for (const document of parsed) {
    if (document.contents === null) continue;
    const converter = new Converter(file);
    const node = converter.convert(document.contents as ParsedNode, 0);
    if (converter.problem !== undefined) return { problem: converter.problem };
    documents.push(node);
  }
  return { documents };
}

class Converter {
  readonly #file: SourceFile;
  readonly #anchors = new Map<string, YamlNode>();
  problem: YamlProblem | undefined;

  constructor(file: SourceFile) {
    this.#file = file;
  }

  convert(node: Node, depth: number): YamlNode {
    if (depth > MAX_DEPTH) throw new TooDeep();
    const [from = 0, to = 0] = node.range ?? [];
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target !== undefined) return target;
      this.problem ??= { message: `the alias *${node.source} has no anchor before it`, from, to };
      return { kind: 'seq', items: [], file: this.#file, from, to };
    }
    const converted = this.#node(node, depth, from, to);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, converted);
    return converted;
  }

  #node(node: Node, depth: number, from: number, to: number): YamlNode {
    if (isScalar(node)) return new YamlScalar(this.#file, node as Scalar.Parsed);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.convert(item as Node, depth + 1));
      return { kind: 'seq', items, file: this.#file, from, to };
    }
    if (!isMap(node)) throw new Error('unexpected YAML node');
    const pairs = node.items.map(({ key, value }) => {
      const keyNode = this.convert(key as Node, depth + 1);
      const absent: YamlNode = { kind: 'seq', items: [], file: this.#file, from: keyNode.to, to: keyNode.to };
      return [keyNode, value === null ? absent : this.convert(value as Node, depth + 1)] as const;
    });
    return { kind: 'map', pairs, file: this.#file, from, to };
  }
}

/** The value under a key; the first one, if the key is there more than once. */
export function mapValue(map: YamlMap, key: string): YamlNode | undefined {
  return map.pairs.find(([k]) => k.kind === 'scalar' && k.value === key)?.[1];
}

/** The node of a key itself. */
export function mapKey(map: YamlMap, key: string): YamlNode | undefined {
  return map.pairs.find(([k]) => k.kind === 'scalar' && k.value === key)?.[0];
}

export function locationOf(node: Placed): Location {
  return node.file.locate(node.from, node.to);
}
