// What a falco.yaml says about rule files: which are loaded, and which rules it names.

import type { Span } from '../../base/diagnostic.ts';
import {
  mapValue,
  parseLeniently,
  SourceFile,
  type YamlMap,
  type YamlNode,
} from '../../detect/rules/index.ts';
import { scalarsOf, type Word } from './item.ts';

function mapOf(text: string): YamlMap | undefined {
  const [first] = parseLeniently(new SourceFile('', text)).documents;
  return first?.kind === 'map' ? first : undefined;
}

/** The entries of `rules_files` (or of its old name), in order; `undefined` if the text has none. */
export function rulesFilesOf(text: string): readonly string[] | undefined {
  const map = mapOf(text);
  const node = map === undefined ? undefined : (mapValue(map, 'rules_files') ?? mapValue(map, 'rules_file'));
  return node === undefined ? undefined : [...scalarsOf(node)].map(({ value }) => value);
}

/**
 * The rules that a falco.yaml names exactly, under `rules` and `append_output`, or a file of rule tests, under
 * `tests`; patterns with a `*` name none.
 */
export function configNames(text: string): Word[] {
  const map = mapOf(text);
  if (map === undefined) return [];
  return ['rules', 'append_output', 'tests'].flatMap((key) => [...ruleScalars(mapValue(map, key))]);
}

function* ruleScalars(node: YamlNode | undefined, depth = 0): Generator<Word & Span> {
  if (node === undefined || depth > 6) return;
  if (node.kind === 'seq') for (const item of node.items) yield* ruleScalars(item, depth + 1);
  if (node.kind !== 'map') return;
  for (const [key, value] of node.pairs) {
    if (key.kind === 'scalar' && key.value === 'rule' && value.kind === 'scalar') {
      if (!value.value.includes('*')) yield { text: value.value, ...value.span(0, value.value.length) };
    } else yield* ruleScalars(value, depth + 1);
  }
}
