// The parser's public face: text in, tree or error out.

import type { Span } from '../../base/diagnostic.ts';
import type { Expr, FieldExpr } from './ast.ts';
import { ConditionParser } from './parser.ts';
import { SyntaxFailure } from './scanner.ts';

/** What is wrong with a condition's syntax, in Falco's words, and where. */
export interface ConditionError {
  /** Falco's position: UTF-8 bytes from 0; `line` and `column` (bytes too) from 1. CR and LF each start a line. */
  readonly index: number;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** UTF-16 offsets in the text: what to underline. */
  readonly span: Span;
  /** What really is wrong, where Falco's own message hides it. */
  readonly reason?: string;
}

export interface ParseOptions {
  /** How deep the grammar may nest; a pair of parentheses takes five levels. Falco's rule loader allows 1000. */
  readonly maxDepth?: number;
}

/** Exactly one of the two is there. */
export type ParseResult<T = Expr> =
  | { readonly expr: T; readonly error?: undefined }
  | { readonly expr?: undefined; readonly error: ConditionError };

/** The default of `ParseOptions.maxDepth`. */
export const DEFAULT_MAX_DEPTH = 1000;

/** Parses one condition. Never throws, whatever the text; nesting is bounded by `maxDepth`. */
export function parseCondition(text: string, options: ParseOptions = {}): ParseResult {
  const parser = new ConditionParser(text, options.maxDepth ?? DEFAULT_MAX_DEPTH);
  return attempt(text, () => parser.condition());
}

/**
 * Parses the field or transformer expression that `text` starts with, such as the one behind the `%` of an output
 * format; `expr.to` tells where it ended.
 */
export function parseFieldExpr(text: string, options: ParseOptions = {}): ParseResult<FieldExpr> {
  const parser = new ConditionParser(text, options.maxDepth ?? DEFAULT_MAX_DEPTH);
  return attempt(text, () => parser.fieldExpr());
}

function attempt<T>(text: string, run: () => T): ParseResult<T> {
  try {
    return { expr: run() };
  } catch (failure) {
    if (!(failure instanceof SyntaxFailure)) throw failure;
    const { at, message, span, reason } = failure;
    return { error: { ...falcoPosition(text, at), message, span, ...(reason !== undefined && { reason }) } };
  }
}

/** A UTF-16 offset as Falco counts it. */
export function falcoPosition(text: string, at: number): { index: number; line: number; column: number } {
  let index = 0;
  let line = 1;
  let lineStart = 0;
  for (let i = 0; i < at; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x80) index += 1;
    else if (c < 0x800) index += 2;
    else if (c >= 0xd800 && c < 0xdc00) {
      index += 4;
      i++;
    } else index += 3;
    if (c === 10 || c === 13) {
      line += 1;
      lineStart = index;
    }
  }
  return { index, line, column: index - lineStart + 1 };
}
