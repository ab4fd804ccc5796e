// Partial evaluation: a tree under facts that hold for all events of one kind (their event code, or the values of the
// fields that the index looks at). Checks on known and absent fields become constants and fold upwards.

import type { Value } from '../fields/index.ts';
import { applyFold, applyPair } from './interpret.ts';
import type { FieldOperand, Operand } from './operand.ts';
import type { Node, TreeBuilder } from './tree.ts';

/** What is known of a field beforehand: its value (`undefined`: such events never have it), or nothing. */
export type Given = (operand: FieldOperand) => { readonly value: Value | undefined } | undefined;

/** Specialises trees of one builder; equal parts are done once. */
export class Specialiser {
  readonly #builder: TreeBuilder;
  readonly #given: Given;
  readonly #memo = new Map<Node, Node>();
  readonly #operands = new Map<Operand, { readonly value: Value | undefined } | undefined>();

  constructor(builder: TreeBuilder, given: Given) {
    this.#builder = builder;
    this.#given = given;
  }

  run(node: Node): Node {
    let result = this.#memo.get(node);
    if (result === undefined) {
      result = this.#specialise(node);
      this.#memo.set(node, result);
    }
    return result;
  }

  #specialise(node: Node): Node {
    switch (node.kind) {
      case 'and':
      case 'or':
        return this.#builder.junction(
          node.kind,
          node.items.map((item) => this.run(item)),
        );
      case 'not':
        return this.#builder.not(this.run(node.item));
      case 'check': {
        const known = this.#operand(node.operand);
        return known === undefined
          ? node
          : this.#builder.constant(applyFold(node.fold, node.run, known.value));
      }
      case 'pair': {
        const left = this.#operand(node.left);
        const right = this.#operand(node.right);
        const absent = (known: typeof left) => known !== undefined && known.value === undefined;
        if (absent(left) || absent(right)) return this.#builder.constant(false);
        if (left === undefined || right === undefined) return node;
        return this.#builder.constant(applyPair(node.fold, node.run, left.value, right.value));
      }
      default:
        return node;
    }
  }

  #operand(operand: Operand): { readonly value: Value | undefined } | undefined {
    if (this.#operands.has(operand)) return this.#operands.get(operand);
    const known = this.#knownOperand(operand);
    this.#operands.set(operand, known);
    return known;
  }

  #knownOperand(operand: Operand): { readonly value: Value | undefined } | undefined {
    if (operand.kind === 'field') return this.#given(operand);
    if (operand.kind === 'constant') {
      // Lists are left to run time; only an absent element matters here.
      if (operand.items === undefined) return { value: operand.value };
      const absent = operand.items.some((item) => {
        const known = this.#operand(item);
        return known !== undefined && known.value === undefined;
      });
      return absent ? { value: undefined } : undefined;
    }
    const args = operand.args.map((arg) => this.#operand(arg));
    if (args.some((arg) => arg !== undefined && arg.value === undefined)) return { value: undefined };
    const values = args.map((arg) => arg?.value);
    return values.includes(undefined) ? undefined : { value: operand.apply(values as Value[]) };
  }
}
