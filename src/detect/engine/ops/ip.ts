// Addresses and networks. IPv4 and IPv6 never meet: comparing one with the other is true for `!=` only.

import { parseConstant, parseIpv4, parseIpv6 } from '../../lang/index.ts';

/** An address as 32-bit words: one for IPv4, four for IPv6. */
export type Address = readonly number[];

export interface Network {
  readonly base: Address;
  readonly mask: Address;
}

const MEMO_LIMIT = 16_384;
const memo = new Map<string, Address | undefined>();

/** `undefined`: not an address. Parsed texts are remembered, as captures repeat few addresses. */
export function parseAddress(text: string): Address | undefined {
  const known = memo.get(text);
  if (known !== undefined || memo.has(text)) return known;
  const bytes = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  const parsed = bytes === undefined ? undefined : words(bytes);
  if (memo.size >= MEMO_LIMIT) memo.clear();
  memo.set(text, parsed);
  return parsed;
}

function words(bytes: Uint8Array): Address {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i));
}

/** `10.0.0.0/8`, `fe80::/10`; `undefined` if the checker would refuse it. */
export function parseNetwork(text: string): Network | undefined {
  const constant = parseConstant('IPNET', text);
  if (constant.kind !== 'network') return undefined;
  const base = words(constant.bytes);
  const mask = base.map((_, word) => {
    const ones = Math.min(32, Math.max(0, constant.prefix - 32 * word));
    return ones === 0 ? 0 : (0xffffffff << (32 - ones)) >>> 0;
  });
  return { base: base.map((word, i) => (word & (mask[i] as number)) >>> 0), mask };
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}

export function inNetwork(address: Address, net: Network): boolean {
  if (address.length !== net.base.length) return false;
  for (let i = 0; i < address.length; i++) {
    if (((address[i] as number) & (net.mask[i] as number)) >>> 0 !== net.base[i]) return false;
  }
  return true;
}
