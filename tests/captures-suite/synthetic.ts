// Captures made by hand, block by block, for what no recorded capture has: old process lists, rare calls, hostile sizes.
// Layouts: libs userspace/libscap/scap_savefile.h. Numbers are little-endian.

import { EVENTS } from '../../src/detect/fields/index.ts';
import { readCapture, type ScapEvent } from '../../src/sources/scap/index.ts';

export const u8 = (value: number): Buffer => Buffer.from([value & 0xff]);

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function i64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}

/** A string parameter: with its final NUL. */
export const text = (value: string): Buffer => Buffer.from(`${value}\0`);
/** A list parameter: each element with its NUL. */
export const list = (...values: string[]): Buffer => Buffer.concat(values.map(text));
/** A string in a state block: u16 length, no NUL. */
const counted = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([u16(bytes.length), bytes]);
};

/** One block: header, body, padding, trailer. */
export function block(type: number, ...body: Buffer[]): Buffer {
  const bytes = Buffer.concat(body);
  const padding = Buffer.alloc((4 - (bytes.length % 4)) % 4);
  const size = u32(12 + bytes.length + padding.length);
  return Buffer.concat([u32(type), size, bytes, padding, size]);
}

export function section(): Buffer {
  return block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(2), i64(-1));
}

export function machine(hostname: string): Buffer {
  const name = Buffer.alloc(128);
  name.write(hostname);
  return block(0x201, u32(4), i64(1 << 30), i64(4_194_304), name, i64(0), i64(0), i64(0), i64(0));
}

const PROCESS_BLOCKS = [0, 0x202, 0x207, 0x209, 0x210, 0x211, 0x212, 0x213, 0x214] as const;

export interface ProcessEntry {
  readonly tid: number;
  readonly pid?: number;
  readonly ptid?: number;
  readonly comm?: string;
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly vtid?: number;
  readonly vpid?: number;
}

/** A process list of version 1 to 8: fields beyond `entry` have the values that the tests look for. */
export function processes(version: number, entries: readonly ProcessEntry[]): Buffer {
  const bodies = entries.map((entry) => {
    const {
      tid,
      pid = tid,
      ptid = 1,
      comm = 'cat',
      env = ['A=1', 'B=2'],
      cwd = '/w',
      vtid = 7,
      vpid = 8,
    } = entry;
    return Buffer.concat([
      i64(tid),
      i64(pid),
      i64(ptid),
      ...(version >= 6 ? [i64(77)] : []),
      ...(version >= 8 ? [i64(78)] : []),
      counted(comm),
      counted(`/bin/${comm}`),
      ...(version >= 7 ? [counted(`/usr/bin/${comm}`)] : []),
      counted(list('-n', 'file')),
      counted(cwd),
      i64(1024),
      u32(0),
      u32(1000),
      u32(1001),
      ...(version >= 2 ? [u32(11), u32(12), u32(13), i64(14), i64(15)] : []),
      ...(version >= 3 ? [counted(list(...env))] : []),
      ...(version >= 4 ? [i64(vtid), i64(vpid), counted(list('cpu=/a', 'memory=/b'))] : []),
      ...(version >= 5 ? [counted('/root')] : []),
    ]);
  });
  return block(PROCESS_BLOCKS[version] as number, ...bodies);
}

/** File descriptors (type 1) of one thread, without entry lengths. */
export function files(tid: number, fds: readonly number[]): Buffer {
  return block(
    0x203,
    i64(tid),
    ...fds.map((fd) => Buffer.concat([i64(fd), i64(0), u8(1), counted(`/f/${fd}`)])),
  );
}

let clockNs = 1_600_000_000_000_000_000n;

const codes = new Map<string, number>();

/** The code of an event of today's layout: the exit, or the only one that there is. */
function codeOf(name: string): number {
  const known = codes.get(name);
  if (known !== undefined) return known;
  const current = EVENTS.filter((each) => each.name === name && !each.flags.has('OLD_VERSION'));
  const info = current.findLast((each) => each.direction === 'X' && each.params.length > 0) ?? current[0];
  if (info === undefined) throw new Error(`no event ${name}`);
  codes.set(name, info.code);
  return info.code;
}

/** An event; what `params` leaves out at the end is empty. Each event is a microsecond after the last. */
export function event(name: string, tid: number, params: readonly Buffer[]): Buffer {
  const code = codeOf(name);
  const count = EVENTS[code]?.params.length ?? 0;
  const all = Array.from({ length: count }, (_, at) => params[at] ?? Buffer.alloc(0));
  const isWide = EVENTS[code]?.flags.has('LARGE_PAYLOAD') === true;
  const lengths = all.map((param) => (isWide ? u32(param.length) : u16(param.length)));
  const data = Buffer.concat([...lengths, ...all]);
  clockNs += 1000n;
  return block(
    isWide ? 0x221 : 0x216,
    u16(0),
    i64(clockNs),
    i64(tid),
    u32(26 + data.length),
    u16(code),
    u32(count),
    data,
  );
}

/** Parameters of a clone exit by their places. */
export function clone(
  tid: number,
  result: number,
  {
    pid = tid,
    ptid = 1,
    flags = 0,
    comm = 'sh',
  }: { pid?: number; ptid?: number; flags?: number; comm?: string } = {},
): Buffer {
  const params: Buffer[] = Array.from({ length: 20 }, () => Buffer.alloc(0));
  params[0] = i64(result);
  params[1] = text(comm);
  params[2] = list();
  params[3] = i64(tid);
  params[4] = i64(pid);
  params[5] = i64(ptid);
  params[7] = i64(1024);
  params[13] = text(comm);
  params[15] = u32(flags);
  params[16] = u32(0);
  params[17] = u32(0);
  params[18] = i64(tid);
  params[19] = i64(pid);
  return event('clone', tid, params);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** Reads a capture made of `blocks`, and calls back with each event. */
export function play(
  blocks: readonly Buffer[],
  onEvent: (event: ScapEvent) => void,
): ReturnType<typeof readCapture> {
  return readCapture(once(Buffer.concat(blocks)), onEvent);
}
