// The condition language's tree. Nodes are plain frozen-by-convention objects; `from`/`to` are offsets in the text
// that was parsed. `and`/`or` are n-ary, parentheses leave no node, `not not a` is `a` (falco-engine-spec, 2.2).

import type { Span } from '../../base/diagnostic.ts';

export type Expr = And | Or | Not | MacroRef | Exists | Compare;

export interface And extends Span {
  readonly kind: 'and';
  readonly items: readonly Expr[];
}
export interface Or extends Span {
  readonly kind: 'or';
  readonly items: readonly Expr[];
}
export interface Not extends Span {
  readonly kind: 'not';
  readonly item: Expr;
}
/** A bare identifier: a macro's name until the loader has put the macro's tree in its place. */
export interface MacroRef extends Span {
  readonly kind: 'macro';
  readonly name: string;
}
export interface Exists extends Span {
  readonly kind: 'exists';
  readonly left: FieldExpr;
}
export interface Compare extends Span {
  readonly kind: 'compare';
  readonly left: FieldExpr;
  readonly op: Operator;
  readonly modifier?: Modifier;
  readonly right: Literal | ListLiteral | FieldExpr;
}

export const OPERATORS = [
  '=',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'contains',
  'icontains',
  'bcontains',
  'startswith',
  'bstartswith',
  'endswith',
  'glob',
  'iglob',
  'regex',
  'in',
  'intersects',
  'pmatch',
] as const;
export type Operator = (typeof OPERATORS)[number];

export const MODIFIERS = ['oneof', 'anyof', 'allof'] as const;
export type Modifier = (typeof MODIFIERS)[number];

/** What stands left of an operator, or right of one through `val()` or a transformer. */
export type FieldExpr = Field | Transform;

/** A field as written: `proc.aname[2]` is name `proc.aname`, arg `2`. */
export interface Field extends Span {
  readonly kind: 'field';
  readonly name: string;
  readonly arg?: string;
  /** Written as `val(...)` on the right-hand side. */
  readonly val?: boolean;
}

export const TRANSFORMERS = [
  'tolower',
  'toupper',
  'b64',
  'basename',
  'len',
  'join',
  'concat',
  'getopt',
] as const;
export type TransformerName = (typeof TRANSFORMERS)[number];

export interface Transform extends Span {
  readonly kind: 'transform';
  readonly name: TransformerName;
  readonly args: readonly TransformArg[];
  /** `getopt(...)[c]`. */
  readonly arg?: string;
}
export type TransformArg = FieldExpr | Literal | ArgList;
export interface ArgList extends Span {
  readonly kind: 'arg-list';
  readonly items: readonly (FieldExpr | Literal)[];
}

/** One constant, unescaped. `text` is what the engine compares with. */
export interface Literal extends Span {
  readonly kind: 'literal';
  readonly text: string;
  readonly form: 'bare' | 'quoted' | 'number';
}
export interface ListLiteral extends Span {
  readonly kind: 'list';
  readonly items: readonly Literal[];
  /** A lone malformed string, which Falco drops silently: `in ("\d")` is an empty list. */
  readonly lost?: Span & { readonly message: string };
}
