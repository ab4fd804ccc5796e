import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createGunzip, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InflateError, inflateIfNeeded } from './inflate.ts';
import { readCapture } from './reader.ts';

const captures = resolve(import.meta.dirname, '../../../tests/captures');
const packed = readFileSync(join(captures, 'escape_release_agent.scap'));
const raw = gunzipSync(packed);

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
}

/** What zlib gives before it finds the damage, but for the last 64 bytes. */
async function prefixOf(bytes: Buffer): Promise<Buffer> {
  const gunzip = createGunzip({ chunkSize: 64 });
  gunzip.end(bytes);
  const all: Buffer[] = [];
  try {
    for await (const piece of gunzip) all.push(piece as Buffer);
  } catch {
    // The damage.
  }
  return Buffer.concat(all);
}

/** Events in the whole blocks of the first `size` bytes. */
async function eventsIn(size: number): Promise<number> {
  let whole = 0;
  for (let at = 0; at + 8 <= size && at + raw.readUInt32LE(at + 4) <= size; at += raw.readUInt32LE(at + 4)) {
    whole = at + raw.readUInt32LE(at + 4);
  }
  return (await readCapture(pieces(raw.subarray(0, whole), 4096), () => {})).events;
}

describe('damaged compressed captures', () => {
  it.each([0.3, 0.5, 0.7, 0.9])('deliver what comes before the damage, at %f of the file', async (share) => {
    const damaged = Buffer.from(packed);
    // All ones is no code that a block of deflate starts with.
    damaged.fill(0xff, Math.floor(packed.length * share), Math.floor(packed.length * share) + 16);
    const given = await prefixOf(damaged);
    // Before zlib notices, damaged bytes are already something else.
    let good = 0;
    while (good < given.length && given[good] === raw[good]) good++;
    expect(good).toBeGreaterThan(5000);
    const summary = await readCapture(pieces(damaged, 1000), () => {});
    expect(summary.diagnostics.map(({ code }) => code)).toEqual([
      expect.stringMatching(/^CAPTURE_(GZIP_DAMAGED|BAD_EVENT|BAD_BLOCK)$/),
    ]);
    expect(summary.events).toBeGreaterThanOrEqual(await eventsIn(good));
    expect(summary.bytes).toBeGreaterThanOrEqual(good);
  });

  it('tells a wrong checksum, behind all events', async () => {
    const damaged = Buffer.from(packed);
    damaged.writeUInt32LE(0, damaged.length - 8);
    const summary = await readCapture(pieces(damaged, 1000), () => {});
    const whole = await readCapture(pieces(packed, 1000), () => {});
    expect(summary.events).toBe(whole.events);
    expect(summary.diagnostics).toMatchObject([{ code: 'CAPTURE_GZIP_DAMAGED' }]);
  });

  it('takes members that end anywhere in a piece, and zeroes behind them', async () => {
    const members = Buffer.concat([
      gzipSync(raw.subarray(0, 5000)),
      gzipSync(raw.subarray(5000)),
      Buffer.alloc(512),
    ]);
    const first = gzipSync(raw.subarray(0, 5000)).length;
    for (const size of [1, 7, first, 4096, members.length]) {
      const summary = await readCapture(pieces(members, size), () => {});
      expect(summary).toMatchObject({ bytes: raw.length, diagnostics: [] });
    }
  });

  it('gives the same bytes piece by piece', async () => {
    const all: Buffer[] = [];
    for await (const piece of inflateIfNeeded(pieces(packed, 777))) all.push(piece);
    expect(Buffer.concat(all).equals(raw)).toBe(true);
    await expect(async () => {
      for await (const piece of inflateIfNeeded(pieces(packed.subarray(0, packed.length - 100), 777)))
        void piece;
    }).rejects.toThrow(InflateError);
  });
});
