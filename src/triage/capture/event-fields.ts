// Falco's fields of a capture's current event, by name: what an alert about it would have printed.

import type { FieldValue } from '../../alerts/index.ts';
import { catalogueFor, type Value } from '../../detect/fields/index.ts';
import { type ScapEvent, scapFields } from '../../sources/scap/index.ts';

export type Reader = (event: ScapEvent) => Value | undefined;

const CATALOGUE = catalogueFor('syscall');

/** The reader of a field that the catalogue has; for names written in this folder only. */
export function fieldReader(name: string): Reader {
  const { ref } = CATALOGUE.resolve(name);
  const reader = ref === undefined ? undefined : scapFields.reader(ref, undefined);
  if (reader === undefined) throw new Error(`no event has the field ${name}`);
  return reader;
}

/** `''` where the event has no such value. */
export function textReader(name: string): (event: ScapEvent) => string {
  const read = fieldReader(name);
  return (event) => {
    const value = read(event);
    return value === undefined || typeof value === 'object' ? '' : String(value);
  };
}

const ANCESTORS = [2, 3, 4, 5, 6, 7];

/** What triage asks of a process, its ancestors, its container and the event's file or connection. */
const NAMES: readonly string[] = [
  ...[
    'name',
    'exepath',
    'cmdline',
    'pid',
    'vpid',
    'ppid',
    'pname',
    'pexepath',
    'pcmdline',
    'cwd',
    'tty',
    'sid',
  ],
  ...['sname', 'is_exe_upper_layer', 'is_exe_lower_layer', 'is_exe_writable', 'is_exe_from_memfd'],
].map((name) => `proc.${name}`);
const ANCESTOR_NAMES = ANCESTORS.flatMap((n) =>
  ['apid', 'aname', 'aexepath', 'acmdline'].map((name) => `proc.${name}[${n}]`),
);
const OTHERS: readonly string[] = [
  ...['user.uid', 'user.name', 'user.loginuid', 'user.loginname', 'evt.type', 'evt.res'],
  ...['fd.name', 'fd.type', 'fd.typechar', 'fd.l4proto', 'fd.num'],
  ...['fd.sip', 'fd.cip', 'fd.rip', 'fd.lip', 'fd.sport', 'fd.cport', 'fd.rport', 'fd.lport'],
];
const CONTAINER_NAMES: readonly string[] = [
  ...[
    'id',
    'name',
    'image',
    'image.repository',
    'image.tag',
    'image.digest',
    'privileged',
    'mounts',
    'start_ts',
  ],
].map((name) => `container.${name}`);
const POD_NAMES = ['k8s.ns.name', 'k8s.pod.name'];

type Named = readonly (readonly [name: string, read: Reader])[];
const named = (names: readonly string[]): Named => names.map((name) => [name, fieldReader(name)]);

const EVENT_READERS = named([...NAMES, ...ANCESTOR_NAMES, ...OTHERS]);
const CONTAINER_READERS = named([...CONTAINER_NAMES, ...POD_NAMES]);
/** Where Falco would print `null`, that an ancestor is not there is an answer, not a gap. */
const KNOWN_ABSENT = /^proc\.a(?:name|exepath|cmdline|pid)\[/;

/** Adds the event's values to `into`; those that are there stay. */
export function readEventFields(event: ScapEvent, into: Map<string, FieldValue>): void {
  add(EVENT_READERS, event, into);
}

/** The same for what is known of its container by now. */
export function readContainerFields(event: ScapEvent, into: Map<string, FieldValue>): void {
  add(CONTAINER_READERS, event, into);
}

function add(readers: Named, event: ScapEvent, into: Map<string, FieldValue>): void {
  for (const [name, read] of readers) {
    if (into.get(name) !== undefined && into.get(name) !== null) continue;
    const value = plain(read(event));
    if (value !== undefined && value !== '') into.set(name, value);
    else if (KNOWN_ABSENT.test(name)) into.set(name, null);
  }
}

function plain(value: Value | undefined): FieldValue | undefined {
  if (value instanceof Uint8Array) return undefined;
  return value;
}
