// Streams of alerts as files have them: plain or gzip, told by the first two bytes. Part of the alerts room that
// needs Node; everything else here runs in a browser too.

import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** gzip data that cannot be unpacked, or ends too early. */
export class UnpackError extends Error {
  readonly code = 'ALERT_BAD_GZIP';
  constructor(cause: Error) {
    super(`The gzip data cannot be unpacked: ${cause.message}`, { cause });
    this.name = 'UnpackError';
  }
}

/**
 * The bytes of `chunks`, unpacked if they are gzip (several members end to end are one stream). Bounded memory,
 * whatever the data unpacks to. Throws `UnpackError` while iterating, after everything that could be unpacked.
 */
export async function* unpack(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const iterator = (async function* () {
    yield* chunks;
  })();
  const head: Uint8Array[] = [];
  let length = 0;
  while (length < 2) {
    const next = await iterator.next();
    if (next.done === true) break;
    head.push(next.value);
    length += next.value.length;
  }
  const first = Buffer.concat(head);
  const whole = (async function* () {
    yield first;
    yield* iterator;
  })();
  if (first[0] !== 0x1f || first[1] !== 0x8b) {
    yield* whole;
    return;
  }
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  let failure: Error | undefined;
  pipeline(Readable.from(whole, { objectMode: false }), gunzip, (error) => {
    if (error) failure = error;
  });
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (error) {
    throw new UnpackError(failure ?? (error as Error));
  }
}
