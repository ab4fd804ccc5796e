// What a check reads: a field, or transformers around fields and constants, with the type that decides how it compares.

import {
  catalogueFor,
  type FieldCatalogue,
  type FieldRef,
  type FieldType,
  resolveField,
  type Value,
} from '../fields/index.ts';
import type { Field, FieldExpr, TransformArg, TransformerName } from '../lang/index.ts';
import { applyMulti, applyUnary, type Shape, transformShape } from './ops/transforms.ts';

/** Finds a field in the catalogue; `undefined`: no such field. */
export type FieldResolver = (field: Field) => FieldRef | undefined;

/** Finds the fields of one source. */
export function catalogueResolver(catalogue: FieldCatalogue): FieldResolver {
  return (field) => resolveField(catalogue, field).ref;
}

/** Finds a field of any source that is known: the syscall source's first, then the JSON ones'. */
export const anySourceResolver: FieldResolver = (field) =>
  resolveField(catalogueFor('syscall'), field).ref ?? resolveField(catalogueFor('k8s_audit'), field).ref;

/** A condition that the engine cannot plan; the loader's checker rejects these, so a user only sees it without one. */
export class UnsupportedCondition extends Error {
  override readonly name = 'UnsupportedCondition';
}

/**
 * `ancestors`, `ends`: the reader returns an array of candidates (engine/types.ts). `none`: the value itself, which is
 * an array only for list fields.
 */
export type Candidates = 'none' | 'ancestors' | 'ends';

export type Operand = FieldOperand | TransformOperand | ConstantOperand;

interface OperandBase {
  /** Printed form; equal keys are equal operands. */
  readonly key: string;
  readonly type: FieldType;
  readonly isList: boolean;
}
export interface FieldOperand extends OperandBase {
  readonly kind: 'field';
  readonly ref: FieldRef;
  readonly candidates: Candidates;
}
export interface TransformOperand extends OperandBase {
  readonly kind: 'transform';
  readonly name: TransformerName;
  readonly args: readonly Operand[];
  /** The result, from the arguments' values; all of them extracted. */
  readonly apply: (args: readonly Value[]) => Value | undefined;
}
/** A constant, or a list of operands, among a transformer's arguments. */
export interface ConstantOperand extends OperandBase {
  readonly kind: 'constant';
  readonly value?: Value;
  readonly items?: readonly Operand[];
}

const ANCESTORS = new Set([
  'proc.aname',
  'proc.aexe',
  'proc.aexepath',
  'proc.acmdline',
  'proc.aargs',
  'proc.apid',
  'proc.aenv',
]);
const ENDS = new Set(['fd.ip', 'fd.port', 'fd.net', 'fd.proto']);

/** Whether conditions on this field look at several values. */
export function candidatesOf(ref: FieldRef): Candidates {
  if (ENDS.has(ref.def.name)) return 'ends';
  return ref.arg === undefined && ANCESTORS.has(ref.def.name) ? 'ancestors' : 'none';
}

/** Resolves the fields of an expression; throws `UnsupportedCondition` for an unknown one. */
export function lowerOperand(expr: FieldExpr, resolve: FieldResolver): Operand {
  if (expr.kind === 'field') {
    const ref = resolve(expr);
    if (ref === undefined) throw new UnsupportedCondition(`Unknown field '${expr.name}'`);
    const { isList, name } = ref.def;
    // Each event's own parameter decides the type, the catalogue only knows the first parameter of that name.
    const type = name === 'evt.rawarg' ? 'DYN' : ref.type;
    return { kind: 'field', key: ref.text, type, isList, ref, candidates: candidatesOf(ref) };
  }
  const { name, arg } = expr;
  const args = expr.args.map((item) => lowerArg(item, resolve));
  const inner: Shape = args[0] ?? { type: 'CHARBUF', isList: false };
  const unary = name !== 'join' && name !== 'concat' && name !== 'getopt';
  return {
    kind: 'transform',
    key: `${name}(${args.map((a) => a.key).join(',')})${arg === undefined ? '' : `[${arg}]`}`,
    ...transformShape(name, inner, arg !== undefined),
    name,
    args,
    apply: unary ? ([value]) => applyUnary(name, value as Value) : (values) => applyMulti(name, values, arg),
  };
}

function lowerArg(arg: TransformArg, resolve: FieldResolver): Operand {
  if (arg.kind === 'literal') {
    return {
      kind: 'constant',
      key: JSON.stringify(arg.text),
      type: 'CHARBUF',
      isList: false,
      value: arg.text,
    };
  }
  if (arg.kind === 'arg-list') {
    const items = arg.items.map((item) => lowerArg(item, resolve));
    return {
      kind: 'constant',
      key: `(${items.map((i) => i.key).join(',')})`,
      type: 'CHARBUF',
      isList: true,
      items,
    };
  }
  return lowerOperand(arg, resolve);
}

/** The fields that an operand reads, in order of appearance, each once. */
export function operandFields(
  operand: Operand,
  into: Map<string, FieldRef> = new Map(),
): Map<string, FieldRef> {
  if (operand.kind === 'field') into.set(operand.key, operand.ref);
  else if (operand.kind === 'transform') for (const arg of operand.args) operandFields(arg, into);
  else for (const item of operand.items ?? []) operandFields(item, into);
  return into;
}

/** Reads the fields of an operand. `E` is what the reader reads from. */
export type Reading<E> = (event: E) => Value | undefined;

/** A function from an event to an operand's value; `field` gives the reader of each field (`undefined`: never there). */
export function operandReader<E>(
  operand: Operand,
  field: (operand: FieldOperand) => Reading<E> | undefined,
): Reading<E> {
  if (operand.kind === 'field') return field(operand) ?? (() => undefined);
  if (operand.kind === 'constant') {
    const { value, items } = operand;
    if (items === undefined) return () => value;
    const readers = items.map((item) => operandReader(item, field));
    return (event) => {
      const out: (string | number | bigint | boolean)[] = [];
      for (const read of readers) {
        const item = read(event);
        if (item === undefined) return undefined;
        if (Array.isArray(item)) out.push(...item);
        else out.push(item as string);
      }
      return out;
    };
  }
  const readers = operand.args.map((arg) => operandReader(arg, field));
  const { apply } = operand;
  return (event) => {
    const values: Value[] = [];
    for (const read of readers) {
      const value = read(event);
      if (value === undefined) return undefined;
      values.push(value);
    }
    return apply(values);
  };
}
