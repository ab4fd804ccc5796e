// Request bodies: bounded before and after gunzip, so that neither a long body nor a zip bomb fills the memory.

import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { HttpProblem } from './problem.ts';

const tooLarge = (max: number): HttpProblem =>
  new HttpProblem({
    status: 413,
    title: 'Body too large',
    detail: `At most ${max} bytes, after decompression.`,
  });

/** The whole body as bytes. Rejects with 413 past `maxBytes`, 415 for an unknown encoding, 400 for broken gzip. */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new HttpProblem({
      status: 415,
      title: 'Unknown encoding',
      detail: `Content-Encoding must be gzip or identity, not ${JSON.stringify(encoding)}.`,
    });
  }
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  if (request.body === null) return new Uint8Array();
  if (encoding === 'identity' && declared > 0) {
    // The common case: a declared, small body. The server never hands over more than was declared.
    return new Uint8Array(await request.arrayBuffer());
  }
  const raw = Readable.fromWeb(request.body as never);
  const source = encoding === 'gzip' ? raw.pipe(createGunzip()) : raw;
  raw.on('error', (error) => source.destroy(error));
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    throw new HttpProblem({ status: 400, title: 'Broken body', detail: (error as Error).message });
  } finally {
    raw.destroy();
  }
  return Buffer.concat(chunks);
}
