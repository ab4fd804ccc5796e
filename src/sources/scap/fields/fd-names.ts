// What Falco calls the kinds of descriptors and the protocols of sockets.

import type { FdInfo } from '../state/fd-info.ts';
import { FdKind, L4 } from '../state/types.ts';

const NAMES: readonly (readonly [kind: number, char: string, name: string])[] = [
  [FdKind.file, 'f', 'file'],
  [FdKind.fileV2, 'f', 'file'],
  [FdKind.directory, 'd', 'directory'],
  [FdKind.ipv4, '4', 'ipv4'],
  [FdKind.ipv4Server, '4', 'ipv4'],
  [FdKind.ipv6, '6', 'ipv6'],
  [FdKind.ipv6Server, '6', 'ipv6'],
  [FdKind.unix, 'u', 'unix'],
  [FdKind.fifo, 'p', 'pipe'],
  [FdKind.event, 'e', 'event'],
  [FdKind.signalfd, 's', 'signalfd'],
  [FdKind.eventpoll, 'l', 'eventpoll'],
  [FdKind.inotify, 'i', 'inotify'],
  [FdKind.timerfd, 't', 'timerfd'],
  [FdKind.netlink, 'n', 'netlink'],
  [FdKind.bpf, 'b', 'bpf'],
  [FdKind.userfaultfd, 'u', 'userfaultfd'],
  [FdKind.ioUring, 'r', 'io_uring'],
  [FdKind.memfd, 'm', 'memfd'],
  [FdKind.pidfd, 'P', 'pidfd'],
  [FdKind.unknown, 'o', '<NA>'],
  [FdKind.unsupported, 'X', '<NA>'],
];

/** By kind. */
const CHARS: string[] = [];
const TYPES: string[] = [];
for (const [kind, char, name] of NAMES) {
  CHARS[kind] = char;
  TYPES[kind] = name;
}

/** `f`, `4`, `u`, …; `?` for what has no letter. */
export function fdTypeChar(kind: FdKind): string {
  return CHARS[kind] ?? '?';
}

/** `file`, `ipv4`, `unix`, …; `<NA>` for what has no name. */
export function fdTypeName(kind: FdKind): string {
  return TYPES[kind] ?? '<NA>';
}

/** A socket's protocol as Falco tells it: not before it is known which end is whose, but for raw ones. */
export function protocolOf(fd: FdInfo): number {
  if (!fd.isInet) return L4.na;
  const isPair = fd.kind === FdKind.ipv4 || fd.kind === FdKind.ipv6;
  return isPair && fd.hasNoRole && fd.l4 !== L4.raw ? L4.na : fd.l4;
}

/** `tcp`, `udp`, `icmp`, `raw`, else `<NA>`. */
export function protocolName(fd: FdInfo): string {
  switch (protocolOf(fd)) {
    case L4.tcp:
      return 'tcp';
    case L4.udp:
      return 'udp';
    case L4.icmp:
      return 'icmp';
    case L4.raw:
      return 'raw';
    default:
      return '<NA>';
  }
}
