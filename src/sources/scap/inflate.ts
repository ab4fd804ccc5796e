// Bytes in, bytes out: gzip is seen by its magic and taken off, anything else passes. Several gzip members may follow
// one another. What could be decompressed before damage is always delivered before the error is.
//
// Captures are inflated in the turn that brings their bytes, straight into the reader's window. Node offers that only
// for whole files; its stream has the means, which minizlib (npm's own) has used for years. Where they are missing,
// the stream itself is used.

import { constants, createGunzip, type Gunzip } from 'node:zlib';

/** Size of decompressed pieces: large enough to be cheap, small enough that damage costs little. */
const PIECE_BYTES = 100 * 1024;

/** The compressed data is damaged or ends too early. `offset` is in the compressed data. */
export class InflateError extends Error {
  override name = 'InflateError';
  readonly isTruncated: boolean;
  readonly offset: number;

  constructor(message: string, isTruncated: boolean, offset: number, cause: unknown) {
    super(message, { cause });
    this.isTruncated = isTruncated;
    this.offset = offset;
  }
}

/** Where decompressed bytes go. */
export interface Sink {
  /** Some room, never none. */
  room(): Buffer;
  /** The first `size` bytes of the room that was given are there. */
  take(size: number): void;
  /** Takes bytes that lie elsewhere. */
  push(bytes: Uint8Array): void;
  /** Nothing more is wanted. */
  readonly failed: boolean;
}

/** Gives all bytes to `sink`, decompressed. Throws `InflateError`, or what `chunks` throws. */
export async function inflateInto(sink: Sink, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const { isGzip, all } = await sniff(chunks);
  const inflater = isGzip ? Inflater.create() : undefined;
  if (inflater === undefined) {
    for await (const piece of isGzip ? inflate(all) : all) {
      sink.push(piece);
      if (sink.failed) return;
    }
    return;
  }
  try {
    for await (const chunk of all) {
      inflater.write(chunk, sink);
      if (sink.failed) return;
    }
    inflater.finish();
  } finally {
    inflater.close();
  }
}

/** Yields the raw bytes of a capture. Throws `InflateError`, or what `chunks` throws. */
export async function* inflateIfNeeded(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const { isGzip, all } = await sniff(chunks);
  for await (const chunk of isGzip ? inflate(all) : all) yield bufferOf(chunk);
}

/** Looks at the first two bytes; `all` gives every byte. */
async function sniff(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ readonly isGzip: boolean; readonly all: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await iterator.next();
    if (next.done) break;
    head = head.length === 0 ? bufferOf(next.value) : Buffer.concat([head, next.value]);
  }
  const all = async function* (): AsyncGenerator<Uint8Array> {
    if (head.length > 0) yield head;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  return { isGzip: head[0] === 0x1f && head[1] === 0x8b, all: all() };
}

function bufferOf(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/** What a stream of zlib is made on. */
interface Handle {
  onerror: (message: string, errno: number, code: string) => void;
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputSize: number,
    output: Uint8Array,
    outputOffset: number,
    outputSize: number,
  ): void;
}

const NOTHING = Buffer.alloc(0);
/** What decompressed data hardly ever ends in: shows how far it goes when an error does not say. */
const UNTOUCHED = 0xff;

/** Inflates in the same turn. */
class Inflater {
  readonly #stream: Gunzip;
  readonly #handle: Handle;
  /** Room and input that were left after a call. */
  readonly #left: Uint32Array;
  #problem: { readonly message: string; readonly code: string } | undefined = undefined;
  #offset = 0;

  private constructor(stream: Gunzip, handle: Handle, left: Uint32Array) {
    this.#stream = stream;
    this.#handle = handle;
    this.#left = left;
    handle.onerror = (message, _errno, code) => {
      this.#problem = { message, code };
    };
  }

  /** Undefined where Node is made differently. */
  static create(): Inflater | undefined {
    const stream = createGunzip();
    const { _handle: handle, _writeState: left } = stream as unknown as {
      readonly _handle?: Partial<Handle>;
      readonly _writeState?: unknown;
    };
    if (typeof handle?.writeSync === 'function' && 'onerror' in handle && left instanceof Uint32Array)
      return new Inflater(stream, handle as Handle, left);
    stream.destroy();
    return undefined;
  }

  write(chunk: Uint8Array, sink: Sink): void {
    let at = 0;
    while (!sink.failed) {
      const room = sink.room();
      // When data is damaged, zlib does not tell how much of it was good.
      room.fill(UNTOUCHED);
      const input = chunk.length - at;
      this.#handle.writeSync(constants.Z_SYNC_FLUSH, chunk, at, input, room, 0, room.length);
      if (this.#problem !== undefined) {
        let size = room.length;
        while (size > 0 && room[size - 1] === UNTOUCHED) size--;
        sink.take(size);
        this.#fail(at);
      }
      const [roomLeft = 0, inputLeft = 0] = this.#left;
      at = chunk.length - inputLeft;
      sink.take(room.length - roomLeft);
      // What is left is padding behind the last member.
      if (roomLeft > 0) break;
    }
    this.#offset += chunk.length;
  }

  /** No more bytes: throws when there should be. */
  finish(): void {
    this.#handle.writeSync(constants.Z_FINISH, NOTHING, 0, 0, Buffer.alloc(1), 0, 1);
    if (this.#problem !== undefined) this.#fail(0);
  }

  #fail(at: number): never {
    const { message = '', code = '' } = this.#problem ?? {};
    throw new InflateError(message, code === 'Z_BUF_ERROR', this.#offset + at, this.#problem);
  }

  close(): void {
    this.#stream.destroy();
  }
}

async function* inflate(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  let sourceError: unknown;
  const feed = async (): Promise<void> => {
    try {
      for await (const chunk of chunks) {
        if (gunzip.destroyed) return;
        await write(gunzip, chunk);
      }
      // Only now is the end told: so all output is out before a missing end is noticed.
      gunzip.end();
    } catch (error) {
      sourceError = error;
      gunzip.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const fed = feed();
  try {
    for await (const piece of gunzip) yield piece as Buffer;
    await fed;
  } catch (error) {
    if (sourceError !== undefined && !isZlibError(sourceError)) throw sourceError;
    const isTruncated = isZlibError(error) && error.code === 'Z_BUF_ERROR';
    const what = error instanceof Error ? error.message : String(error);
    throw new InflateError(what, isTruncated, gunzip.bytesWritten, error);
  } finally {
    gunzip.destroy();
  }
}

function isZlibError(error: unknown): error is Error & { code: string } {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')
  );
}

function write(gunzip: Gunzip, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    gunzip.write(chunk, (error) => (error == null ? resolve() : reject(error)));
  });
}
