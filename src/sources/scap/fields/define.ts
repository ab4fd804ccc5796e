// How a family of fields is written down: one `FieldSource` a field, made from a plain reader where the event's code
// does not matter. The registry (access.ts) looks a reference up among the families and asks for a reader.

import type { EventInfo, FieldReader, FieldRef, Value } from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';
import type { Thread } from '../state/thread.ts';

export type Reader = FieldReader<ScapEvent>;

/** What a field is made of. `info` is given when the reader will only see events of that code. */
export interface FieldSource {
  /** The reader for conditions; `undefined`: such events never have the field. */
  reader(ref: FieldRef, info: EventInfo | undefined): Reader | undefined;
  /** The reader for outputs, where it differs. */
  output?(ref: FieldRef): Reader | undefined;
  /** The value that all events of one code share. */
  constant?(ref: FieldRef, info: EventInfo): Value | undefined;
}

/** A family: field name → source. */
export type Family = Readonly<Record<string, FieldSource>>;

/** A field of any event. */
export function ofEvent(read: Reader): FieldSource {
  return { reader: () => read };
}

/** A field of the event's thread; absent when there is none. */
export function ofThread(read: (thread: Thread, event: ScapEvent) => Value | undefined): FieldSource {
  const reader: Reader = (event) => {
    const thread = event.thread;
    return thread === undefined ? undefined : read(thread, event);
  };
  return { reader: () => reader };
}

/** A field whose value only the event's code decides. */
export function ofCode(
  valueFor: (info: EventInfo, ref: FieldRef) => Value | undefined,
  infos: readonly EventInfo[],
): FieldSource {
  return {
    reader(ref, info) {
      if (info !== undefined) {
        const value = valueFor(info, ref);
        return value === undefined ? undefined : () => value;
      }
      const values = infos.map((each) => valueFor(each, ref));
      return (event) => values[event.code];
    },
    constant: (ref, info) => valueFor(info, ref),
  };
}

/** A field that the catalogue knows and no event has. */
export const NEVER: FieldSource = { reader: () => undefined };

/** The whole number in an argument, `undefined` when there is no argument or it is no number. */
export function indexOf(ref: FieldRef): number | undefined {
  return ref.arg !== undefined && /^-?\d+$/.test(ref.arg) ? Number(ref.arg) : undefined;
}
