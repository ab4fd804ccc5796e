// The beginning of an input, looked at before it is decided who reads it, and the whole of it afterwards.

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { type ContentKind, contentKind } from '../../sources/audit/index.ts';
import type { InputFile } from '../inputs.ts';

/** Bytes that are looked at, at most, once unpacked: a CloudTrail file shows what it is in its first hundred. */
const LOOK_BYTES = 256 * 1024;
/** Compressed bytes that are unpacked for a look. */
const PACKED_BYTES = 64 * 1024;
const MAGIC_BYTES = 12;
const CHUNK_BYTES = 256 * 1024;

export interface Peeked {
  /** `gzip`: something compressed that could not be unpacked for a look. */
  readonly kind: ContentKind;
  /** The text at the beginning, unpacked. */
  readonly text: string;
  /** All bytes, from the first, as they are. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Reads as much as `enough` wants to see. It is asked again with more text until it says yes, the input ends, or there
 * is more than anybody should need.
 */
export async function peek(input: InputFile, enough: (text: string) => boolean): Promise<Peeked> {
  const stream: AsyncIterable<Uint8Array> =
    input.path === undefined ? process.stdin : createReadStream(input.path, { highWaterMark: CHUNK_BYTES });
  const iterator = stream[Symbol.asyncIterator]();
  let head: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  let ended = false;
  let kind: ContentKind = 'empty';
  let text = '';
  while (!ended) {
    const next = await iterator.next();
    if (next.done === true) ended = true;
    else head = head.length === 0 ? Buffer.from(next.value) : Buffer.concat([head, next.value]);
    if (!ended && head.length < MAGIC_BYTES) continue;
    const look = unpackedHead(head);
    ({ kind, text } = look);
    if (kind === 'capture' || (kind === 'text' && enough(text))) break;
    if (head.length >= LOOK_BYTES) break;
  }
  return { kind, text, chunks: paced(head, iterator) };
}

function unpackedHead(head: Buffer): { kind: ContentKind; text: string } {
  let bytes: Uint8Array = head;
  let kind = contentKind(head);
  if (kind === 'gzip') {
    try {
      bytes = gunzipSync(head.subarray(0, PACKED_BYTES), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: 128 * 1024 * 1024,
      });
      kind = contentKind(bytes.subarray(0, LOOK_BYTES));
    } catch {
      return { kind, text: '' };
    }
  }
  return { kind, text: kind === 'text' ? new TextDecoder().decode(bytes.subarray(0, LOOK_BYTES)) : '' };
}

/** All chunks, each only when what was printed for those before has gone: alerts never pile up in memory. */
async function* paced(
  head: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (head.length > 0) yield head;
  for (;;) {
    if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
    const next = await rest.next();
    if (next.done === true) return;
    yield next.value;
  }
}
