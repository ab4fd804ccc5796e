// A YAML text under a zod schema: the value, or diagnostics that point at the user's own lines.

import { type Document, isAlias, isCollection, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Diagnostic, Location } from './diagnostic.ts';
import { LineIndex } from './line-index.ts';
import { nearest } from './nearest.ts';

export interface YamlOptions {
  readonly file: string;
  /** Prefix of the diagnostics' codes: `CONFIG` gives `CONFIG_YAML`, `CONFIG_VALUE`, `CONFIG_UNKNOWN_KEY`. */
  readonly code: string;
}

/** Where the document's values stand, for checks that go beyond the schema. */
export interface YamlPlaces {
  /** The place of the value at `path`, or of its key; of the nearest parent where there is none. */
  at(path: readonly PropertyKey[], part?: 'key' | 'value'): Location;
  /** A plain scalar as the author wrote it: `012`, `1e3`, `True`. `undefined` for anything else. */
  plainText(path: readonly PropertyKey[]): string | undefined;
}

/** Parses `text` as one YAML document and checks it. Never throws; aliases cannot blow up. */
export function readYaml<T>(
  text: string,
  schema: z.ZodType<T>,
  options: YamlOptions,
): {
  readonly value?: T;
  readonly diagnostics: readonly Diagnostic[];
  /** There whenever the text is YAML. */
  readonly places?: YamlPlaces;
} {
  const lines = new LineIndex(options.file, text);
  const document = parseDocument(text, {
    lineCounter: new LineCounter(),
    prettyErrors: false,
    uniqueKeys: true,
  });
  if (document.errors.length > 0) {
    return {
      diagnostics: document.errors.map((error) => ({
        code: `${options.code}_YAML`,
        severity: 'error',
        message: error.message,
        at: lines.locate(error.pos[0], error.pos[1]),
      })),
    };
  }
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return {
      diagnostics: [
        {
          code: `${options.code}_YAML`,
          severity: 'error',
          message: (error as Error).message,
          at: lines.locate(0),
        },
      ],
    };
  }
  const place = (path: readonly PropertyKey[]): Location => {
    for (let depth = path.length; depth >= 0; depth--) {
      const node = nodeAt(document, path.slice(0, depth));
      const range =
        node !== null && typeof node === 'object' && 'range' in node
          ? (node.range as [number, number] | undefined)
          : undefined;
      if (range) return lines.locate(range[0], depth === path.length ? range[1] : range[0]);
    }
    return lines.locate(0);
  };
  const places: YamlPlaces = {
    at(path, part = 'value') {
      const range = part === 'key' ? keyRange(document, path) : undefined;
      return range === undefined ? place(path) : lines.locate(range[0], range[1]);
    },
    plainText(path) {
      const node = nodeAt(document, path);
      return isScalar(node) && node.type === 'PLAIN' ? node.source : undefined;
    },
  };
  const result = schema.safeParse(plain ?? {});
  if (result.success) return { value: result.data, diagnostics: [], places };
  const diagnostics = result.error.issues.flatMap((issue): Diagnostic[] => {
    const name = issue.path.map(String).join('.') || 'the file';
    if (issue.code === 'unrecognized_keys') {
      const parent = document.getIn(issue.path, true);
      return issue.keys.map((key) => {
        const pair = isCollection(parent)
          ? parent.items.find((item) => String((item as { key?: { value?: unknown } }).key?.value) === key)
          : undefined;
        const range = (pair as { key?: { range?: [number, number] } } | undefined)?.key?.range;
        const guess = nearest(key, knownKeys(schema, issue.path));
        return {
          code: `${options.code}_UNKNOWN_KEY`,
          severity: 'error',
          message: `Unknown key \`${key}\` in ${name}.`,
          at: range ? lines.locate(range[0], range[1]) : place(issue.path),
          ...(guess === undefined ? {} : { help: `Did you mean \`${guess}\`?` }),
        };
      });
    }
    return [
      {
        code: `${options.code}_VALUE`,
        severity: 'error',
        message: `${name}: ${issue.message}`,
        at: place(issue.path),
      },
    ];
  });
  return { diagnostics, places };
}

/** The node at a path, through aliases. */
function nodeAt(document: Document, path: readonly PropertyKey[]): unknown {
  let node: unknown = document.contents;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (!isCollection(node)) return undefined;
    node = node.get(step, true);
  }
  return node;
}

function keyRange(document: Document, path: readonly PropertyKey[]): readonly [number, number] | undefined {
  let parent = nodeAt(document, path.slice(0, -1));
  if (isAlias(parent)) parent = parent.resolve(document);
  if (!isMap(parent)) return undefined;
  const name = String(path.at(-1));
  const key = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === name)?.key;
  return isScalar(key) && key.range ? [key.range[0], key.range[1]] : undefined;
}

/** The keys that the schema's object at `path` has, as far as it can be followed. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: unknown = schema;
  const unwrap = (s: unknown): unknown => {
    const definition = (s as { def?: { type?: string; innerType?: unknown; in?: unknown } }).def;
    if (definition?.innerType !== undefined) return unwrap(definition.innerType);
    if (definition?.type === 'pipe') return unwrap(definition.in);
    return s;
  };
  for (const step of path) {
    const { shape, element, def } = unwrap(current) as {
      shape?: Record<string, unknown>;
      element?: unknown;
      def?: { valueType?: unknown };
    };
    current = typeof step === 'number' ? element : (shape?.[String(step)] ?? def?.valueType);
    if (current === undefined) return [];
  }
  return Object.keys((unwrap(current) as { shape?: object }).shape ?? {});
}
