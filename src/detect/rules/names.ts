// Small questions about rules' names and conditions that several files ask.

import type { Expr, FieldExpr } from '../lang/index.ts';

/** By UTF-8 bytes, which is by code points: UTF-16 order differs beyond the basic plane. */
export function byBytes(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const order = (left[i] as string).codePointAt(0)! - (right[i] as string).codePointAt(0)!;
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Every field that a condition names, without arguments. Shared subtrees are walked once. */
export function fieldNames(condition: Expr): ReadonlySet<string> {
  const names = new Set<string>();
  const seen = new Set<Expr>();
  const field = (expr: FieldExpr): void => {
    if (expr.kind === 'field') names.add(expr.name);
    else
      for (const arg of expr.args) {
        if (arg.kind === 'arg-list') for (const item of arg.items) item.kind !== 'literal' && field(item);
        else if (arg.kind !== 'literal') field(arg);
      }
  };
  const open: Expr[] = [condition];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.kind === 'and' || node.kind === 'or') for (const item of node.items) open.push(item);
    else if (node.kind === 'not') open.push(node.item);
    else if (node.kind === 'exists') field(node.left);
    else if (node.kind === 'compare') {
      field(node.left);
      if (node.right.kind === 'field' || node.right.kind === 'transform') field(node.right);
    }
  }
  return names;
}
