// One event of a JSON source: the parsed record and what the engine's generic fields need.

/** A JSON value as `JSON.parse` gives it; integers past 2^53 are bigint. Records are untrusted: read own keys only. */
export type Json = string | number | bigint | boolean | null | readonly Json[] | JsonRecord;
export interface JsonRecord {
  readonly [key: string]: Json;
}

/** The event that readers read; one object is reused for all events of a stream. */
export interface JsonEvent {
  /** Running number from 1. */
  num: number;
  timeNs: bigint;
  /** Time of the stream's first event. */
  firstNs: bigint;
  record: JsonRecord;
}

export function isRecord(value: Json | undefined): value is JsonRecord {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** An own property; `undefined` for anything that is no object or has no such key. */
export function own(value: Json | undefined, key: string): Json | undefined {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** As the plugins print values: strings stay, anything else is compact JSON. */
export function jsonText(value: Json): string {
  return typeof value === 'string' ? value : compact(value);
}

/** Compact JSON; keys keep their order. */
export function compact(value: Json): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(compact).join(',')}]`;
  if (isRecord(value)) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}:${compact(item)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value);
}

/** JSON indented by two blanks, as `jevt.obj` prints an event. */
export function pretty(value: Json, indent = ''): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => inner + pretty(item, inner)).join(',\n')}\n${indent}]`;
  }
  if (isRecord(value)) {
    const entries = Object.entries(value);
    if (entries.length === 0) return '{}';
    return `{\n${entries.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${pretty(item, inner)}`).join(',\n')}\n${indent}}`;
  }
  return compact(value);
}

const LONG_NUMBER = /[0-9]{16}/;

/** Parses one record; `undefined` when the text is not JSON. Integers that a double cannot hold stay exact. */
export function parseRecord(text: string): Json | undefined {
  try {
    if (!LONG_NUMBER.test(text)) return JSON.parse(text) as Json;
    return JSON.parse(text, (_key, value: Json, context?: { source?: string }) => {
      const source = context?.source;
      return typeof value === 'number' &&
        !Number.isSafeInteger(value) &&
        source !== undefined &&
        /^-?\d+$/.test(source)
        ? BigInt(source)
        : value;
    }) as Json;
  } catch {
    return undefined;
  }
}
