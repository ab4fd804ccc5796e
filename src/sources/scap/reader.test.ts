import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CaptureReader, type CaptureSummary, drive, readCapture } from './reader.ts';

const captures = resolve(import.meta.dirname, '../../../tests/captures');
const packed = readFileSync(join(captures, 'logrotate.scap'));
const raw = gunzipSync(packed);

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
}

async function numbersOf(chunks: AsyncIterable<Buffer>): Promise<[number[], CaptureSummary]> {
  const numbers: number[] = [];
  const summary = await readCapture(chunks, (event) => numbers.push(event.num));
  return [numbers, summary];
}

/** Offsets at which the blocks of the raw capture start. */
function blockOffsets(): number[] {
  const offsets: number[] = [];
  for (let at = 0; at < raw.length; at += raw.readUInt32LE(at + 4)) offsets.push(at);
  return offsets;
}

describe('reading a capture', () => {
  it.each([1, 7, 64, 1000, 1_000_000])('gives the same events from pieces of %i bytes', async (size) => {
    const [numbers, summary] = await numbersOf(pieces(raw, size));
    expect(numbers).toEqual(Array.from({ length: 102 }, (_, at) => at + 1));
    expect(summary).toMatchObject({ events: 102, lastNum: 102, bytes: raw.length, diagnostics: [] });
  });

  it('takes gzip, and several gzip members', async () => {
    expect((await numbersOf(pieces(packed, 1000)))[0]).toHaveLength(102);
    const middle = 5000;
    const members = Buffer.concat([gzipSync(raw.subarray(0, middle)), gzipSync(raw.subarray(middle))]);
    expect((await numbersOf(pieces(members, 1000)))[0]).toHaveLength(102);
  });

  it('starts over at a second capture behind the first; event numbers go on', async () => {
    const [numbers, summary] = await numbersOf(pieces(Buffer.concat([raw, raw]), 4096));
    expect(numbers).toEqual(Array.from({ length: 204 }, (_, at) => at + 1));
    expect(summary.diagnostics).toEqual([]);
  });

  it('hands on events while the producer is still at work', () => {
    const seen: number[] = [];
    const reader = new CaptureReader((event) => seen.push(event.num));
    const offsets = blockOffsets();
    reader.push(Buffer.from(raw.subarray(0, offsets.at(-1))));
    expect(seen).toHaveLength(101);
  });
});

describe('damage', () => {
  it('delivers the whole events before a cut and says where it is', async () => {
    const offsets = blockOffsets();
    const last = offsets.at(-1) as number;
    const [numbers, summary] = await numbersOf(pieces(raw.subarray(0, last + 20), 512));
    expect(numbers).toHaveLength(101);
    expect(summary.diagnostics).toMatchObject([{ code: 'CAPTURE_TRUNCATED', severity: 'error' }]);
    expect(summary.diagnostics[0]?.message).toContain(`(byte ${last}, after event 101)`);
  });

  it('reads compressed captures that were cut up to the last whole event', async () => {
    const [numbers, summary] = await numbersOf(pieces(packed.subarray(0, packed.length - 30), 512));
    expect(numbers.length).toBeGreaterThan(90);
    expect(summary.diagnostics[0]?.code).toBe('CAPTURE_TRUNCATED');
  });

  it.each([
    ['nothing at all', Buffer.alloc(0), 'CAPTURE_EMPTY'],
    ['text', Buffer.from('rule: x, this is no capture'), 'CAPTURE_NOT_SCAP'],
    ['the other byte order', swapped(), 'CAPTURE_BAD_MAGIC'],
    ['a newer version', withU16(12, 2), 'CAPTURE_TOO_NEW'],
    ['a block that is too short', withU32(28 + 4, 4), 'CAPTURE_BAD_BLOCK'],
    ['a block beyond all limits', withU32(28 + 4, 0xffffffff), 'CAPTURE_BAD_BLOCK'],
    ['no events', raw.subarray(0, 28), 'CAPTURE_NO_EVENTS'],
  ])('%s', async (_name, bytes, code) => {
    const [numbers, summary] = await numbersOf(pieces(bytes, 4096));
    expect(numbers).toEqual([]);
    expect(summary.diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
    expect(summary.diagnostics[0]?.message).toMatch(/\(byte \d+/);
  });

  it('gives the source an error of its own', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield packed.subarray(0, 100);
      throw new Error('the disk is gone');
    }
    await expect(drive(new CaptureReader(() => {}), broken())).rejects.toThrow('the disk is gone');
  });
});

/** Deterministic noise, so that a failure can be found again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

describe('mutated captures', () => {
  it.each([
    ['current', 'base64_pipe_sh.scap'],
    ['host', 'ansible_run.scap'],
  ])('never crash, hang or go on without saying so: %s', async (_name, file) => {
    const bytes = gunzipSync(readFileSync(join(captures, file)));
    for (let seed = 1; seed <= 150; seed++) {
      const next = random(seed);
      const mutated = Buffer.from(bytes);
      const flips = 1 + Math.floor(next() * 8);
      for (let flip = 0; flip < flips; flip++) {
        mutated[Math.floor(next() * mutated.length)] = Math.floor(next() * 256);
      }
      const cut = seed % 3 === 0 ? Math.floor(next() * mutated.length) : mutated.length;
      let events = 0;
      const summary = await readCapture(pieces(mutated.subarray(0, cut), 8192), (event) => {
        events++;
        // What readers would look at.
        for (let at = 0; at < event.paramCount; at++) event.slice(at);
        void event.fd?.name;
        void event.thread?.args;
      });
      expect(events).toBe(summary.events);
      for (const { message, severity } of summary.diagnostics) {
        if (severity === 'error') expect(message).toMatch(/\(byte \d+/);
      }
    }
  });
});

function swapped(): Buffer {
  return withU32(8, 0x4d3c2b1a);
}

function withU32(offset: number, value: number): Buffer {
  const bytes = Buffer.from(raw);
  bytes.writeUInt32LE(value, offset);
  return bytes;
}

function withU16(offset: number, value: number): Buffer {
  const bytes = Buffer.from(raw);
  bytes.writeUInt16LE(value, offset);
  return bytes;
}
