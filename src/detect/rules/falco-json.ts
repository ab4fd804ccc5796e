// A load result in the shape of Falco's own JSON (`falco -V … -o json_output=true`). Positions are the author's, where
// Falco's are approximate inside conditions; the chain of locations holds the one innermost place. Falco's check
// against its JSON schema never fails a load and is not repeated here, so its verdict is `none`.

import { ERROR_CODES, WARNING_CODES } from './findings.ts';
import type { LoadFinding, LoadResult } from './types.ts';

export interface FalcoPosition {
  readonly name: string;
  /** From 0, as YAML marks are. */
  readonly line: number;
  readonly column: number;
  /** UTF-16 offset in the file. */
  readonly offset: number;
}

export interface FalcoFinding {
  readonly code: string;
  readonly codedesc: string;
  readonly message: string;
  readonly context: {
    readonly locations: readonly {
      readonly item_type: string;
      readonly item_name: string;
      readonly position: FalcoPosition;
    }[];
    readonly snippet: string;
  };
}

export interface FalcoLoadResult {
  readonly name: string;
  readonly successful: boolean;
  readonly errors: readonly FalcoFinding[];
  readonly warnings: readonly FalcoFinding[];
  readonly schema_valid: 'none';
  readonly schema_warnings: readonly string[];
}

/** Falco's JSON for one file's result; `textOf` gives a file's text for the snippets. */
export function toFalcoJson(
  result: LoadResult,
  textOf: (file: string) => string | undefined = () => undefined,
): FalcoLoadResult {
  const convert = (finding: LoadFinding) => toFinding(finding, result.name, textOf);
  return {
    name: result.name,
    successful: result.successful,
    errors: result.errors.map(convert),
    warnings: result.warnings.map(convert),
    schema_valid: 'none',
    schema_warnings: [],
  };
}

const DESCRIPTIONS: Readonly<Record<string, string>> = { ...ERROR_CODES, ...WARNING_CODES };

function toFinding(
  { code, message, diagnostic }: LoadFinding,
  file: string,
  textOf: (file: string) => string | undefined,
): FalcoFinding {
  const { at } = diagnostic;
  const position: FalcoPosition =
    at === undefined
      ? { name: file, line: 0, column: 0, offset: 0 }
      : { name: at.file, line: at.line - 1, column: at.column - 1, offset: at.from };
  return {
    code,
    codedesc: DESCRIPTIONS[code] ?? '',
    message,
    context: {
      locations: [{ item_type: 'rules content item', item_name: '', position }],
      snippet: snippet(textOf(position.name) ?? '', position),
    },
  };
}

const SNIPPET_WIDTH = 160;

/** The line, cut around the place, with a caret under it. */
function snippet(text: string, { offset, column }: FalcoPosition): string {
  if (text === '') return '';
  const start = Math.max(offset - column, offset - SNIPPET_WIDTH / 2);
  const rest = text.slice(start, start + SNIPPET_WIDTH);
  const line = /^[^\r\n]*/.exec(rest)?.[0] ?? '';
  return `${line}\n${' '.repeat(offset - start)}^\n`;
}
