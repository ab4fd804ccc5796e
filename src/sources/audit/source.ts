// A JSON source, declared as data: its fields with the place of each in the record, how a payload is cut into events,
// and where an event's time is.

import type { FieldDef, FieldReader, FieldRef, Value } from '../../detect/fields/index.ts';
import type { JsonEvent, JsonRecord } from './event.ts';

/** How a field is read from an event's record; `arg` is the field's argument. */
export type JsonField = (record: JsonRecord, arg: string | undefined, event: JsonEvent) => Value | undefined;

export interface JsonSource {
  /** Falco's source name: `k8s_audit`, `aws_cloudtrail`, … */
  readonly name: string;
  /** Falco's plugin that brings it. */
  readonly plugin: string;
  /** Fields beside the generic `evt.*` and `json.*` ones. */
  readonly defs: readonly FieldDef[];
  readonly fields: ReadonlyMap<string, JsonField>;
  /** The key of a wrapper's list of events (`items` of an EventList, `Records` of CloudTrail). */
  readonly lists: readonly string[];
  /** Steps to the event's time, RFC 3339 or milliseconds; the first that is there. */
  readonly timePaths: readonly (readonly string[])[];
  /** Whether a record can be an event of this source at all. */
  readonly accepts: (record: JsonRecord) => boolean;
}

/** A reader for one field of the source; `undefined`: the source does not have it. */
export function sourceReader(source: JsonSource, field: FieldRef): FieldReader<JsonEvent> | undefined {
  const read = source.fields.get(field.def.name);
  if (read === undefined) return undefined;
  const { arg } = field;
  return (event) => read(event.record, arg, event);
}
