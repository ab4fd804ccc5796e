// Compares what Yarak reads from a capture with a dump of what Falco read: every event, every field.
//
//   node scripts/compare-fields.ts CAPTURE DUMP [--field NAME]
//
// A dump is gzip of one JSON object a line, the non-null values of the dumped fields for one event, in order. Prints a
// table of the fields that differ, with the first example of each; `--field` prints every difference of one field.

import { createReadStream, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseJson } from '../src/base/json.ts';
import { catalogueFor, type FieldRef } from '../src/detect/fields/index.ts';
import { readCapture, type ScapEvent, scapFields } from '../src/sources/scap/index.ts';

/** One value that is not what Falco dumped; both in JSON, `null` for absent. */
export interface Difference {
  readonly field: string;
  readonly num: number;
  readonly type: string;
  readonly expected: string;
  readonly actual: string;
  /** All that was dumped of the event. */
  readonly row: Row;
}

export interface Comparison {
  readonly events: number;
  readonly values: number;
  readonly differences: readonly Difference[];
  /** Events that only one side has, by number. */
  readonly missing: readonly number[];
  readonly surplus: readonly number[];
}

export type Row = ReadonlyMap<string, unknown>;

/** The rows of a dump, by event number. */
export function readDump(path: string): Map<number, Row> {
  const rows = new Map<number, Row>();
  for (const line of gunzipSync(readFileSync(path)).toString('utf8').split('\n')) {
    if (line === '') continue;
    const parsed = parseJson(line);
    if (!parsed.ok) throw new Error(`${path}: ${parsed.error.message}`);
    const row = parsed.value as Row;
    rows.set(Number(row.get('evt.num')), row);
  }
  return rows;
}

/** Fields that dumps hold as the event's time in nanoseconds, whatever their text. */
const TIME_FIELDS = new Set([
  'evt.time',
  'evt.time.s',
  'evt.time.iso8601',
  'evt.datetime',
  'evt.datetime.s',
  'evt.rawtime',
]);

/** Falco extracts a field twice for JSON: once for the text, once for the value. It shows where a read has an effect. */
const READ_TWICE = new Set([
  'evt.deltatime',
  'evt.deltatime.s',
  'evt.deltatime.ns',
  'thread.cpu',
  'thread.cpu.system',
  'thread.cpu.user',
  'util.cnt',
]);

type Read = (event: ScapEvent) => unknown;

function readerFor(ref: FieldRef): Read {
  const { name } = ref.def;
  if (TIME_FIELDS.has(name)) return (event) => event.tsNs;
  if (name === 'evt.rawtime.s') return (event) => event.tsNs / 1_000_000_000n;
  if (name === 'evt.rawtime.ns') return (event) => event.tsNs % 1_000_000_000n;
  const read = scapFields.outputReader?.(ref);
  if (read === undefined) return () => undefined;
  if (!READ_TWICE.has(name)) return read;
  return (event) => {
    read(event);
    return read(event);
  };
}

/** A value as JSON text. Integers in hex or octal are strings there, as in Falco's `output_fields`. */
function jsonOf(value: unknown, format: string): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') {
    if (format === 'HEX') return JSON.stringify((value >>> 0).toString(16).toUpperCase());
    return String(value);
  }
  // The order of a set is no part of it.
  if (Array.isArray(value)) return JSON.stringify([...value].sort());
  return JSON.stringify(value);
}

/** Runs through a capture and compares all fields named by the dump's columns. */
export async function compareCapture(
  capture: string,
  dump: string,
  fields: readonly string[],
): Promise<Comparison> {
  const rows = readDump(dump);
  const catalogue = catalogueFor('syscall');
  const columns = fields.map((text) => {
    const found = catalogue.resolve(text);
    if (found.ref === undefined) throw new Error(found.error);
    return { text, format: found.ref.def.printFormat, read: readerFor(found.ref) };
  });
  const differences: Difference[] = [];
  const surplus: number[] = [];
  let events = 0;
  const compare = (event: ScapEvent): void => {
    const row = rows.get(event.num);
    if (row === undefined) {
      surplus.push(event.num);
      return;
    }
    events++;
    rows.delete(event.num);
    for (const { text, format, read } of columns) {
      const actual = jsonOf(read(event), format);
      const expected = jsonOf(row.get(text), 'DEC');
      if (actual === expected) continue;
      const type = String(row.get('evt.type'));
      differences.push({ field: text, num: event.num, type, expected, actual, row });
    }
  };
  const summary = await readCapture(createReadStream(capture), compare);
  for (const { message } of summary.diagnostics) throw new Error(`${capture}: ${message}`);
  return { events, values: events * fields.length, differences, missing: [...rows.keys()], surplus };
}

/** All fields that a dump has a value for. */
export function dumpedFields(dump: string): string[] {
  const names = new Set<string>();
  for (const row of readDump(dump).values()) for (const name of row.keys()) names.add(name);
  return [...names].sort();
}

function cut(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

function printTable({ differences }: Comparison): void {
  const byField = Map.groupBy(differences, (difference) => difference.field);
  const rows = [...byField].sort(([, a], [, b]) => b.length - a.length);
  for (const [field, all] of rows) {
    const first = all[0] as Difference;
    console.log(`${String(all.length).padStart(6)}  ${field}   (${first.type} at ${first.num})`);
    console.log(`        Falco ${cut(first.expected)}`);
    console.log(`        Yarak ${cut(first.actual)}`);
  }
}

async function main([capture, dump, ...options]: string[]): Promise<void> {
  if (capture === undefined || dump === undefined) {
    console.error('usage: node scripts/compare-fields.ts CAPTURE DUMP [--field NAME]');
    process.exitCode = 2;
    return;
  }
  const field = options[0] === '--field' ? options[1] : undefined;
  const result = await compareCapture(capture, dump, field === undefined ? dumpedFields(dump) : [field]);
  if (field === undefined) printTable(result);
  else {
    for (const { num, type, expected, actual } of result.differences) {
      console.log(`${num} ${type}\n  Falco ${expected}\n  Yarak ${actual}`);
    }
  }
  if (result.missing.length > 0) console.log(`not read: events ${result.missing.slice(0, 20).join(' ')}`);
  if (result.surplus.length > 0) console.log(`not dumped: events ${result.surplus.slice(0, 20).join(' ')}`);
  const equal = result.values - result.differences.length;
  console.log(
    `${result.events} events, ${result.values} values, ${equal} equal (${((100 * equal) / result.values).toFixed(4)} %)`,
  );
  process.exitCode = result.differences.length === 0 ? 0 : 1;
}

if (import.meta.main) await main(process.argv.slice(2));
