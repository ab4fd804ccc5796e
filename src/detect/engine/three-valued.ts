// Evaluation over past alerts, where only some fields are known: true, false, or unknown. Never contradicts what the
// other evaluators would have said on the event itself. Conditions compile to closures once and run on many alerts.

import type { Alert } from '../../alerts/index.ts';
import { type FieldRef, fieldText, type Value } from '../fields/index.ts';
import type { Expr, Field } from '../lang/index.ts';
import { applyFold, applyPair, isAround } from './interpret.ts';
import { type AlertFacts, factsOf, type Knowledge } from './knowledge.ts';
import {
  anySourceResolver,
  type FieldResolver,
  type Operand,
  operandFields,
  operandReader,
  UnsupportedCondition,
} from './operand.ts';
import type { Fold } from './ops/check.ts';
import type { Scalar, Test } from './ops/test.ts';
import { type CheckNode, type Node, type PairNode, TreeBuilder, writtenSize } from './tree.ts';

export type Truth = boolean | 'unknown';

export interface ThreeValued {
  readonly truth: Truth;
  /** With `unknown`: the fields whose values would decide, sorted. Else empty. */
  readonly missing: readonly string[];
}

export interface ThreeValuedOptions {
  /**
   * Finds fields; by default those of any known source. A field that it does not know compares by the shape of its
   * value.
   */
  readonly resolve?: FieldResolver;
  /** Conditions of macros that `expr` still names, each with its own macros unresolved or resolved. */
  readonly macros?: (name: string) => Expr | undefined;
}

/** A compiled condition over alerts. */
export interface AlertCondition {
  /** The whole answer. */
  evaluate(alert: Alert): ThreeValued;
  /** Only the truth; does not collect what is missing. */
  test(alert: Alert): Truth;
}

/** `undefined` is unknown. Unknown leaves add their fields to `missing`, if given. */
type Evaluate = (facts: AlertFacts, missing: Set<string> | undefined) => boolean | undefined;

/**
 * Compiles a condition. Throws `UnsupportedCondition` for one that the checker would have rejected, and for a macro
 * that is unknown or refers to itself.
 */
export function compileThreeValued(expr: Expr, options: ThreeValuedOptions = {}): AlertCondition {
  const resolve = options.resolve ?? anySourceResolver;
  const builder = new TreeBuilder((field) => resolve(field) ?? unknownField(field));
  const node = builder.build(expandMacros(expr, { bodies: options.macros, within: [], done: new Map() }));
  if (writtenSize(node) > MAX_SIZE) throw new UnsupportedCondition('The condition is too large');
  const evaluate = compileNode(node, new Map());
  return {
    evaluate(alert) {
      const missing = new Set<string>();
      const truth = evaluate(factsOf(alert), missing);
      return truth === undefined
        ? { truth: 'unknown', missing: [...missing].sort() }
        : { truth, missing: [] };
    },
    test: (alert) => evaluate(factsOf(alert), undefined) ?? 'unknown',
  };
}

interface Macros {
  readonly bodies: ((name: string) => Expr | undefined) | undefined;
  readonly within: readonly string[];
  /** Expanded ones, so that macros of macros are expanded once. */
  readonly done: Map<string, Expr>;
}

/** Checks, written out, beyond which a condition is refused: macros of macros can double at every level. */
const MAX_SIZE = 200_000;

/** Puts macros in place. What cannot be resolved stays, and the tree builder refuses it by name. */
function expandMacros(expr: Expr, macros: Macros): Expr {
  switch (expr.kind) {
    case 'macro': {
      const { bodies, within, done } = macros;
      let expanded = done.get(expr.name);
      if (expanded !== undefined) return expanded;
      const body = within.includes(expr.name) ? undefined : bodies?.(expr.name);
      if (body === undefined) return expr;
      expanded = expandMacros(body, { ...macros, within: [...within, expr.name] });
      done.set(expr.name, expanded);
      return expanded;
    }
    case 'and':
    case 'or':
      return { ...expr, items: expr.items.map((item) => expandMacros(item, macros)) };
    case 'not':
      return { ...expr, item: expandMacros(expr.item, macros) };
    default:
      return expr;
  }
}

function unknownField(field: Field): FieldRef {
  return {
    def: {
      name: field.name,
      cls: 'unknown',
      type: 'DYN',
      isList: false,
      arg: 'optional',
      filterOnly: false,
      noRhs: false,
      noTransformers: false,
      deprecated: false,
      printFormat: 'NA',
      description: '',
    },
    ...(field.arg !== undefined && { arg: field.arg }),
    text: fieldText(field.name, field.arg),
    type: 'DYN',
  };
}

function compileNode(node: Node, memo: Map<Node, Evaluate>): Evaluate {
  let evaluate = memo.get(node);
  if (evaluate === undefined) {
    evaluate = makeNode(node, memo);
    memo.set(node, evaluate);
  }
  return evaluate;
}

function makeNode(node: Node, memo: Map<Node, Evaluate>): Evaluate {
  switch (node.kind) {
    case 'const': {
      const { value } = node;
      return () => value;
    }
    case 'and':
    case 'or': {
      const items = node.items.map((item) => compileNode(item, memo));
      const decisive = node.kind === 'or';
      return (facts, missing) => {
        // What is missing counts only if no item decides.
        const found = missing === undefined ? undefined : new Set<string>();
        let unknown = false;
        for (const item of items) {
          const truth = item(facts, found);
          if (truth === decisive) return decisive;
          if (truth === undefined) unknown = true;
        }
        if (!unknown) return !decisive;
        if (missing !== undefined) for (const field of found ?? []) missing.add(field);
        return undefined;
      };
    }
    case 'not': {
      const item = compileNode(node.item, memo);
      return (facts, missing) => {
        const truth = item(facts, missing);
        return truth === undefined ? undefined : !truth;
      };
    }
    case 'check':
      return checkNode(node);
    case 'pair':
      return pairNode(node);
    case 'around': {
      const { ts, withinNs } = node;
      return ({ alert }, missing) => {
        if (alert.timeNs === undefined) {
          missing?.add('evt.rawtime');
          return undefined;
        }
        return isAround(alert.timeNs, ts, withinNs);
      };
    }
  }
}

function checkNode(node: CheckNode): Evaluate {
  const { fold, run, test } = node;
  const about = operandKnowledge(node.operand);
  const names = [...operandFields(node.operand).keys()];
  return (facts, missing) => {
    const knowledge = about(facts);
    const truth = knowledge === undefined ? undefined : decide(knowledge, fold, run, test);
    if (truth === undefined && missing !== undefined) for (const name of names) missing.add(name);
    return truth;
  };
}

function decide(
  knowledge: Knowledge,
  fold: Fold,
  run: (value: Scalar) => boolean,
  test: Test,
): boolean | undefined {
  switch (knowledge.kind) {
    case 'value':
      return applyFold(fold, run, knowledge.value);
    case 'one-of': {
      const [first, ...rest] = knowledge.values.map((value) => applyFold(fold, run, value));
      return rest.every((truth) => truth === first) ? first : undefined;
    }
    case 'some-of':
      if (fold === 'every') return knowledge.values.every(run) ? undefined : false;
      return knowledge.values.some(run) ? true : undefined;
    case 'range':
      return decideRange(test, knowledge.min ?? -Infinity, knowledge.max ?? Infinity);
  }
}

/** Is the test the same for every integer in the range? */
function decideRange(test: Test, min: number, max: number): boolean | undefined {
  switch (test.op) {
    case 'true':
      return true;
    case 'false':
      return false;
    case 'eq':
    case 'int-eq':
      return (test.value as number) < min || (test.value as number) > max ? false : undefined;
    case 'ne':
    case 'int-ne':
      return (test.value as number) < min || (test.value as number) > max ? true : undefined;
    case 'in':
      return [...test.values].every((v) => (v as number) < min || (v as number) > max) ? false : undefined;
    case 'lt':
      return max < test.value ? true : min >= test.value ? false : undefined;
    case 'le':
      return max <= test.value ? true : min > test.value ? false : undefined;
    case 'gt':
      return min > test.value ? true : max <= test.value ? false : undefined;
    case 'ge':
      return min >= test.value ? true : max < test.value ? false : undefined;
    case 'not': {
      const truth = decideRange(test.item, min, max);
      return truth === undefined ? undefined : !truth;
    }
    default:
      return undefined;
  }
}

function pairNode(node: PairNode): Evaluate {
  const { fold, run } = node;
  const left = operandKnowledge(node.left);
  const right = operandKnowledge(node.right);
  const names = [...operandFields(node.right, operandFields(node.left)).keys()];
  return (facts, missing) => {
    const lefts = choices(left(facts));
    const rights = choices(right(facts));
    if (lefts !== undefined && rights !== undefined) {
      const truths = lefts.flatMap((l) => rights.map((r) => applyPair(fold, run, l, r)));
      if (truths.every((truth) => truth === truths[0])) return truths[0];
    }
    // One side known to be absent decides, whatever the other is.
    if (lefts?.every((value) => value === undefined) || rights?.every((value) => value === undefined))
      return false;
    if (missing !== undefined) for (const name of names) missing.add(name);
    return undefined;
  };
}

function choices(knowledge: Knowledge | undefined): readonly (Value | undefined)[] | undefined {
  if (knowledge?.kind === 'value') return [knowledge.value];
  return knowledge?.kind === 'one-of' ? knowledge.values : undefined;
}

/** What is known of an operand: of a field, or of a transformer whose fields are all known. */
function operandKnowledge(operand: Operand): (facts: AlertFacts) => Knowledge | undefined {
  if (operand.kind === 'field') {
    const { ref } = operand;
    return (facts) => facts.about(ref);
  }
  if (operand.kind === 'transform' && operand.args.length === 1) {
    const inner = operandKnowledge(operand.args[0] as Operand);
    const { apply } = operand;
    return (facts) => {
      const values = choices(inner(facts));
      if (values === undefined) return undefined;
      const results = values.map((value) => (value === undefined ? undefined : apply([value])));
      return results.length === 1
        ? { kind: 'value', value: results[0] }
        : { kind: 'one-of', values: results };
    };
  }
  const fields = [...operandFields(operand).values()];
  const read = operandReader<Map<string, Value | undefined>>(
    operand,
    ({ key }) =>
      (values) =>
        values.get(key),
  );
  return (facts) => {
    const values = new Map<string, Value | undefined>();
    for (const ref of fields) {
      const knowledge = facts.about(ref);
      if (knowledge?.kind !== 'value') return undefined;
      values.set(ref.text, knowledge.value);
    }
    return { kind: 'value', value: read(values) };
  };
}
