// What an event block's own bytes say, without the reader; and the same event marked as one that only changes the
// state. Layout: libs userspace/libscap/scap_savefile.h; the mark: scap.h, SCAP_DF_STATE_ONLY.

import * as format from '../format.ts';

/** Flags of an event block: the event updates the state and is not shown to rules. */
export const STATE_ONLY = 1;
/** Its parameters have 32-bit lengths. */
const LARGE = 4;

/** Block type → the type that also has flags. */
const WITH_FLAGS: ReadonlyMap<number, number> = new Map([
  [format.EVENT_V1, format.EVENT_V1_FLAGS],
  [format.EVENT_V1_INTERNAL, format.EVENT_V1_FLAGS],
  [format.EVENT_V2, format.EVENT_V2_FLAGS],
  [format.EVENT_LARGE, format.EVENT_LARGE_FLAGS],
]);

/** Whether the block of this type has a flags word. */
export function hasFlags(type: number): boolean {
  return (
    type === format.EVENT_V1_FLAGS || type === format.EVENT_V2_FLAGS || type === format.EVENT_LARGE_FLAGS
  );
}

/** What an event block says at its beginning. */
export interface EventHead {
  /** Nanoseconds since the epoch. */
  readonly tsNs: bigint;
  readonly tid: number;
  readonly code: number;
}

/** The head of an event; undefined: the block is none, or too short. */
export function eventHead(type: number, block: Buffer): EventHead | undefined {
  if (!format.isEventBlock(type)) return undefined;
  const at = hasFlags(type) ? 14 : 10;
  if (block.length < at + 22) return undefined;
  return {
    tsNs: block.readBigUInt64LE(at),
    tid: block.readInt32LE(at + 12) * 0x1_0000_0000 + block.readUInt32LE(at + 8),
    code: block.readUInt16LE(at + 20),
  };
}

/** The same event, to be applied but not shown. The event's own bytes stay as they are. */
export function asStateOnly(type: number, block: Buffer): Buffer {
  if (hasFlags(type)) {
    const copy = Buffer.from(block);
    copy.writeUInt32LE((copy.readUInt32LE(10) | STATE_ONLY) >>> 0, 10);
    return copy;
  }
  const out = Buffer.allocUnsafe(block.length + 4);
  const to = WITH_FLAGS.get(type) as number;
  out.writeUInt32LE(to, 0);
  out.writeUInt32LE(out.length, 4);
  block.copy(out, 8, 8, 10);
  out.writeUInt32LE(to === format.EVENT_LARGE_FLAGS ? STATE_ONLY | LARGE : STATE_ONLY, 10);
  block.copy(out, 14, 10, block.length - 4);
  out.writeUInt32LE(out.length, out.length - 4);
  return out;
}
