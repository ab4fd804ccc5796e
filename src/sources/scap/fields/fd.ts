// Fields of the event's descriptor: number, name, kind, device. When the descriptor is not known (the call failed, or
// it was opened before the capture) the name and kind come from the event's own parameters.

import { EVENTS, type EventInfo, type EventParam } from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';
import { sanitise } from '../sanitise.ts';
import type { FdInfo } from '../state/fd-info.ts';
import { joinPath } from '../state/path.ts';
import type { Thread } from '../state/thread.ts';
import { FdFlag, FdKind } from '../state/types.ts';
import { type Family, type FieldSource, indexOf } from './define.ts';
import { ofFd, ofFdEvent } from './fd-access.ts';
import { fdTypeChar, fdTypeName, protocolName } from './fd-names.ts';
import { joinSigned } from './numbers.ts';
import { AF_UNIX, AT_FDCWD, argText } from './param-text.ts';

const codeOf = (name: string, direction: 'E' | 'X' = 'X'): number =>
  EVENTS.findLast((info) => info.name === name && info.direction === direction)?.code ?? -1;

const CONNECT = codeOf('connect');
const OPEN_BY_HANDLE_AT = codeOf('open_by_handle_at');
/** Calls whose parameter 1 names what would have been opened. */
const NAMED_BY_PARAM_1: ReadonlySet<number> = new Set(
  EVENTS.filter((info) => /^(open|creat|accept|accept4|connect)$/.test(info.name)).map((info) => info.code),
);
/** Calls with `dirfd` in parameter 1 and `name` in parameter 2. */
const NAMED_BY_DIRECTORY: ReadonlySet<number> = new Set([codeOf('openat'), codeOf('openat2')]);

/** Falco names no unix socket that could not be reached. */
const isFailedUnixConnect = (event: ScapEvent): boolean =>
  event.code === CONNECT && event.i64(0) < 0 && event.u8(1) === AF_UNIX;

/** The name in the parameters of a call that made no descriptor; undefined for enter events. */
function nameFromParams(event: ScapEvent, thread: Thread, isRaw: boolean): string | undefined {
  const info = EVENTS[event.code] as EventInfo;
  if (info.direction === 'E') return undefined;
  if (NAMED_BY_PARAM_1.has(event.code)) {
    if (event.size(1) === 0 || isFailedUnixConnect(event)) return '';
    return sanitise(argText(event, info.params[1] as EventParam, 1));
  }
  if (event.code === OPEN_BY_HANDLE_AT) return event.textAt(event.from(3), event.size(3));
  if (!NAMED_BY_DIRECTORY.has(event.code)) return '';
  const name = event.textAt(event.from(2), event.size(2));
  if (isRaw) return name;
  return joinPath(directoryFor(thread, event.i64(1), name), name);
}

/** What a `*at` call's relative path starts from. */
export function directoryFor(thread: Thread, fd: number, path: string): string {
  if (path.startsWith('/')) return '';
  if (fd === AT_FDCWD) return thread.processCwd;
  const name = thread.fdTable?.get(fd)?.name;
  return name === undefined ? '<UNKNOWN>' : `${name}/`;
}

/** `fd.name`: the descriptor's, or what the parameters of a failed call say. */
export function nameOf(fd: FdInfo | undefined, event: ScapEvent, thread: Thread): string | undefined {
  const isUnconnected = event.code === CONNECT && event.i64(0) < 0;
  return fd === undefined || isUnconnected ? nameFromParams(event, thread, false) : fd.name;
}

const isFile = (fd: FdInfo): boolean => fd.kind === FdKind.file || fd.kind === FdKind.fileV2;

/** Directories of the paths seen last: a path cut anew is slow to look up in a set. Emptied when it is full. */
const directories = new Map<string, string>();
const MOST_DIRECTORIES = 4096;

/** Up to the last slash; `/` when there is none, or only the first; unchanged when it is the last character. */
function directoryPart(name: string): string {
  let part = directories.get(name);
  if (part === undefined) {
    // Parsed anew it is flat: a slice would be slow to look up in sets.
    part = JSON.parse(JSON.stringify(cutDirectory(name))) as string;
    if (directories.size >= MOST_DIRECTORIES) directories.clear();
    directories.set(name, part);
  }
  return part;
}

function cutDirectory(name: string): string {
  const slash = name.lastIndexOf('/');
  if (slash <= 0) return '/';
  return slash === name.length - 1 ? name : name.slice(0, slash);
}

function directoryOf(fd: FdInfo | undefined, event: ScapEvent, thread: Thread): string | undefined {
  if (fd === undefined) {
    const name = nameFromParams(event, thread, false);
    return name === undefined ? undefined : directoryPart(name);
  }
  if (fd.kind === FdKind.directory) return fd.name;
  return isFile(fd) ? directoryPart(fd.name) : undefined;
}

function fileName(fd: FdInfo): string | undefined {
  if (!isFile(fd)) return undefined;
  const { name } = fd;
  const slash = name.lastIndexOf('/');
  if (slash < 0) return '/';
  return slash === name.length - 1 ? name : name.slice(slash + 1);
}

/** The kind that a failed call would have made, by its name. */
const CHAR_BY_CALL: Readonly<Record<string, string>> = {
  openat: 'f',
  openat2: 'f',
  creat: 'f',
  socket: '4',
  accept: '4',
  accept4: '4',
  pipe: 'p',
  pipe2: 'p',
  eventfd: 'e',
  eventfd2: 'e',
  signalfd: 's',
  signalfd4: 's',
  timerfd_create: 't',
  inotify_init: 'i',
  inotify_init1: 'i',
};

/** Container id and colon before a name. */
function inContainer(
  read: (fd: FdInfo | undefined, event: ScapEvent, thread: Thread) => string | undefined,
): FieldSource {
  return ofFdEvent((fd, event, thread) => {
    const name = read(fd, event, thread);
    return name === undefined ? undefined : `${event.state.containerId(thread)}:${name}`;
  });
}

/** The kinds of all of the process' descriptors, each once; `[FD]`: the kind of one. */
const fdTypes: FieldSource = {
  reader(ref, info) {
    const number = indexOf(ref);
    if (number !== undefined) {
      return ofFdEvent((_fd, _event, thread) => {
        const found = thread.fdTable?.get(number);
        return found === undefined ? undefined : [fdTypeName(found.kind)];
      }).reader(ref, info);
    }
    return ofFdEvent((_fd, _event, thread) => {
      const names = new Set<string>();
      for (const [, fd] of thread.fdTable?.entries() ?? []) names.add(fdTypeName(fd.kind));
      return names.size === 0 ? undefined : [...names];
    }).reader(ref, info);
  },
};

export const FD_FIELDS: Family = {
  'fd.num': ofFdEvent((_fd, _event, thread) => thread.lastEventFd),
  'fd.type': ofFd((fd) => fdTypeName(fd.kind)),
  'fd.typechar': ofFdEvent((fd, event) =>
    fd === undefined ? (CHAR_BY_CALL[(EVENTS[event.code] as EventInfo).name] ?? 'o') : fdTypeChar(fd.kind),
  ),
  'fd.types': fdTypes,
  'fd.name': ofFdEvent(nameOf),
  'fd.nameraw': ofFdEvent((fd, event, thread) =>
    (fd === undefined ? nameFromParams(event, thread, true) : fd.nameRaw)?.replace(/\/{2,}/g, '/'),
  ),
  'fd.directory': ofFdEvent(directoryOf),
  'fd.filename': ofFd(fileName),
  'fd.containername': inContainer(nameOf),
  'fd.containerdirectory': inContainer(directoryOf),
  'fd.uid': ofFdEvent((_fd, _event, thread) => `${thread.tid}${thread.lastEventFd}`),
  'fd.l4proto': ofFd(protocolName),
  'fd.sockfamily': ofFd((fd) => (fd.isInet ? 'ip' : fd.kind === FdKind.unix ? 'unix' : undefined)),
  'fd.connected': ofFd((fd) => fd.isConnected),
  'fd.name_changed': ofFd((_fd, event) => event.fdNameChanged),
  'fd.dev': ofFd((fd) => fd.dev | 0),
  'fd.dev.major': ofFd((fd) => (fd.dev & 0xfff00) >>> 8),
  'fd.dev.minor': ofFd((fd) => (fd.dev & 0xff) | ((fd.dev >>> 12) & 0xfff00)),
  'fd.ino': ofFd((fd) => joinSigned(fd.inoHi, fd.inoLo)),
  'fd.is_upper_layer': ofFd((fd) => (fd.flags & FdFlag.overlayUpper) !== 0),
  'fd.is_lower_layer': ofFd((fd) => (fd.flags & FdFlag.overlayLower) !== 0),
};
