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

/** What becomes of a body's pieces, in their order; what it throws ends the body. */
type Take = (piece: Uint8Array) => void;

/** The whole body as bytes. Rejects as `streamBody` does. */
export async function readBody(c: Context, maxBytes: number, room?: Room): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await streamBody(c, maxBytes, (piece) => pieces.push(piece), room);
  return whole(pieces);
}

const whole = (pieces: readonly Uint8Array[]): Uint8Array =>
  pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);

/**
 * Gives the body to `take` as it comes; resolves to its length. Rejects with 413 past `maxBytes`, 415 for an unknown
 * encoding, 400 for broken gzip, and with what `room` throws. The caller releases the length there when it is done with
 * the body.
 */
export async function streamBody(c: Context, maxBytes: number, take: Take, room?: Room): Promise<number> {
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
  return encoding === 'gzip' ? unpack(raw, maxBytes, take, room) : each(raw, raw, maxBytes, take, room);
}

/** What `raw` unpacks to. Rejects as `streamBody` does. */
export async function gunzip(raw: Readable, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await unpack(raw, maxBytes, (piece) => pieces.push(piece));
  return whole(pieces);
}

async function unpack(raw: Readable, maxBytes: number, take: Take, room?: Room): Promise<number> {
  const unpacked = createGunzip();
  raw.pipe(unpacked);
  try {
    return await each(unpacked, raw, maxBytes, take, room);
  } finally {
    raw.unpipe(unpacked);
    unpacked.destroy();
  }
}

/** Everything that `from` gives; `raw` is where it comes from, and may break off. */
function each(from: Readable, raw: Readable, maxBytes: number, take: Take, room?: Room): Promise<number> {
  return new Promise((resolve, reject) => {
    let size = 0;
    let settled = false;
    const settle = (done: () => void): void => {
      if (settled) return;
      settled = true;
      from.off('data', receive);
      done();
    };
    const refuse = (error: unknown): void =>
      settle(() => {
        room?.release(size);
        reject(error);
      });
    const receive = (chunk: Buffer): void => {
      try {
        if (size + chunk.length > maxBytes) throw tooLarge(maxBytes);
        room?.receive(chunk.length);
        size += chunk.length;
        take(chunk);
      } catch (error) {
        refuse(error);
      }
    };
    const fail = (error: Error): void => refuse(broken(error.message));
    from.on('data', receive);
    from.once('end', () => settle(() => resolve(size)));
    from.once('error', fail);
    if (raw !== from) raw.once('error', fail);
    raw.once('close', () => {
      if (!raw.readableEnded) fail(new Error('The connection ended before the body did.'));
    });
  });
}
