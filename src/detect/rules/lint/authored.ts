// Rule files as their author wrote them, before lists, macros and appended text come together: what a finding points
// at, and what a fix edits. Parts that cannot be read are left out; the loader reports those.

import type { Location, Span } from '../../../base/diagnostic.ts';
import { type Expr, parseCondition } from '../../lang/index.ts';
import type { RuleFileText } from '../load.ts';
import {
  locationOf,
  mapValue,
  parseYaml,
  type SourceFile,
  sourceFileOf,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
} from '../yaml.ts';

/** A condition, or the part of one that an item appends. */
export interface AuthoredCondition {
  readonly scalar: YamlScalar;
  readonly expr: Expr;
  /** Where `from..to` of the tree stands in the file. */
  locate(span: Span): Location;
  /** The file's own characters there; `undefined` where YAML writes them otherwise than they read. */
  sourceOf(span: Span): string | undefined;
}

export interface AuthoredItem {
  readonly kind: 'list' | 'macro' | 'rule';
  readonly name: string;
  readonly at: Location;
  readonly map: YamlMap;
  readonly file: SourceFile;
  /** Changes an item that is there already, through `append`, `override` or a lone `enabled`. */
  readonly changes: boolean;
  readonly source: string;
  readonly condition: AuthoredCondition | undefined;
}

/** All items of the files that can be read as YAML. */
export function authoredItems(files: readonly RuleFileText[]): AuthoredItem[] {
  return files.flatMap((given) => {
    const file = sourceFileOf(given);
    const parsed = parseYaml(file);
    if ('problem' in parsed) return [];
    return parsed.documents.flatMap((document) =>
      document.kind === 'seq' ? document.items.flatMap((node) => readItem(node, file) ?? []) : [],
    );
  });
}

function readItem(node: YamlNode, file: SourceFile): AuthoredItem | undefined {
  if (node.kind !== 'map') return undefined;
  for (const kind of ['list', 'macro', 'rule'] as const) {
    const head = mapValue(node, kind);
    if (head?.kind !== 'scalar') continue;
    const has = (key: string) => mapValue(node, key) !== undefined;
    const body = kind === 'list' ? has('items') : has('condition');
    const append = mapValue(node, 'append');
    return {
      kind,
      name: head.value,
      at: locationOf(head),
      map: node,
      file,
      changes:
        has('override') || (append?.kind === 'scalar' && /^(?:y|yes|true|on)$/i.test(append.value)) || !body,
      source: scalarText(mapValue(node, 'source')) ?? 'syscall',
      condition: kind === 'list' ? undefined : readCondition(mapValue(node, 'condition')),
    };
  }
  return undefined;
}

/** The text of a scalar. */
export function scalarText(node: YamlNode | undefined): string | undefined {
  return node?.kind === 'scalar' ? node.value : undefined;
}

function readCondition(node: YamlNode | undefined): AuthoredCondition | undefined {
  if (node?.kind !== 'scalar') return undefined;
  // What is appended begins with the operator that joins it to what is there.
  const start = /^[ \t\r\n]*(?:and|or)(?=[ \t\r\n(])/.exec(node.value)?.[0].length ?? 0;
  const { expr } = parseCondition(node.value.slice(start));
  if (expr === undefined) return undefined;
  const spanOf = ({ from, to }: Span) => node.span(from + start, to + start);
  return {
    scalar: node,
    expr,
    locate(span) {
      const { from, to } = spanOf(span);
      return node.file.locate(from, to);
    },
    sourceOf(span) {
      const { from, to } = spanOf(span);
      const written = node.file.text.slice(from, to);
      return written === node.value.slice(span.from + start, span.to + start) ? written : undefined;
    },
  };
}
