// Where in a rule file's YAML the cursor stands, asked of the YAML parser itself: a character that nobody writes is put
// at the cursor, the item is parsed as far as it goes, and the scalar that holds the character tells the rest. So it
// works in folded, quoted and half-typed text alike.

import {
  mapValue,
  parseLeniently,
  SourceFile,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
} from '../../detect/rules/index.ts';
import { type Chunk, chunkAt } from './chunks.ts';
import { type ItemKind, kindOf, scalarText } from './item.ts';

/** A step down the tree: a map by key, or into a sequence. */
export interface Step {
  readonly map: YamlMap | undefined;
  readonly key: string | number;
}

export type Cursor =
  /** Where an item may begin; `prefix` is what stands there, `dash` whether its dash is there. */
  | { readonly kind: 'item'; readonly prefix: string; readonly dash: boolean }
  /** In a key of a map. */
  | {
      readonly kind: 'key';
      readonly item: CursorItem;
      readonly path: readonly Step[];
      /** The keys that the map has already. */
      readonly taken: ReadonlySet<string>;
      readonly prefix: string;
      /** A colon follows already. */
      readonly colon: boolean;
    }
  /** In a scalar that is a value; `text` is what it holds before the cursor. */
  | {
      readonly kind: 'value';
      readonly item: CursorItem;
      readonly path: readonly Step[];
      readonly text: string;
      readonly quoted: boolean;
    };

export interface CursorItem {
  readonly kind: ItemKind | undefined;
  readonly name: string | undefined;
  readonly map: YamlMap;
}

/** From the private use area, the first that the text does not hold. */
function markFor(text: string): string {
  for (let code = 0xe000; code < 0xf8ff; code++) {
    const mark = String.fromCharCode(code);
    if (!text.includes(mark)) return mark;
  }
  return '\uf8ff';
}

/** What stands at an offset of a rule file; `undefined` where nothing can be written, as in a comment. */
export function cursorAt(file: { readonly chunks: readonly Chunk[] }, offset: number): Cursor | undefined {
  const chunk = chunkAt(file.chunks, offset);
  if (chunk === undefined) return undefined;
  const mark = markFor(chunk.text);
  const at = offset - chunk.from;
  // Twice: where a closing quote is missing, the parser takes the last character for it.
  const text = chunk.text.slice(0, at) + mark + mark + chunk.text.slice(at);
  const { documents } = parseLeniently(new SourceFile('', text));
  for (const document of documents) {
    const found = search(document, mark, [], new Set());
    if (found !== undefined) return resolve(found, document, mark, text);
  }
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  // At the margin behind an item the parser sees no new one yet.
  return /^[A-Za-z_]*$/.test(line) ? { kind: 'item', prefix: line, dash: false } : undefined;
}

interface Found {
  readonly path: readonly Step[];
  /** The map whose key holds the mark. */
  readonly key: YamlMap | undefined;
  readonly scalar: YamlScalar;
  readonly value: YamlNode | undefined;
}

function search(node: YamlNode, mark: string, path: readonly Step[], seen: Set<YamlNode>): Found | undefined {
  if (seen.has(node)) return undefined;
  seen.add(node);
  switch (node.kind) {
    case 'scalar':
      return node.value.includes(mark) ? { path, key: undefined, scalar: node, value: undefined } : undefined;
    case 'seq':
      for (const [index, item] of node.items.entries()) {
        const found = search(item, mark, [...path, { map: undefined, key: index }], seen);
        if (found !== undefined) return found;
      }
      return undefined;
    case 'map':
      for (const [key, value] of node.pairs) {
        if (key.kind === 'scalar' && key.value.includes(mark)) return { path, key: node, scalar: key, value };
        const name = key.kind === 'scalar' ? key.value : '';
        const found = search(value, mark, [...path, { map: node, key: name }], seen);
        if (found !== undefined) return found;
      }
      return undefined;
  }
}

/** Whether a scalar stands where a map belongs, whose first key it will be. */
function beginsMap(path: readonly Step[]): boolean {
  const [first, second] = path;
  if (first?.key === 'override') return path.length === 1;
  const seq = first?.key === 'exceptions' || first?.key === 'required_plugin_versions';
  return seq && path.length === 2 && typeof second?.key === 'number';
}

function resolve(found: Found, document: YamlNode, mark: string, text: string): Cursor | undefined {
  const { path, key, scalar } = found;
  const prefix = scalar.value.slice(0, scalar.value.indexOf(mark));
  const itemMap =
    document.kind === 'seq' ? (path[1]?.map ?? (path.length === 1 ? key : undefined)) : undefined;
  if (itemMap === undefined) {
    const top = path.length === 0 && key === undefined;
    const dashed = document.kind === 'seq' && path.length === 1 && key === undefined;
    return (top || dashed) && /^[A-Za-z_]*$/.test(prefix)
      ? { kind: 'item', prefix, dash: dashed }
      : undefined;
  }
  // The first key decides what kind of item it is.
  if (key === itemMap && kindOf(itemMap) === undefined && itemMap.pairs.length <= 1)
    return { kind: 'item', prefix, dash: true };
  const kind = kindOf(itemMap);
  const item: CursorItem = {
    kind,
    name: kind === undefined ? undefined : scalarText(mapValue(itemMap, kind))?.replaceAll(mark, ''),
    map: itemMap,
  };
  if (key !== undefined) {
    // Without a colon, YAML reads the key of the next line as the rest of this one.
    const next = /\s(\S+)$/.exec(scalar.value.slice(prefix.length))?.[1];
    const taken = new Set(key.pairs.flatMap(([one]) => scalarText(one) ?? []));
    if (next !== undefined) taken.add(next);
    const colon = next === undefined && /^\s*:/.test(text.slice(scalar.to));
    return { kind: 'key', item, path: path.slice(1), taken, prefix, colon };
  }
  if (beginsMap(path.slice(1))) {
    return { kind: 'key', item, path: path.slice(1), taken: new Set(), prefix, colon: false };
  }
  const quoted = scalar.style === 'single' || scalar.style === 'double';
  return { kind: 'value', item, path: path.slice(1), text: prefix, quoted };
}
