// A pack file's text to a checked pack. Never throws: what is wrong is a diagnostic at the offending line.

import { LineCounter, parseDocument } from 'yaml';
import type { Diagnostic, Location } from '../../base/diagnostic.ts';
import { nearest } from '../../base/nearest.ts';
import { type Pack, packSchema } from './schema.ts';

export interface ReadPack {
  readonly file: string;
  /** `undefined` when the file is no valid pack. */
  readonly pack: Pack | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** The place of a path into the pack, such as `['behaviours', 0, 'when']`. */
  locate(path: readonly (string | number)[]): Location;
}

type Path = readonly (string | number)[];

export function readPack(file: string, text: string): ReadPack {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const place = (from: number, to: number): Location => {
    const { line, col } = lines.linePos(from);
    return { file, from, to, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const locate = (path: Path): Location => {
    // The nearest enclosing node that exists: an error about a missing key points at its map.
    for (let size = path.length; size >= 0; size--) {
      const node: unknown = size === 0 ? document.contents : document.getIn(path.slice(0, size), true);
      const range = node !== null && typeof node === 'object' && 'range' in node ? node.range : undefined;
      if (Array.isArray(range)) return place(range[0] as number, range[1] as number);
    }
    return place(0, 0);
  };
  const failed = (diagnostics: Diagnostic[]): ReadPack => ({ file, pack: undefined, diagnostics, locate });
  if (document.errors.length > 0) {
    return failed(
      document.errors.map((error) => ({
        code: 'KNOWLEDGE_YAML',
        severity: 'error',
        message: error.message.split('\n', 1)[0] as string,
        at: place(error.pos[0], error.pos[1]),
      })),
    );
  }
  const parsed = packSchema.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (parsed.success) return { file, pack: parsed.data, diagnostics: [], locate };
  return failed(
    parsed.error.issues.map((issue) => {
      const path = issue.path.filter((part): part is string | number => typeof part !== 'symbol');
      const where = path.length === 0 ? 'the file' : path.join('.');
      const hint = issue.code === 'unrecognized_keys' ? keyHint(issue.keys) : undefined;
      return {
        code: 'KNOWLEDGE_SCHEMA',
        severity: 'error',
        message: `In ${where}: ${issue.message}`,
        at: locate(path),
        ...(hint === undefined ? {} : { help: hint }),
      };
    }),
  );
}

const KEYS = [
  ...['lists', 'macros', 'questions', 'behaviours', 'causes', 'playbooks', 'attack'],
  ...['id', 'title', 'severity', 'weight', 'techniques', 'when', 'show', 'inexcusable'],
  ...['confirm', 'prove', 'unless', 'person', 'explains', 'settle', 'rule', 'meaning', 'benign', 'limits'],
  ...['text', 'command', 'ifSo', 'ifNot', 'version', 'replaced'],
];

function keyHint(keys: readonly string[]): string | undefined {
  const suggestion = keys.map((key) => nearest(key, KEYS)).find((found) => found !== undefined);
  return suggestion === undefined ? undefined : `Did you mean \`${suggestion}\`?`;
}
