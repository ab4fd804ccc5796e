// Events that only change the state, what a cut does with damaged and hostile captures, and what a snapshot carries
// over. Whole captures are compared in tests/captures-suite/cuts.test.ts.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENTS } from '../../../detect/fields/index.ts';
import * as format from '../format.ts';
import { readCapture } from '../reader.ts';
import { frame } from './bytes.ts';
import { type CutOptions, type CutSummary, cutCapture } from './cut.ts';
import { asStateOnly, eventHead } from './event-block.ts';
import { type CaptureBlock, CaptureWalk } from './walk.ts';

const captures = resolve(import.meta.dirname, '../../../../tests/captures');
const raw = gunzipSync(readFileSync(join(captures, 'shell_in_container.scap')));

async function* pieces(bytes: Buffer, size = bytes.length): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
}

function blocksOf(bytes: Buffer): CaptureBlock[] {
  const blocks: CaptureBlock[] = [];
  for (let at = 0; at < bytes.length; ) {
    const type = bytes.readUInt32LE(at);
    const size = bytes.readUInt32LE(at + 4);
    const block = bytes.subarray(at, at + size);
    blocks.push({ type, bytes: block, offset: at, head: eventHead(type, block) });
    at += size;
  }
  return blocks;
}

async function numbersOf(bytes: Buffer): Promise<number[]> {
  const numbers: number[] = [];
  const { diagnostics } = await readCapture(pieces(bytes), (event) => numbers.push(event.num));
  expect(diagnostics).toEqual([]);
  return numbers;
}

async function cut(
  bytes: Buffer,
  options: CutOptions,
  runs = 2,
): Promise<{ summary: CutSummary; out: Buffer }> {
  const parts: Buffer[] = [];
  let left = runs;
  const summary = await cutCapture(() => (left-- > 0 ? pieces(bytes, 5000) : undefined), options, {
    write: (part) => parts.push(Buffer.from(part)),
    pause: async () => {},
  });
  return { summary, out: Buffer.concat(parts) };
}

describe('events that only change the state', () => {
  /** An event with a body of our own making; block type as given. */
  function eventBlock(type: number, hasFlags: boolean, flags: number, event: Uint8Array): Buffer {
    const head = Buffer.alloc(hasFlags ? 6 : 2);
    head.writeUInt16LE(3, 0);
    if (hasFlags) head.writeUInt32LE(flags, 2);
    return frame(type, Buffer.concat([head, event]));
  }

  it.each([
    [format.EVENT_V1, format.EVENT_V1_FLAGS, 1],
    [format.EVENT_V1_INTERNAL, format.EVENT_V1_FLAGS, 1],
    [format.EVENT_V2, format.EVENT_V2_FLAGS, 1],
    [format.EVENT_LARGE, format.EVENT_LARGE_FLAGS, 5],
  ])('block type 0x%s becomes the one with flags, its event stays byte for byte', (from, to, flags) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 26, maxLength: 90 }), (event) => {
        const block = eventBlock(from, false, 0, event);
        const marked = asStateOnly(from, block);
        // Compared with its padding: a frame always ends on four bytes.
        expect(marked).toHaveLength(block.length + 4);
        expect(marked.readUInt32LE(0)).toBe(to);
        expect(marked.readUInt32LE(4)).toBe(marked.length);
        expect(marked.readUInt32LE(marked.length - 4)).toBe(marked.length);
        expect(marked.readUInt16LE(8)).toBe(3);
        expect(marked.readUInt32LE(10)).toBe(flags);
        expect(marked.subarray(14, marked.length - 4)).toEqual(block.subarray(10, block.length - 4));
        expect(eventHead(to, marked)).toEqual(eventHead(from, block));
      }),
    );
  });

  it('an event that has flags keeps the others', () => {
    const block = eventBlock(format.EVENT_V2_FLAGS, true, 2, new Uint8Array(30));
    const marked = asStateOnly(format.EVENT_V2_FLAGS, block);
    expect(marked).toHaveLength(block.length);
    expect(marked.readUInt32LE(10)).toBe(3);
    // The input is not ours to change.
    expect(block.readUInt32LE(10)).toBe(2);
  });

  it('the reader applies and counts them, and hands none on', async () => {
    const numbers = await numbersOf(raw);
    const blocks = blocksOf(raw);
    const events = blocks.filter(({ head }) => head !== undefined);
    const hidden = new Set(events.filter((_, at) => at % 3 === 1).map(({ offset }) => offset));
    const marked = blocks.map(({ type, bytes, offset }) =>
      hidden.has(offset) ? asStateOnly(type, bytes) : bytes,
    );
    const seen = await numbersOf(Buffer.concat(marked));
    // The first block is the container, which rules never see: numbers follow the blocks.
    expect(seen).toEqual(numbers.filter((num) => (num - 1) % 3 !== 1));
  });
});

describe('the walk', () => {
  it.each([1, 13, 4096, 1_000_000])('sees the same blocks in pieces of %i bytes', async (size) => {
    const seen: [number, number, number][] = [];
    const walk = new CaptureWalk({
      after: ({ type, bytes, offset }) => seen.push([type, bytes.length, offset]),
    });
    const { diagnostics, bytes } = await walk.run(pieces(raw, size));
    expect(diagnostics).toEqual([]);
    expect(bytes).toBe(raw.length);
    expect(seen).toEqual(blocksOf(raw).map((block) => [block.type, block.bytes.length, block.offset]));
  });

  it('says what is wrong as the reader does', async () => {
    const damaged = [
      raw.subarray(0, raw.length - 5),
      Buffer.from('no capture at all'),
      Buffer.alloc(0),
      Buffer.concat([raw.subarray(0, 28), Buffer.alloc(40, 1)]),
      Buffer.concat([raw, Buffer.from([1, 2, 0, 0, 3, 0, 0, 0])]),
    ];
    for (const bytes of damaged) {
      const expected = await readCapture(pieces(bytes), () => {});
      const walked = await new CaptureWalk({}).run(pieces(bytes, 1000));
      expect(walked).toEqual(expected);
      expect(walked.diagnostics).toHaveLength(1);
    }
  });

  it('is not damage where it was told to stop', async () => {
    const walk: CaptureWalk = new CaptureWalk({
      after({ head }) {
        if (head !== undefined) walk.stop();
      },
    });
    expect((await walk.run(pieces(raw, 1000))).diagnostics).toEqual([]);
  });
});

describe('a cut', () => {
  const first = blocksOf(raw).find(({ head }) => head !== undefined && head.code !== 402)?.head?.tsNs ?? 0n;
  const later = first + 500_000_000n;

  it('of everything is the capture itself, byte for byte', async () => {
    expect((await cut(raw, {})).out.equals(raw)).toBe(true);
  });

  it("begins with the blocks that drivers write, and Falco's own bytes where they did not change", async () => {
    const { out } = await cut(raw, { from: () => later });
    const blocks = blocksOf(out);
    expect([...new Set(blocks.map(({ type }) => type.toString(16)))].slice(0, 6)).toEqual([
      'a0d0d0a',
      '201',
      '219',
      '220',
      '215',
      '218',
    ]);
    const before = blocksOf(raw);
    for (const type of [0xa0d0d0a, 0x201, 0x219, 0x220])
      expect(blocks.find((block) => block.type === type)?.bytes).toEqual(
        before.find((block) => block.type === type)?.bytes,
      );
    for (const { bytes } of blocks) {
      expect(bytes.length % 4).toBe(0);
      expect(bytes.readUInt32LE(bytes.length - 4)).toBe(bytes.length);
    }
  });

  it('keeps the bytes of every event that it shows', async () => {
    const originals = new Set(blocksOf(raw).map(({ bytes }) => bytes.toString('latin1')));
    const { out } = await cut(raw, { from: () => later, select: () => (event) => event.code !== 5 });
    const events = blocksOf(out).filter(({ head }) => head !== undefined);
    const shown = events.filter(({ type }) => type === format.EVENT_V2);
    expect(shown.length).toBeGreaterThan(100);
    for (const { bytes } of shown) expect(originals.has(bytes.toString('latin1'))).toBe(true);
  });

  it('carries over containers and users that only events told of', async () => {
    const { out } = await cut(raw, { from: () => later });
    let container: string | undefined;
    const walk: CaptureWalk = new CaptureWalk({
      after(_block, event) {
        if (event === undefined) return;
        container = [...walk.state.containers.values()][0]?.name;
        walk.stop();
      },
    });
    await walk.run(pieces(out));
    expect(container).toBe('nginx');
  });

  it('behind the last event is a state without events, which is said when it is read', async () => {
    const { summary, out } = await cut(raw, { from: (start) => start + 3_600_000_000_000n });
    expect(summary).toMatchObject({ kept: 0, diagnostics: [] });
    const read = await readCapture(pieces(out), () => {});
    expect(read.events).toBe(0);
  });

  it('keeps all that changes the state when it can read only once', async () => {
    const chosen = { select: () => (event: { readonly code: number }) => event.code === 293 };
    const twice = await cut(raw, chosen, 2);
    const once = await cut(raw, chosen, 1);
    expect(once.summary.kept).toBe(twice.summary.kept);
    expect(once.summary.stateOnly).toBeGreaterThanOrEqual(twice.summary.stateOnly);
    const execs = EVENTS[293]?.name;
    const names = new Set<string | undefined>();
    await readCapture(pieces(once.out), ({ code }) => names.add(EVENTS[code]?.name));
    expect([...names]).toEqual([execs]);
  });

  it('of several captures one behind the other begins in any of them', async () => {
    const both = Buffer.concat([raw, raw]);
    const whole = await cut(both, {});
    expect(whole.out.equals(both)).toBe(true);
    expect(whole.summary.kept).toBe(2 * (await numbersOf(raw)).length);
  });

  it('that begins in the second of two captures knows nothing of the first', async () => {
    const second = gunzipSync(readFileSync(join(captures, 'reverse_shell_bash.scap')));
    const start =
      blocksOf(second).find(({ head }) => head !== undefined && head.code !== 402)?.head?.tsNs ?? 0n;
    const range = { from: () => start + 1_000_000_000n };
    const alone = await cut(second, range);
    expect((await cut(Buffer.concat([raw, second]), range)).out.equals(alone.out)).toBe(true);
    expect(alone.summary.kept).toBeGreaterThan(50);
  });

  it('of a damaged capture has what was whole', async () => {
    const { summary, out } = await cut(raw.subarray(0, raw.length - 7), {});
    expect(summary.diagnostics.map(({ code }) => code)).toEqual(['CAPTURE_TRUNCATED']);
    expect(await numbersOf(out)).toHaveLength((await numbersOf(raw)).length - 1);
  });

  it('of damaged bytes never fails otherwise', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: raw.length - 1 }), fc.nat({ max: 255 })), { maxLength: 6 }),
        fc.boolean(),
        async (changes, isLater) => {
          const bytes = Buffer.from(raw);
          for (const [at, value] of changes) bytes[at] = value;
          const options = isLater ? { from: () => later } : { rewrite: true };
          const { summary, out } = await cut(bytes, {
            ...options,
            select:
              () =>
              ({ tid }) =>
                tid % 2 === 0,
          });
          const expected = await readCapture(pieces(bytes), () => {});
          expect(summary.diagnostics).toEqual(expected.diagnostics);
          // What was written is never damaged itself.
          const read = await readCapture(pieces(out), () => {});
          const damage = read.diagnostics.filter(
            ({ code }) => code !== 'CAPTURE_NO_EVENTS' && code !== 'CAPTURE_UNKNOWN_LAYOUT',
          );
          expect(damage).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});
