// Events written out as field values: rule unit tests, examples, and the engine's own tests.

import type { FieldRef, Value } from '../fields/index.ts';
import type { EventAccess } from './types.ts';

/** One event: its fields by printed form, in the shapes that `engine/types.ts` describes; a missing key is "not extracted". */
export interface EventRecord {
  readonly timeNs: bigint;
  readonly fields: ReadonlyMap<string, Value>;
}

/** Reads records. A field with several candidates takes its array from the same key. */
export function recordAccess(source: string): EventAccess<EventRecord> {
  return {
    source,
    reader:
      ({ text }: FieldRef) =>
      (event) =>
        event.fields.get(text),
    outputReader:
      ({ text, def }: FieldRef) =>
      (event) => {
        const value = event.fields.get(text);
        return Array.isArray(value) && !def.isList ? value.join(' ') : value;
      },
    timeNs: (event) => event.timeNs,
  };
}
