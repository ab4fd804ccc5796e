// The fields that conditions read.

import type { Expr, Field, FieldExpr, Leaf } from '../detect/lang/index.ts';

/** `proc.aname[2]`. */
export function fieldName({ name, arg }: Field): string {
  return arg === undefined ? name : `${name}[${arg}]`;
}

/** The fields of a comparison, in order. */
export function fieldsOf(leaf: Leaf): Field[] {
  const out: Field[] = [];
  const add = (expr: FieldExpr): void => {
    if (expr.kind === 'field') out.push(expr);
    else
      for (const arg of expr.args) {
        if (arg.kind === 'field' || arg.kind === 'transform') add(arg);
        else if (arg.kind === 'arg-list')
          for (const item of arg.items) if (item.kind !== 'literal') add(item);
      }
  };
  add(leaf.left);
  if (leaf.kind === 'compare' && (leaf.right.kind === 'field' || leaf.right.kind === 'transform'))
    add(leaf.right);
  return out;
}

/** The comparisons of a condition, each once, in order. */
export function leavesOf(expr: Expr): Leaf[] {
  const seen = new Set<Expr>();
  const out: Leaf[] = [];
  const walk = (node: Expr): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'and' || node.kind === 'or') for (const item of node.items) walk(item);
    else if (node.kind === 'not') walk(node.item);
    else if (node.kind !== 'macro') out.push(node);
  };
  walk(expr);
  return out;
}
