// Output formats: text with `%field` tokens (libs, userspace/libsinsp/eventformatter). A token is the longest text
// behind the `%` that is a field or a transformer and compiles; what follows it is text again.

import type { Span } from '../../base/diagnostic.ts';
import type { FieldCatalogue, FieldRef } from '../fields/index.ts';
import type { FieldExpr } from './ast.ts';
import { type CheckIssue, checkFieldExpr } from './check.ts';
import { parseFieldExpr } from './parse.ts';
import { printFieldExpr } from './print.ts';

export type FormatPart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'token';
      readonly expr: FieldExpr;
      /** How the token prints, without width: the key of a plain field in `output_fields`. */
      readonly text: string;
      /** Bytes to pad or cut to; `undefined`: as long as it is. */
      readonly width?: number;
      /** The type of the printed value. */
      readonly type: string;
      readonly isList: boolean;
      /** The fields inside, in order. */
      readonly fields: readonly FieldRef[];
      /** From the `%` to the end of the token. */
      readonly at: Span;
    };

export interface OutputFormat {
  /** A leading `*`: print even if fields are missing. */
  readonly printAlways: boolean;
  readonly parts: readonly FormatPart[];
}

export interface FormatError {
  /** Falco's message. */
  readonly message: string;
  readonly at: Span;
  /** What is wrong behind the `%`, and the nearest right field. */
  readonly reason?: string;
  readonly suggestion?: string;
}

export type FormatResult =
  | { readonly format: OutputFormat; readonly error?: undefined }
  | { readonly format?: undefined; readonly error: FormatError };

/** No field name, with the parameter of `evt.arg` and its like, is longer. */
const LONGEST_NAME = 160;

/** Parses and checks an output format. Never throws. */
export function parseFormat(text: string, catalogue: FieldCatalogue): FormatResult {
  const failed = (
    message: string,
    from: number,
    to: number,
    more: Partial<FormatError> = {},
  ): FormatResult => ({
    error: { message, at: { from, to }, ...more },
  });
  if (text === '') return failed('empty formatting token', 0, 0);
  const printAlways = text.startsWith('*');
  const parts: FormatPart[] = [];
  let pos = printAlways ? 1 : 0;
  while (pos < text.length) {
    const percent = text.indexOf('%', pos);
    const end = percent === -1 ? text.length : percent;
    if (end > pos) parts.push({ kind: 'text', text: text.slice(pos, end) });
    if (percent === -1) break;
    const digits = /^\d{0,9}/.exec(text.slice(percent + 1, percent + 10))?.[0] ?? '';
    const from = percent + 1 + digits.length;
    if (from >= text.length) {
      const what = digits === '' ? 'a %' : 'a number';
      return failed(`invalid formatting syntax: formatting cannot end with ${what}`, percent, text.length);
    }
    const token = longestToken(text, from, catalogue);
    if (!('expr' in token)) {
      const word = /^[^\s%]{0,80}/.exec(text.slice(from, from + 80))?.[0] ?? '';
      return failed(UNKNOWN_TOKEN, percent, from + Math.max(word.length, 1), token);
    }
    pos = from + token.expr.to;
    parts.push({
      kind: 'token',
      expr: token.expr,
      text: printFieldExpr(token.expr),
      ...(digits !== '' && { width: Number(digits) }),
      type: token.type,
      isList: token.isList,
      fields: token.fields,
      at: { from: percent, to: pos },
    });
  }
  return { format: { printAlways, parts } };
}

// Falco's message is cut off where it would quote the text.
const UNKNOWN_TOKEN = "unknown filter: unexpected token after '";

interface Token {
  readonly expr: FieldExpr;
  readonly type: string;
  readonly isList: boolean;
  readonly fields: readonly FieldRef[];
}
interface NoToken {
  readonly reason: string;
  readonly suggestion?: string;
}

function longestToken(text: string, from: number, catalogue: FieldCatalogue): Token | NoToken {
  const rest = text.slice(from);
  let problem: CheckIssue | undefined;
  const attempt = (candidate: string): Token | undefined => {
    const { expr } = parseFieldExpr(candidate);
    if (expr === undefined || expr.to !== candidate.length) return undefined;
    const checked = checkFieldExpr(expr, catalogue);
    if ('issue' in checked) {
      problem ??= checked.issue;
      return undefined;
    }
    return { expr, type: checked.operand.type, isList: checked.operand.isList, fields: checked.fields };
  };
  const whole = parseFieldExpr(rest);
  if (whole.expr !== undefined) {
    const token = attempt(rest.slice(0, whole.expr.to));
    if (token !== undefined) return token;
  }
  // Without the brackets behind it.
  const name = /^[a-zA-Z0-9_.]*/.exec(rest)?.[0] ?? '';
  if (whole.expr?.kind === 'transform' && whole.expr.arg !== undefined) {
    const bracket = rest.lastIndexOf('[', whole.expr.to - 1);
    const token = attempt(rest.slice(0, bracket));
    if (token !== undefined) return token;
  }
  for (let end = Math.min(name.length, LONGEST_NAME); end > 0; end--) {
    const token = attempt(rest.slice(0, end));
    if (token !== undefined) return token;
  }
  const reason = problem?.message ?? whole.error?.message ?? 'expected a field or a transformer';
  const suggestion = problem?.suggestion ?? (name === '' ? undefined : catalogue.nearest(name));
  return { reason, ...(suggestion !== undefined && { suggestion }) };
}

/** What Falco lists for a format: each token behind the fields that it needs. */
export function formatTokens(format: OutputFormat): string[] {
  return format.parts.flatMap((part) => {
    if (part.kind === 'text') return [];
    if (part.expr.kind === 'field') return [part.text];
    return [...part.fields.map((field) => field.text), part.text];
  });
}
