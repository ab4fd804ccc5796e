// One item of a rule file as an editor sees it: where its name and its parts stand, and what they name. Offsets are
// those of the text that the item was read from.

import type { Span } from '../../base/diagnostic.ts';
import { type TokenKind, traceCondition } from '../../detect/lang/index.ts';
import {
  mapValue,
  parseLeniently,
  SourceFile,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
} from '../../detect/rules/index.ts';

export type ItemKind = 'rule' | 'macro' | 'list';

/** A word of a text, with its place. */
export interface Word extends Span {
  readonly text: string;
}

/** A piece of a condition. */
export interface Token extends Word {
  readonly kind: TokenKind;
}

export interface Item {
  readonly kind: ItemKind;
  readonly name: string;
  readonly head: YamlScalar;
  readonly map: YamlMap;
  /** The first line after the dash to the end of the last value. */
  readonly span: Span;
  /** Whether it defines the name, or changes what is defined elsewhere. */
  readonly role: 'defines' | 'appends' | 'overrides' | 'switches';
  readonly source: string | undefined;
  readonly condition: YamlScalar | undefined;
  readonly tokens: readonly Token[];
  /** Words where the name of a list would be replaced by its items. */
  readonly words: readonly Word[];
}

const KINDS: readonly ItemKind[] = ['list', 'macro', 'rule'];
const TRUE = /^(?:y|yes|true|on)$/i;

/** The items of a chunk; `alias`: it names an anchor that stands in another one. */
export function readItems(text: string): { readonly items: readonly Item[]; readonly alias: boolean } {
  const file = new SourceFile('', ownCopy(text));
  const { documents, problem } = parseLeniently(file);
  return {
    items: documents.flatMap((node) =>
      node.kind === 'seq' ? node.items.flatMap((one) => readItem(one) ?? []) : [],
    ),
    alias: problem !== undefined && /alias/i.test(problem.message),
  };
}

/** A slice keeps all of the text that it is of in memory, and items outlive the version of the file they were read in. */
function ownCopy(text: string): string {
  return ` ${text}`.slice(1);
}

/** The kind of item that a map is. */
export function kindOf(map: YamlMap): ItemKind | undefined {
  return KINDS.find((kind) => mapValue(map, kind) !== undefined);
}

function readItem(node: YamlNode): Item | undefined {
  if (node.kind !== 'map') return undefined;
  const kind = kindOf(node);
  const head = kind === undefined ? undefined : mapValue(node, kind);
  if (kind === undefined || head?.kind !== 'scalar') return undefined;
  const given = mapValue(node, 'condition');
  const condition = kind !== 'list' && given?.kind === 'scalar' ? given : undefined;
  return {
    kind,
    name: head.value,
    head,
    map: node,
    span: { from: node.from, to: node.from + node.file.text.slice(node.from, node.to).trimEnd().length },
    role: roleOf(node, kind),
    source: scalarText(mapValue(node, 'source')),
    condition,
    tokens: condition === undefined ? [] : tokensOf(condition),
    words: [...wordsOf(node, kind, condition)],
  };
}

function roleOf(map: YamlMap, kind: ItemKind): Item['role'] {
  const override = mapValue(map, 'override');
  if (override?.kind === 'map' && override.pairs.length > 0) {
    const appends = override.pairs.every(([, value]) => value.kind === 'scalar' && value.value === 'append');
    return appends ? 'appends' : 'overrides';
  }
  const append = mapValue(map, 'append');
  if (append?.kind === 'scalar' && TRUE.test(append.value)) return 'appends';
  const parts = ['condition', 'output', 'desc', 'priority'];
  const lone = kind === 'rule' && mapValue(map, 'enabled') !== undefined;
  return lone && parts.every((key) => mapValue(map, key) === undefined) ? 'switches' : 'defines';
}

/** The text of a scalar. */
export function scalarText(node: YamlNode | undefined): string | undefined {
  return node?.kind === 'scalar' ? node.value : undefined;
}

/** How much of an appended condition is the operator that joins it to what is there. */
export function joinerLength(text: string): number {
  return /^[ \t\r\n]*(?:and|or)(?=[ \t\r\n(])/.exec(text)?.[0].length ?? 0;
}

function tokensOf(scalar: YamlScalar): Token[] {
  const { value } = scalar;
  const start = joinerLength(value);
  const found = new Map<number, Token>();
  traceCondition(value.slice(start), {
    expect() {},
    token(kind, from, to) {
      const text = value.slice(from + start, to + start);
      found.set(from, { kind, text, ...scalar.span(from + start, to + start) });
    },
  });
  return [...found.values()].sort((a, b) => a.from - b.from);
}

/** Falco puts lists in place in the text of conditions and exceptions, word by word, before it parses them. */
function* wordsOf(map: YamlMap, kind: ItemKind, condition: YamlScalar | undefined): Generator<Word> {
  if (condition !== undefined) yield* wordsIn(condition, condition.value, 0);
  if (kind === 'list') {
    for (const item of scalarsOf(mapValue(map, 'items')))
      yield { text: item.value, ...item.span(0, item.value.length) };
  }
  const exceptions = mapValue(map, 'exceptions');
  if (exceptions?.kind !== 'seq') return;
  for (const exception of exceptions.items) {
    if (exception.kind !== 'map') continue;
    for (const value of scalarsOf(mapValue(exception, 'values'))) {
      // A value with blanks is put in quotes, which belong to its first and last words.
      const quoted = value.value.includes(' ') && !/^["']/.test(value.value);
      yield* quoted ? wordsIn(value, `"${value.value}"`, 1) : wordsIn(value, value.value, 0);
    }
  }
}

function* wordsIn(scalar: YamlScalar, text: string, shift: number): Generator<Word> {
  for (const match of text.matchAll(/[^ \t\n\r(),=]+/g)) {
    const from = match.index - shift;
    yield { text: match[0], ...scalar.span(Math.max(0, from), from + match[0].length) };
  }
}

/** All scalars of a node, at any depth, keys aside; what aliases share comes once. */
export function* scalarsOf(node: YamlNode | undefined, seen = new Set<YamlNode>()): Generator<YamlScalar> {
  if (node === undefined || seen.has(node)) return;
  seen.add(node);
  if (node.kind === 'scalar') yield node;
  else if (node.kind === 'seq') for (const item of node.items) yield* scalarsOf(item, seen);
  else for (const [, value] of node.pairs) yield* scalarsOf(value, seen);
}
