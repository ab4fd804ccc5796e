// The condition's tree as the engine uses it: macros in place, operands typed, constants prepared, equal parts shared.
// All three evaluators walk this tree, so a condition's meaning is decided here and in ops/ once.

import { assertNever } from '../../base/assert.ts';
import type { FieldRef } from '../fields/index.ts';
import type { Compare, Expr } from '../lang/index.ts';
import { type FieldResolver, lowerOperand, type Operand, UnsupportedCondition } from './operand.ts';
import {
  type Fold,
  type PairTest,
  prepareCompare,
  prepareExists,
  preparePair,
  supportsOperator,
} from './ops/check.ts';
import { type Scalar, type Test, testFunction } from './ops/test.ts';

export type Node = ConstNode | Junction | NotNode | CheckNode | PairNode | AroundNode;

interface NodeBase {
  /** Unique in its `TreeBuilder`; equal conditions have equal ids. */
  readonly id: number;
}
export interface ConstNode extends NodeBase {
  readonly kind: 'const';
  readonly value: boolean;
}
export interface Junction extends NodeBase {
  readonly kind: 'and' | 'or';
  readonly items: readonly Node[];
}
export interface NotNode extends NodeBase {
  readonly kind: 'not';
  readonly item: Node;
}
/** A field (or transformer) against constants, or `exists`. */
export interface CheckNode extends NodeBase {
  readonly kind: 'check';
  readonly operand: Operand;
  readonly test: Test;
  /** `test` as a function. */
  readonly run: (value: Scalar) => boolean;
  readonly fold: Fold;
}
/** A field against a field. */
export interface PairNode extends NodeBase {
  readonly kind: 'pair';
  readonly left: Operand;
  readonly right: Operand;
  readonly run: PairTest;
  readonly fold: Fold;
}
/** `evt.around[TS] = MS`: the event's time is at most MS milliseconds from TS. */
export interface AroundNode extends NodeBase {
  readonly kind: 'around';
  readonly ts: bigint;
  readonly withinNs: bigint;
}

/** Builds trees that share equal parts. One builder per plan. */
export class TreeBuilder {
  readonly #resolve: FieldResolver;
  readonly #nodes = new Map<string, Node>();
  /** Operands by key: equal operands are one object. */
  readonly #operands = new Map<string, Operand>();
  /** Macros stand in many rules as the same object. */
  readonly #built = new Map<Expr, Node>();
  #nextId = 0;

  constructor(resolve: FieldResolver) {
    this.#resolve = resolve;
  }

  /** Throws `UnsupportedCondition` for what the checker would have rejected: unknown fields, macros, operators. */
  build(expr: Expr): Node {
    let node = this.#built.get(expr);
    if (node === undefined) {
      node = this.#build(expr);
      this.#built.set(expr, node);
    }
    return node;
  }

  #build(expr: Expr): Node {
    switch (expr.kind) {
      case 'and':
      case 'or':
        return this.junction(
          expr.kind,
          expr.items.map((item) => this.build(item)),
        );
      case 'not':
        return this.not(this.build(expr.item));
      case 'macro':
        throw new UnsupportedCondition(`Macro '${expr.name}' was not resolved`);
      case 'exists': {
        const operand = this.#operand(lowerOperand(expr.left, this.#resolve));
        return this.#check(operand, 'exists', prepareExists(operand));
      }
      case 'compare':
        return this.#compare(expr);
      default:
        return assertNever(expr, 'condition');
    }
  }

  constant(value: boolean): Node {
    return this.#intern(`const ${value}`, (id) => ({ kind: 'const', id, value }));
  }

  /** N-ary `and`/`or` in source order, constants folded away. */
  junction(kind: 'and' | 'or', items: readonly Node[]): Node {
    const neutral = kind === 'and';
    const kept = new Set<Node>();
    for (const item of items) {
      if (item.kind === 'const') {
        if (item.value !== neutral) {
          // Nothing after it runs, and checks have no effects: the whole is this constant.
          return item;
        }
      } else if (item.kind === kind) for (const inner of item.items) kept.add(inner);
      else kept.add(item);
    }
    const nodes = [...kept];
    if (nodes.length === 0) return this.constant(neutral);
    if (nodes.length === 1) return nodes[0] as Node;
    return this.#intern(`${kind} ${nodes.map((n) => n.id).join(' ')}`, (id) => ({ kind, id, items: nodes }));
  }

  not(item: Node): Node {
    if (item.kind === 'const') return this.constant(!item.value);
    if (item.kind === 'not') return item.item;
    return this.#intern(`not ${item.id}`, (id) => ({ kind: 'not', id, item }));
  }

  #compare(expr: Compare): Node {
    const operand = this.#operand(lowerOperand(expr.left, this.#resolve));
    const { op, right, modifier } = expr;
    if (operand.kind === 'field' && operand.ref.def.name === 'evt.around')
      return this.#around(operand.ref, expr);
    if (!supportsOperator(operand, op))
      throw new UnsupportedCondition(`Operator '${op}' does not apply to ${operand.key} (${operand.type})`);
    if (right.kind !== 'literal' && right.kind !== 'list') {
      const other = this.#operand(lowerOperand(right, this.#resolve));
      return this.#intern(`pair ${operand.key} ${op} ${other.key}`, (id) => {
        const { test, fold } = preparePair(operand, op);
        return { kind: 'pair', id, left: operand, right: other, run: test, fold };
      });
    }
    const texts = right.kind === 'list' ? right.items.map((item) => item.text) : [right.text];
    const symbol = op === '==' ? '=' : op;
    const key = `${symbol} ${modifier ?? ''} ${JSON.stringify(texts)}`;
    const prepared = prepareCompare(operand, expr, right);
    // An empty list, or a constant that cannot be: no value satisfies it.
    if (prepared.test.op === 'false') return this.constant(false);
    return this.#check(operand, key, prepared);
  }

  #around(ref: FieldRef, expr: Compare): Node {
    const text = expr.right.kind === 'literal' ? expr.right.text : '';
    if (!/^[0-9]+$/.test(ref.arg ?? '') || !/^[0-9]+$/.test(text) || (expr.op !== '=' && expr.op !== '=='))
      throw new UnsupportedCondition('evt.around[TIMESTAMP] takes `=` and a number of milliseconds');
    return this.#intern(`around ${ref.arg} ${text}`, (id) => ({
      kind: 'around',
      id,
      ts: BigInt(ref.arg as string),
      withinNs: BigInt(text) * 1_000_000n,
    }));
  }

  #check(operand: Operand, key: string, prepared: { test: Test; fold: Fold }): Node {
    return this.#intern(`check ${operand.key} ${key}`, (id) => ({
      kind: 'check',
      id,
      operand,
      ...prepared,
      run: testFunction(prepared.test),
    }));
  }

  #operand(operand: Operand): Operand {
    const known = this.#operands.get(operand.key);
    if (known !== undefined) return known;
    this.#operands.set(operand.key, operand);
    return operand;
  }

  #intern(key: string, make: (id: number) => Node): Node {
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const node = make(this.#nextId++);
    this.#nodes.set(key, node);
    return node;
  }
}

/** A tree's size when written out: shared parts count each time. What evaluating it without caching may cost. */
export function writtenSize(node: Node, memo: Map<Node, number> = new Map()): number {
  let size = memo.get(node);
  if (size === undefined) {
    if (node.kind === 'and' || node.kind === 'or')
      size = node.items.reduce((n, item) => n + writtenSize(item, memo), 1);
    else size = node.kind === 'not' ? 1 + writtenSize(node.item, memo) : 1;
    memo.set(node, size);
  }
  return size;
}
