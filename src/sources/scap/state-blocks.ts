// The blocks before the first event: the machine, its interfaces and users, the processes with their descriptors.
// Layouts: libs userspace/libscap/engine/savefile/scap_savefile.c. Every reader takes what is there, entry by entry.

import { Cursor } from './cursor.ts';
import { sanitise } from './sanitise.ts';
import { FdInfo } from './state/fd-info.ts';
import { FdTable } from './state/fd-table.ts';
import { completeEnds } from './state/parsers/interfaces.ts';
import { joinPath, withSlash } from './state/path.ts';
import { isMapped, mappedIpv4, socketName } from './state/sockets.ts';
import type { State } from './state/state.ts';
import { decodeText, EMPTY_LIST, LazyList } from './state/text.ts';
import { Thread } from './state/thread.ts';
import { FdFlag, FdKind, L4, ThreadFlag } from './state/types.ts';

/** Machine: fixed layout. */
export function readMachine(cursor: Cursor, state: State): void {
  const cpus = cursor.u32();
  const memoryBytes = cursor.u64();
  const maxPid = cursor.u64();
  const name = cursor.slice(128);
  const bootTsNs = cursor.u64();
  const flags = cursor.u64();
  state.machine = { cpus, memoryBytes, maxPid, hostname: decodeText(name, 0, name.length), bootTsNs, flags };
}

/** More than any machine has. */
const MAX_INTERFACES = 65536;

/** Interfaces; `version` 2 gives each entry a length. */
export function readInterfaces(cursor: Cursor, version: number, state: State): void {
  // The padding of the block is shorter than any entry.
  while (cursor.left >= 16 && state.interfaces.v4.length + state.interfaces.v6.length < MAX_INTERFACES) {
    // Here, unlike elsewhere, the length does not count itself.
    const entry = version === 2 ? new Cursor(cursor.slice(cursor.u32())) : cursor;
    const type = entry.u16();
    const nameSize = entry.u16();
    if (type === 1 || type === 3) {
      const [address, mask, broadcast] = [ipv4(entry), ipv4(entry), ipv4(entry)];
      if (type === 1) entry.u64();
      state.interfaces.v4.push({ name: nameOf(entry, nameSize), address, mask, broadcast });
    } else if (type === 2 || type === 4) {
      const [address, mask, broadcast] = [ipv6(entry), ipv6(entry), ipv6(entry)];
      if (type === 2) entry.u64();
      state.interfaces.v6.push({ name: nameOf(entry, nameSize), address, mask, broadcast });
    } else {
      return;
    }
  }
}

function nameOf(cursor: Cursor, size: number): string {
  const bytes = cursor.slice(size);
  return decodeText(bytes, 0, bytes.length);
}

function ipv4(cursor: Cursor): number {
  return cursor.slice(4).readUInt32BE(0);
}

function ipv6(cursor: Cursor): Buffer {
  return Buffer.from(cursor.slice(16));
}

/** An entry that starts with its length, which counts itself: a cursor over the rest; the block's moves behind it. */
function entryOf(cursor: Cursor): Cursor {
  return new Cursor(cursor.slice(Math.max(0, cursor.u32() - 4)));
}

/** Users and groups. */
export function readUsers(cursor: Cursor, version: number, state: State): void {
  while (cursor.left >= 7) {
    const entry = version === 2 ? entryOf(cursor) : cursor;
    const type = entry.u8();
    if (type === 0) {
      const user = {
        uid: entry.u32(),
        gid: entry.u32(),
        name: entry.text(),
        home: entry.text(),
        shell: entry.text(),
      };
      state.users.setUser('', user);
    } else if (type === 1) {
      state.users.setGroup('', { gid: entry.u32(), name: entry.text() });
    } else {
      return;
    }
  }
}

/** Processes and threads. */
export function readProcesses(cursor: Cursor, version: number, state: State): void {
  while (cursor.left >= 24) {
    const entry = version === 9 ? entryOf(cursor) : cursor;
    const thread = new Thread(entry.i64());
    thread.pid = entry.i64();
    thread.ptid = entry.i64();
    if (version >= 6) thread.sid = entry.i64();
    if (version >= 8) thread.vpgid = entry.i64();
    thread.comm = sanitise(entry.text());
    thread.exe = sanitise(entry.text());
    if (version >= 7) thread.exepath = sanitise(entry.text());
    thread.argList = listOf(entry);
    const cwd = entry.text();
    thread.fdLimit = entry.i64();
    thread.flags = entry.u32() | ThreadFlag.nameChanged | ThreadFlag.active;
    thread.uid = entry.u32();
    thread.gid = entry.u32();
    if (version >= 2) {
      thread.vmSizeKb = entry.u32();
      thread.vmRssKb = entry.u32();
      thread.vmSwapKb = entry.u32();
      thread.pfMajor = entry.i64();
      thread.pfMinor = entry.i64();
    }
    const env = version >= 3 ? listOf(entry) : EMPTY_LIST;
    if (version >= 4) {
      thread.vtid = entry.i64();
      thread.vpid = entry.i64();
      thread.cgroupList = listOf(entry);
    }
    if (version >= 5) thread.root = sanitise(entry.text());
    if (version >= 9) readTail(entry, thread);
    if (thread.isMain) {
      thread.envList = env;
      thread.cwd = withSlash(joinPath('', cwd));
    }
    state.table.add(thread);
  }
}

function listOf(cursor: Cursor): LazyList {
  const bytes = cursor.counted();
  const list = new LazyList(bytes, 0, bytes.length);
  list.settle();
  return list;
}

/** What version 9 added over the years: each member is there only while bytes remain. */
function readTail(entry: Cursor, thread: Thread): void {
  if (entry.left > 29) {
    thread.pidnsInitStartNs = entry.u64();
    thread.tty = entry.u32();
  }
  if (entry.left >= 4) thread.loginuid = entry.u32();
  if (entry.left >= 1) thread.isExeWritable = entry.u8() !== 0;
  if (entry.left >= 8) thread.capInheritable = entry.u64();
  if (entry.left >= 8) thread.capPermitted = entry.u64();
  if (entry.left >= 8) thread.capEffective = entry.u64();
  if (entry.left >= 1) thread.isExeUpperLayer = entry.u8() !== 0;
  if (entry.left >= 8) thread.exeIno = entry.u64();
  if (entry.left >= 8) thread.exeCtimeNs = entry.u64();
  if (entry.left >= 8) thread.exeMtimeNs = entry.u64();
  if (entry.left >= 1) thread.isExeFromMemfd = entry.u8() !== 0;
  if (entry.left >= 1) thread.isExeLowerLayer = entry.u8() !== 0;
  if (entry.left >= 8) thread.pgid = entry.i64();
}

/** The descriptors of one thread. */
export function readFds(cursor: Cursor, version: number, state: State): void {
  const thread = state.table.map.get(cursor.i64());
  while (cursor.left >= 17) {
    const entry = version === 2 ? entryOf(cursor) : cursor;
    const fd = entry.i64();
    const ino = entry.u64();
    const info = readFd(entry, entry.u8(), version, state);
    if (info === undefined) return;
    info.inoHi = Number(ino >> 32n);
    info.inoLo = Number(ino & 0xffff_ffffn);
    info.flags |= FdFlag.fromProc;
    if (info.kind === FdKind.ipv4Server || info.kind === FdKind.ipv6Server) state.serverPorts.add(info.sport);
    if (thread === undefined) continue;
    thread.ownFds ??= new FdTable(state.growth);
    thread.ownFds.set(fd, info);
  }
}

function readFd(entry: Cursor, type: number, version: number, state: State): FdInfo | undefined {
  const info = new FdInfo(type as FdKind);
  switch (type) {
    case FdKind.ipv4:
      info.sip = ipv4(entry);
      info.dip = ipv4(entry);
      readPorts(entry, info);
      completeEnds(info, state.interfaces);
      break;
    case FdKind.ipv6: {
      const sip = ipv6(entry);
      const dip = ipv6(entry);
      readPorts(entry, info);
      if (isMapped(sip) && isMapped(dip)) {
        info.kind = FdKind.ipv4;
        info.sip = mappedIpv4(sip);
        info.dip = mappedIpv4(dip);
        completeEnds(info, state.interfaces);
      } else {
        info.sip6 = sip;
        info.dip6 = dip;
      }
      break;
    }
    case FdKind.ipv4Server:
      info.sip = ipv4(entry);
      info.sport = entry.u16();
      info.l4 = entry.u8();
      break;
    case FdKind.ipv6Server:
      info.sip6 = ipv6(entry);
      info.sport = entry.u16();
      info.l4 = entry.u8();
      break;
    case FdKind.unix:
      info.unixSource = entry.u64().toString(16);
      info.unixDestination = entry.u64().toString(16);
      info.name = entry.text();
      info.flags |= info.name === '' ? FdFlag.roleClient : FdFlag.roleServer;
      return info;
    case FdKind.fileV2:
      info.openFlags = entry.u32();
      info.name = entry.text();
      if (version === 2 && entry.left >= 4) info.dev = entry.u32();
      return info;
    default:
      if (type > FdKind.pidfd) return undefined;
      info.name = entry.text();
      return info;
  }
  if ((info.kind === FdKind.ipv4 || info.kind === FdKind.ipv6) && info.l4 === L4.tcp)
    info.flags |= FdFlag.connected;
  info.name = socketName(info);
  return info;
}

function readPorts(entry: Cursor, info: FdInfo): void {
  info.sport = entry.u16();
  info.dport = entry.u16();
  info.l4 = entry.u8();
}
