// Fills in the end of a datagram socket that the kernel did not know, from the machine's network interfaces. Follows
// libs userspace/libsinsp/ifinfo.cpp (update_fd).

import type { FdInfo } from '../fd-info.ts';
import { FdKind, type Interfaces } from '../types.ts';

const LOOPBACK4 = 0x7f000001;

/** Gives a missing source or destination the address of the interface that would reach the other end. */
export function completeEnds(fd: FdInfo, interfaces: Interfaces): void {
  if (fd.kind === FdKind.ipv4) complete4(fd, interfaces);
  else if (fd.kind === FdKind.ipv6) complete6(fd, interfaces);
}

function complete4(fd: FdInfo, interfaces: Interfaces): void {
  if (fd.sip !== 0 && fd.dip !== 0) return;
  const known = fd.sip === 0 ? fd.dip : fd.sip;
  const inferred = infer4(known, interfaces);
  if (inferred === known && fd.sport === fd.dport) return;
  if (fd.sip === 0) fd.sip = inferred;
  else fd.dip = inferred;
}

function infer4(target: number, { v4 }: Interfaces): number {
  const exact = v4.find((entry) => entry.address === target);
  if (exact !== undefined) return exact.address;
  const near = v4.find((entry) => ((entry.address ^ target) & entry.mask) === 0);
  if (near !== undefined) return near.address;
  return v4.find((entry) => entry.address !== LOOPBACK4)?.address ?? 0;
}

function complete6(fd: FdInfo, interfaces: Interfaces): void {
  const hasSource = isSet(fd.sip6);
  if (hasSource && isSet(fd.dip6)) return;
  const known = hasSource ? fd.sip6 : fd.dip6;
  if (known === undefined) return;
  const inferred = infer6(known, interfaces);
  if (Buffer.compare(inferred, known) === 0 && fd.sport === fd.dport) return;
  if (hasSource) fd.dip6 = inferred;
  else fd.sip6 = inferred;
}

function infer6(target: Uint8Array, { v6 }: Interfaces): Uint8Array {
  const exact = v6.find((entry) => Buffer.compare(entry.address, target) === 0);
  if (exact !== undefined) return exact.address;
  // By convention the first 64 bits are network and subnet.
  const near = v6.find((entry) => Buffer.compare(entry.address.subarray(0, 8), target.subarray(0, 8)) === 0);
  if (near !== undefined) return near.address;
  return v6.find((entry) => !isLoopback(entry.address))?.address ?? new Uint8Array(16);
}

function isSet(address: Uint8Array | undefined): boolean {
  return address?.some((byte) => byte !== 0) === true;
}

function isLoopback(address: Uint8Array): boolean {
  return address[15] === 1 && address.subarray(0, 15).every((byte) => byte === 0);
}
