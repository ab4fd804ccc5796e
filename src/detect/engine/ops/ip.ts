// Addresses and networks. IPv4 and IPv6 never meet: comparing one with the other is true for `!=` only.

import ipaddr from 'ipaddr.js';

/** An address as 32-bit words: one for IPv4, four for IPv6. */
export type Address = readonly number[];

export interface Network {
  readonly base: Address;
  readonly mask: Address;
}

const MEMO_LIMIT = 4096;
const memo = new Map<string, Address | undefined>();

/** `undefined`: not an address. Parsed texts are remembered, as captures repeat few addresses. */
export function parseAddress(text: string): Address | undefined {
  const known = memo.get(text);
  if (known !== undefined || memo.has(text)) return known;
  const parsed = parse(text);
  if (memo.size >= MEMO_LIMIT) memo.clear();
  memo.set(text, parsed);
  return parsed;
}

function parse(text: string): Address | undefined {
  if (text.includes(':')) {
    if (text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
    const parts = ipaddr.IPv6.parse(text).parts;
    return [0, 2, 4, 6].map((i) => (((parts[i] as number) << 16) | (parts[i + 1] as number)) >>> 0);
  }
  if (!ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  const [a, b, c, d] = ipaddr.IPv4.parse(text).octets as [number, number, number, number];
  return [((a << 24) | (b << 16) | (c << 8) | d) >>> 0];
}

/** `10.0.0.0/8`, `fe80::/10`. IPv4 takes prefixes 0 to 32, IPv6 1 to 128. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const base = parseAddress(text.slice(0, slash));
  const bits = text.slice(slash + 1);
  if (base === undefined || !/^[0-9]{1,3}$/.test(bits)) return undefined;
  const length = Number(bits);
  if (length > base.length * 32 || (base.length === 4 && length === 0)) return undefined;
  const mask = base.map((_, word) => {
    const ones = Math.min(32, Math.max(0, length - 32 * word));
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
