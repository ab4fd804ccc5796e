// The state of a capture as blocks that Falco reads: the process list in its newest version (9), and one block of
// descriptors (version 2) for each thread that has any. The mirror image of ../state-blocks.ts; layouts: libs
// userspace/libscap/scap_savefile.c. What these blocks have no place for is listed in docs/captures.md.

import type { FdInfo } from '../state/fd-info.ts';
import type { Thread } from '../state/thread.ts';
import { FdKind } from '../state/types.ts';
import { ByteSink, frame, nulList, utf8 } from './bytes.ts';

export const PROCESSES_V9 = 0x215;
export const FDS_V2 = 0x218;

/** Longer strings and lists make Falco refuse the capture (libs, SCAP_MAX_PATH_SIZE and its kin). */
const MAX_TEXT = 1024;
const MAX_LIST = 4096;
const NO_ADDRESS = new Uint8Array(16);

/** The process list block of these threads, by tid, in their order. */
export function processListBlock(threads: ReadonlyMap<number, Thread>): Buffer {
  const sink = new ByteSink();
  for (const thread of threads.values()) {
    sink.entry(() => writeThread(sink, thread, threads.get(thread.pid) ?? thread));
  }
  return frame(PROCESSES_V9, sink.take());
}

/** `main`: the thread that has the working directory and the environment of its process. */
function writeThread(sink: ByteSink, thread: Thread, main: Thread): void {
  sink.u64(thread.tid);
  sink.u64(thread.pid);
  sink.u64(thread.ptid);
  sink.u64(thread.sid);
  sink.u64(thread.vpgid);
  sink.counted(utf8(thread.comm, MAX_TEXT));
  sink.counted(utf8(thread.exe, MAX_TEXT));
  sink.counted(utf8(thread.exepath, MAX_TEXT));
  sink.counted(nulList(thread.args, MAX_LIST));
  sink.counted(utf8(main.cwd, MAX_TEXT));
  sink.u64(thread.fdLimit);
  sink.u32(thread.flags);
  sink.u32(thread.uid);
  sink.u32(thread.gid);
  sink.u32(thread.vmSizeKb);
  sink.u32(thread.vmRssKb);
  sink.u32(thread.vmSwapKb);
  sink.u64(thread.pfMajor);
  sink.u64(thread.pfMinor);
  sink.counted(nulList(main.env, MAX_LIST));
  sink.u64(thread.vtid);
  sink.u64(thread.vpid);
  sink.counted(nulList(thread.cgroups, MAX_LIST));
  sink.counted(utf8(thread.root, MAX_TEXT));
  sink.u64(thread.pidnsInitStartNs);
  sink.u32(thread.tty);
  sink.u32(thread.loginuid);
  sink.u8(thread.isExeWritable ? 1 : 0);
  sink.u64(thread.capInheritable);
  sink.u64(thread.capPermitted);
  sink.u64(thread.capEffective);
  sink.u8(thread.isExeUpperLayer ? 1 : 0);
  sink.u64(thread.exeIno);
  sink.u64(thread.exeCtimeNs);
  sink.u64(thread.exeMtimeNs);
  sink.u8(thread.isExeFromMemfd ? 1 : 0);
  sink.u8(thread.isExeLowerLayer ? 1 : 0);
  sink.u64(thread.pgid);
}

/** The ports that some process listens on: by these a reader tells servers from clients. */
export function listeningPorts(threads: Iterable<Thread>): Set<number> {
  const ports = new Set<number>();
  for (const thread of threads) {
    for (const [, fd] of thread.ownFds?.entries() ?? [])
      if (fd.kind === FdKind.ipv4Server || fd.kind === FdKind.ipv6Server) ports.add(fd.sport);
  }
  return ports;
}

/** The block of one thread's own descriptors. `ports`: those of `listeningPorts`. */
export function descriptorsBlock(
  tid: number,
  fds: Iterable<readonly [number, FdInfo]>,
  ports: ReadonlySet<number>,
): Buffer {
  const sink = new ByteSink();
  sink.u64(tid);
  for (const [number, fd] of fds) {
    if (fd.kind < 0) continue;
    sink.entry(() => {
      sink.u64(number);
      sink.u64((BigInt(fd.inoHi) << 32n) | BigInt(fd.inoLo));
      sink.u8(fd.kind);
      writeFd(sink, fd, ports);
    });
  }
  return frame(FDS_V2, sink.take());
}

/**
 * Whether the ends of a connection are written the other way round. A reader exchanges them, and takes the process for
 * the server, when the first one's port is listened on. Names must come out right; the role too, where that can be.
 */
function isExchanged(fd: FdInfo, ports: ReadonlySet<number>): boolean {
  if (fd.kind !== FdKind.ipv4 || fd.hasNoRole || !ports.has(fd.dport)) return false;
  return fd.isServer || ports.has(fd.sport);
}

/** What a descriptor of its kind has. */
function writeFd(sink: ByteSink, fd: FdInfo, ports: ReadonlySet<number>): void {
  const isSwapped = isExchanged(fd, ports);
  switch (fd.kind) {
    case FdKind.ipv4:
      sink.ipv4(isSwapped ? fd.dip : fd.sip);
      sink.ipv4(isSwapped ? fd.sip : fd.dip);
      sink.u16(isSwapped ? fd.dport : fd.sport);
      sink.u16(isSwapped ? fd.sport : fd.dport);
      sink.u8(fd.l4);
      break;
    case FdKind.ipv6:
      sink.bytes(fd.sip6 ?? NO_ADDRESS);
      sink.bytes(fd.dip6 ?? NO_ADDRESS);
      sink.u16(fd.sport);
      sink.u16(fd.dport);
      sink.u8(fd.l4);
      break;
    case FdKind.ipv4Server:
      sink.ipv4(fd.sip);
      sink.u16(fd.sport);
      sink.u8(fd.l4);
      break;
    case FdKind.ipv6Server:
      sink.bytes(fd.sip6 ?? NO_ADDRESS);
      sink.u16(fd.sport);
      sink.u8(fd.l4);
      break;
    case FdKind.unix:
      sink.u64(hex(fd.unixSource));
      sink.u64(hex(fd.unixDestination));
      sink.counted(utf8(fd.name, MAX_TEXT));
      break;
    case FdKind.fileV2:
      sink.u32(fd.openFlags);
      sink.counted(utf8(fd.name, MAX_TEXT));
      sink.u32(fd.dev);
      break;
    default:
      sink.counted(utf8(fd.name, MAX_TEXT));
  }
}

function hex(text: string): bigint {
  return text === '' ? 0n : BigInt(`0x${text}`);
}
