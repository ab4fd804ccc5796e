// Sockets: made, bound, connected, accepted, and what sends and receives tell of their ends. Parameter numbers are
// those of the event table. Follows libs userspace/libsinsp/parsers.cpp and fdinfo.cpp.

import type { ScapEvent } from '../../event.ts';
import { FdInfo } from '../fd-info.ts';
import {
  Family,
  readAddress,
  readTuple,
  type SocketEnds,
  setEnds,
  socketName,
  swapEnds,
  unixName,
} from '../sockets.ts';
import type { State } from '../state.ts';
import type { Thread } from '../thread.ts';
import { FdFlag, FdKind, L4 } from '../types.ts';
import { completeEnds } from './interfaces.ts';

const EINPROGRESS = -115;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const IPPROTO = { ip: 0, icmp: 1, tcp: 6, udp: 17, raw: 255 } as const;
const UNIX_PATH_MAX = 108;

/** What the exits of sends and receives tell, by parameter number; -1: nothing. */
export interface TransferLayout {
  readonly tuple: number;
  readonly isRead: boolean;
  /** The descriptor is made up when it is not known: `send`, `sendto`, `sendmsg`. */
  readonly mayInfer: boolean;
}

export function socketExit(event: ScapEvent, state: State): void {
  const thread = event.thread;
  const fd = event.i64(0);
  if (thread === undefined || fd < 0) return;
  addSocket(event, state, thread, fd, event.u32(1), event.u32(2), event.u32(3));
  if (event.fd !== undefined) event.fd.openFlags = event.u32(4);
}

function addSocket(
  event: ScapEvent,
  state: State,
  thread: Thread,
  fd: number,
  domain: number,
  type: number,
  protocol: number,
): void {
  const info = new FdInfo(FdKind.unknown);
  if (domain === Family.unix) info.kind = FdKind.unix;
  else if (domain === Family.netlink) info.kind = FdKind.netlink;
  else if (domain === Family.inet || domain === Family.inet6) {
    info.kind = domain === Family.inet ? FdKind.ipv4 : FdKind.ipv6;
    info.l4 = l4Of(type, protocol);
  }
  event.fd = state.addFd(thread, fd, info);
}

function l4Of(type: number, protocol: number): number {
  switch (protocol) {
    case IPPROTO.tcp:
      return type === SOCK_RAW ? L4.raw : L4.tcp;
    case IPPROTO.udp:
      return type === SOCK_RAW ? L4.raw : L4.udp;
    case IPPROTO.icmp:
      return type === SOCK_RAW ? L4.raw : L4.icmp;
    case IPPROTO.raw:
      return L4.raw;
    case IPPROTO.ip:
      if ((type & 0xff) === SOCK_STREAM) return L4.tcp;
      return (type & 0xff) === SOCK_DGRAM ? L4.udp : L4.unknown;
    default:
      return L4.unknown;
  }
}

export function socketpairExit(event: ScapEvent, state: State): void {
  const thread = event.thread;
  if (thread === undefined || event.i64(0) < 0) return;
  const first = event.i64(1);
  const second = event.i64(2);
  event.fd = undefined;
  if (first === second) return;
  const info = new FdInfo(FdKind.unix);
  info.unixSource = event.u64Big(3).toString(16);
  info.unixDestination = event.u64Big(4).toString(16);
  const other = info.clone(undefined);
  event.fd = state.addFd(thread, first, info);
  state.addFd(thread, second, other);
}

/** The event's descriptor, safe to change. */
function writableFd(event: ScapEvent): FdInfo | undefined {
  const thread = event.thread;
  if (event.fd === undefined || thread === undefined) return event.fd;
  const own = thread.fdTable?.writable(thread.lastEventFd);
  if (own !== undefined) event.fd = own;
  return event.fd;
}

export function bindExit(event: ScapEvent): void {
  if (event.fd === undefined || event.i64(0) < 0 || event.size(1) === 0) return;
  const ends = readAddress(event.slice(1));
  const fd = writableFd(event);
  if (fd === undefined) return;
  const before = fd.name;
  if (ends === undefined) {
    fd.name = `family ${event.u8(1)}`;
  } else if (ends.family === Family.unix) {
    fd.name = ends.path;
  } else {
    const isV6 = ends.dip6 !== undefined;
    const named = new FdInfo(isV6 ? FdKind.ipv6Server : FdKind.ipv4Server);
    named.sip = ends.dip;
    named.sip6 = ends.dip6;
    named.sport = ends.dport;
    if (ends.dport > 0) {
      fd.kind = named.kind;
      fd.sip = ends.dip;
      fd.sip6 = ends.dip6;
      fd.sport = ends.dport;
      becomeServer(fd);
    }
    fd.name = socketName(named);
  }
  event.fdNameChanged = fd.name !== before;
}

function becomeServer(fd: FdInfo): void {
  fd.flags = (fd.flags & ~FdFlag.roleClient) | FdFlag.roleServer;
}

function becomeClient(fd: FdInfo): void {
  fd.flags = (fd.flags & ~FdFlag.roleServer) | FdFlag.roleClient;
}

export function connectExit(event: ScapEvent): void {
  const thread = event.thread;
  if (thread === undefined || event.fd === undefined) return;
  const result = event.i64(0);
  if (result < 0 && result !== EINPROGRESS) return;
  const fd = writableFd(event);
  if (fd === undefined) return;
  const before = fd.name;
  fd.flags = (fd.flags & ~(FdFlag.connectionPending | FdFlag.connectionFailed)) | FdFlag.connected;
  const enter = thread.takeEnter(event.code)?.params[1];
  const asked = enter === undefined || enter.length === 0 ? undefined : readAddress(enter);
  const tuple = event.size(1) === 0 ? undefined : readTuple(event.slice(1));
  if (event.size(1) === 0) {
    if (enter === undefined || enter.length === 0) return;
    connectToAddress(fd, asked);
  } else if (tuple !== undefined) {
    const given = event.size(3) === 0 ? undefined : readAddress(event.slice(3));
    connectToTuple(fd, tuple, given, asked);
  }
  event.fdNameChanged = fd.name !== before;
}

/** Only the address that the program gave is known (TCP fast open). */
function connectToAddress(fd: FdInfo, asked: SocketEnds | undefined): void {
  if (asked === undefined || asked.family === Family.unix) {
    fd.name = 'NULL';
    return;
  }
  fd.kind = asked.dip6 === undefined ? FdKind.ipv4 : FdKind.ipv6;
  fd.dip = asked.dip;
  fd.dip6 = asked.dip6;
  fd.dport = asked.dport;
}

/**
 * The tuple's destination counts, except where the exit merely repeats what the program's memory held then: the enter
 * event's address cannot have been changed since.
 */
function connectToTuple(fd: FdInfo, tuple: SocketEnds, given?: SocketEnds, asked?: SocketEnds): void {
  if (tuple.family === Family.unix) {
    if (fd.kind !== FdKind.unix) return;
    fd.unixSource = tuple.source.toString(16);
    fd.unixDestination = tuple.destination.toString(16);
    const isRepeated = given !== undefined && asked !== undefined && cut(tuple.path) === cut(given.path);
    fd.name = unixName(tuple.source, tuple.destination, isRepeated ? asked.path : tuple.path);
  } else {
    if (given !== undefined && asked !== undefined && isSameEnd(tuple, given)) {
      tuple.dip = asked.dip;
      tuple.dip6 = asked.dip6;
      tuple.dport = asked.dport;
    }
    const isV6 = tuple.sip6 !== undefined || tuple.dip6 !== undefined;
    fd.kind = isV6 ? FdKind.ipv6 : FdKind.ipv4;
    const changed = setEnds(fd, tuple);
    if (changed && fd.isServer && fd.l4 === L4.udp) swapEnds(fd);
    fd.name = socketName(fd);
  }
  if (fd.hasNoRole) becomeClient(fd);
}

function cut(path: string): string {
  return path.slice(0, UNIX_PATH_MAX);
}

function isSameEnd(tuple: SocketEnds, address: SocketEnds): boolean {
  if (tuple.family !== address.family || tuple.dport !== address.dport || tuple.dip !== address.dip)
    return false;
  if (tuple.dip6 === undefined || address.dip6 === undefined) return tuple.dip6 === address.dip6;
  return tuple.dip6.equals(address.dip6);
}

export function acceptExit(event: ScapEvent, state: State): void {
  const thread = event.thread;
  const fd = event.i64(0);
  if (thread === undefined || fd < 0) return;
  thread.lastEventFd = fd;
  const tuple = event.size(1) === 0 ? undefined : readTuple(event.slice(1));
  if (tuple === undefined) return;
  const info = new FdInfo(FdKind.unix);
  if (tuple.family === Family.unix) {
    info.unixSource = tuple.source.toString(16);
    info.unixDestination = tuple.destination.toString(16);
    info.name = unixName(tuple.source, tuple.destination, tuple.path);
  } else {
    info.kind = tuple.sip6 === undefined ? FdKind.ipv4 : FdKind.ipv6;
    info.l4 = L4.tcp;
    setEnds(info, tuple);
    info.name = socketName(info);
  }
  info.flags = FdFlag.roleServer | FdFlag.connected;
  event.fd = state.addFd(thread, fd, info);
  event.fdNameChanged = event.fd !== undefined;
}

/** Sends and receives: the first one on a socket that was not connected tells who is at the other end. */
export function transferExit(event: ScapEvent, state: State, layout: TransferLayout): void {
  if (event.size(0) === 0) return;
  const result = event.i64(0);
  if (layout.mayInfer && event.fd === undefined && result >= 0) inferDatagram(event, state);
  const fd = event.fd;
  if (fd === undefined || result < 0) return;
  const isInet = fd.kind === FdKind.ipv4 || fd.kind === FdKind.ipv6;
  if (isInet && !fd.isConnected) {
    const own = writableFd(event);
    if (own !== undefined) own.flags |= FdFlag.connected;
  }
  if (layout.tuple < 0 || event.size(layout.tuple) === 0) return;
  if (fd.name !== '' && isInet && fd.l4 === L4.tcp) return;
  const tuple = readTuple(event.slice(layout.tuple));
  if (tuple !== undefined) updateEnds(event, state, tuple, layout);
}

function updateEnds(event: ScapEvent, state: State, tuple: SocketEnds, layout: TransferLayout): void {
  const fd = writableFd(event);
  const thread = event.thread;
  if (fd === undefined || thread === undefined) return;
  const before = fd.name;
  if (tuple.family === Family.unix) {
    fd.kind = FdKind.unix;
    fd.unixSource = tuple.source.toString(16);
    fd.unixDestination = tuple.destination.toString(16);
    fd.name = unixName(tuple.source, tuple.destination, tuple.path);
    event.fdNameChanged = fd.name !== before;
    return;
  }
  const isV6 = tuple.sip6 !== undefined || tuple.dip6 !== undefined;
  if (!isV6) fd.kind = FdKind.ipv4;
  if (!setEnds(fd, tuple)) return;
  if (fd.l4 === L4.unknown) fd.l4 = L4.udp;
  completeEnds(fd, state.interfaces);
  if (fd.hasNoRole) guessRole(fd, thread, layout.isRead);
  if (layout.isRead ? fd.isClient : fd.isServer) swapEnds(fd);
  fd.name = socketName(fd);
  event.fdNameChanged = fd.name !== before;
}

/** A send on a descriptor that nobody made in this capture: take it for a datagram socket. */
function inferDatagram(event: ScapEvent, state: State): void {
  const thread = event.thread;
  const family = event.u8(4);
  if (thread === undefined || (family !== Family.inet && family !== Family.inet6)) return;
  addSocket(event, state, thread, event.i64(2), family, SOCK_DGRAM, IPPROTO.udp);
}

/** Owns the destination port: a server, unless it also uses the source port; then who speaks first is the client. */
function guessRole(fd: FdInfo, thread: Thread, isRead: boolean): void {
  let isBound = false;
  let isClientPort = false;
  for (const [, other] of thread.fdTable?.entries() ?? []) {
    if (other.kind === FdKind.ipv4) {
      if (other.dport === fd.dport) isBound = true;
      if (other.sport === fd.sport) isClientPort = true;
    } else if (other.kind === FdKind.ipv4Server && other.sport === fd.dport) {
      isBound = true;
    }
  }
  if (isBound && (!isClientPort || isRead)) becomeServer(fd);
  else becomeClient(fd);
}
