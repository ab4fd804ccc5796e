// Bytes in, bytes out: gzip is seen by its magic and taken off, anything else passes. Several gzip members may follow
// one another. What could be decompressed before an error is always delivered before the error is.

import { createGunzip } from 'node:zlib';

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

/** Yields the raw bytes of a capture. Throws `InflateError`, or what `chunks` throws. */
export async function* inflateIfNeeded(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await iterator.next();
    if (next.done) break;
    head = head.length === 0 ? bufferOf(next.value) : Buffer.concat([head, next.value]);
  }
  const rest = { [Symbol.asyncIterator]: () => iterator };
  if (head[0] === 0x1f && head[1] === 0x8b) {
    yield* inflate(head, rest);
    return;
  }
  if (head.length > 0) yield head;
  for await (const chunk of rest) yield bufferOf(chunk);
}

function bufferOf(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

async function* inflate(head: Buffer, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  let sourceError: unknown;
  const feed = async (): Promise<void> => {
    try {
      await write(gunzip, head);
      for await (const chunk of rest) {
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

function write(gunzip: ReturnType<typeof createGunzip>, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    gunzip.write(chunk, (error) => (error == null ? resolve() : reject(error)));
  });
}
