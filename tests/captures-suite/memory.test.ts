// What a hostile capture can make us keep: each case describes far more than the bound, and the heap, measured after a
// full collection, must stay near it. The captures are made as they are read, so that they take no memory themselves.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../../src/sources/scap/index.ts';
import { clone, event, files, i64, machine, processes, section, text, u32 } from './synthetic.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const MB = 1024 * 1024;
/** What the state may hold (256 MB), what may be added before it is weighed (64 MB), and what V8 has not swept yet. */
const MOST_MB = 600;

function heapMb(): number {
  collect();
  // The second collection finishes what the first leaves to be swept in the background.
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / MB;
}

const HEAD = [section(), machine('box')];

/** Reads what `blocks` gives, in pieces of a megabyte or so. Returns the most memory seen beyond what was there. */
async function play(
  blocks: () => Generator<Buffer>,
): Promise<{ readonly mostMb: number; readonly messages: string }> {
  const before = heapMb();
  let most = 0;
  async function* pieces(): AsyncGenerator<Buffer> {
    let pending: Buffer[] = [];
    let bytes = 0;
    let sinceLook = 0;
    for (const block of blocks()) {
      pending.push(block);
      bytes += block.length;
      if (bytes < MB / 2) continue;
      sinceLook += bytes;
      yield Buffer.concat(pending);
      pending = [];
      bytes = 0;
      if (sinceLook < 64 * MB) continue;
      sinceLook = 0;
      most = Math.max(most, heapMb() - before);
    }
    yield Buffer.concat(pending);
    most = Math.max(most, heapMb() - before);
  }
  const summary = await readCapture(pieces(), () => {});
  return { mostMb: most, messages: summary.diagnostics.map(({ message }) => message).join('\n') };
}

const LONG = 60_000;
const long = (size = LONG): Buffer => Buffer.alloc(size, 'x\0');

describe('memory on hostile captures', () => {
  it('of processes with endless arguments, environments and cgroups (900 MB)', async () => {
    const { mostMb, messages } = await play(function* () {
      yield* HEAD;
      for (let tid = 2; tid < 5000; tid++) {
        const params: Buffer[] = Array.from({ length: 29 }, () => Buffer.alloc(0));
        params[0] = i64(0);
        params[1] = text('exe');
        params[2] = long();
        params[4] = i64(tid);
        params[5] = i64(1);
        params[14] = long();
        params[15] = long();
        yield event('execve', tid, params);
      }
    });
    expect(mostMb).toBeLessThan(MOST_MB);
    expect(messages).toMatch(/more at once than is kept in memory: \d+ processes lost all but/);
  }, 60_000);

  it('of forks that each change a table of 4,000 descriptors (1.1 GB)', async () => {
    const numbers = Array.from({ length: 4000 }, (_, at) => at);
    const { mostMb, messages } = await play(function* () {
      yield* HEAD;
      yield processes(5, [{ tid: 40, vtid: 40, vpid: 40 }]);
      yield files(40, numbers);
      for (let child = 100; child < 6000; child++) {
        yield clone(40, child, { ptid: 1 });
        yield event('dup', child, [i64(5000), i64(1)]);
        // Large enough that pieces are cut often.
        yield event('write', child, [i64(1), Buffer.alloc(500), i64(1), u32(1)]);
      }
    });
    expect(mostMb).toBeLessThan(MOST_MB);
    expect(messages).toMatch(/processes lost all but/);
  }, 60_000);

  it('of containers and users without end (600 MB)', async () => {
    const json = JSON.stringify({ container: { id: 'ID', labels: { a: 'x'.repeat(LONG) } } });
    const { mostMb, messages } = await play(function* () {
      yield* HEAD;
      for (let n = 0; n < 5000; n++) {
        const container = json.replace('"ID"', `"${n}"`);
        yield event('asyncevent', 1, [u32(0), text('container'), Buffer.from(`${container}\0`)]);
        yield event('useradded', 1, [
          u32(n),
          u32(n),
          long(),
          text('h'.repeat(LONG)),
          text('s'),
          text(`c${n}`),
        ]);
      }
    });
    expect(mostMb).toBeLessThan(MOST_MB);
    expect(messages).toMatch(/users or groups were not kept, \d+ containers were not kept/);
  }, 60_000);

  it('of threads that come and go under ids that change (60,000)', async () => {
    const { mostMb } = await play(function* () {
      yield* HEAD;
      for (let n = 0; n < 60_000; n++) {
        const tid = 100 + (n % 50);
        yield clone(tid, 0, { pid: 1000 + n, ptid: 1 });
        yield event('execve', tid, [i64(0), text('x'), text(''), i64(tid), i64(2000 + n), i64(1)]);
        yield event('procexit', tid, [i64(0), i64(0), Buffer.from([0]), Buffer.from([0])]);
      }
    });
    expect(mostMb).toBeLessThan(30);
  }, 60_000);

  it('of mutated captures, one after the other', async () => {
    const captures = resolve(import.meta.dirname, '../captures');
    const bytes = gunzipSync(readFileSync(join(captures, 'ansible_run.scap')));
    let state = 1;
    const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 0x1_0000_0000;
    const run = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time++) {
        const mutated = Buffer.from(bytes);
        for (let flip = 0; flip < 3; flip++)
          mutated[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
        await readCapture(
          (async function* () {
            yield mutated;
          })(),
          () => {},
        );
      }
    };
    await run(20);
    const before = heapMb();
    await run(400);
    expect(heapMb() - before).toBeLessThan(80);
  }, 60_000);
});
