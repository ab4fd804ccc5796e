// Finds a rule's exceptions in its resolved condition, which ends in `and not E1 and not E2 …`: one expression for each
// exception that has values, and in it one for each row of values.

import type { Location } from '../base/diagnostic.ts';
import type { Expr, Leaf, Literal } from '../detect/lang/index.ts';
import type { PlaceOf, Rule } from '../detect/rules/index.ts';

/** One row of an exception's values: true when it takes an event out. */
export interface ExceptionRow {
  /** The values as written. */
  readonly text: string;
  readonly at: Location | undefined;
  /** The part of the condition; with `literals` only as far as it is one of these. */
  readonly expr: Expr;
  readonly literals?: readonly Literal[];
}

export interface ExceptionPart {
  readonly name: string;
  /** The exception without its `not`. */
  readonly expr: Expr;
  readonly rows: readonly ExceptionRow[];
}

/** Empty for a rule without exceptions, and for one whose values change the shape of its condition. */
export function exceptionParts(rule: Rule, placeOf: PlaceOf): readonly ExceptionPart[] {
  const active = rule.exceptions.filter(({ fields, values }) => fields.length > 0 && values.length > 0);
  const { condition } = rule;
  if (active.length === 0 || condition.kind !== 'and' || condition.items.length !== active.length + 1)
    return [];
  return condition.items.slice(1).flatMap((item, index): ExceptionPart[] => {
    const { name, fields, values } = active[index] as (typeof active)[number];
    if (item.kind !== 'not') return [];
    const expr = item.item;
    const rows = typeof fields === 'string' ? oneFieldRows(expr, placeOf) : tupleRows(expr, values, placeOf);
    return [{ name, expr, rows }];
  });
}

/** `(field in (v1, v2))`: a row is what one value, or the list that it names, unfolds to. */
function oneFieldRows(expr: Expr, placeOf: PlaceOf): ExceptionRow[] {
  if (expr.kind !== 'compare' || expr.right.kind !== 'list') return [];
  const groups = new Map<string, { at: Location | undefined; literals: Literal[] }>();
  for (const literal of expr.right.items) {
    const at = placeOf(expr, literal)?.at;
    const key = at === undefined ? '' : `${at.file}:${at.from}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { at, literals: [literal] });
    else group.literals.push(literal);
  }
  return [...groups.values()].map(({ at, literals }) => ({
    text: literals.map(({ text }) => text).join(', '),
    at,
    expr,
    literals,
  }));
}

/** `((f1 = v1 and f2 = v2) or (…))`. */
function tupleRows(expr: Expr, values: readonly unknown[], placeOf: PlaceOf): ExceptionRow[] {
  const rows = values.length === 1 ? [expr] : expr.kind === 'or' ? expr.items : [];
  if (rows.length !== values.length) return [];
  return rows.map((row, index) => ({
    text: rowText(values[index]),
    at: constantPlace(firstLeaf(row), placeOf),
    expr: row,
  }));
}

function rowText(value: unknown): string {
  return Array.isArray(value) ? value.map(rowText).join(', ') : String(value);
}

function firstLeaf(expr: Expr): Leaf | undefined {
  let node = expr;
  for (;;) {
    if (node.kind === 'exists' || node.kind === 'compare') return node;
    const next: Expr | undefined =
      node.kind === 'not' ? node.item : node.kind === 'macro' ? undefined : node.items[0];
    if (next === undefined) return undefined;
    node = next;
  }
}

/** The place of what a comparison compares with: for an exception, of its value. */
export function constantPlace(leaf: Leaf | undefined, placeOf: PlaceOf): Location | undefined {
  if (leaf === undefined) return undefined;
  const right = leaf.kind === 'compare' ? leaf.right : undefined;
  const part = right?.kind === 'list' ? right.items[0] : right;
  return (part && placeOf(leaf, part)?.at) ?? placeOf(leaf)?.at;
}
