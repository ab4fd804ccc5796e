// A bounds-checked reader over the body of one state block. Reading past the end throws `BlockEnd`, which the block's
// reader turns into a diagnostic: what was read before stays.

/** A block's body is shorter than its entries need. */
export class BlockEnd extends Error {
  override name = 'BlockEnd';
}

/** Reads little-endian numbers and length-prefixed strings from `bytes[offset, end)`. */
export class Cursor {
  readonly bytes: Buffer;
  offset: number;
  end: number;

  constructor(bytes: Buffer, offset = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get left(): number {
    return this.end - this.offset;
  }

  #take(count: number): number {
    const from = this.offset;
    if (count > this.end - from) throw new BlockEnd(`${count} bytes wanted, ${this.end - from} left`);
    this.offset = from + count;
    return from;
  }

  u8(): number {
    return this.bytes.readUInt8(this.#take(1));
  }

  u16(): number {
    return this.bytes.readUInt16LE(this.#take(2));
  }

  u32(): number {
    return this.bytes.readUInt32LE(this.#take(4));
  }

  /** A signed 64-bit number as a double; exact within ±2^53. */
  i64(): number {
    const from = this.#take(8);
    return this.bytes.readInt32LE(from + 4) * 0x1_0000_0000 + this.bytes.readUInt32LE(from);
  }

  u64(): bigint {
    return this.bytes.readBigUInt64LE(this.#take(8));
  }

  /** Bytes in place. */
  slice(count: number): Buffer {
    const from = this.#take(count);
    return this.bytes.subarray(from, from + count);
  }

  /** A u16 length and that many bytes, in place. */
  counted(): Buffer {
    return this.slice(this.u16());
  }

  /** A u16 length and that many bytes as text, up to a NUL. */
  text(): string {
    const bytes = this.counted();
    const nul = bytes.indexOf(0);
    return bytes.toString('utf8', 0, nul < 0 ? bytes.length : nul);
  }
}
