// A YAML text under a zod schema: the value, or diagnostics that point at the user's own lines.

import { isCollection, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Diagnostic, Location } from './diagnostic.ts';
import { LineIndex } from './line-index.ts';
import { nearest } from './nearest.ts';

export interface YamlOptions {
  readonly file: string;
  /** Prefix of the diagnostics' codes: `CONFIG` gives `CONFIG_YAML`, `CONFIG_VALUE`, `CONFIG_UNKNOWN_KEY`. */
  readonly code: string;
}

/** Parses `text` as one YAML document and checks it. Never throws; aliases cannot blow up. */
export function readYaml<T>(
  text: string,
  schema: z.ZodType<T>,
  options: YamlOptions,
): { readonly value?: T; readonly diagnostics: readonly Diagnostic[] } {
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
  const result = schema.safeParse(plain ?? {});
  if (result.success) return { value: result.data, diagnostics: [] };
  const place = (path: readonly PropertyKey[]): Location => {
    for (let depth = path.length; depth >= 0; depth--) {
      const node: unknown = document.getIn(path.slice(0, depth), true);
      const range =
        node !== null && typeof node === 'object' && 'range' in node
          ? (node.range as [number, number] | undefined)
          : undefined;
      if (range) return lines.locate(range[0], depth === path.length ? range[1] : range[0]);
    }
    return lines.locate(0);
  };
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
  return { diagnostics };
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
