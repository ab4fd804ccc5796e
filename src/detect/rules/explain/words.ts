// Conditions in plain words, clause by clause, with lists and macros named and not unfolded.

import type { Compare, Expr, FieldExpr, Literal } from '../../lang/index.ts';
import { parseCondition, printExpr, printFieldExpr, printValue } from '../../lang/index.ts';

/** One line of an explanation; `depth` counts the groups around it. */
export interface Clause {
  readonly depth: number;
  readonly text: string;
}

export interface WordsOptions {
  readonly lists: ReadonlyMap<string, readonly string[]>;
  /** Condition texts of macros. */
  readonly macros: ReadonlyMap<string, string>;
}

/** A condition's text in words; its printed form where it cannot be parsed by itself. */
export function conditionInWords(text: string, compiled: Expr, options: WordsOptions): Clause[] {
  const clauses: Clause[] = [];
  say(parseCondition(text).expr ?? compiled, 0, '', options, clauses);
  return clauses;
}

/** Every macro that a condition's text names, in order, and those that they name. */
export function macrosNamed(text: string, macros: ReadonlyMap<string, string>): string[] {
  const found = new Set<string>();
  const open = [text];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { expr } = parseCondition(next);
    const nodes: Expr[] = expr === undefined ? [] : [expr];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      if (node.kind === 'and' || node.kind === 'or') nodes.push(...node.items.toReversed());
      else if (node.kind === 'not') nodes.push(node.item);
      else if (node.kind === 'macro' && !found.has(node.name)) {
        found.add(node.name);
        const body = macros.get(node.name);
        if (body !== undefined) open.push(body);
      }
    }
  }
  return [...found];
}

function say(expr: Expr, depth: number, lead: string, options: WordsOptions, out: Clause[]): void {
  switch (expr.kind) {
    case 'and':
    case 'or': {
      out.push({
        depth,
        text: `${lead}${expr.kind === 'and' ? 'all of these hold:' : 'at least one of these holds:'}`,
      });
      for (const item of expr.items) say(item, depth + 1, '', options, out);
      return;
    }
    case 'not':
      if (expr.item.kind === 'and' || expr.item.kind === 'or')
        say(expr.item, depth, `${lead}it is not so that `, options, out);
      else out.push({ depth, text: `${lead}not: ${leaf(expr.item, options)}` });
      return;
    default:
      out.push({ depth, text: `${lead}${leaf(expr, options)}` });
  }
}

function leaf(expr: Exclude<Expr, { kind: 'and' | 'or' }>, options: WordsOptions): string {
  switch (expr.kind) {
    case 'macro':
      return options.macros.has(expr.name) ? `the macro ${expr.name} holds` : `${expr.name} (no such macro)`;
    case 'exists':
      return `${field(expr.left)} has a value`;
    case 'compare':
      return `${field(expr.left)} ${comparison(expr, options)}`;
    case 'not':
      return printExpr(expr);
  }
}

const VERBS: Readonly<Record<Compare['op'], string>> = {
  '=': 'is',
  '==': 'is',
  '!=': 'has a value other than',
  '<': 'is less than',
  '<=': 'is at most',
  '>': 'is greater than',
  '>=': 'is at least',
  contains: 'contains',
  icontains: 'contains, in any case,',
  bcontains: 'contains the bytes',
  startswith: 'starts with',
  bstartswith: 'starts with the bytes',
  endswith: 'ends with',
  glob: 'matches the pattern',
  iglob: 'matches, in any case, the pattern',
  regex: 'matches, as a whole, the regular expression',
  in: 'is one of',
  intersects: 'has an element that is one of',
  pmatch: 'lies at or below one of',
};

const MODIFIERS = { oneof: 'exactly one of', anyof: 'any of', allof: 'all of' } as const;

function comparison({ op, modifier, right }: Compare, options: WordsOptions): string {
  const verb = modifier === undefined ? VERBS[op] : `${VERBS[op]} ${MODIFIERS[modifier]}`;
  if (right.kind === 'literal') return `${verb} ${constant(right, options)}`;
  if (right.kind !== 'list') return `${verb} what ${field(right)} is`;
  if (right.items.length === 0) return `${verb} nothing (the list is empty)`;
  return `${verb} ${right.items.map((item) => constant(item, options)).join(', ')}`;
}

/** How many items of a list are shown. */
const SHOWN = 8;

function constant(literal: Literal, { lists }: WordsOptions): string {
  const items = literal.form === 'quoted' ? undefined : lists.get(literal.text);
  if (items === undefined) return printValue(literal.text);
  const more = items.length > SHOWN ? `, … ${items.length} in all` : '';
  return `the list ${literal.text} (${items.length === 0 ? 'empty' : items.slice(0, SHOWN).join(', ') + more})`;
}

function field(expr: FieldExpr): string {
  return expr.kind === 'field' ? printFieldExpr({ ...expr, val: false }) : printFieldExpr(expr);
}
