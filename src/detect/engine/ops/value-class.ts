// Falco's parameter types, grouped by how their values compare.

import type { FieldType } from '../../fields/index.ts';
import { familyOf } from '../../lang/index.ts';

/** `int`: always a JavaScript number. `int64`: number or bigint. `dynamic`: known per event only (`evt.rawarg`). */
export type ValueClass =
  | 'text'
  | 'bytes'
  | 'bool'
  | 'int'
  | 'int64'
  | 'double'
  | 'ip'
  | 'net'
  | 'dynamic'
  | 'opaque';

const WIDE = new Set(['INT64', 'UINT64', 'RELTIME', 'ABSTIME']);

/** Ids and error numbers, which Falco holds in 64 bits, are small enough for a double: they are `int`. */
export function valueClass(type: FieldType): ValueClass {
  if (type === 'DYN') return 'dynamic';
  if (type === 'DOUBLE') return 'double';
  switch (familyOf(type)) {
    case 'number':
      return WIDE.has(type) ? 'int64' : 'int';
    case 'boolean':
      return 'bool';
    case 'string':
      return 'text';
    case 'bytes':
      return 'bytes';
    case 'address':
      return type.endsWith('NET') ? 'net' : 'ip';
    case 'other':
      return 'opaque';
  }
}

/** A bigint that fits is a number, so that equal values are `===` and hash alike. */
export function canonicalInteger(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value;
}
