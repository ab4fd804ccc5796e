// Checks one comparison against a source's fields: do they exist, does the operator go with the type, are the
// constants what the type needs. Falco stops at the first problem, in the order of this file; so does a leaf's check,
// but the other leaves are looked at too.

import type { Span } from '../../base/diagnostic.ts';
import { type FieldCatalogue, type FieldRef, resolveField } from '../fields/index.ts';
import type { Compare, Exists, Expr, Field, FieldExpr, ListLiteral, Literal, TransformArg } from './ast.ts';
import { literalHints } from './hints.ts';
import { eventTypeProblem, parseConstant } from './literals.ts';
import { operatorProblem } from './operators.ts';
import { compileRegex } from './regex.ts';
import { type Typed, transformed } from './transformers.ts';

export type CheckCode =
  | 'FIELD_UNKNOWN'
  | 'OPERATOR_TYPE'
  | 'VALUE_INVALID'
  | 'REGEX_INVALID'
  | 'EVENT_TYPE_UNKNOWN'
  | 'EVENT_TYPE_DYNAMIC'
  | 'TRANSFORMER_TYPE'
  | 'RIGHT_SIDE_FIELD'
  | 'MACRO_UNDEFINED';

/** Why a condition does not compile. `message` is Falco's. */
export interface CheckIssue {
  readonly code: CheckCode;
  readonly message: string;
  /** Offsets in the text that the leaf was parsed from. */
  readonly at: Span;
  /** The nearest right name, where a name is wrong. */
  readonly suggestion?: string;
}

/** Something that compiles but is probably not meant. */
export interface CheckHint {
  readonly code: 'LOAD_COMPILE_CONDITION' | 'LOAD_UNSAFE_NA_CHECK';
  readonly message: string;
  readonly at: Span;
}

export type Leaf = Exists | Compare;

export interface LeafCheck {
  readonly issue?: CheckIssue;
  readonly hints: readonly CheckHint[];
  /** Every field that the leaf names, found in the catalogue. */
  readonly fields: readonly FieldRef[];
}

/** A leaf with something to say about it. Its offsets belong to the text that the leaf was parsed from. */
export interface LeafFinding extends LeafCheck {
  readonly leaf: Expr;
}

/** A typed operand: `noRhs` and the field come from the innermost one. */
interface Operand extends Typed {
  readonly noRhs: boolean;
  readonly ref?: FieldRef;
}

class Stop extends Error {
  readonly issue: CheckIssue;
  constructor(issue: CheckIssue) {
    super(issue.message);
    this.issue = issue;
  }
}

function stop(code: CheckCode, message: string, at: Span, suggestion?: string): never {
  throw new Stop({
    code,
    message,
    at: { from: at.from, to: at.to },
    ...(suggestion !== undefined && { suggestion }),
  });
}

/** Checks comparisons against one catalogue and remembers the results by node. */
export class ConditionChecker {
  readonly catalogue: FieldCatalogue;
  readonly #leaves = new WeakMap<Leaf, LeafCheck>();
  readonly #clean = new WeakSet<Expr>();

  constructor(catalogue: FieldCatalogue) {
    this.catalogue = catalogue;
  }

  /** All findings of a condition whose macros are in place, left to right. Shared subtrees are checked once. */
  check(expr: Expr): { readonly issues: readonly CheckIssue[]; readonly leaves: readonly LeafFinding[] } {
    const leaves: LeafFinding[] = [];
    this.#collect(expr, leaves);
    return { issues: leaves.flatMap((leaf) => leaf.issue ?? []), leaves };
  }

  /** Adds the leaves that have findings; true if there are none below `expr`. */
  #collect(expr: Expr, out: LeafFinding[]): boolean {
    if (this.#clean.has(expr) || out.length >= MAX_FINDINGS) return true;
    let clean = true;
    switch (expr.kind) {
      case 'and':
      case 'or':
        for (const item of expr.items) if (!this.#collect(item, out)) clean = false;
        break;
      case 'not':
        clean = this.#collect(expr.item, out);
        break;
      case 'macro': {
        const message = `filter error: unexpected identifier '${expr.name}'`;
        out.push({
          leaf: expr,
          issue: { code: 'MACRO_UNDEFINED', message, at: expr },
          hints: [],
          fields: [],
        });
        return false;
      }
      default: {
        const leaf = this.leaf(expr);
        clean = leaf.issue === undefined && leaf.hints.length === 0;
        if (!clean) out.push({ ...leaf, leaf: expr });
      }
    }
    if (clean) this.#clean.add(expr);
    return clean;
  }

  /** What is to say about one comparison. */
  leaf(leaf: Leaf): LeafCheck {
    let result = this.#leaves.get(leaf);
    if (result === undefined) {
      result = checkLeaf(leaf, this.catalogue);
      this.#leaves.set(leaf, result);
    }
    return result;
  }
}

/** A condition can hold no more findings than this before we stop collecting. */
const MAX_FINDINGS = 200;

/** Checks an expression of an output format; throws nothing. */
export function checkFieldExpr(
  expr: FieldExpr,
  catalogue: FieldCatalogue,
): { readonly operand: Typed; readonly fields: readonly FieldRef[] } | { readonly issue: CheckIssue } {
  const fields: FieldRef[] = [];
  try {
    return { operand: operandOf(expr, catalogue, fields), fields };
  } catch (failure) {
    if (!(failure instanceof Stop)) throw failure;
    return { issue: failure.issue };
  }
}

function checkLeaf(leaf: Leaf, catalogue: FieldCatalogue): LeafCheck {
  const fields: FieldRef[] = [];
  const hints: CheckHint[] = [];
  try {
    const left = operandOf(leaf.left, catalogue, fields);
    if (left.ref?.def.name === 'evt.type' && leaf.left.kind === 'transform') {
      stop(
        'EVENT_TYPE_DYNAMIC',
        'evt.type takes no transformer: which events a rule needs must be known when it is loaded',
        leaf.left,
      );
    }
    if (leaf.kind === 'compare') checkComparison(leaf, left, catalogue, fields, hints);
  } catch (failure) {
    if (!(failure instanceof Stop)) throw failure;
    return { issue: failure.issue, hints, fields };
  }
  return { hints, fields };
}

function checkComparison(
  leaf: Compare,
  left: Operand,
  catalogue: FieldCatalogue,
  fields: FieldRef[],
  hints: CheckHint[],
): void {
  const { op, modifier, right } = leaf;
  const mismatch = operatorProblem(left.type, left.isList, op, modifier);
  if (mismatch !== undefined) stop('OPERATOR_TYPE', mismatch, leaf);
  if (right.kind === 'literal' || right.kind === 'list') {
    checkConstants(leaf, left, right, catalogue, hints);
    return;
  }
  const value = operandOf(right, catalogue, fields);
  if (op === 'pmatch' || op === 'regex') {
    stop('RIGHT_SIDE_FIELD', `operator '${op.toUpperCase()}' doesn't support right-hand side fields`, right);
  }
  if (left.noRhs)
    stop('RIGHT_SIDE_FIELD', `field '${left.field}' doesn't support right-hand side fields`, right);
  if (value.noRhs)
    stop('RIGHT_SIDE_FIELD', `field '${value.field}' can't be used as a right-hand side field`, right);
  if (left.type !== value.type || left.isList !== value.isList) {
    const name = (typed: Typed) =>
      typed.isList && left.type === value.type ? `list of ${typed.type}` : typed.type;
    stop(
      'RIGHT_SIDE_FIELD',
      `field '${left.field}' has type '${name(left)}' while the right-hand side field '${value.field}' has incompatible type '${name(value)}'`,
      right,
    );
  }
  if (left.ref?.def.name === 'evt.type' && (op === '=' || op === '==' || op === '!=' || op === 'in')) {
    stop(
      'EVENT_TYPE_DYNAMIC',
      'evt.type is compared with a field: which events a rule needs must be known when it is loaded',
      right,
    );
  }
}

function checkConstants(
  leaf: Compare,
  left: Operand,
  right: Literal | ListLiteral,
  catalogue: FieldCatalogue,
  hints: CheckHint[],
): void {
  const values = right.kind === 'list' ? right.items : [right];
  const isEventType = left.ref?.def.name === 'evt.type';
  for (const value of values) {
    hints.push(...literalHints(leaf, value, catalogue));
    if (isEventType) {
      const problem = eventTypeProblem(value.text);
      if (problem !== undefined) stop('EVENT_TYPE_UNKNOWN', problem, value);
    }
    if (leaf.op === 'regex') {
      const { error } = compileRegex(value.text);
      if (error !== undefined) stop('REGEX_INVALID', error, value);
    }
    if ((leaf.op === 'bcontains' || leaf.op === 'bstartswith') && !/^(?:[0-9a-fA-F]{2})*$/.test(value.text)) {
      stop(
        'VALUE_INVALID',
        'filter error: bcontains and bstartswith operator support hex strings only',
        value,
      );
    }
    const constant = parseConstant(left.type, value.text);
    if (constant.kind === 'error') stop('VALUE_INVALID', constant.message, value);
  }
}

function operandOf(expr: FieldExpr, catalogue: FieldCatalogue, fields: FieldRef[]): Operand {
  if (expr.kind === 'field') return fieldOperand(expr, catalogue, fields);
  const args = expr.args.map((arg) => {
    const operand = argumentOf(arg, catalogue, fields);
    if (operand.ref?.def.noTransformers && expr.args.length === 1) {
      stop('TRANSFORMER_TYPE', `field '${operand.field}' does not support transformers`, arg);
    }
    return operand;
  });
  const result = transformed(expr.name, args, expr.arg);
  if (typeof result === 'string') stop('TRANSFORMER_TYPE', result, expr);
  const inner = args.length === 1 ? args[0] : undefined;
  return { ...result, noRhs: args.some((arg) => arg.noRhs), ...(inner?.ref && { ref: inner.ref }) };
}

function fieldOperand(field: Field, catalogue: FieldCatalogue, fields: FieldRef[]): Operand {
  const { ref, error } = resolveField(catalogue, field);
  if (ref === undefined) stop('FIELD_UNKNOWN', error, field, catalogue.nearest(field.name));
  fields.push(ref);
  const isList = ref.def.isList && !(ref.arg !== undefined && ref.def.argForm === 'index');
  return { type: ref.type, isList, field: ref.def.name, noRhs: ref.def.noRhs, ref };
}

function argumentOf(arg: TransformArg, catalogue: FieldCatalogue, fields: FieldRef[]): Operand {
  if (arg.kind === 'arg-list') {
    for (const item of arg.items) argumentOf(item, catalogue, fields);
    return { type: 'CHARBUF', isList: true, field: 'NA', noRhs: false };
  }
  if (arg.kind === 'literal') return { type: 'CHARBUF', isList: false, field: 'NA', noRhs: false };
  return operandOf(arg, catalogue, fields);
}
