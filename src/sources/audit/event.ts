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
  /** What fields that look back remember of the stream; bounded by whoever puts something in. */
  readonly memory: Map<string, unknown>;
}

/** An event object for one stream; readers of several files of the stream share it, so that numbers run on. */
export function createJsonEvent(): JsonEvent {
  return { num: 0, timeNs: 0n, firstNs: 0n, record: {}, memory: new Map() };
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

/** A number, not digits in a text, that a double may not hold. */
const LONG_NUMBER = /[:,[]\s*-?[0-9]{16}/;

/** Nesting that Falco's plugins read: the limit of their JSON library. */
export const MAX_DEPTH = 300;

/**
 * Parses one record; `undefined` when the text is not JSON, or nested deeper than `MAX_DEPTH`. Integers that a double
 * cannot hold stay exact. A key given twice keeps its last value.
 */
export function parseRecord(text: string): Json | undefined {
  if (opens(text) > MAX_DEPTH && nesting(text) > MAX_DEPTH) return undefined;
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

/** How many brackets open in the text, up to one more than the limit: a bound for the nesting that costs little. */
function opens(text: string): number {
  let count = 0;
  for (const bracket of '{[') {
    for (let at = text.indexOf(bracket); at >= 0 && count <= MAX_DEPTH; at = text.indexOf(bracket, at + 1))
      count++;
  }
  return count;
}

/** The nesting of JSON text, strings left out. */
export function nesting(text: string): number {
  let depth = 0;
  let most = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) inString = !inString;
    else if (inString) i += c === 0x5c ? 1 : 0;
    else if (c === 0x7b || c === 0x5b) most = Math.max(most, ++depth);
    else if (c === 0x7d || c === 0x5d) depth--;
  }
  return most;
}
