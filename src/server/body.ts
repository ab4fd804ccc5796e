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

/** A body as it came, in order. */
export interface Pieces {
  readonly pieces: readonly Uint8Array[];
  readonly length: number;
}

/** The pieces as one; a single one is not copied. */
export const joined = ({ pieces }: Pieces): Uint8Array =>
  pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);

/**
 * The whole body. Rejects with 413 past `maxBytes`, 415 for an unknown encoding, 400 for broken gzip, and with what
 * `room` throws. The caller releases the body's length there when it is done with it.
 */
export async function readBody(c: Context, maxBytes: number, room?: Room): Promise<Pieces> {
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
export async function gunzip(raw: Readable, maxBytes: number, room?: Room): Promise<Pieces> {
  const unpacked = createGunzip();
  raw.pipe(unpacked);
  try {
    return await collect(unpacked, raw, maxBytes, room);
  } finally {
    raw.unpipe(unpacked);
    unpacked.destroy();
  }
}

/** Smaller ones are joined: a sender may cut a body into single bytes, and each piece costs some hundred more. */
const SMALL = 16 * 1024;

/** Like the carry of a binary counter: a byte is copied at most some 14 times. */
function add(pieces: Uint8Array[], piece: Uint8Array): void {
  let joint = piece;
  for (let last = pieces.at(-1); last !== undefined; last = pieces.at(-1)) {
    if (last.length >= SMALL || last.length > 2 * joint.length) break;
    joint = Buffer.concat([last, joint]);
    pieces.pop();
  }
  pieces.push(joint);
}

/** Everything that `from` gives; `raw` is where it comes from, and may break off. */
function collect(from: Readable, raw: Readable, maxBytes: number, room?: Room): Promise<Pieces> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
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
      add(pieces, chunk);
    };
    const fail = (error: Error): void => refuse(broken(error.message));
    from.on('data', take);
    from.once('end', () => settle(() => resolve({ pieces, length: size })));
    from.once('error', fail);
    if (raw !== from) raw.once('error', fail);
    raw.once('close', () => {
      if (!raw.readableEnded) fail(new Error('The connection ended before the body did.'));
    });
  });
}
