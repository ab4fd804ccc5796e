// Request bodies: bounded before and after gunzip, so that neither a long body nor a zip bomb fills the memory. They
// are read from Node's own request: a web stream around it costs more than reading an alert does.

import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Context } from 'hono';
import { HttpProblem } from './problem.ts';

const tooLarge = (max: number): HttpProblem =>
  new HttpProblem({
    status: 413,
    title: 'Body too large',
    detail: `At most ${max} bytes, after decompression.`,
  });
const broken = (detail: string): HttpProblem =>
  new HttpProblem({ status: 400, title: 'Broken body', detail });

/** Who says whether there is room for what is being received. */
interface Room {
  receive(bytes: number): void;
  release(bytes: number): void;
}

/**
 * The whole body as bytes. Rejects with 413 past `maxBytes`, 415 for an unknown encoding, 400 for broken gzip, and
 * with what `room` throws. The caller releases the body's length there when it is done with it.
 */
export async function readBody(c: Context, maxBytes: number, room?: Room): Promise<Uint8Array> {
  const encoding = c.req.header('content-encoding') ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new HttpProblem({
      status: 415,
      title: 'Unknown encoding',
      detail: `Content-Encoding must be gzip or identity, not ${JSON.stringify(encoding)}.`,
    });
  }
  const declared = Number(c.req.header('content-length') ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  // `app.request` in tests has no socket behind it.
  const incoming = (c.env as { readonly incoming?: IncomingMessage } | undefined)?.incoming;
  const raw = incoming ?? Readable.fromWeb((c.req.raw.body ?? new Blob([]).stream()) as never);
  return encoding === 'gzip' ? gunzip(raw, maxBytes, room) : collect(raw, raw, maxBytes, room);
}

/** What `raw` unpacks to. Rejects as `readBody` does. */
export async function gunzip(raw: Readable, maxBytes: number, room?: Room): Promise<Uint8Array> {
  const unpacked = createGunzip();
  raw.pipe(unpacked);
  try {
    return await collect(unpacked, raw, maxBytes, room);
  } finally {
    raw.unpipe(unpacked);
    unpacked.destroy();
  }
}

/** Everything that `from` gives; `raw` is where it comes from, and may break off. */
function collect(from: Readable, raw: Readable, maxBytes: number, room?: Room): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let settled = false;
    const settle = (done: () => void): void => {
      if (settled) return;
      settled = true;
      from.off('data', take);
      done();
    };
    const refuse = (error: unknown): void =>
      settle(() => {
        room?.release(size);
        reject(error);
      });
    const take = (chunk: Buffer): void => {
      try {
        if (size + chunk.length > maxBytes) throw tooLarge(maxBytes);
        room?.receive(chunk.length);
      } catch (error) {
        refuse(error);
        return;
      }
      size += chunk.length;
      chunks.push(chunk);
    };
    const fail = (error: Error): void => refuse(broken(error.message));
    from.on('data', take);
    from.once('end', () =>
      settle(() => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))),
    );
    from.once('error', fail);
    if (raw !== from) raw.once('error', fail);
    raw.once('close', () => {
      if (!raw.readableEnded) fail(new Error('The connection ended before the body did.'));
    });
  });
}
