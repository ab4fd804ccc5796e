// A JSON source as the reader and the engine use it. `defineJsonSource` makes one from a definition.

import type { FieldDef, FieldReader, FieldRef, Value } from '../../detect/fields/index.ts';
import type { JsonEvent, JsonRecord } from './event.ts';

/** How a field is read from an event's record; `arg` is the field's argument. */
export type JsonField = (record: JsonRecord, arg: string | undefined, event: JsonEvent) => Value | undefined;

export interface JsonSource {
  /** Falco's source name: `k8s_audit`, `aws_cloudtrail`, … */
  readonly name: string;
  /** The plugin that brings it. */
  readonly plugin: string;
  readonly version: string;
  /** What it is, in one line. */
  readonly description: string;
  /** Fields that `catalogueFor(name)` does not have: all of a source that is not built in. */
  readonly extra: readonly FieldDef[];
  readonly fields: ReadonlyMap<string, JsonField>;
  /** Steps to a wrapper's list of events (`items` of an EventList, `Records` of CloudTrail). */
  readonly lists: readonly (readonly string[])[];
  /** The event inside a record that wraps it, if the record does. */
  readonly unwrap: (record: JsonRecord) => JsonRecord | undefined;
  /** Nanoseconds since 1970; `undefined`: no time that can be read. */
  readonly time: (record: JsonRecord) => bigint | undefined;
  /** Where `time` looks, for people. */
  readonly timePaths: readonly string[];
  /** Whether a record can be an event of this source at all. */
  readonly accepts: (record: JsonRecord) => boolean;
  /** Called for each event before it is handed on, by sources whose fields look back. */
  readonly observe?: (event: JsonEvent) => void;
  /** `evt.plugininfo`. */
  readonly info: (event: JsonEvent) => string;
}

/** A reader for one field of the source; `undefined`: the source does not have it. */
export function sourceReader(source: JsonSource, field: FieldRef): FieldReader<JsonEvent> | undefined {
  const read = source.fields.get(field.def.name);
  if (read === undefined) return undefined;
  const { arg } = field;
  return (event) => cut(read(event.record, arg, event));
}

/** Plugins hand texts over as C strings: they end at the first NUL. */
export function cut(value: Value | undefined): Value | undefined {
  if (typeof value === 'string') return cutText(value);
  if (Array.isArray(value) && value.some((item) => typeof item === 'string' && item.includes('\0')))
    return value.map((item) => (typeof item === 'string' ? cutText(item) : item)) as Value;
  return value;
}

function cutText(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
