// Prints a tree in Falco's own form: `condition_compiled`, and what the parser's vectors hold.

import { assertNever } from '../../base/assert.ts';
import type { Expr, FieldExpr, ListLiteral, Literal, TransformArg } from './ast.ts';

/** Falco's printed form of a condition. Linear in the size of the tree when written out. */
export function printExpr(expr: Expr): string {
  const out: string[] = [];
  write(expr, out);
  return out.join('');
}

function write(expr: Expr, out: string[]): void {
  switch (expr.kind) {
    case 'and':
    case 'or':
      out.push('(');
      for (const [i, item] of expr.items.entries()) {
        if (i > 0) out.push(` ${expr.kind} `);
        write(item, out);
      }
      out.push(')');
      return;
    case 'not':
      out.push('not ');
      write(expr.item, out);
      return;
    case 'macro':
      out.push(expr.name);
      return;
    case 'exists':
      out.push(printFieldExpr(expr.left), ' exists');
      return;
    case 'compare': {
      const modifier = expr.modifier === undefined ? '' : `${expr.modifier} `;
      out.push(printFieldExpr(expr.left), ` ${expr.op} ${modifier}`, printRight(expr.right));
      return;
    }
    default:
      assertNever(expr, 'condition');
  }
}

function printRight(right: Literal | ListLiteral | FieldExpr): string {
  if (right.kind === 'literal') return printValue(right.text);
  if (right.kind === 'list') return `(${right.items.map((item) => printValue(item.text)).join(', ')})`;
  return printFieldExpr(right);
}

/** `proc.aname[2]`, `tolower(proc.name)`, `val(fd.name)`; the key of a plain field in `output_fields`. */
export function printFieldExpr(expr: FieldExpr): string {
  const arg = expr.arg === undefined ? '' : `[${printValue(expr.arg)}]`;
  if (expr.kind === 'transform') return `${expr.name}(${expr.args.map(printArg).join(',')})${arg}`;
  return expr.val ? `val(${expr.name}${arg})` : `${expr.name}${arg}`;
}

function printArg(arg: TransformArg): string {
  if (arg.kind === 'literal') return printValue(arg.text);
  if (arg.kind === 'arg-list') return `(${arg.items.map(printArg).join(',')})`;
  return printFieldExpr(arg);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
  '"': '\\"',
};

/** A constant, in double quotes only if it holds a blank, `=`, a quote, a backslash or a control character. */
export function printValue(text: string): string {
  if (!/[\x00-\x20="'\\\x7f]/.test(text)) return text;
  return `"${text.replace(/[\x00-\x1f\x7f"\\]/g, (c) => ESCAPES[c] ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
}
