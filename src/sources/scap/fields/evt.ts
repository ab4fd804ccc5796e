// Fields of the event itself that are not parameters: its name, kind and result, whether it opened a file, its time
// since the start. Follows libs userspace/libsinsp/sinsp_filtercheck_event.cpp and …_gen_event.cpp in what is visible.

import {
  ASYNC_EVENT,
  CATEGORY_SOURCE,
  EVENTS,
  type EventInfo,
  GENERIC_EXIT,
  SYSCALL_NAMES,
} from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';
import { sanitise } from '../sanitise.ts';
import { type Family, type FieldSource, NEVER, ofCode, ofEvent } from './define.ts';
import { nativeSyscallName } from './native-syscalls.ts';
import { compact, joinUnsigned } from './numbers.ts';
import { argText } from './param-text.ts';

const infoOf = (event: ScapEvent): EventInfo => EVENTS[event.code] as EventInfo;
const isExit = (info: EventInfo): boolean => info.direction === 'X';
const isMeta = (info: EventInfo): boolean => (info.category & CATEGORY_SOURCE.meta) !== 0;
const isSyscall = (info: EventInfo): boolean => (info.category & CATEGORY_SOURCE.syscall) !== 0;

/** Events whose first parameter is what the call returned: by code. */
const RETURNS: readonly boolean[] = EVENTS.map(
  (info) => isExit(info) && isSyscall(info) && info.code !== GENERIC_EXIT && info.params.length > 0,
);

/** What the call returned; undefined for events that return nothing. */
export function returnValue(event: ScapEvent): number | undefined {
  if (!RETURNS[event.code] || event.paramCount === 0) return undefined;
  switch (event.size(0)) {
    case 8:
      return event.i64(0);
    case 4:
      return event.i32(0);
    case 2:
      return event.u16(0);
    case 1:
      return event.u8(0);
    default:
      return 0;
  }
}

/** A field of events that return something. */
export function ofReturn(
  read: (value: number, event: ScapEvent) => string | number | boolean | undefined,
): FieldSource {
  return {
    reader(_ref, info) {
      if (info !== undefined && !RETURNS[info.code]) return undefined;
      return (event) => {
        const value = returnValue(event);
        return value === undefined ? undefined : read(value, event);
      };
    },
  };
}

const UNKNOWN = 'unknown';

/** The generic event's system call: by the driver's number, else by the machine's. */
function syscallName(event: ScapEvent): string {
  const name = SYSCALL_NAMES[event.u16(0)] ?? UNKNOWN;
  return name === UNKNOWN && event.size(1) > 0 ? (nativeSyscallName(event.u16(1)) ?? UNKNOWN) : name;
}

function eventName(event: ScapEvent): string {
  if (event.code === GENERIC_EXIT) return syscallName(event);
  if (event.code === ASYNC_EVENT) return event.textAt(event.from(1), event.size(1));
  return infoOf(event).name;
}

/** Events of one code share a name, but for the generic and the asynchronous one. */
function fixedName(info: EventInfo): string | undefined {
  return info.code === GENERIC_EXIT || info.code === ASYNC_EVENT ? undefined : info.name;
}

const eventType: FieldSource = {
  reader(_ref, info) {
    const name = info === undefined ? undefined : fixedName(info);
    return name === undefined ? eventName : () => name;
  },
  constant: (_ref, info) => fixedName(info),
};

const syscallType: FieldSource = {
  reader(ref, info) {
    if (info !== undefined) return isSyscall(info) ? eventType.reader(ref, info) : undefined;
    return (event) => (isSyscall(infoOf(event)) ? eventName(event) : undefined);
  },
  constant: (ref, info) => (isSyscall(info) ? eventType.constant?.(ref, info) : undefined),
};

/** 1 when the event's name is the argument, else 0. */
const typeIs: FieldSource = ofCode((info, ref) => (fixedName(info) === ref.arg ? 1 : 0), EVENTS);

/** PPM's open flags. */
const OPEN = { read: 1, write: 2, create: 4, tmpfile: 1 << 13, created: 1 << 14 } as const;
const ANY_EXECUTE = 0o111;

/** Where the open calls' flags and mode are; -1: not there. */
const OPEN_CALLS: ReadonlyMap<number, readonly [flags: number, mode: number]> = new Map(
  EVENTS.filter(
    (info) =>
      isExit(info) &&
      !info.flags.has('OLD_VERSION') &&
      /^(open|openat|openat2|open_by_handle_at)$/.test(info.name),
  ).map((info) => [
    info.code,
    [info.params.findIndex((p) => p.name === 'flags'), info.params.findIndex((p) => p.name === 'mode')],
  ]),
);
const CREAT_EXIT = EVENTS.findIndex((info) => info.name === 'creat' && isExit(info));

/** A flag of the open calls: false for every other event, never absent. */
function ofOpen(read: (event: ScapEvent, flags: number, mode: number) => boolean): FieldSource {
  const decide = (event: ScapEvent, at: readonly [number, number]): boolean =>
    read(event, event.u32(at[0]), at[1] < 0 ? 0 : event.u32(at[1]));
  return {
    reader(_ref, info) {
      if (info !== undefined) {
        const at = OPEN_CALLS.get(info.code);
        return at === undefined ? () => false : (event) => decide(event, at);
      }
      return (event) => {
        const at = OPEN_CALLS.get(event.code);
        return at !== undefined && decide(event, at);
      };
    },
    constant: (_ref, info) => (OPEN_CALLS.has(info.code) ? undefined : false),
  };
}

const openExec = ofOpen(
  (_event, flags, mode) => (flags & (OPEN.create | OPEN.tmpfile)) !== 0 && (mode & ANY_EXECUTE) !== 0,
);
const creatExec = (event: ScapEvent): boolean => (event.u32(2) & ANY_EXECUTE) !== 0;
const isOpenExec: FieldSource = {
  reader(ref, info) {
    if (info?.code === CREAT_EXIT) return creatExec;
    const opened = openExec.reader(ref, info);
    if (info !== undefined || opened === undefined) return opened;
    return (event) => (event.code === CREAT_EXIT ? creatExec(event) : opened(event));
  },
  constant: (ref, info) => (info.code === CREAT_EXIT ? undefined : openExec.constant?.(ref, info)),
};

const NS_PER_SECOND = 1_000_000_000n;

/** Time since the first event that is no meta event; before it, since 1970. */
function relative(event: ScapEvent): bigint {
  const { state } = event;
  return BigInt.asUintN(
    64,
    joinUnsigned(event.tsHi, event.tsLo) - joinUnsigned(state.firstTsHi, state.firstTsLo),
  );
}

/** Time since this check was last asked for in the capture, so that it depends on who asks. */
function ofDelta(read: (ns: bigint) => bigint): FieldSource {
  return {
    reader() {
      let last = 0n;
      let capture: object | undefined;
      return (event) => {
        const now = event.tsNs;
        const delta = capture === event.state ? read(now - last) : 0n;
        capture = event.state;
        last = now;
        return compact(delta);
      };
    },
  };
}

/** `HH:MM:SS.nnnnnnnnn`, UTC. */
function outputTime(event: ScapEvent): string {
  const ns = event.tsNs;
  const date = new Date(Number(ns / 1_000_000n));
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}.${String(ns % NS_PER_SECOND).padStart(9, '0')}`;
}

/** `Event: pull; ID: 1234…`: the parts of an infrastructure event's description. */
function ofInfrastructure(label: string, shorten: (value: string) => string): FieldSource {
  const code = EVENTS.findIndex((info) => info.name === 'infra' && !isExit(info));
  const read = (event: ScapEvent): string | undefined => {
    for (const part of event.textAt(event.from(2), event.size(2)).split(';')) {
      const trimmed = part.trim();
      const colon = trimmed.indexOf(':');
      if (colon > 0 && trimmed.startsWith(label)) return shorten(trimmed.slice(colon + 1).trim());
    }
    return undefined;
  };
  return {
    reader: (_ref, info) =>
      info !== undefined && info.code !== code
        ? undefined
        : (event) => (event.code === code ? read(event) : undefined),
  };
}

export const EVT_FIELDS: Family = {
  'evt.num': ofEvent((event) => event.num),
  'evt.type': eventType,
  'syscall.type': syscallType,
  'evt.type.is': typeIs,
  'evt.dir': ofCode((info) => (isExit(info) ? '<' : '>'), EVENTS),
  'evt.cpu': ofEvent((event) => event.cpu),
  'evt.source': ofCode(() => 'syscall', EVENTS),
  'evt.pluginname': NEVER,
  'evt.plugininfo': NEVER,
  'evt.is_async': ofCode(isMeta, EVENTS),
  'evt.asynctype': {
    reader: (_ref, info) =>
      info !== undefined && !isMeta(info)
        ? undefined
        : (event) => (isMeta(infoOf(event)) ? eventName(event) : undefined),
  },
  // Unlike the alert's `hostname`: a Falco that replays has no machine of its own and shows an empty name.
  'evt.hostname': ofCode(() => '', EVENTS),
  'evt.rawres': ofReturn((value) => value),
  'evt.res': ofReturn((value, event) =>
    value >= 0
      ? 'SUCCESS'
      : sanitise(argText(event, infoOf(event).params[0] as EventInfo['params'][number], 0)),
  ),
  'evt.failed': ofReturn((value) => value < 0),
  'evt.is_open_read': ofOpen((_event, flags) => (flags & OPEN.read) !== 0),
  'evt.is_open_write': ofOpen((_event, flags) => (flags & OPEN.write) !== 0),
  'evt.is_open_exec': isOpenExec,
  'evt.is_open_create': ofOpen(
    (event, flags) =>
      (flags & OPEN.created) !== 0 || ((flags & OPEN.tmpfile) !== 0 && (returnValue(event) ?? -1) >= 0),
  ),
  'evt.is_io': ofCode(({ flags }) => flags.has('READS_FROM_FD') || flags.has('WRITES_TO_FD'), EVENTS),
  'evt.is_io_read': ofCode(({ flags }) => flags.has('READS_FROM_FD'), EVENTS),
  'evt.is_io_write': ofCode(({ flags }) => flags.has('WRITES_TO_FD'), EVENTS),
  'evt.io_dir': ofCode(({ flags }) => {
    if (flags.has('WRITES_TO_FD')) return 'write';
    return flags.has('READS_FROM_FD') ? 'read' : undefined;
  }, EVENTS),
  'evt.is_wait': ofCode(({ flags }) => flags.has('WAITS'), EVENTS),
  // Captures of today have no enter events to measure from: Falco prints these constants.
  'evt.latency': ofCode(() => 0, EVENTS),
  'evt.latency.s': ofCode(() => 0, EVENTS),
  'evt.latency.ns': ofCode(() => 0, EVENTS),
  'evt.latency.quantized': ofCode(() => 0, EVENTS),
  'evt.latency.human': ofCode(() => '0ns', EVENTS),
  'evt.wait_latency': ofCode(() => 0, EVENTS),
  'evt.reltime': ofEvent((event) => compact(relative(event))),
  'evt.reltime.s': ofEvent((event) => compact(relative(event) / NS_PER_SECOND)),
  'evt.reltime.ns': ofEvent((event) => compact(relative(event) % NS_PER_SECOND)),
  'evt.deltatime': ofDelta((ns) => ns),
  'evt.deltatime.s': ofDelta((ns) => ns / NS_PER_SECOND),
  'evt.deltatime.ns': ofDelta((ns) => ns % NS_PER_SECOND),
  'evt.outputtime': ofEvent(outputTime),
  'evt.infra.docker.name': ofInfrastructure('Event', (value) => value),
  'evt.infra.docker.container.id': ofInfrastructure('ID', (value) => value.slice(0, 12)),
  'evt.infra.docker.container.name': ofInfrastructure('name', (value) => value),
  'evt.infra.docker.container.image': ofInfrastructure('Image', (value) => value.split('@')[0] as string),
  'util.cnt': {
    reader() {
      let count = 0;
      let capture: object | undefined;
      return (event) => {
        if (capture !== event.state) count = 0;
        capture = event.state;
        return ++count;
      };
    },
  },
};
