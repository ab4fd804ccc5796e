// Walking conditions. Nodes that conditions share (macros put in place) are visited once.

import type { And, Compare, Expr, FieldExpr, Literal } from '../../lang/index.ts';

/** Every node of a condition, outermost first. */
export function* nodesOf(expr: Expr): Generator<Expr> {
  const seen = new Set<Expr>();
  const open: Expr[] = [expr];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    yield node;
    if (node.kind === 'and' || node.kind === 'or')
      for (const item of node.items.toReversed()) open.push(item);
    else if (node.kind === 'not') open.push(node.item);
  }
}

/** Every comparison of a condition. */
export function* comparesOf(expr: Expr): Generator<Compare> {
  for (const node of nodesOf(expr)) if (node.kind === 'compare') yield node;
}

/** The constants on a comparison's right. */
export function constantsOf({ right }: Compare): readonly Literal[] {
  if (right.kind === 'literal') return [right];
  return right.kind === 'list' ? right.items : [];
}

/** What must all hold for a condition to hold: `a and (b and c)` gives a, b, c; what is shared, once. */
export function* conjunctsOf(expr: Expr): Generator<Exclude<Expr, And>> {
  const seen = new Set<Expr>();
  const open: Expr[] = [expr];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.kind === 'and') for (const item of node.items.toReversed()) open.push(item);
    else yield node;
  }
}

/** A plain field without argument; `undefined` for all else. */
export function plainField(left: FieldExpr): string | undefined {
  return left.kind === 'field' && left.arg === undefined ? left.name : undefined;
}
