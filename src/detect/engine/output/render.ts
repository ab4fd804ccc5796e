// One value as text (in an output) and as JSON (in `output_fields`), by type and print format.

import { EVENTS, type FieldRef, type FieldType, type Value } from '../../fields/index.ts';
import { valueClass } from '../ops/value-class.ts';

/** What a token prints for a missing value. */
export const MISSING = '<NA>';

/** Bytes of a byte buffer or list that are printed at most. */
const MAX_BYTES = 1023;

export interface Rendering {
  readonly type: FieldType;
  /** `DEC`, `HEX`, `OCT`, `10_PADDED_DEC`, … */
  readonly format: string;
  readonly base64: boolean;
}

const PARAM_FORMATS: ReadonlyMap<string, string> = new Map(
  EVENTS.flatMap((event) => event.params)
    .reverse()
    .map((param) => [param.name, param.format]),
);

/** How numbers of this field print; `evt.rawarg.X` prints as its parameter does. */
export function printFormat(ref: FieldRef): string {
  if (ref.def.name === 'evt.rawarg') return PARAM_FORMATS.get(ref.arg ?? '') ?? 'DEC';
  return ref.def.printFormat;
}

type Scalar = string | number | bigint | boolean;

/** Text of an extracted value. */
export function renderText(value: Value, how: Rendering): string {
  if (value instanceof Uint8Array) return renderBytes(value, how.base64);
  if (Array.isArray(value))
    return cutBytes(`(${value.map((item) => scalarText(item as Scalar, how)).join(',')})`);
  return scalarText(value as Scalar, how);
}

function cutBytes(text: string): string {
  return text.length * 3 <= MAX_BYTES ? text : truncateBytes(text, MAX_BYTES);
}

/** The longest prefix of at most `bytes` bytes of UTF-8. */
export function truncateBytes(text: string, bytes: number): string {
  const buffer = Buffer.from(text, 'utf8');
  if (buffer.length <= bytes) return text;
  let end = bytes;
  while (end > 0 && ((buffer[end] as number) & 0xc0) === 0x80) end--;
  return buffer.toString('utf8', 0, end);
}

function renderBytes(bytes: Uint8Array, base64: boolean): string {
  const cut = bytes.subarray(0, MAX_BYTES);
  if (base64) return Buffer.from(cut).toString('base64');
  return Array.from(cut, (c) => (c >= 32 && c < 127 ? String.fromCharCode(c) : '.')).join('');
}

function scalarText(value: Scalar, { type, format }: Rendering): string {
  if (typeof value === 'string') return valueClass(type) === 'net' ? '<IPNET>' : value;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (type === 'DOUBLE') return Number(value).toFixed(1);
  switch (format) {
    case 'HEX':
      return unsigned(value, type).toString(16).toUpperCase();
    case 'OCT':
      return unsigned(value, type).toString(8);
    case '10_PADDED_DEC':
      return String(value).padStart(9, '0');
    default:
      return String(value);
  }
}

/** Negative numbers in HEX and OCT are their two's complement. */
function unsigned(value: number | bigint, type: FieldType): bigint {
  const bits = /(?:8|16|32)$/.exec(type)?.[0] ?? '64';
  return BigInt.asUintN(Number(bits), BigInt(value));
}

/** JSON source of an extracted value. */
export function renderJson(value: Value, how: Rendering): string {
  if (value instanceof Uint8Array) return JSON.stringify(renderBytes(value, how.base64));
  if (Array.isArray(value)) return `[${value.map((item) => scalarJson(item as Scalar, how)).join(',')}]`;
  return scalarJson(value as Scalar, how);
}

function scalarJson(value: Scalar, how: Rendering): string {
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'string') return JSON.stringify(scalarText(value, how));
  if (how.format === 'HEX' || how.format === 'OCT') return JSON.stringify(scalarText(value, how));
  if (how.type === 'DOUBLE') return Number.isInteger(value) ? `${value}.0` : String(value);
  return String(value);
}
