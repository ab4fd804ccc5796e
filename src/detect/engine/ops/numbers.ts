// Tests on integers, ports, durations, times and booleans.

import type { FieldType } from '../../fields/index.ts';
import { type Operator, parseConstant } from '../../lang/index.ts';
import { inSet, NEVER, negate, type Scalar, type Test } from './test.ts';
import { canonicalInteger, type ValueClass } from './value-class.ts';

/** The constant's value in a field of this type; `undefined` if Falco rejects it. */
export function parseInteger(text: string, type: FieldType): number | bigint | undefined {
  const constant = parseConstant(type, text);
  return constant.kind === 'integer' ? canonicalInteger(constant.value) : undefined;
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
  const constant = parseConstant('BOOL', text);
  return constant.kind === 'boolean' ? constant.value : undefined;
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
