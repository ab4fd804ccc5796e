// Which events change the state that later events' fields are read from.

import { EVENTS } from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';

/** Besides those that Falco's table marks: memory, limits, namespaces, containers. */
const ALSO_CHANGES: ReadonlySet<string> = new Set([
  'getcwd',
  'setrlimit',
  'prlimit',
  'brk',
  'mmap',
  'mmap2',
  'munmap',
  'unshare',
  'setns',
  'switch',
  'send',
  'asyncevent',
]);

const CHANGES = new Uint8Array(EVENTS.length);
/** Reads and writes give a socket its role when they are its first. */
const TRANSFERS = new Uint8Array(EVENTS.length);
for (const { code, name, flags } of EVENTS) {
  if (flags.has('MODIFIES_STATE') || ALSO_CHANGES.has(name)) CHANGES[code] = 1;
  else if (flags.has('READS_FROM_FD') || flags.has('WRITES_TO_FD')) TRANSFERS[code] = 1;
}

/** Whether what this event did is still to be seen at a later one. */
export function changesState(event: ScapEvent): boolean {
  return CHANGES[event.code] === 1 || (TRANSFERS[event.code] === 1 && event.fd?.isInet === true);
}
