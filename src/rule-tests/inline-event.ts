// One event written out in a test: its fields, with those of the `base` events under them, as a record for the engine.

import type { Diagnostic, Location } from '../base/diagnostic.ts';
import { nearest } from '../base/nearest.ts';
import type { YamlPlaces } from '../base/yaml-schema.ts';
import { type EventAccess, type EventRecord, recordAccess } from '../detect/engine/index.ts';
import {
  EVENTS,
  eventCodes,
  eventNames,
  type FieldCatalogue,
  type FieldReader,
  type FieldRef,
  GENERIC_EXIT,
  PARAM_TYPES,
  type Value,
} from '../detect/fields/index.ts';
import { scapFields } from '../sources/scap/index.ts';
import { fieldValue, isProblem } from './field-values.ts';

/** Fields as written, and the path to them in the file. */
export interface WrittenFields {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly path: readonly PropertyKey[];
}

export interface InlineEvent extends EventRecord {
  readonly at: Location;
  /** The event's code; 0 for sources without event codes. */
  readonly code: number;
  readonly number: number;
}

interface Context {
  readonly catalogue: FieldCatalogue;
  readonly places: YamlPlaces;
  /** From 1. */
  readonly number: number;
}

/** 2026-01-01T00:00:00Z; each event comes a second after the one before, unless it says `evt.rawtime`. */
const FIRST_NS = 1_767_225_600_000_000_000n;
const SECOND_NS = 1_000_000_000n;

/** What the engine works out from the event's time; only `evt.rawtime` can be given. */
const FROM_TIME = /^evt\.(?:time|datetime|outputtime|rawtime|reltime|around)/;

/** Reads an event; later layers win, and null takes a field away. */
export function readEvent(
  layers: readonly WrittenFields[],
  { catalogue, places, number }: Context,
): { readonly event?: InlineEvent; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const given = new Map<string, { ref: FieldRef; value: Value; path: readonly PropertyKey[] }>();
  const own = layers.at(-1) as WrittenFields;
  const fail = (code: string, message: string, at: Location, help?: string) =>
    diagnostics.push({ code, severity: 'error', message, at, ...(help !== undefined && { help }) });
  let timeNs = FIRST_NS + BigInt(number - 1) * SECOND_NS;
  for (const { fields, path } of layers) {
    for (const [name, raw] of Object.entries(fields)) {
      const here = [...path, name];
      const { ref, error } = catalogue.resolve(name);
      if (ref === undefined) {
        const near = nearestField(name, catalogue);
        fail(
          'TEST_FIELD_UNKNOWN',
          `Unknown field \`${name}\` of source ${catalogue.source}${error.includes('nonexistent field') ? '' : `: ${error}`}`,
          places.at(here, 'key'),
          near && `did you mean '${near}'?`,
        );
        continue;
      }
      if (raw === null) {
        given.delete(ref.text);
        continue;
      }
      if (FROM_TIME.test(name) && name !== 'evt.rawtime') {
        fail(
          'TEST_FIELD_VALUE',
          `\`${name}\` follows from the event's time`,
          places.at(here, 'key'),
          "give evt.rawtime, the event's time in nanoseconds since 1970",
        );
        continue;
      }
      const value = fieldValue(ref, raw, (index) =>
        places.plainText(index === undefined ? here : [...here, index]),
      );
      if (isProblem(value)) fail('TEST_FIELD_VALUE', value.problem, places.at(here));
      else if (name === 'evt.rawtime') timeNs = BigInt(value as number | bigint);
      else given.set(ref.text, { ref, value, path: here });
    }
  }
  const at = places.at(own.path);
  const code = catalogue.source === 'syscall' ? codeOf(given, at, places, fail) : 0;
  if (code !== undefined && catalogue.source === 'syscall') {
    for (const { ref, value, path } of given.values()) {
      const problem = contradiction(ref, value, code);
      if (problem !== undefined) fail('TEST_FIELD_VALUE', problem, places.at(path, 'key'));
    }
  }
  if (code === undefined || diagnostics.length > 0) return { diagnostics };
  const fields = new Map([...given].map(([name, { value }]) => [name, value]));
  return { event: { at, code, number, timeNs, fields }, diagnostics };
}

/** The nearest right name; of `evt.arg.flag`, the nearest argument. */
function nearestField(name: string, catalogue: FieldCatalogue): string | undefined {
  const argument = /^(evt\.(?:raw)?arg\.)(.+)$/s.exec(name);
  if (argument === null) return catalogue.nearest(name);
  const near = nearest(argument[2] as string, PARAM_TYPES.keys());
  return near && `${argument[1]}${near}`;
}

type Given = ReadonlyMap<string, { readonly value: Value; readonly path: readonly PropertyKey[] }>;

/** The code of the newest version of the event that is named, entering or leaving the call (the default). */
function codeOf(
  given: Given,
  at: Location,
  places: YamlPlaces,
  fail: (code: string, message: string, at: Location, help?: string) => void,
): number | undefined {
  const type = given.get('evt.type');
  if (type === undefined) {
    fail('TEST_EVENT_TYPE', 'A system call event needs `evt.type`: it decides which rules are asked', at);
    return undefined;
  }
  const name = String(type.value);
  const codes = eventCodes(name);
  if (codes === undefined || codes.length === 0) {
    const near = nearest(name, eventNames());
    fail(
      'TEST_EVENT_TYPE',
      `Unknown event type \`${name}\``,
      places.at(type.path),
      near && `did you mean '${near}'?`,
    );
    return undefined;
  }
  const dir = given.get('evt.dir');
  const wanted = dir?.value === '>' ? 'E' : 'X';
  const found = codes.findLast((code) => EVENTS[code]?.direction === wanted);
  if (found === undefined && dir !== undefined) {
    fail(
      'TEST_FIELD_VALUE',
      `There is no event ${name} with evt.dir ${String(dir.value)}`,
      places.at(dir.path),
    );
    return undefined;
  }
  return found ?? codes.at(-1);
}

/** What the event table says against a field of such an event. */
function contradiction(ref: FieldRef, value: Value, code: number): string | undefined {
  const info = EVENTS[code];
  if (info === undefined || code <= GENERIC_EXIT) return undefined;
  const constant = scapFields.constant?.(ref, code);
  if (constant !== undefined && constant !== value)
    return `${ref.text} is always ${String(constant)} in ${info.name} events, found ${String(value)}`;
  const { name } = ref.def;
  if ((name === 'evt.arg' || name === 'evt.rawarg') && ref.arg !== undefined && !/^\d+$/.test(ref.arg)) {
    if (!info.params.some((param) => param.name === ref.arg)) {
      const known = info.params.map((param) => param.name);
      const near = nearest(ref.arg, known);
      return `${info.name} events have no argument ${ref.arg}${near === undefined ? '' : ` (did you mean ${near}?)`}; they have ${known.join(', ')}`;
    }
  }
  return undefined;
}

/** Reads inline events: the given fields, then what the event's type or place alone decides. */
export function inlineAccess(source: string): EventAccess<InlineEvent> {
  const access = recordAccess(source);
  const withDecided = (ref: FieldRef, read: FieldReader<InlineEvent> | undefined) => {
    const decided = decidedReader(source, ref);
    return (event: InlineEvent) => read?.(event) ?? decided(event);
  };
  return {
    ...access,
    reader: (ref, code) => withDecided(ref, access.reader(ref, code)),
    outputReader: (ref) => withDecided(ref, access.outputReader?.(ref)),
    constant: (ref, code) =>
      source !== 'syscall' || code <= GENERIC_EXIT ? undefined : scapFields.constant?.(ref, code),
  };
}

function decidedReader(source: string, ref: FieldRef): FieldReader<InlineEvent> {
  if (ref.def.name === 'evt.num') return (event) => event.number;
  if (ref.def.name === 'evt.source') return () => source;
  if (source !== 'syscall') return () => undefined;
  return (event) =>
    scapFields.constant?.(ref, event.code) ??
    // System calls without events of their own: both names are the call's.
    (ref.def.name === 'syscall.type' ? event.fields.get('evt.type') : undefined);
}
