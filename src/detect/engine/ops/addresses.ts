// Tests on addresses (IPADDR) and on addresses against networks (IPNET).

import { type Address, inNetwork, type Network, parseAddress, sameAddress } from './ip.ts';
import { NEVER, type Test } from './test.ts';

/** Is the value one of the addresses? IPv4 compares as text, IPv6 has many spellings. */
export function addressTest(addresses: readonly string[]): Test {
  if (addresses.length === 0) return NEVER;
  if (addresses.every((text) => !text.includes(':'))) {
    const set = new Set(addresses);
    return set.size === 1
      ? { op: 'eq', value: addresses[0] as string }
      : { op: 'in', values: new Set(addresses) };
  }
  const parsed = addresses.map(parseAddress).filter((a) => a !== undefined);
  return { op: 'call', run: (v) => isOneOf(v as string, parsed) };
}

function isOneOf(text: string, addresses: readonly Address[]): boolean {
  const address = parseAddress(text);
  return address !== undefined && addresses.some((a) => sameAddress(a, address));
}

/** Is the value in one of the networks? */
export function networkTest(networks: readonly Network[]): Test {
  if (networks.length === 0) return NEVER;
  return {
    op: 'call',
    run: (v) => {
      const address = parseAddress(v as string);
      return address !== undefined && networks.some((net) => inNetwork(address, net));
    },
  };
}

export function sameAddressText(left: string, right: string): boolean {
  if (left === right) return true;
  const a = parseAddress(left);
  const b = parseAddress(right);
  return a !== undefined && b !== undefined && sameAddress(a, b);
}
