// Times as alerts write them, to nanoseconds since 1970 UTC.

import type { JsonValue } from '../base/json.ts';
import type { FieldValue } from './alert.ts';

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9})\d{0,3})? ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/;

/** Plausible event times: 2001 to 2100. Anything else (a wrapped counter, seconds, milliseconds) is not one. */
const EARLIEST_NS = 1_000_000_000_000_000_000n;
const LATEST_NS = 4_102_444_800_000_000_000n;

/** ISO 8601 text; without a zone it is UTC, which is what Falco's `time` always is. `undefined` if it is no such text. */
export function parseIsoNs(text: string): bigint | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const ms = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  if (Number(month) > 12 || Number(day) > 31 || Number(hour) > 23 || Number(minute) > 59) return undefined;
  const nanos = fraction === undefined ? 0 : Number(fraction.padEnd(9, '0'));
  return BigInt(ms - offsetMs(zone)) * 1_000_000n + BigInt(nanos);
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z' || zone === 'UTC') return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** An alert's `time`: ISO text, `{seconds, nanos}` of the gRPC era, or integer nanoseconds. */
export function envelopeTime(value: JsonValue | undefined): bigint | undefined {
  if (typeof value === 'string') return parseIsoNs(value);
  if (value instanceof Map) {
    const seconds = value.get('seconds');
    const nanos = value.get('nanos');
    if (typeof seconds !== 'string' && typeof seconds !== 'number') return undefined;
    if (!/^\d{1,12}$/.test(String(seconds))) return undefined;
    return plausible(
      BigInt(seconds) * 1_000_000_000n + BigInt(typeof nanos === 'number' ? Math.trunc(nanos) : 0),
    );
  }
  return nanoseconds(value as FieldValue | undefined);
}

const TIME_FIELDS = [
  'evt.time.iso8601',
  'evt.time',
  'evt.rawtime',
  'evt.datetime',
  'jevt.time.iso8601',
  'jevt.rawtime',
];

/** The event time among an alert's fields. JSON tools round these integers: `time` is better where there is one. */
export function fieldTime(fields: ReadonlyMap<string, FieldValue>): bigint | undefined {
  for (const name of TIME_FIELDS) {
    const value = fields.get(name);
    if (value === undefined || value === null) continue;
    const ns = typeof value === 'string' ? parseIsoNs(value) : nanoseconds(value);
    if (ns !== undefined) return ns;
  }
  return undefined;
}

function nanoseconds(value: FieldValue | undefined): bigint | undefined {
  if (typeof value === 'bigint') return plausible(value);
  if (typeof value === 'number' && Number.isFinite(value)) return plausible(BigInt(Math.trunc(value)));
  return undefined;
}

function plausible(ns: bigint): bigint | undefined {
  return ns >= EARLIEST_NS && ns < LATEST_NS ? ns : undefined;
}
