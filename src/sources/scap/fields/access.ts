// The syscall source's fields for the engine: one reader for a field reference. `evt.time*`, `evt.datetime*`,
// `evt.rawtime*` and `evt.around` are the engine's own work, from `timeNs`.

import type { EventAccess } from '../../../detect/engine/index.ts';
import { EVENTS } from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';
import { ARG_FIELDS } from './args.ts';
import { CONTAINER_FIELDS } from './container.ts';
import type { Family, FieldSource } from './define.ts';
import { EVT_FIELDS } from './evt.ts';
import { EVT_IO_FIELDS } from './evt-io.ts';
import { FD_FIELDS } from './fd.ts';
import { FD_NET_FIELDS } from './fd-net.ts';
import { FS_PATH_FIELDS } from './fs-path.ts';
import { PROCESS_FIELDS } from './process.ts';
import { THREAD_FIELDS } from './thread.ts';
import { USER_FIELDS } from './user.ts';

const FAMILIES: readonly Family[] = [
  EVT_FIELDS,
  EVT_IO_FIELDS,
  ARG_FIELDS,
  PROCESS_FIELDS,
  THREAD_FIELDS,
  USER_FIELDS,
  FD_FIELDS,
  FD_NET_FIELDS,
  FS_PATH_FIELDS,
  CONTAINER_FIELDS,
];

const SOURCES: ReadonlyMap<string, FieldSource> = new Map(
  FAMILIES.flatMap((family) => Object.entries(family)),
);

/** Names of all fields that are read here, without arguments. */
export const SCAP_FIELD_NAMES: readonly string[] = [...SOURCES.keys()];

/**
 * Reads fields of a capture's current event. Readers are made once per field reference and plan; they look only at the
 * event and its state, and copy nothing: a value that is bytes is valid until the next event.
 */
export const scapFields: EventAccess<ScapEvent> = {
  source: 'syscall',
  reader(field, code) {
    return SOURCES.get(field.def.name)?.reader(field, code === undefined ? undefined : EVENTS[code]);
  },
  outputReader(field) {
    const source = SOURCES.get(field.def.name);
    return source?.output === undefined ? source?.reader(field, undefined) : source.output(field);
  },
  constant(field, code) {
    const info = EVENTS[code];
    return info === undefined ? undefined : SOURCES.get(field.def.name)?.constant?.(field, info);
  },
  timeNs: (event) => event.tsNs,
};
