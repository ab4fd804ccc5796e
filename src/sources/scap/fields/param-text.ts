// A parameter as text: its plain form, and its resolved form where the type has one (a flag's names, a descriptor's
// file, a process' name). `evt.args` prints both, `evt.arg.X` the resolved one when there is one. Follows libs
// userspace/libsinsp/event.cpp (get_param_as_str) in what is visible.

import { type EventParam, SYSCALL_NAMES } from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';
import type { FdInfo } from '../state/fd-info.ts';
import { joinPath } from '../state/path.ts';
import { formatIpv4, formatIpv6, isMapped } from '../state/sockets.ts';
import { L4 } from '../state/types.ts';
import { fdTypeChar, protocolOf } from './fd-names.ts';
import { enumText, flagsText, modeText } from './flags.ts';
import { errnoName, signalName } from './names.ts';
import { integerText, joinUnsigned, joinUnsignedSafe, shortestText, wideText } from './numbers.ts';
import { listedGroup, listedUser } from './user.ts';

/** The descriptor number that means the working directory. */
export const AT_FDCWD = -100;

/** The family of unix sockets, as drivers number it. */
export const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;

/** What an empty parameter prints. */
function emptyText(type: string): string {
  switch (type) {
    case 'BYTEBUF':
    case 'SOCKTUPLE':
    case 'FDLIST':
    case 'CHARBUFARRAY':
    case 'CHARBUF_PAIR_ARRAY':
    case 'DYN':
      return 'NULL';
    default:
      return '<NA>';
  }
}

/** The parameter's text for `evt.arg.X`: resolved if that is not empty, else plain. */
export function argText(event: ScapEvent, param: EventParam, at: number): string {
  if (event.size(at) === 0) return emptyText(param.type);
  return resolvedText(event, param, at) || plainText(event, param, at);
}

/** Plain form: numbers, paths as given, buffers with dots for what does not print. */
export function plainText(event: ScapEvent, param: EventParam, at: number): string {
  const size = event.size(at);
  if (size === 0) return emptyText(param.type);
  const from = event.from(at);
  if (param.type !== 'DYN') return plain(event, param.type, param.format, from, size);
  const type = param.variants?.[event.view.getUint8(from)];
  if (type === undefined || size === 1) return 'NULL';
  return plain(event, type, param.format, from + 1, size - 1);
}

/** Resolved form, `''` where there is none. */
export function resolvedText(event: ScapEvent, param: EventParam, at: number): string {
  const size = event.size(at);
  if (size === 0) return '';
  const from = event.from(at);
  if (param.type !== 'DYN') return resolved(event, param, param.type, from, size);
  const type = param.variants?.[event.view.getUint8(from)];
  if (type === undefined || size === 1) return '';
  return resolved(event, param, type, from + 1, size - 1);
}

function wide(event: ScapEvent, from: number, size: number, format: string): string {
  if (size < 8) return '0';
  return wideText(event.view.getUint32(from + 4, true), event.view.getUint32(from, true), format);
}

/** A whole number of up to 32 bits, by the bytes that are there; signed as the type says. */
function narrow(event: ScapEvent, from: number, size: number, isSigned: boolean): number {
  const { view } = event;
  if (size >= 4) return isSigned ? view.getInt32(from, true) : view.getUint32(from, true);
  if (size >= 2) return isSigned ? view.getInt16(from, true) : view.getUint16(from, true);
  return isSigned ? view.getInt8(from) : view.getUint8(from);
}

function long(event: ScapEvent, from: number, size: number): number {
  if (size < 8) return narrow(event, from, size, true);
  return event.view.getInt32(from + 4, true) * 0x1_0000_0000 + event.view.getUint32(from, true);
}

function chars(event: ScapEvent, from: number, size: number): string {
  const text = event.textAt(from, size);
  return text === '(NULL)' ? '<NA>' : text;
}

function plain(event: ScapEvent, type: string, format: string, from: number, size: number): string {
  switch (type) {
    case 'INT8':
      return integerText(narrow(event, from, 1, true), format, 8);
    case 'UINT8':
      return integerText(narrow(event, from, 1, false), format, 8);
    case 'INT16':
      return integerText(narrow(event, from, Math.min(size, 2), true), format, 16);
    case 'UINT16':
      return integerText(narrow(event, from, Math.min(size, 2), false), format, 16);
    // Falco prints unsigned 32-bit decimals signed.
    case 'INT32':
    case 'UINT32':
      return integerText(narrow(event, from, size, true), format, 32);
    case 'INT64':
    case 'UINT64':
      return wide(event, from, size, format);
    case 'ERRNO':
    case 'FD':
    case 'PID':
    case 'FD32':
    case 'PID32':
      return String(long(event, from, size));
    case 'CHARBUF':
    case 'FSPATH':
    case 'FSRELPATH':
      return chars(event, from, size);
    case 'BYTEBUF':
      return bufferText(event, from, size);
    case 'SOCKADDR':
      return socketAddressText(event, from, size);
    case 'SOCKTUPLE':
      return tupleText(event, from, size);
    case 'FDLIST':
      return fdListText(event, from, size);
    case 'SYSCALLID':
    case 'SIGTYPE':
    case 'FLAGS8':
    case 'FLAGS16':
    case 'FLAGS32':
    case 'ENUMFLAGS8':
    case 'ENUMFLAGS16':
    case 'ENUMFLAGS32':
      return String(narrow(event, from, size, false));
    case 'MODE':
      return integerText(narrow(event, from, size, false), format, 32);
    case 'RELTIME':
      return relativeTime(event, from, size) ?? 'none';
    case 'ABSTIME':
      return absoluteTime(event, from, size);
    case 'UID':
    case 'GID':
      return String(narrow(event, from, size, true));
    case 'SIGSET':
      return signalSetText(narrow(event, from, size, false));
    case 'BOOL':
      return narrow(event, from, size, false) === 0 ? 'false' : 'true';
    default:
      return '(n.a.)';
  }
}

function resolved(event: ScapEvent, param: EventParam, type: string, from: number, size: number): string {
  switch (type) {
    case 'ERRNO': {
      const value = long(event, from, size);
      return value < 0 ? (errnoName(value) ?? '') : '';
    }
    case 'FD':
    case 'FD32':
      return fdText(event, long(event, from, size));
    case 'PID':
    case 'PID32':
      return event.state.thread(long(event, from, size))?.comm ?? '';
    case 'FSPATH':
    case 'FSRELPATH':
      return absolutePath(event, param, chars(event, from, size));
    case 'SYSCALLID':
      return SYSCALL_NAMES[narrow(event, from, size, false)] ?? '';
    case 'SIGTYPE':
      return signalName(narrow(event, from, 1, false)) ?? '';
    case 'RELTIME': {
      const time = relativeTime(event, from, size);
      return time === undefined ? '' : `${shortestText(Number(time) / 1e9)}s`;
    }
    case 'FLAGS8':
    case 'FLAGS16':
    case 'FLAGS32':
      return param.flagTable === undefined
        ? ''
        : flagsText(param.flagTable, narrow(event, from, size, false));
    case 'ENUMFLAGS8':
    case 'ENUMFLAGS16':
    case 'ENUMFLAGS32':
      return param.flagTable === undefined ? '' : enumText(param.flagTable, narrow(event, from, size, false));
    case 'MODE':
      return param.flagTable === undefined ? '' : modeText(param.flagTable, narrow(event, from, size, false));
    case 'UID': {
      const uid = narrow(event, from, size, false);
      if (uid === 0xffffffff) return '<NONE>';
      return event.thread === undefined ? '<NA>' : (listedUser(event.thread, event, uid)?.name ?? '<NA>');
    }
    case 'GID': {
      const gid = narrow(event, from, size, false);
      if (gid === 0xffffffff) return '<NONE>';
      return event.thread === undefined ? '<NA>' : (listedGroup(event.thread, event, gid)?.name ?? '<NA>');
    }
    default:
      return '';
  }
}

/** Printable ASCII; `.` for every other byte. */
function bufferText(event: ScapEvent, from: number, size: number): string {
  return event.bytes.toString('latin1', from, from + size).replace(/[^\x20-\x7e]/g, '.');
}

/** `<f>/etc/passwd`, `<4t>1.2.3.4:5->6.7.8.9:10`; `AT_FDCWD`; an errno's name for a negative one; `''` if unknown. */
function fdText(event: ScapEvent, fd: number): string {
  if (fd === AT_FDCWD) return 'AT_FDCWD';
  if (event.thread === undefined) return '';
  if (fd < 0) return errnoName(fd) ?? '';
  const found = event.thread.fdTable?.get(fd);
  return found === undefined ? '' : `<${fdTypeChar(found.kind)}${protocolChar(found)}>${found.name}`;
}

function protocolChar(fd: FdInfo): string {
  if (!fd.isInet) return '';
  switch (protocolOf(fd)) {
    case L4.tcp:
      return 't';
    case L4.udp:
      return 'u';
    case L4.icmp:
      return 'i';
    case L4.raw:
      return 'r';
    default:
      return '';
  }
}

/** A relative path made absolute: by the directory descriptor of a `*at` call, else by the working directory. */
function absolutePath(event: ScapEvent, param: EventParam, path: string): string {
  const { thread } = event;
  if (thread === undefined || path === '' || path === '<NA>' || path.startsWith('/')) return '';
  return joinPath(baseDirectory(event, param), path);
}

function baseDirectory(event: ScapEvent, param: EventParam): string {
  const { thread } = event;
  if (thread === undefined) return '';
  if (param.dirfdIndex !== undefined) {
    const fd = event.i64(param.dirfdIndex);
    if (fd !== AT_FDCWD) {
      const name = thread.fdTable?.get(fd)?.name ?? '';
      return name === '' ? '' : `${name}/`;
    }
  }
  return thread.processCwd;
}

function relativeTime(event: ScapEvent, from: number, size: number): string | undefined {
  if (size < 8) return '0';
  const hi = event.view.getUint32(from + 4, true);
  const lo = event.view.getUint32(from, true);
  return hi === 0xffffffff && lo === 0xffffffff ? undefined : String(joinUnsignedSafe(hi, lo));
}

/** `2026-11-24 03:15:28.123456789`, UTC. */
function absoluteTime(event: ScapEvent, from: number, size: number): string {
  if (size < 8) return '0';
  const ns = joinUnsigned(event.view.getUint32(from + 4, true), event.view.getUint32(from, true));
  const date = new Date(Number(ns / 1_000_000n));
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${day} ${time}.${String(ns % 1_000_000_000n).padStart(9, '0')}`;
}

function ipv4At(event: ScapEvent, from: number): string {
  return formatIpv4(event.view.getUint32(from, false));
}

function portAt(event: ScapEvent, from: number): number {
  return event.view.getUint16(from, true);
}

function socketAddressText(event: ScapEvent, from: number, size: number): string {
  const family = event.view.getUint8(from);
  // What stands for an address that old events do not have.
  if (family === 0 && size === 1) return '<NA>';
  if (family === AF_UNIX) return event.textAt(from + 1, size - 1);
  if (family === AF_INET)
    return size === 7 ? `${ipv4At(event, from + 1)}:${portAt(event, from + 5)}` : 'INVALID IPv4';
  if (family !== AF_INET6) return `family ${family}`;
  if (size !== 19) return 'INVALID IPv6';
  const address = isMapped(event.bytes.subarray(from + 1))
    ? ipv4At(event, from + 13)
    : formatIpv6(event.bytes.subarray(from + 1));
  return `${address}:${portAt(event, from + 17)}`;
}

function tupleText(event: ScapEvent, from: number, size: number): string {
  const family = event.view.getUint8(from);
  if (family === AF_UNIX) {
    if (size < 17) return 'INVALID UNIX';
    const source = joinUnsigned(event.view.getUint32(from + 5, true), event.view.getUint32(from + 1, true));
    const peer = joinUnsigned(event.view.getUint32(from + 13, true), event.view.getUint32(from + 9, true));
    return `${source.toString(16)}->${peer.toString(16)} ${event.textAt(from + 17, size - 17)}`;
  }
  if (family === AF_INET) {
    if (size !== 13) return 'INVALID IPv4';
    return `${ipv4At(event, from + 1)}:${portAt(event, from + 5)}->${ipv4At(event, from + 7)}:${portAt(event, from + 11)}`;
  }
  if (family !== AF_INET6) return `family ${family}`;
  if (size !== 37) return 'INVALID IPv6';
  const { bytes } = event;
  const areMapped = isMapped(bytes.subarray(from + 1)) && isMapped(bytes.subarray(from + 19));
  const source = areMapped ? ipv4At(event, from + 13) : formatIpv6(bytes.subarray(from + 1));
  const peer = areMapped ? ipv4At(event, from + 31) : formatIpv6(bytes.subarray(from + 19));
  return `${source}:${portAt(event, from + 17)}->${peer}:${portAt(event, from + 35)}`;
}

/** `3:f1 4:?1`: descriptor, its type letter, the events in hex. */
function fdListText(event: ScapEvent, from: number, size: number): string {
  const { thread, view } = event;
  if (thread === undefined || size < 2) return '';
  const table = thread.fdTable;
  const items: string[] = [];
  const count = view.getUint16(from, true);
  for (let at = from + 2; items.length < count && at + 10 <= from + size; at += 10) {
    const fd = long(event, at, 8);
    const found = table?.get(fd);
    const events = (view.getInt16(at + 8, true) >>> 0).toString(16);
    items.push(`${fd}:${found === undefined ? '?' : fdTypeChar(found.kind)}${events}`);
  }
  return items.join(' ');
}

function signalSetText(bits: number): string {
  const names: string[] = [];
  for (let bit = 0; bit < 32; bit++) {
    const name = (bits >>> bit) & 1 ? signalName(bit + 1) : undefined;
    if (name !== undefined) names.push(name);
  }
  return names.join(' ');
}
