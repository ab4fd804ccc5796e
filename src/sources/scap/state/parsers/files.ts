// Files and directories: open and its kin, the working directory, the root. Parameter numbers are those of the event
// table. Follows libs userspace/libsinsp/parsers.cpp.

import type { ScapEvent } from '../../event.ts';
import { sanitise } from '../../sanitise.ts';
import { FdInfo } from '../fd-info.ts';
import { intern, internText, paths, texts } from '../interned.ts';
import { joinPath, withSlash } from '../path.ts';
import type { State } from '../state.ts';
import { decodeText } from '../text.ts';
import type { EnterEvent, Thread } from '../thread.ts';
import { FdFlag, FdKind } from '../types.ts';
import { takeContainer } from './process.ts';

/** `AT_FDCWD` as drivers write it. */
const AT_FDCWD = -100;
const O_DIRECTORY = 1 << 10;
/** Open flags from here on are not the program's: the driver found them out. */
const O_F_CREATED = 1 << 14;
const FD_UPPER_LAYER = 1 << 15;
const FD_LOWER_LAYER = 1 << 16;
const NOT_KNOWN = '<NA>';
const SLASH = 47;

/** Where the parameters of each call's exit are; -1: it has none. Enter events: `enterName` and what stands beside. */
interface OpenLayout {
  readonly dirfd: number;
  readonly name: number;
  readonly flags: number;
  readonly dev: number;
  readonly creatFlags: number;
  readonly enterName: number;
}

export const OPEN: OpenLayout = { dirfd: -1, name: 1, flags: 2, dev: 4, creatFlags: -1, enterName: 0 };
export const CREAT: OpenLayout = { dirfd: -1, name: 1, flags: -1, dev: 3, creatFlags: 5, enterName: 0 };
export const OPENAT: OpenLayout = { dirfd: 1, name: 2, flags: 3, dev: 5, creatFlags: -1, enterName: 1 };
export const OPENAT2: OpenLayout = { dirfd: 1, name: 2, flags: 3, dev: 6, creatFlags: -1, enterName: 1 };

/** The directory (with `/`) that a path relative to `dirfd` starts from; `.` for absolute paths, which need none. */
export function directoryOf(thread: Thread, name: string, dirfd: number): string {
  return name.charCodeAt(0) === 47 ? '.' : directoryOfFd(thread, dirfd);
}

function directoryOfFd(thread: Thread, dirfd: number): string {
  if (dirfd === AT_FDCWD) return thread.processCwd;
  const name = thread.fdTable?.get(dirfd)?.name;
  if (name === undefined) return '<UNKNOWN>';
  return name === '' ? '' : withSlash(name);
}

/** open, creat, openat, openat2. */
export function openExit(event: ScapEvent, state: State, layout: OpenLayout): void {
  const thread = event.thread;
  const fd = event.i64(0);
  if (thread === undefined || fd < 0) return;
  let flags = layout.flags < 0 ? 0 : event.u32(layout.flags);
  let dirfd = layout.dirfd < 0 ? AT_FDCWD : event.i64(layout.dirfd);
  let hasDirectory = layout.dirfd < 0 || event.size(layout.dirfd) > 0;
  if (layout.creatFlags >= 0) flags = layerFlags(event.u16(layout.creatFlags));
  let raw = NOT_KNOWN;
  let name = '';
  const enter = thread.lastEnter === undefined ? undefined : thread.takeEnter(event.code);
  const asked = enter === undefined ? '' : textOf(enter, layout.enterName);
  if (enter !== undefined && asked !== '') {
    // What the program asked for is what the enter event says: by the exit it may have changed its memory.
    raw = asked;
    if (layout.flags >= 0) flags = (flags & -O_F_CREATED) | u32Of(enter.params[layout.enterName + 1]);
    if (layout.dirfd >= 0) {
      const param = enter.params[0];
      hasDirectory = param?.length === 8;
      dirfd = param?.length === 8 ? Number(param.readBigInt64LE(0)) : AT_FDCWD;
    }
  } else if (event.size(layout.name) > 0) {
    const place = intern(event.bytes, event.view, event.from(layout.name), event.from(layout.name + 1));
    raw = texts[place] as string;
    name = paths[place] as string;
  }
  // An absolute path that was seen before is joined already.
  if (name === '') {
    const isAbsolute = raw.charCodeAt(0) === SLASH;
    name = joinPath(isAbsolute || !hasDirectory ? '' : directoryOfFd(thread, dirfd), raw);
  }
  const info = new FdInfo((flags & O_DIRECTORY) !== 0 ? FdKind.directory : FdKind.fileV2, name, raw);
  info.openFlags = flags;
  takeFile(event, info, layout.dev);
  addFile(event, state, thread, fd, info);
}

/** open_by_handle_at: the driver gives an absolute path. */
export function openByHandleExit(event: ScapEvent, state: State): void {
  const thread = event.thread;
  const fd = event.i64(0);
  if (thread === undefined || fd < 0) return;
  const flags = event.u32(2);
  const path = internText(event.bytes, event.view, event.from(3), event.from(3) + event.size(3));
  const kind = (flags & O_DIRECTORY) !== 0 ? FdKind.directory : FdKind.fileV2;
  const info = new FdInfo(kind, joinPath('', path), path);
  info.openFlags = flags;
  info.dev = event.u32(4);
  takeInode(event, info, 5);
  addFile(event, state, thread, fd, info);
}

function addFile(event: ScapEvent, state: State, thread: Thread, fd: number, info: FdInfo): void {
  if ((info.openFlags & FD_UPPER_LAYER) !== 0) info.flags |= FdFlag.overlayUpper;
  if ((info.openFlags & FD_LOWER_LAYER) !== 0) info.flags |= FdFlag.overlayLower;
  event.fd = state.addFd(thread, fd, info);
  event.fdNameChanged = event.fd !== undefined;
}

/** Device and inode: two parameters from `at` on; inode missing: neither is known. */
function takeFile(event: ScapEvent, info: FdInfo, at: number): void {
  if (event.size(at) === 0) return;
  info.dev = event.u32(at);
  takeInode(event, info, at + 1);
}

/** Reads a u64 inode number into its two halves. */
export function takeInode(event: ScapEvent, info: FdInfo, at: number): void {
  if (event.size(at) < 8) return;
  const from = event.from(at);
  info.inoLo = event.view.getUint32(from, true);
  info.inoHi = event.view.getUint32(from + 4, true);
}

function layerFlags(creatFlags: number): number {
  if ((creatFlags & 1) !== 0) return FD_UPPER_LAYER;
  return (creatFlags & 2) !== 0 ? FD_LOWER_LAYER : 0;
}

/** What an enter event says of a path; `''` when it does not say. */
function textOf(enter: EnterEvent, at: number): string {
  const bytes = enter.params[at];
  if (bytes === undefined || bytes.length === 0) return '';
  const text = sanitise(decodeText(bytes, 0, bytes.length));
  return text === NOT_KNOWN ? '' : text;
}

function u32Of(bytes: Buffer | undefined): number {
  return bytes?.length === 4 ? bytes.readUInt32LE(0) : 0;
}

/** Moves a process to another directory, given relative to where it is. */
export function changeDirectory(thread: Thread, path: string): void {
  const main = thread.main;
  if (main !== undefined) main.cwd = withSlash(joinPath(main.cwd, path));
}

export function chdirExit(event: ScapEvent): void {
  if (event.thread !== undefined && event.i64(0) >= 0) changeDirectory(event.thread, event.text(1));
}

export function fchdirExit(event: ScapEvent): void {
  if (event.thread !== undefined && event.fd !== undefined && event.i64(0) >= 0) {
    changeDirectory(event.thread, event.fd.name);
  }
}

export function chrootExit(event: ScapEvent): void {
  const thread = event.thread;
  if (thread !== undefined && event.i64(0) === 0) {
    const path = event.text(1);
    thread.root = sanitise(path.startsWith('/') ? path : joinPath(thread.processCwd, path));
  }
  if (event.i64(0) >= 0) takeContainer(event);
}
