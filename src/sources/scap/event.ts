// The current event. One object is reused for all events, so that the hot loop allocates nothing and every reader sees
// one shape. Values are read from the reader's buffer in place; whoever keeps bytes must copy them. Event layout:
// libs userspace/libscap/scap_savefile.h; parameter types: libs driver/ppm_events_public.h.

import { sanitise } from './sanitise.ts';
import type { FdInfo } from './state/fd-info.ts';
import { decodeList, decodeText } from './state/text.ts';
import type { Thread } from './state/thread.ts';
import type { CaptureState } from './state/types.ts';

/** Most parameters that an event of any version has. */
export const MAX_PARAMS = 64;

/** An event after conversion and after its effect on the state: what fields are read from. */
export class ScapEvent {
  /** The reader's buffer; offsets below are into it. Both change with every event. */
  bytes: Buffer = Buffer.alloc(0);
  view: DataView = new DataView(this.bytes.buffer, 0, 0);
  /** Event code: index into the event table. Even: enter, odd: exit. */
  code = 0;
  /** Nanoseconds since the epoch, as two u32. */
  tsHi = 0;
  tsLo = 0;
  tid = 0;
  cpu = 0;
  /** `evt.num`, from 1. */
  num = 0;
  paramCount = 0;
  /** Byte offset of the event's block in the (uncompressed) capture. */
  offset = 0;
  /** The thread that did it; undefined for meta events. */
  thread: Thread | undefined = undefined;
  /** The descriptor that it used, made or closed. */
  fd: FdInfo | undefined = undefined;
  /** `fd.name_changed`. */
  fdNameChanged = false;
  state: CaptureState;

  /** Where each parameter starts in `bytes`; the entry after the last is its end. Written by the reader. */
  readonly starts = new Int32Array(MAX_PARAMS + 1);

  constructor(state: CaptureState) {
    this.state = state;
  }

  /** Makes this an event of `code` whose parameters of `sizes` lie back to back in `bytes` from `offset` on. */
  setPlaced(code: number, bytes: Buffer, view: DataView, offset: number, sizes: readonly number[]): void {
    this.code = code;
    this.bytes = bytes;
    this.view = view;
    this.paramCount = sizes.length;
    let at = offset;
    for (let index = 0; index < sizes.length; index++) {
      this.starts[index] = at;
      at += sizes[index] as number;
    }
    this.starts[sizes.length] = at;
  }

  /** Where parameter `at` starts in `bytes`. `at` may be `paramCount`: the end of the last one. */
  from(at: number): number {
    return this.starts[at] as number;
  }

  /** Bytes of parameter `at`; 0 when it is empty or the event has fewer parameters. */
  size(at: number): number {
    return at < this.paramCount ? (this.starts[at + 1] as number) - (this.starts[at] as number) : 0;
  }

  /** The numbers below read the parameter's first bytes; a parameter that is too short reads 0. */
  u8(at: number): number {
    return this.size(at) < 1 ? 0 : this.view.getUint8(this.from(at));
  }

  u16(at: number): number {
    return this.size(at) < 2 ? 0 : this.view.getUint16(this.from(at), true);
  }

  u32(at: number): number {
    return this.size(at) < 4 ? 0 : this.view.getUint32(this.from(at), true);
  }

  i32(at: number): number {
    return this.size(at) < 4 ? 0 : this.view.getInt32(this.from(at), true);
  }

  /** A signed 64-bit value as a double: exact within ±2^53, which ids, descriptors and results are. */
  i64(at: number): number {
    if (this.size(at) < 8) return 0;
    const from = this.from(at);
    return this.view.getInt32(from + 4, true) * 0x1_0000_0000 + this.view.getUint32(from, true);
  }

  u64Big(at: number): bigint {
    return this.size(at) < 8 ? 0n : this.view.getBigUint64(this.from(at), true);
  }

  i64Big(at: number): bigint {
    return this.size(at) < 8 ? 0n : this.view.getBigInt64(this.from(at), true);
  }

  /** The string at `bytes[from, from + size)` up to its NUL, sanitised. */
  textAt(from: number, size: number): string {
    return sanitise(decodeText(this.bytes, from, from + size));
  }

  /** A string parameter up to its NUL; not sanitised. `''` when empty. */
  text(at: number): string {
    const size = this.size(at);
    if (size === 0) return '';
    const from = this.from(at);
    return decodeText(this.bytes, from, from + size);
  }

  /** A NUL-separated list parameter. */
  list(at: number): readonly string[] {
    const size = this.size(at);
    if (size === 0) return [];
    const from = this.from(at);
    return decodeList(this.bytes, from, from + size);
  }

  /** The parameter's bytes, in place: valid until the next event. */
  slice(at: number): Buffer {
    const from = this.from(Math.min(at, this.paramCount));
    return this.bytes.subarray(from, from + this.size(at));
  }

  /** Event time in nanoseconds since the epoch. Makes a bigint: not for the hot path. */
  get tsNs(): bigint {
    return (BigInt(this.tsHi) << 32n) | BigInt(this.tsLo);
  }
}
