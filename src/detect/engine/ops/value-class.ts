// Falco's parameter types, grouped by how their values compare.

import type { FieldType } from '../../fields/index.ts';

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

export interface IntegerShape {
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
}

const SIGNED: Readonly<Record<string, 8 | 16 | 32 | 64>> = {
  INT8: 8,
  INT16: 16,
  INT32: 32,
  INT64: 64,
  FD: 64,
  PID: 64,
  ERRNO: 64,
};
const UNSIGNED: Readonly<Record<string, 8 | 16 | 32 | 64>> = {
  UINT8: 8,
  FLAGS8: 8,
  ENUMFLAGS8: 8,
  SIGTYPE: 8,
  L4PROTO: 8,
  UINT16: 16,
  FLAGS16: 16,
  ENUMFLAGS16: 16,
  PORT: 16,
  SYSCALLID: 16,
  UINT32: 32,
  FLAGS32: 32,
  ENUMFLAGS32: 32,
  MODE: 32,
  UINT64: 64,
  RELTIME: 64,
  ABSTIME: 64,
};

/** Size and sign of an integer type; `undefined` for every other type. */
export function integerShape(type: FieldType): IntegerShape | undefined {
  const signed = SIGNED[type];
  if (signed !== undefined) return { bits: signed, signed: true };
  const unsigned = UNSIGNED[type];
  return unsigned === undefined ? undefined : { bits: unsigned, signed: false };
}

const OTHER: Readonly<Record<string, ValueClass>> = {
  CHARBUF: 'text',
  FSPATH: 'text',
  FSRELPATH: 'text',
  BYTEBUF: 'bytes',
  BOOL: 'bool',
  DOUBLE: 'double',
  IPADDR: 'ip',
  IPV4ADDR: 'ip',
  IPV6ADDR: 'ip',
  IPNET: 'net',
  IPV4NET: 'net',
  IPV6NET: 'net',
  DYN: 'dynamic',
};

// Ids that Falco holds in 64 bits, and that the kernel keeps far below 2^53.
const SMALL = new Set(['FD', 'PID', 'ERRNO']);

export function valueClass(type: FieldType): ValueClass {
  const shape = integerShape(type);
  if (shape !== undefined) return shape.bits === 64 && !SMALL.has(type) ? 'int64' : 'int';
  return OTHER[type] ?? 'opaque';
}

/** A bigint that fits is a number, so that equal values are `===` and hash alike. */
export function canonicalInteger(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value;
}
