// Tests on integers, ports, durations, times and booleans. Constants parse as sscanf does: decimal only, unsigned
// types take a minus sign and wrap, narrow types are cut silently, 64-bit overflow sticks at the limit.

import type { FieldType } from '../../fields/index.ts';
import type { Operator } from '../../lang/index.ts';
import { inSet, NEVER, negate, type Scalar, type Test } from './test.ts';
import { canonicalInteger, integerShape, type ValueClass } from './value-class.ts';

const U64_MAX = (1n << 64n) - 1n;
const I64_MAX = (1n << 63n) - 1n;

/** The constant's value in a field of this type; `undefined` if Falco rejects it. */
export function parseInteger(text: string, type: FieldType): number | bigint | undefined {
  const shape = type === 'DOUBLE' ? { bits: 32 as const, signed: true } : integerShape(type);
  if (shape === undefined) return undefined;
  if (type === 'PORT' && /^[0-9]*$/.test(text)) return text === '' ? 0 : Number(BigInt(text) & 0xffffn);
  const match = /^[ \t\n\v\f\r]*([+-]?)([0-9]+)$/.exec(text);
  if (match === null || type === 'PORT') return undefined;
  let value = BigInt(match[2] as string);
  if (match[1] === '-') value = -value;
  if (shape.signed) {
    if (value > I64_MAX) value = I64_MAX;
    if (value < -I64_MAX - 1n) value = -I64_MAX - 1n;
    return canonicalInteger(BigInt.asIntN(shape.bits, value));
  }
  if (value > U64_MAX || value < -U64_MAX) value = U64_MAX;
  return canonicalInteger(BigInt.asUintN(shape.bits, value));
}

/** `op` against one integer. */
export function integerTest(op: Operator, value: number | bigint, cls: ValueClass): Test {
  const wide = cls === 'int64' || typeof value === 'bigint';
  switch (op) {
    case '=':
    case '==':
      return wide ? { op: 'int-eq', value } : { op: 'eq', value: value as number };
    case '!=':
      return negate(integerTest('=', value, cls));
    case '<':
      return { op: 'lt', value };
    case '<=':
      return { op: 'le', value };
    case '>':
      return { op: 'gt', value };
    case '>=':
      return { op: 'ge', value };
    default:
      throw new TypeError(`Operator '${op}' does not compare integers with one constant`);
  }
}

export function integerListTest(values: readonly (number | bigint)[], cls: ValueClass): Test {
  if (values.length === 0) return NEVER;
  if (cls !== 'int64' && values.every((v) => typeof v === 'number')) return inSet(values);
  if (values.length === 1) return integerTest('=', values[0] as number | bigint, cls);
  const set = new Set<Scalar>(values);
  return { op: 'call', run: (v) => set.has(typeof v === 'bigint' ? canonicalInteger(v) : v) };
}

/** Exactly `true` or `false`. */
export function parseBool(text: string): boolean | undefined {
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

/** Both sides are fields of the same numeric type. */
export function compareNumbers(op: Operator, left: number | bigint, right: number | bigint): boolean {
  switch (op) {
    case '=':
    case '==':
    case 'in':
    case 'intersects':
      // biome-ignore lint/suspicious/noDoubleEquals: number and bigint of the same value must be equal.
      return left == right;
    case '!=':
      // biome-ignore lint/suspicious/noDoubleEquals: as above.
      return left != right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      return false;
  }
}
