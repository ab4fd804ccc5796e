// Addresses of sockets as the capture holds them, and the names that descriptors get from them. Follows libs
// driver/ppm_events_public.h (PT_SOCKADDR, PT_SOCKTUPLE) and userspace/libsinsp/utils.cpp (sockinfo_to_str).

import type { FdInfo } from './fd-info.ts';
import { decodeText } from './text.ts';
import { FdKind, L4 } from './types.ts';

/** Families as drivers number them. */
export const Family = { unix: 1, inet: 2, inet6: 10, netlink: 16 } as const;

/** `10.0.0.1` from its number. */
export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** An IPv6 address as inet_ntop prints it: the first longest run of two or more zero groups is `::`. */
export function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0));
  let best = -1;
  let bestSize = 1;
  for (let at = 0; at < 8; at++) {
    let size = 0;
    while (at + size < 8 && groups[at + size] === 0) size++;
    if (size > bestSize) {
      best = at;
      bestSize = size;
    }
    at += size;
  }
  const isEmbedded = best === 0 && (bestSize === 6 || (bestSize === 5 && groups[5] === 0xffff));
  if (isEmbedded) {
    const last = ((groups[6] ?? 0) * 65536 + (groups[7] ?? 0)) >>> 0;
    return `${bestSize === 6 ? '::' : '::ffff:'}${formatIpv4(last)}`;
  }
  const hex = groups.map((group) => group.toString(16));
  if (best < 0) return hex.join(':');
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + bestSize).join(':')}`;
}

/** Whether 16 bytes are an IPv4 address in IPv6 clothing (`::ffff:a.b.c.d`). */
export function isMapped(bytes: Uint8Array): boolean {
  for (let at = 0; at < 10; at++) if (bytes[at] !== 0) return false;
  return bytes[10] === 0xff && bytes[11] === 0xff;
}

/** The IPv4 number in a mapped address. */
export function mappedIpv4(bytes: Buffer): number {
  return bytes.readUInt32BE(12);
}

/** Both ends of a connection, or one end of it. IPv6 that is mapped IPv4 is IPv4 here. */
export interface SocketEnds {
  family: number;
  sip: number;
  dip: number;
  sport: number;
  dport: number;
  sip6: Buffer | undefined;
  dip6: Buffer | undefined;
  source: bigint;
  destination: bigint;
  path: string;
}

/** Reads a SOCKTUPLE; undefined when it is empty, cut or of another family. */
export function readTuple(bytes: Buffer): SocketEnds | undefined {
  const family = bytes[0];
  if (family === Family.inet && bytes.length >= 13) {
    const ends = noEnds(family);
    ends.sip = bytes.readUInt32BE(1);
    ends.sport = bytes.readUInt16LE(5);
    ends.dip = bytes.readUInt32BE(7);
    ends.dport = bytes.readUInt16LE(11);
    return ends;
  }
  if (family === Family.inet6 && bytes.length >= 37) {
    const ends = noEnds(family);
    const sip = Buffer.from(bytes.subarray(1, 17));
    const dip = Buffer.from(bytes.subarray(19, 35));
    ends.sport = bytes.readUInt16LE(17);
    ends.dport = bytes.readUInt16LE(35);
    if (isMapped(sip) && isMapped(dip)) {
      ends.family = Family.inet;
      ends.sip = mappedIpv4(sip);
      ends.dip = mappedIpv4(dip);
    } else {
      ends.sip6 = sip;
      ends.dip6 = dip;
    }
    return ends;
  }
  if (family === Family.unix && bytes.length >= 17) {
    const ends = noEnds(family);
    ends.source = bytes.readBigUInt64LE(1);
    ends.destination = bytes.readBigUInt64LE(9);
    ends.path = decodeText(bytes, 17, bytes.length);
    return ends;
  }
  return undefined;
}

/** Reads a SOCKADDR into the destination end (`dip`, `dport`, `path`); undefined when it is empty, cut or unknown. */
export function readAddress(bytes: Buffer): SocketEnds | undefined {
  const family = bytes[0];
  if (family === Family.inet && bytes.length >= 7) {
    const ends = noEnds(family);
    ends.dip = bytes.readUInt32BE(1);
    ends.dport = bytes.readUInt16LE(5);
    return ends;
  }
  if (family === Family.inet6 && bytes.length >= 19) {
    const ends = noEnds(family);
    const address = Buffer.from(bytes.subarray(1, 17));
    ends.dport = bytes.readUInt16LE(17);
    if (isMapped(address)) {
      ends.family = Family.inet;
      ends.dip = mappedIpv4(address);
    } else {
      ends.dip6 = address;
    }
    return ends;
  }
  if (family === Family.unix) {
    const ends = noEnds(family);
    ends.path = decodeText(bytes, 1, bytes.length);
    return ends;
  }
  return undefined;
}

function noEnds(family: number): SocketEnds {
  return {
    family,
    sip: 0,
    dip: 0,
    sport: 0,
    dport: 0,
    sip6: undefined,
    dip6: undefined,
    source: 0n,
    destination: 0n,
    path: '',
  };
}

const NO_ADDRESS = new Uint8Array(16);

/** The name that a socket has from its ends: `a:p->b:p`, without ports for ICMP and RAW; `a:p` when it listens. */
export function socketName(fd: FdInfo): string {
  switch (fd.kind) {
    case FdKind.ipv4:
      return fd.l4 === L4.icmp || fd.l4 === L4.raw
        ? `${formatIpv4(fd.sip)}->${formatIpv4(fd.dip)}`
        : `${formatIpv4(fd.sip)}:${fd.sport}->${formatIpv4(fd.dip)}:${fd.dport}`;
    case FdKind.ipv4Server:
      return `${formatIpv4(fd.sip)}:${fd.sport}`;
    case FdKind.ipv6: {
      const source = formatIpv6(fd.sip6 ?? NO_ADDRESS);
      const destination = formatIpv6(fd.dip6 ?? NO_ADDRESS);
      return fd.l4 === L4.icmp || fd.l4 === L4.raw
        ? `${source}->${destination}`
        : `${source}:${fd.sport}->${destination}:${fd.dport}`;
    }
    case FdKind.ipv6Server:
      return `${formatIpv6(fd.sip6 ?? NO_ADDRESS)}:${fd.sport}`;
    default:
      return fd.name;
  }
}

/** `SOURCE->DESTINATION PATH` in hex, as both ends of a unix socket print. */
export function unixName(source: bigint, destination: bigint, path: string): string {
  return `${source.toString(16)}->${destination.toString(16)} ${path}`;
}

/** Puts new ends on a socket. True when something changed; the same ends the other way round change nothing. */
export function setEnds(fd: FdInfo, ends: SocketEnds): boolean {
  return ends.sip6 === undefined && ends.dip6 === undefined ? setEnds4(fd, ends) : setEnds6(fd, ends);
}

function setEnds4(fd: FdInfo, { sip, dip, sport, dport }: SocketEnds): boolean {
  if (fd.sip === sip && fd.sport === sport && fd.dip === dip && fd.dport === dport) return false;
  if (
    fd.kind === FdKind.ipv4 &&
    fd.sip === dip &&
    fd.sport === dport &&
    fd.dip === sip &&
    fd.dport === sport
  ) {
    return false;
  }
  fd.sip = sip;
  fd.sport = sport;
  fd.dip = dip;
  fd.dport = dport;
  return true;
}

function setEnds6(fd: FdInfo, ends: SocketEnds): boolean {
  const sip = ends.sip6 ?? NO_ADDRESS;
  const dip = ends.dip6 ?? NO_ADDRESS;
  const { sport, dport } = ends;
  if (same(fd.sip6, sip) && fd.sport === sport && same(fd.dip6, dip) && fd.dport === dport) return false;
  if (
    fd.kind === FdKind.ipv6 &&
    same(fd.sip6, dip) &&
    fd.sport === dport &&
    same(fd.dip6, sip) &&
    fd.dport === sport
  ) {
    return false;
  }
  fd.sip6 = sip;
  fd.sport = sport;
  fd.dip6 = dip;
  fd.dport = dport;
  return true;
}

function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return Buffer.compare(a ?? NO_ADDRESS, b) === 0;
}

/** Exchanges the two ends. */
export function swapEnds(fd: FdInfo): void {
  const { sip, sport, sip6 } = fd;
  fd.sip = fd.dip;
  fd.sport = fd.dport;
  fd.sip6 = fd.dip6;
  fd.dip = sip;
  fd.dport = sport;
  fd.dip6 = sip6;
}
