// A capture block by block: each block's own bytes, and what the reader makes of it. For what needs the bytes as they
// are (a cut) or the blocks themselves (what a capture holds); who wants events only uses the reader.

import type { ScapEvent } from '../event.ts';
import { MAX_BLOCK_BYTES, SECTION_HEADER } from '../format.ts';
import { InflateError, inflateIfNeeded } from '../inflate.ts';
import { CaptureReader, type CaptureSummary } from '../reader.ts';
import type { State } from '../state/state.ts';
import { FRAME_BYTES } from './bytes.ts';
import { type EventHead, eventHead } from './event-block.ts';

/** One block, whole. */
export interface CaptureBlock {
  readonly type: number;
  /** With header and trailer; valid until the next piece of the capture is read. */
  readonly bytes: Buffer;
  /** Of its first byte in the uncompressed capture. */
  readonly offset: number;
  /** Undefined: no event. */
  readonly head: EventHead | undefined;
}

export interface CaptureVisitor {
  /** Before the block has any effect. */
  before?(block: CaptureBlock): void;
  /** After it; `event`: what rules would see of it, valid until the next block. */
  after?(block: CaptureBlock, event: ScapEvent | undefined): void;
  /** Between pieces of some hundred kilobytes: where output is waited for. */
  pause?(): Promise<void>;
}

/** One run through a capture. */
export class CaptureWalk {
  #delivered: ScapEvent | undefined = undefined;
  #stopped = false;
  readonly #visitor: CaptureVisitor;
  readonly #reader = new CaptureReader((event) => {
    this.#delivered = event;
  });
  #offset = 0;
  #isFirst = true;
  /** Bytes of a block that is not whole yet. */
  #carry: Buffer[] = [];
  #carrySize = 0;

  constructor(visitor: CaptureVisitor) {
    this.#visitor = visitor;
  }

  get state(): State {
    return this.#reader.state;
  }

  /** The event that was read last, whether rules see it or not. */
  get lastEvent(): ScapEvent {
    return this.#reader.event;
  }

  /** No more blocks after this one. */
  stop(): void {
    this.#stopped = true;
  }

  /** Runs to the end, or to `stop`. Damage ends it and is told in the summary. Throws what `chunks` throws. */
  async run(chunks: AsyncIterable<Uint8Array>): Promise<CaptureSummary> {
    let problem: InflateError | undefined;
    let wanted = 8;
    try {
      for await (const piece of inflateIfNeeded(chunks)) {
        this.#carry.push(piece);
        this.#carrySize += piece.length;
        if (this.#carrySize < wanted) continue;
        const bytes = this.#carry.length === 1 ? piece : Buffer.concat(this.#carry, this.#carrySize);
        wanted = this.#blocks(bytes);
        if (this.#stopped || this.#reader.failed) break;
        await this.#visitor.pause?.();
      }
    } catch (error) {
      if (!(error instanceof InflateError)) throw error;
      problem = error;
    }
    // What was asked for was read: that more is there is no damage.
    if (this.#stopped) this.#carry = [];
    for (const rest of this.#carry) this.#reader.push(rest);
    return this.#reader.end(problem);
  }

  /** Visits the whole blocks in `bytes` and keeps the rest. Returns how many bytes are needed to go on. */
  #blocks(bytes: Buffer): number {
    let at = 0;
    let wanted = 8;
    while (bytes.length - at >= 8) {
      const type = bytes.readUInt32LE(at);
      const size = bytes.readUInt32LE(at + 4);
      const isBlock = size >= FRAME_BYTES && size <= MAX_BLOCK_BYTES;
      if (!isBlock || (this.#isFirst && type !== SECTION_HEADER)) {
        // The reader says what is wrong with it.
        this.#reader.push(bytes.subarray(at));
        at = bytes.length;
        break;
      }
      if (size > bytes.length - at) {
        wanted = size;
        break;
      }
      this.#isFirst = false;
      const block = bytes.subarray(at, at + size);
      this.#visit({ type, bytes: block, offset: this.#offset, head: eventHead(type, block) });
      at += size;
      this.#offset += size;
      if (this.#stopped || this.#reader.failed) break;
    }
    this.#carry = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#carrySize = bytes.length - at;
    return wanted;
  }

  #visit(block: CaptureBlock): void {
    this.#visitor.before?.(block);
    this.#delivered = undefined;
    this.#reader.push(block.bytes);
    if (!this.#reader.failed) this.#visitor.after?.(block, this.#delivered);
  }
}
