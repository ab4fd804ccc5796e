// Bytes of a block as they are put together, little-endian, and the frame that every block has: type, length, body
// padded to four bytes, the length again. Layout: libs userspace/libscap/scap_savefile.h.

const FIRST_SIZE = 4096;
/** Header and trailer of a block. */
export const FRAME_BYTES = 12;

/** Collects little-endian numbers and length-prefixed strings. */
export class ByteSink {
  #bytes: Buffer = Buffer.allocUnsafe(FIRST_SIZE);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** A copy of what was collected. */
  take(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#size));
  }

  #grow(count: number): number {
    const at = this.#size;
    const size = at + count;
    if (size > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    this.#size = size;
    return at;
  }

  u8(value: number): void {
    const at = this.#grow(1);
    this.#bytes.writeUInt8(value & 0xff, at);
  }

  u16(value: number): void {
    const at = this.#grow(2);
    this.#bytes.writeUInt16LE(value & 0xffff, at);
  }

  u32(value: number): void {
    const at = this.#grow(4);
    this.#bytes.writeUInt32LE(value >>> 0, at);
  }

  /** Any 64-bit value, signed or not; a number must be an integer. */
  u64(value: number | bigint): void {
    const at = this.#grow(8);
    this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), at);
  }

  bytes(value: Uint8Array): void {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
  }

  /** An IPv4 address (`a << 24 | …`) in network order. */
  ipv4(value: number): void {
    const at = this.#grow(4);
    this.#bytes.writeUInt32BE(value >>> 0, at);
  }

  /** A u16 length and that many bytes. */
  counted(value: Uint8Array): void {
    this.u16(value.length);
    this.bytes(value);
  }

  /** What `write` adds, behind a u32 with its length; the length counts itself. */
  entry(write: () => void): void {
    const at = this.#grow(4);
    write();
    this.#bytes.writeUInt32LE(this.#size - at, at);
  }
}

/** A block: `body` between its type and lengths. */
export function frame(type: number, body: Uint8Array): Buffer {
  const padded = (body.length + 3) & ~3;
  const total = padded + FRAME_BYTES;
  const out = Buffer.alloc(total);
  out.writeUInt32LE(type, 0);
  out.writeUInt32LE(total, 4);
  out.set(body, 8);
  out.writeUInt32LE(total, total - 4);
  return out;
}

/** UTF-8 of `text`, cut between characters to at most `limit` bytes. */
export function utf8(text: string, limit: number): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= limit) return bytes;
  let end = limit;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}

/** A list, each element ended by NUL; elements that do not fit `limit` bytes in all are left out. */
export function nulList(list: readonly string[], limit: number): Buffer {
  const parts: Buffer[] = [];
  let room = limit;
  for (const text of list) {
    const part = Buffer.from(`${text}\0`, 'utf8');
    if (part.length > room) break;
    room -= part.length;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
