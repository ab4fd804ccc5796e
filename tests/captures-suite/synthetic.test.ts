// What no recorded capture has: process lists of the first drivers, close_range, the ways in which threads and their
// children lose and find each other.

import { describe, expect, it } from 'vitest';
import type { ScapEvent } from '../../src/sources/scap/index.ts';
import { clone, event, files, i64, machine, play, processes, section, text, u32 } from './synthetic.ts';

const HEAD = [section(), machine('box')];
/** An event that changes nothing. */
const tick = (tid: number): Buffer => event('nanosleep', tid, [i64(0)]);

describe('process lists of every version', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('version %i', async (version) => {
    let seen = 0;
    const entries = [{ tid: 40 }, { tid: 41, pid: 40 }, { tid: 50, comm: 'dog', cwd: '/' }];
    const summary = await play([...HEAD, processes(version, entries), tick(40)], ({ state }) => {
      seen++;
      const cat = state.thread(40);
      expect(cat).toMatchObject({
        tid: 40,
        pid: 40,
        comm: 'cat',
        exe: '/bin/cat',
        args: ['-n', 'file'],
        cwd: '/w/',
        fdLimit: 1024,
        uid: 1000,
        gid: 1001,
      });
      expect(cat).toMatchObject(version >= 2 ? { vmSizeKb: 11, vmSwapKb: 13, pfMinor: 15 } : { vmSizeKb: 0 });
      expect(cat?.env).toEqual(version >= 3 ? ['A=1', 'B=2'] : []);
      expect(cat).toMatchObject(
        version >= 4
          ? { vtid: 7, vpid: 8, cgroups: ['cpu=/a', 'memory=/b'] }
          : { vtid: -1, vpid: -1, cgroups: [] },
      );
      expect(cat?.root).toBe(version >= 5 ? '/root' : '');
      expect(cat?.sid).toBe(version >= 6 ? 77 : -1);
      expect(cat?.exepath).toBe(version >= 7 ? '/usr/bin/cat' : '');
      expect(cat?.vpgid).toBe(version >= 8 ? 78 : -1);
      // A thread that is not its process's first has neither environment nor directory of its own.
      expect(state.thread(41)).toMatchObject({ main: cat, env: [], cwd: '', processCwd: '/w/' });
      expect(state.thread(50)).toMatchObject({ comm: 'dog', cwd: '/' });
    });
    expect(summary.diagnostics).toEqual([]);
    expect(seen).toBe(1);
  });

  it('keeps what an entry that is cut off leaves whole', async () => {
    const whole = processes(4, [{ tid: 40 }, { tid: 50 }]);
    // The block says that it ends inside the second entry.
    const size = u32(whole.length - 40);
    const cut = Buffer.concat([whole.subarray(0, 4), size, whole.subarray(8, whole.length - 44), size]);
    const summary = await play([...HEAD, cut, tick(40)], () => {});
    expect(summary.diagnostics).toMatchObject([{ code: 'CAPTURE_BAD_BLOCK' }]);
    expect(summary.diagnostics[0]?.message).toContain('ends inside an entry');
  });
});

/** The descriptors of the event's process, in order. */
function fdsOf({ thread }: ScapEvent): number[] {
  return [...(thread?.fdTable?.entries() ?? [])].map(([fd]) => fd).sort((a, b) => a - b);
}

describe('close_range', () => {
  const range = (first: number, last: number, flags: number, result = 0): Buffer =>
    event('close_range', 40, [i64(result), u32(first), u32(last), u32(flags)]);

  it.each([
    ['closes from first to last, both included', range(4, 6, 0), [3, 7, 20]],
    ['takes ~0 for "all above"', range(5, 0xffffffff, 0), [3, 4]],
    ['closes nothing when it fails', range(4, 6, 0, -22), [3, 4, 5, 6, 7, 20]],
    ['closes nothing yet with CLOSE_RANGE_CLOEXEC', range(4, 6, 4), [3, 4, 5, 6, 7, 20]],
    ['finds none between', range(8, 19, 0), [3, 4, 5, 6, 7, 20]],
  ])('%s', async (_name, close, left) => {
    const before = [3, 4, 5, 6, 7, 20];
    const seen: number[][] = [];
    await play([...HEAD, processes(4, [{ tid: 40 }]), files(40, before), close, tick(40)], (each) => {
      seen.push(fdsOf(each));
    });
    // The event itself still sees what it closes.
    expect(seen).toEqual([before, left]);
  });
});

describe('threads that go', () => {
  const CLONE_THREAD = 1 << 13;
  const exit = (tid: number, reaper?: number): Buffer =>
    event('procexit', tid, [
      i64(0),
      i64(0),
      Buffer.from([0]),
      Buffer.from([0]),
      ...(reaper === undefined ? [] : [i64(reaper)]),
    ]);
  /** init ─ 40 ─ 60, and thread 41 of process 40. */
  const tree = processes(
    5,
    [
      { tid: 1, ptid: 0, comm: 'init' },
      { tid: 40 },
      { tid: 41, pid: 40 },
      { tid: 60, ptid: 40, comm: 'child' },
    ].map((entry) => ({ ...entry, vtid: entry.tid, vpid: entry.pid ?? entry.tid })),
  );

  async function after(...events: Buffer[]): Promise<ScapEvent['state']> {
    let state: ScapEvent['state'] | undefined;
    await play([...HEAD, tree, ...events, tick(1)], (each) => {
      state = each.state;
    });
    return state as ScapEvent['state'];
  }

  it('keeps a dead leader while its threads live, and its children go to a sibling thread', async () => {
    const state = await after(exit(40));
    expect(state.thread(40)).toMatchObject({ isDead: true });
    expect(state.thread(41)?.main?.tid).toBe(40);
    expect(state.thread(60)?.ptid).toBe(41);
  });

  it('forgets the process with its last thread, in any order', async () => {
    for (const order of [
      [40, 41],
      [41, 40],
    ]) {
      const state = await after(...order.map((tid) => exit(tid)));
      expect([state.thread(40), state.thread(41)]).toEqual([undefined, undefined]);
      // init reaps: it is the first process of its namespace.
      expect(state.thread(60)?.ptid).toBe(1);
    }
  });

  it('gives children to whom the kernel named', async () => {
    const state = await after(clone(1, 70), exit(41), exit(40, 70));
    expect(state.thread(60)?.ptid).toBe(70);
    expect(state.ancestor(state.thread(60) as never, 1)?.tid).toBe(70);
  });

  it('gives children to the nearest child subreaper', async () => {
    const subreaper = event('prctl', 40, [i64(0), u32(36), text(''), i64(1)]);
    const state = await after(subreaper, clone(60, 80, { ptid: 40 }), exit(60));
    expect(state.thread(60)).toBeUndefined();
    expect([40, 41]).toContain(state.thread(80)?.ptid);
  });

  it('reuses the id of a thread that is gone', async () => {
    const state = await after(exit(60), clone(1, 60, { comm: 'new' }));
    expect(state.thread(60)).toMatchObject({ comm: 'new', ptid: 1 });
  });

  it('drops the other threads of a process that runs a program', async () => {
    const exec = event('execve', 40, [
      i64(0),
      text('ls'),
      text(''),
      i64(40),
      i64(40),
      i64(1),
      text('/'),
      i64(1024),
    ]);
    const state = await after(exec);
    expect(state.thread(41)).toBeUndefined();
    expect(state.thread(40)).toMatchObject({ comm: 'ls', isDead: false });
  });

  it('takes no longer for each thread of a process the more it has', async () => {
    const count = 40_000;
    const numbers = Array.from({ length: count }, (_, at) => 1000 + at);
    const come = Buffer.concat(numbers.map((tid) => clone(40, tid, { flags: CLONE_THREAD })));
    const go = Buffer.concat(numbers.map((tid) => exit(tid)));
    const before = process.cpuUsage();
    const state = await after(come, go);
    const { user, system } = process.cpuUsage(before);
    expect(state.threads.size).toBe(4);
    // 0.3 s of CPU; taking each out of a list took 4 s.
    expect((user + system) / 1e6).toBeLessThan(2.5);
  });

  it('shares the descriptors of its leader with a thread', async () => {
    const open = event('open', 41, [i64(9), text('/x'), u32(1), u32(0), u32(0), i64(0)]);
    const thread = clone(40, 90, { flags: CLONE_THREAD, ptid: 1 });
    const state = await after(open, thread);
    expect(state.thread(90)).toMatchObject({ pid: 40, ptid: 1 });
    expect(state.thread(90)?.fdTable).toBe(state.thread(40)?.fdTable);
  });
});
