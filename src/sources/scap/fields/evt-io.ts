// Fields that look at an event together with its descriptor: category, bytes moved, errors by kind, syslog writes.

import { EVENTS, type EventInfo } from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';
import type { FdInfo } from '../state/fd-info.ts';
import { joinPath } from '../state/path.ts';
import { FdKind } from '../state/types.ts';
import { type Family, type FieldSource, ofCode, ofEvent } from './define.ts';
import { ofReturn, returnValue } from './evt.ts';
import { directoryFor } from './fd.ts';
import { AT_FDCWD } from './param-text.ts';

/** Low bits of a category (libs, ppm_event_category), the source's bits taken away. */
const CATEGORY = { memory: 5, ioRead: 32, ioWrite: 33, ioBase: 32 } as const;
const CATEGORY_MASK = 0x1ff;

const NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'other'],
  [2, 'file'],
  [3, 'net'],
  [4, 'IPC'],
  [CATEGORY.memory, 'memory'],
  [6, 'process'],
  [7, 'sleep'],
  [8, 'system'],
  [9, 'signal'],
  [10, 'user'],
  [11, 'time'],
  [12, 'processing'],
  [64, 'wait'],
  [128, 'scheduler'],
  [256, 'internal'],
]);

const categoryOf = (info: EventInfo): number => info.category & CATEGORY_MASK;
const CATEGORIES: readonly number[] = EVENTS.map(categoryOf);
const isIo = (category: number): boolean => (category & CATEGORY.ioBase) !== 0;

/** The category of an I/O event is that of what it reads or writes. */
function ioCategory(fd: FdInfo | undefined): string {
  switch (fd?.kind) {
    case FdKind.file:
    case FdKind.fileV2:
    case FdKind.directory:
      return 'file';
    case FdKind.ipv4:
    case FdKind.ipv6:
    case FdKind.ipv4Server:
    case FdKind.ipv6Server:
      return 'net';
    case FdKind.fifo:
    case FdKind.unix:
    case FdKind.event:
    case FdKind.signalfd:
    case FdKind.inotify:
    case FdKind.userfaultfd:
      return 'ipc';
    default:
      return 'unknown';
  }
}

function category(event: ScapEvent): string {
  const number = CATEGORIES[event.code] as number;
  return isIo(number) ? ioCategory(event.fd) : (NAMES.get(number) ?? 'unknown');
}

const isFile = (fd: FdInfo): boolean => fd.kind === FdKind.file || fd.kind === FdKind.fileV2;
const isFileOrDirectory = (fd: FdInfo): boolean => isFile(fd) || fd.kind === FdKind.directory;
const isNetwork = (fd: FdInfo): boolean => fd.isInet || fd.kind === FdKind.unix;

/** Bytes read or written by events whose category and descriptor fit. */
function ofBytes(fitsCategory: (category: number) => boolean, fitsFd: (fd: FdInfo) => boolean): FieldSource {
  const source = ofReturn((value, event) => {
    const fits = event.fd !== undefined && fitsCategory(CATEGORIES[event.code] as number) && fitsFd(event.fd);
    return fits && value >= 0 ? value : undefined;
  });
  return {
    reader: (ref, info) =>
      info !== undefined && !fitsCategory(categoryOf(info)) ? undefined : source.reader(ref, info),
  };
}

const any = (): boolean => true;
const reads = (number: number): boolean => number === CATEGORY.ioRead;
const writes = (number: number): boolean => number === CATEGORY.ioWrite;

/** What a call would have been about that has no descriptor to show. */
const FILE_CALLS = codesOf(/^(open|creat|openat|openat2|open_by_handle_at)$/);
const NETWORK_CALLS = codesOf(/^(accept|accept4|connect)$/);

function codesOf(name: RegExp): ReadonlySet<number> {
  return new Set(
    EVENTS.filter((info) => info.direction === 'X' && name.test(info.name)).map((info) => info.code),
  );
}

/** 1 for a failed call, 0 for one that succeeded; absent unless the call is of this kind. */
function ofErrors(isKind: (event: ScapEvent) => boolean): FieldSource {
  return ofReturn((value, event) => (isKind(event) ? (value < 0 ? 1 : 0) : undefined));
}

const isMemory = (event: ScapEvent): boolean => CATEGORIES[event.code] === CATEGORY.memory;

/** The `*at` calls: parameters that hold directory and path, for the path that is asked for. */
const AT_CALLS: Readonly<
  Record<string, { readonly source: readonly [string, string]; readonly target?: readonly [string, string] }>
> = {
  renameat: { source: ['olddirfd', 'oldpath'], target: ['newdirfd', 'newpath'] },
  renameat2: { source: ['olddirfd', 'oldpath'], target: ['newdirfd', 'newpath'] },
  linkat: { source: ['olddir', 'oldpath'], target: ['newdir', 'newpath'] },
  symlinkat: { source: ['linkdirfd', 'linkpath'] },
  openat: { source: ['dirfd', 'name'] },
  openat2: { source: ['dirfd', 'name'] },
  unlinkat: { source: ['dirfd', 'name'] },
  mkdirat: { source: ['dirfd', 'path'] },
  fchmodat: { source: ['dirfd', 'filename'] },
  fchownat: { source: ['dirfd', 'pathname'] },
};

/** By event code: indexes of the directory and path parameters; undefined: not such a call. */
function atParams(isTarget: boolean): readonly (readonly [number, number] | undefined)[] {
  return EVENTS.map((info) => {
    const call = info.direction === 'X' && !info.flags.has('OLD_VERSION') ? AT_CALLS[info.name] : undefined;
    const names = isTarget ? (call?.target ?? call?.source) : call?.source;
    if (names === undefined) return undefined;
    const [directory, path] = names.map((name) => info.params.findIndex((param) => param.name === name));
    return [directory ?? -1, path ?? -1];
  });
}

const SOURCE_PARAMS = atParams(false);
const TARGET_PARAMS = atParams(true);
const OPEN_BY_HANDLE_AT = codesOf(/^open_by_handle_at$/);

/** The absolute path of a `*at` call: `.src`, `.dst` where it has two. */
const absolutePath: FieldSource = {
  reader(ref, info) {
    const table = ref.arg === 'dst' ? TARGET_PARAMS : SOURCE_PARAMS;
    if (info !== undefined && table[info.code] === undefined && !OPEN_BY_HANDLE_AT.has(info.code))
      return undefined;
    return (event) => {
      const { thread } = event;
      if (thread === undefined) return undefined;
      if (OPEN_BY_HANDLE_AT.has(event.code)) {
        return (returnValue(event) ?? -1) > 0
          ? joinPath('', event.textAt(event.from(3), event.size(3)))
          : undefined;
      }
      const params = table[event.code];
      if (params === undefined) return undefined;
      const [directory, path] = params;
      if (event.size(directory) === 0 || event.size(path) === 0) return undefined;
      const name = event.textAt(event.from(path), event.size(path));
      const fd = event.i64(directory);
      const base = directoryFor(thread, fd, name);
      return joinPath(base === '<UNKNOWN>' && fd !== AT_FDCWD ? '<UNKNOWN>/' : base, name);
    };
  },
};

export const EVT_IO_FIELDS: Family = {
  'evt.category': {
    reader: () => category,
    constant: (_ref, info) =>
      isIo(categoryOf(info)) ? undefined : (NAMES.get(categoryOf(info)) ?? 'unknown'),
  },
  'evt.buflen': ofBytes(isIo, any),
  'evt.buflen.in': ofBytes(reads, any),
  'evt.buflen.out': ofBytes(writes, any),
  'evt.buflen.file': ofBytes(isIo, isFile),
  'evt.buflen.file.in': ofBytes(reads, isFile),
  'evt.buflen.file.out': ofBytes(writes, isFile),
  'evt.buflen.net': ofBytes(isIo, (fd) => fd.isInet),
  'evt.buflen.net.in': ofBytes(reads, (fd) => fd.isInet),
  'evt.buflen.net.out': ofBytes(writes, (fd) => fd.isInet),
  'evt.is_syslog': {
    reader: (_ref, info) =>
      info !== undefined && !info.flags.has('WRITES_TO_FD')
        ? () => false
        : (event) =>
            (EVENTS[event.code] as EventInfo).flags.has('WRITES_TO_FD') &&
            event.fd?.name.includes('/dev/log') === true,
    constant: (_ref, info) => (info.flags.has('WRITES_TO_FD') ? undefined : false),
  },
  'evt.count': ofCode(() => 1, EVENTS),
  'evt.count.error': ofErrors(any),
  'evt.count.error.file': ofErrors((event) =>
    event.fd === undefined ? FILE_CALLS.has(event.code) : isFileOrDirectory(event.fd),
  ),
  'evt.count.error.net': ofErrors((event) =>
    event.fd === undefined ? NETWORK_CALLS.has(event.code) : isNetwork(event.fd),
  ),
  'evt.count.error.memory': ofErrors(isMemory),
  'evt.count.error.other': ofErrors((event) =>
    event.fd === undefined
      ? !FILE_CALLS.has(event.code) && !NETWORK_CALLS.has(event.code) && !isMemory(event)
      : !isFileOrDirectory(event.fd) && !isNetwork(event.fd),
  ),
  'evt.count.exit': ofCode((info) => (info.direction === 'X' ? 1 : undefined), EVENTS),
  'evt.count.procinfo': ofEvent((event) =>
    (EVENTS[event.code] as EventInfo).name === 'procinfo' && event.thread?.isMain === true ? 1 : 0,
  ),
  'evt.count.threadinfo': ofCode((info) => (info.name === 'procinfo' ? 1 : 0), EVENTS),
  'evt.abspath': absolutePath,
};
