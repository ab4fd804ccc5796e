// From a comparison in the tree to a prepared test: which operand, which test on one value, and how the test applies
// to lists and to fields with several candidates. The single place that says what `FIELD OP CONSTANTS` means.

import {
  type Compare,
  type ListLiteral,
  type Literal,
  type Modifier,
  type Operator,
  operatorsFor,
} from '../../lang/index.ts';
import type { Operand } from '../operand.ts';
import { addressTest, networkTest, sameAddressText } from './addresses.ts';
import { bytesTest, compareBuffers, hexBytes, textBytes } from './bytes.ts';
import { parseAddress, parseNetwork } from './ip.ts';
import { compareNumbers, integerListTest, integerTest, parseBool, parseInteger } from './numbers.ts';
import { compareTexts, textListTest, textTest } from './strings.ts';
import { ALWAYS, inSet, NEVER, negate, type Scalar, type Test, testFunction } from './test.ts';
import { type ValueClass, valueClass } from './value-class.ts';

/**
 * How a test applies to what the reader returned: `one` value; `some` or `every` element of an array. An empty array
 * fails both.
 */
export type Fold = 'one' | 'some' | 'every';

export interface Prepared {
  readonly test: Test;
  readonly fold: Fold;
}

/** A constant that does not fit the field's type. The checker reports these; the engine treats the check as never true. */
const BROKEN: unique symbol = Symbol('broken constant');
type MaybeTest = Test | typeof BROKEN;

/** Whether values of this shape have the operator (`exists` is no operator: every field has it). */
export function supportsOperator(
  shape: { readonly type: string; readonly isList: boolean },
  op: Operator,
): boolean {
  return shape.type === 'DYN' || operatorsFor(shape.type, shape.isList).has(op);
}

/** `exists` on this operand. */
export function prepareExists(operand: Operand): Prepared {
  // fd.ip and its like exist as soon as there is an fd, even one without addresses.
  const fold = operand.kind === 'field' && operand.candidates === 'ancestors' ? 'some' : 'one';
  return { test: ALWAYS, fold };
}

/** A comparison with constants. Never throws: a constant that does not parse gives a test that is never true. */
export function prepareCompare(operand: Operand, compare: Compare, right: Literal | ListLiteral): Prepared {
  const { op, modifier } = compare;
  const cls = valueClass(operand.type);
  let texts = (right.kind === 'list' ? right.items : [right]).map((literal) => literal.text);
  const fold = foldOf(operand, op);
  // A quirk of Falco's: a list of networks for `fd.net` counts by its first one only.
  if (operand.key === 'fd.net' && op === 'in') texts = texts.slice(0, 1);
  // Another: `intersects` fails there at run time, so no event can satisfy it.
  if (op === 'intersects' && operand.kind === 'field' && operand.candidates === 'ends')
    return { test: NEVER, fold };
  const test =
    modifier === undefined ? plainTest(cls, operand, op, texts) : modified(cls, operand, op, modifier, texts);
  return { test: test === BROKEN ? NEVER : test, fold };
}

function foldOf(operand: Operand, op: Operator): Fold {
  if (operand.kind === 'field' && operand.candidates === 'ancestors') return 'some';
  if (operand.kind === 'field' && operand.candidates === 'ends') return op === '!=' ? 'every' : 'some';
  if (operand.isList) return op === 'in' ? 'every' : 'some';
  return 'one';
}

function isListOp(op: Operator): op is 'in' | 'intersects' | 'pmatch' {
  return op === 'in' || op === 'intersects' || op === 'pmatch';
}

function plainTest(cls: ValueClass, operand: Operand, op: Operator, texts: readonly string[]): MaybeTest {
  if (isListOp(op)) return listTest(cls, operand, op, texts);
  return texts.length === 0 ? NEVER : constantTest(cls, operand, op, texts[0] as string);
}

function constantTest(cls: ValueClass, operand: Operand, op: Operator, text: string): MaybeTest {
  switch (cls) {
    case 'text':
      return textTest(op, text);
    case 'bytes': {
      const bytes = op === 'bcontains' || op === 'bstartswith' ? hexBytes(text) : textBytes(text);
      return bytes === undefined ? BROKEN : bytesTest(op, bytes);
    }
    case 'bool': {
      const value = parseBool(text);
      return value === undefined ? BROKEN : op === '!=' ? { op: 'ne', value } : { op: 'eq', value };
    }
    case 'int':
    case 'int64':
    case 'double': {
      const value = parseInteger(text, operand.type);
      return value === undefined ? BROKEN : integerTest(op, value, cls);
    }
    case 'ip':
    case 'net': {
      const test = listTest(cls, operand, 'in', [text]);
      return test !== BROKEN && op === '!=' ? negate(test) : test;
    }
    case 'dynamic':
      return { op: 'call', run: dynamicTest(operand, op, [text]) };
    case 'opaque':
      return NEVER;
  }
}

function listTest(
  cls: ValueClass,
  operand: Operand,
  op: 'in' | 'intersects' | 'pmatch',
  texts: readonly string[],
): MaybeTest {
  switch (cls) {
    case 'text':
      return textListTest(op, texts);
    case 'bool': {
      const values = all(texts.map(parseBool));
      return values === undefined ? BROKEN : inSet(values);
    }
    case 'int':
    case 'int64':
    case 'double': {
      const values = all(texts.map((text) => parseInteger(text, operand.type)));
      return values === undefined ? BROKEN : integerListTest(values, cls);
    }
    case 'ip':
      return texts.some((text) => parseAddress(text) === undefined) ? BROKEN : addressTest(texts);
    case 'net': {
      const networks = all(texts.map(parseNetwork));
      return networks === undefined ? BROKEN : networkTest(networks);
    }
    case 'bytes':
      return { op: 'or', items: texts.map((text) => bytesTest('=', textBytes(text))) };
    case 'dynamic':
      return { op: 'call', run: dynamicTest(operand, op, texts) };
    case 'opaque':
      return NEVER;
  }
}

function all<T>(items: readonly (T | undefined)[]): T[] | undefined {
  return items.every((item): item is T => item !== undefined) ? [...items] : undefined;
}

/** `OP oneof|anyof|allof (…)`: exactly one, at least one, all of the constants satisfy; an empty list never does. */
function modified(
  cls: ValueClass,
  operand: Operand,
  op: Operator,
  modifier: Modifier,
  texts: readonly string[],
): MaybeTest {
  if (texts.length === 0) return NEVER;
  if (modifier === 'anyof' && (op === '=' || op === '==')) return listTest(cls, operand, 'in', texts);
  if (modifier === 'allof' && op === '!=') {
    const test = listTest(cls, operand, 'in', texts);
    return test === BROKEN ? BROKEN : negate(test);
  }
  const items: Test[] = [];
  for (const text of texts) {
    const test = constantTest(cls, operand, op, text);
    if (test === BROKEN) return BROKEN;
    items.push(test);
  }
  if (items.length === 1) return items[0] as Test;
  return { op: modifier === 'oneof' ? 'one' : modifier === 'anyof' ? 'or' : 'and', items };
}

/** `evt.rawarg.X`: constants take the shape of the value that the event has. */
function dynamicTest(operand: Operand, op: Operator, texts: readonly string[]): (value: Scalar) => boolean {
  const tests = new Map<ValueClass, (value: Scalar) => boolean>();
  const build = (cls: ValueClass, type: string): ((value: Scalar) => boolean) => {
    if (!supportsOperator({ type, isList: false }, op)) return () => false;
    const prepared = plainTest(cls, { ...operand, type } as Operand, op, texts);
    return prepared === BROKEN ? () => false : testFunction(prepared);
  };
  return (value) => {
    const [cls, type] = dynamicClass(value);
    let run = tests.get(cls);
    if (run === undefined) {
      run = build(cls, type);
      tests.set(cls, run);
    }
    return run(value);
  };
}

function dynamicClass(value: Scalar): [ValueClass, string] {
  if (typeof value === 'string') return ['text', 'CHARBUF'];
  if (typeof value === 'boolean') return ['bool', 'BOOL'];
  return value instanceof Uint8Array ? ['bytes', 'BYTEBUF'] : ['int64', 'INT64'];
}

/** Compares two extracted values when both sides are fields of this shape. */
export type PairTest = (left: Scalar, right: Scalar) => boolean;

export interface PreparedPair {
  readonly test: PairTest;
  /** For lists: `in` wants every element of the left in the right, `intersects` some. */
  readonly fold: Fold;
}

/** `FIELD OP val(FIELD)`, or a transformer on the right. Both sides have equal types; the checker sees to that. */
export function preparePair(operand: Operand, op: Operator): PreparedPair {
  return { test: pairTest(valueClass(operand.type), op), fold: foldOf(operand, op) };
}

function pairTest(cls: ValueClass, op: Operator): PairTest {
  switch (cls) {
    case 'text':
      return (a, b) => compareTexts(op, a as string, b as string);
    case 'bytes':
      return (a, b) => compareBuffers(op, a as Uint8Array, b as Uint8Array);
    case 'int':
    case 'int64':
    case 'double':
      return (a, b) => compareNumbers(op, a as number, b as number);
    case 'bool':
      return (a, b) => (op === '!=' ? a !== b : a === b);
    case 'ip':
    case 'net':
      return (a, b) => sameAddressText(a as string, b as string) !== (op === '!=');
    case 'dynamic':
    case 'opaque':
      return () => false;
  }
}
