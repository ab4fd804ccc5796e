// Constants as Falco parses them for a field's type (libs, userspace/libsinsp/value_parser). The engine uses the same
// functions for the values that it compares with.

import { eventCodes } from '../fields/index.ts';

/** What a constant is for its type; integers as bigint, addresses and networks as bytes. */
export type Constant =
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  /** 4 or 16 bytes. */
  | { readonly kind: 'address'; readonly bytes: Uint8Array }
  | { readonly kind: 'network'; readonly bytes: Uint8Array; readonly prefix: number };

export type ConstantResult = Constant | { readonly kind: 'error'; readonly message: string };

const fail = (message: string): ConstantResult => ({ kind: 'error', message });

/** How types group into families, each with its own operators. */
export type TypeFamily = 'number' | 'boolean' | 'address' | 'string' | 'bytes' | 'other';

const FAMILIES: ReadonlyMap<string, TypeFamily> = new Map([
  ...'INT8 INT16 INT32 INT64 UINT8 UINT16 UINT32 UINT64 FD FD32 PID PID32 ERRNO RELTIME ABSTIME PORT FLAGS8 FLAGS16 FLAGS32 ENUMFLAGS8 ENUMFLAGS16 ENUMFLAGS32 MODE SYSCALLID SIGTYPE L4PROTO SOCKFAMILY DOUBLE'
    .split(' ')
    .map((type) => [type, 'number'] as const),
  ['BOOL', 'boolean'],
  ...'IPADDR IPNET IPV4ADDR IPV4NET IPV6ADDR IPV6NET'.split(' ').map((type) => [type, 'address'] as const),
  ...'CHARBUF FSPATH FSRELPATH'.split(' ').map((type) => [type, 'string'] as const),
  ['BYTEBUF', 'bytes'],
]);

/** The family of a type name such as `UINT64`. */
export function familyOf(type: string): TypeFamily {
  return FAMILIES.get(type) ?? 'other';
}

/** Width in bits and sign of the integer that a type's constants are parsed as. */
const INTEGER_FORMS: Readonly<Record<string, readonly [bits: number, signed: boolean]>> = {
  INT8: [8, true],
  INT16: [16, true],
  INT32: [32, true],
  FD32: [32, true],
  PID32: [32, true],
  // Falco parses a constant for a double as an integer.
  DOUBLE: [32, true],
  INT64: [64, true],
  FD: [64, true],
  PID: [64, true],
  ERRNO: [64, true],
  L4PROTO: [8, false],
  FLAGS8: [8, false],
  ENUMFLAGS8: [8, false],
  UINT8: [8, false],
  SIGTYPE: [8, false],
  SOCKFAMILY: [8, false],
  FLAGS16: [16, false],
  UINT16: [16, false],
  ENUMFLAGS16: [16, false],
  SYSCALLID: [16, false],
  UINT32: [32, false],
  FLAGS32: [32, false],
  ENUMFLAGS32: [32, false],
  MODE: [32, false],
  UINT64: [64, false],
  RELTIME: [64, false],
  ABSTIME: [64, false],
};

/** Parses a constant for a type, with Falco's message if it is not one. */
export function parseConstant(type: string, text: string): ConstantResult {
  const form = INTEGER_FORMS[type];
  if (form !== undefined) return parseInteger(text, ...form);
  switch (type) {
    case 'BOOL':
      if (text === 'true' || text === 'false') return { kind: 'boolean', value: text === 'true' };
      return fail(`filter error: unrecognized boolean value ${text}`);
    case 'PORT':
      return parsePort(text);
    case 'IPADDR':
      return parseAddress(text);
    case 'IPV4ADDR':
      return addressOr(parseIpv4(text), `unrecognized IPv4 address ${text}`);
    case 'IPV6ADDR':
      return addressOr(parseIpv6(text), `unrecognized IPv6 address ${text}`);
    case 'IPNET':
    case 'IPV4NET':
    case 'IPV6NET':
      return parseNetwork(text);
    default:
      return { kind: 'string', value: text };
  }
}

/** What C's `scanf` takes for an integer: blanks in front, a sign, decimal digits, nothing behind. */
function parseInteger(text: string, bits: number, signed: boolean): ConstantResult {
  if (!/^[ \t\n\v\f\r]*[+-]?\d+$/.test(text)) return fail(`${text} is not a valid number`);
  const trimmed = text.trim().replace(/^\+/, '');
  let value: bigint;
  if (trimmed.length > 40) value = trimmed.startsWith('-') ? -(1n << 64n) : 1n << 64n;
  else value = BigInt(trimmed);
  // glibc saturates at 64 bits, a narrower variable then keeps the low bits.
  const [low, high] = signed ? [-(1n << 63n), (1n << 63n) - 1n] : [-((1n << 64n) - 1n), (1n << 64n) - 1n];
  if (value > high) value = high;
  if (value < low) value = signed ? low : high;
  return { kind: 'integer', value: signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value) };
}

/** Ports by the names that every system's service list has; Falco asks the machine it runs on. */
const SERVICES: Readonly<Record<string, number>> = {
  echo: 7,
  discard: 9,
  daytime: 13,
  'ftp-data': 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  time: 37,
  whois: 43,
  tacacs: 49,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  gopher: 70,
  finger: 79,
  http: 80,
  kerberos: 88,
  pop3: 110,
  sunrpc: 111,
  nntp: 119,
  ntp: 123,
  'netbios-ns': 137,
  'netbios-dgm': 138,
  'netbios-ssn': 139,
  imap2: 143,
  snmp: 161,
  'snmp-trap': 162,
  bgp: 179,
  irc: 194,
  ldap: 389,
  https: 443,
  'microsoft-ds': 445,
  syslog: 514,
  submission: 587,
  ldaps: 636,
  domains: 853,
  rsync: 873,
  ftps: 990,
  telnets: 992,
  imaps: 993,
  pop3s: 995,
  socks: 1080,
  openvpn: 1194,
  'ms-sql-s': 1433,
  radius: 1812,
  nfs: 2049,
  mysql: 3306,
  svn: 3690,
  epmd: 4369,
  postgresql: 5432,
  amqp: 5672,
  amqps: 5671,
  x11: 6000,
  redis: 6379,
  'http-alt': 8080,
  zabbix: 10050,
};

function parsePort(text: string): ConstantResult {
  if (text === '') return { kind: 'integer', value: 0n };
  if (/^\d+$/.test(text)) return { kind: 'integer', value: BigInt(text.slice(-20)) % 65536n };
  const port = Object.hasOwn(SERVICES, text) ? SERVICES[text] : undefined;
  return port === undefined
    ? fail(`unrecognized protocol ${text}`)
    : { kind: 'integer', value: BigInt(port) };
}

function addressOr(bytes: Uint8Array | undefined, message: string): ConstantResult {
  return bytes === undefined ? fail(message) : { kind: 'address', bytes };
}

function parseAddress(text: string): ConstantResult {
  return text.includes('.')
    ? addressOr(parseIpv4(text), `unrecognized IPv4 address ${text}`)
    : addressOr(parseIpv6(text), `unrecognized IPv6 address ${text}`);
}

function parseNetwork(text: string): ConstantResult {
  const slash = text.indexOf('/');
  if (text.includes('.')) {
    if (slash === -1) return fail(`unrecognized IP network ${text}`);
    const bytes = parseIpv4(text.slice(0, slash));
    const prefix = text.slice(slash + 1);
    if (bytes === undefined || !/^\d{1,3}$/.test(prefix) || Number(prefix) > 32) {
      return fail(`unrecognized IP network ${text}`);
    }
    return { kind: 'network', bytes, prefix: Number(prefix) };
  }
  const mask = text.slice(slash + 1);
  const prefix = /^\d{1,3}$/.test(mask) ? Number(mask) : 0;
  if (prefix < 1 || prefix > 128) return fail(`invalid v6 netmask: ${mask}`);
  const bytes = parseIpv6(text.slice(0, Math.max(slash, 0)));
  return bytes === undefined ? fail(`unrecognized IPv6 address ${text}`) : { kind: 'network', bytes, prefix };
}

/** Dotted quad without leading zeros, as inet_pton takes it. */
export function parseIpv4(text: string): Uint8Array | undefined {
  if (!/^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(text)) return undefined;
  const parts = text.split('.').map(Number);
  return parts.some((part) => part > 255) ? undefined : Uint8Array.from(parts);
}

/** IPv6 in hexadecimal groups, with at most one `::`; also with an IPv4 tail. */
export function parseIpv6(text: string): Uint8Array | undefined {
  if (text.length > 45) return undefined;
  let hex = text;
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (tail !== null) {
    const four = parseIpv4(tail[2] as string);
    if (four === undefined) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = four;
    hex = `${tail[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const halves = hex.split('::');
  if (halves.length > 2) return undefined;
  const groups = (half: string | undefined) => (half === undefined || half === '' ? [] : half.split(':'));
  const head = groups(halves[0]);
  const end = groups(halves[1]);
  const filled = head.length + end.length;
  if (halves.length === 2 ? filled > 7 : filled !== 8) return undefined;
  const all = [...head, ...Array<string>(8 - filled).fill('0'), ...end];
  if (all.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return Uint8Array.from(
    all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  );
}

/** What is wrong with a constant that `evt.type` is compared with. */
export function eventTypeProblem(text: string): string | undefined {
  return eventCodes(text) === undefined ? `unknown event type ${text}` : undefined;
}
