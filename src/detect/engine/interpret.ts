// The interpreter: closures over the tree, one per node, nothing cached, nothing reordered. Slow and obviously right:
// the oracle for the generated code, and what runs where generating code does not pay.

import type { Value } from '../fields/index.ts';
import type { Expr } from '../lang/index.ts';
import { type FieldOperand, type FieldResolver, operandReader, type Reading } from './operand.ts';
import type { Fold } from './ops/check.ts';
import type { Scalar } from './ops/test.ts';
import { type Node, TreeBuilder } from './tree.ts';
import type { EventAccess, Predicate } from './types.ts';

/** Applies a test to what a reader returned. `undefined` (not extracted) is false for every test. */
export function applyFold(fold: Fold, run: (value: Scalar) => boolean, value: Value | undefined): boolean {
  if (value === undefined) return false;
  if (fold === 'one') return run(value as Scalar);
  const items = value as readonly Scalar[];
  return fold === 'some' ? items.some(run) : items.length > 0 && items.every(run);
}

/** Applies a comparison of two fields; lists compare element by element against the whole right side. */
export function applyPair(
  fold: Fold,
  run: (left: Scalar, right: Scalar) => boolean,
  left: Value | undefined,
  right: Value | undefined,
): boolean {
  if (left === undefined || right === undefined) return false;
  if (!Array.isArray(right)) return applyFold(fold, (item) => run(item, right as Scalar), left);
  return applyFold(fold, (item) => (right as readonly Scalar[]).some((other) => run(item, other)), left);
}

/** Compiles a tree to closures. `field` gives each field's reader; `undefined`: the source never has it. */
export function interpretTree<E>(
  node: Node,
  field: (operand: FieldOperand) => Reading<E> | undefined,
  timeNs: (event: E) => bigint,
  memo: Map<Node, Predicate<E>> = new Map(),
): Predicate<E> {
  let run = memo.get(node);
  if (run === undefined) {
    run = closure(node, field, timeNs, (item) => interpretTree(item, field, timeNs, memo));
    memo.set(node, run);
  }
  return run;
}

function closure<E>(
  node: Node,
  field: (operand: FieldOperand) => Reading<E> | undefined,
  timeNs: (event: E) => bigint,
  compile: (item: Node) => Predicate<E>,
): Predicate<E> {
  switch (node.kind) {
    case 'const': {
      const { value } = node;
      return () => value;
    }
    case 'and': {
      const items = node.items.map(compile);
      return (event) => items.every((item) => item(event));
    }
    case 'or': {
      const items = node.items.map(compile);
      return (event) => items.some((item) => item(event));
    }
    case 'not': {
      const item = compile(node.item);
      return (event) => !item(event);
    }
    case 'check': {
      const read = operandReader(node.operand, field);
      const { fold, run } = node;
      return (event) => applyFold(fold, run, read(event));
    }
    case 'pair': {
      const left = operandReader(node.left, field);
      const right = operandReader(node.right, field);
      const { fold, run } = node;
      return (event) => applyPair(fold, run, left(event), right(event));
    }
    case 'around': {
      const { ts, withinNs } = node;
      return (event) => isAround(timeNs(event), ts, withinNs);
    }
  }
}

/** `evt.around`: at most so many nanoseconds between the two. */
export function isAround(timeNs: bigint, ts: bigint, withinNs: bigint): boolean {
  const distance = timeNs - ts;
  return (distance < 0n ? -distance : distance) <= withinNs;
}

/**
 * A condition as a function of an event. `expr` has its macros resolved and passed the checker; throws
 * `UnsupportedCondition` otherwise.
 */
export function interpret<E>(expr: Expr, access: EventAccess<E>, resolve: FieldResolver): Predicate<E> {
  const node = new TreeBuilder(resolve).build(expr);
  return interpretTree(
    node,
    (operand) => access.reader(operand.ref),
    (event) => access.timeNs(event),
  );
}
