// The writer's process lists and descriptors: the very bytes that Falco wrote, the layout field by field, and any
// state back as it was.

import { createReadStream, globSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cursor } from '../cursor.ts';
import { sanitise } from '../sanitise.ts';
import { FdInfo } from '../state/fd-info.ts';
import { State } from '../state/state.ts';
import { LazyList } from '../state/text.ts';
import { Thread } from '../state/thread.ts';
import { FdFlag, FdKind } from '../state/types.ts';
import { readFds, readProcesses } from '../state-blocks.ts';
import { descriptorsBlock, FDS_V2, listeningPorts, PROCESSES_V9, processListBlock } from './state-blocks.ts';
import { CaptureWalk } from './walk.ts';

const captures = resolve(import.meta.dirname, '../../../../tests/captures');
const recorded = globSync('*.scap', { cwd: captures }).sort();

/** The body of a block, behind its header, after its frame was checked. */
function bodyOf(block: Buffer, type: number): Buffer {
  expect(block.readUInt32LE(0)).toBe(type);
  expect(block.readUInt32LE(4)).toBe(block.length);
  expect(block.readUInt32LE(block.length - 4)).toBe(block.length);
  expect(block.length % 4).toBe(0);
  return block.subarray(8, block.length - 4);
}

describe('blocks that Falco wrote', () => {
  it('has captures to look at', () => expect(recorded.length).toBeGreaterThan(20));

  it.each(recorded.map((name) => [basename(name, '.scap'), name]))(
    '%s: written again they are the same bytes',
    async (_name, name) => {
      const blocks: { readonly type: number; readonly bytes: Buffer }[] = [];
      let compared = 0;
      const walk: CaptureWalk = new CaptureWalk({
        before({ type, bytes, head }) {
          if (type === PROCESSES_V9 || type === FDS_V2) blocks.push({ type, bytes: Buffer.from(bytes) });
          if (head === undefined) return;
          // The state is still as the blocks told it.
          for (const block of blocks) {
            const written =
              block.type === PROCESSES_V9
                ? processListBlock(walk.state.threads)
                : fdsOf(walk.state, Number(block.bytes.readBigInt64LE(8)));
            expect(written.equals(block.bytes)).toBe(true);
            compared++;
          }
          walk.stop();
        },
      });
      await walk.run(createReadStream(join(captures, name)));
      expect(compared).toBeGreaterThan(0);
    },
  );
});

function fdsOf(state: State, tid: number): Buffer {
  return descriptorsBlock(
    tid,
    state.thread(tid)?.ownFds?.entries() ?? [],
    listeningPorts(state.threads.values()),
  );
}

describe('layout', () => {
  it('writes a process entry in the order of version 9', () => {
    const thread = new Thread(7);
    thread.pid = 7;
    thread.ptid = 1;
    thread.sid = 3;
    thread.vpgid = 4;
    thread.comm = 'sh';
    thread.exe = '/bin/sh';
    thread.exepath = '/usr/bin/dash';
    thread.argList = LazyList.of(['-c', '']);
    thread.cwd = '/tmp/';
    thread.fdLimit = 1024;
    thread.flags = 5;
    thread.uid = 1000;
    thread.gid = 1001;
    thread.vmSizeKb = 11;
    thread.vmRssKb = 12;
    thread.vmSwapKb = 13;
    thread.pfMajor = 14;
    thread.pfMinor = 15;
    thread.envList = LazyList.of(['A=b']);
    thread.vtid = -1;
    thread.vpid = 2;
    thread.cgroupList = LazyList.of(['cpu=/x']);
    thread.root = '/';
    thread.pidnsInitStartNs = 16n;
    thread.tty = 17;
    thread.loginuid = 0xffffffff;
    thread.isExeWritable = true;
    thread.capInheritable = 18n;
    thread.capPermitted = 19n;
    thread.capEffective = 20n;
    thread.isExeUpperLayer = true;
    thread.exeIno = 21n;
    thread.exeCtimeNs = 22n;
    thread.exeMtimeNs = 23n;
    thread.isExeFromMemfd = false;
    thread.isExeLowerLayer = true;
    thread.pgid = -1;
    const body = bodyOf(processListBlock(new Map([[7, thread]])), PROCESSES_V9);
    const cursor = new Cursor(body);
    const length = cursor.u32();
    const counted = (): string => cursor.counted().toString('latin1');
    expect([cursor.u64(), cursor.u64(), cursor.u64(), cursor.u64(), cursor.u64()]).toEqual([
      7n,
      7n,
      1n,
      3n,
      4n,
    ]);
    expect([counted(), counted(), counted(), counted(), counted()]).toEqual([
      'sh',
      '/bin/sh',
      '/usr/bin/dash',
      '-c\0\0',
      '/tmp/',
    ]);
    expect([cursor.u64(), cursor.u32(), cursor.u32(), cursor.u32()]).toEqual([1024n, 5, 1000, 1001]);
    expect([cursor.u32(), cursor.u32(), cursor.u32(), cursor.u64(), cursor.u64()]).toEqual([
      11,
      12,
      13,
      14n,
      15n,
    ]);
    expect(counted()).toBe('A=b\0');
    expect([cursor.u64(), cursor.u64()]).toEqual([0xffff_ffff_ffff_ffffn, 2n]);
    expect([counted(), counted()]).toEqual(['cpu=/x\0', '/']);
    expect([cursor.u64(), cursor.u32(), cursor.u32(), cursor.u8()]).toEqual([16n, 17, 0xffffffff, 1]);
    expect([cursor.u64(), cursor.u64(), cursor.u64(), cursor.u8()]).toEqual([18n, 19n, 20n, 1]);
    expect([cursor.u64(), cursor.u64(), cursor.u64()]).toEqual([21n, 22n, 23n]);
    expect([cursor.u8(), cursor.u8(), cursor.u64()]).toEqual([0, 1, 0xffff_ffff_ffff_ffffn]);
    expect(cursor.offset).toBe(length);
    // What pads the body to four bytes is zero.
    expect(body.subarray(length).every((byte) => byte === 0)).toBe(true);
  });

  it('keeps strings and lists within what Falco reads', () => {
    const thread = new Thread(1);
    thread.pid = 1;
    thread.ptid = 0;
    thread.comm = 'é'.repeat(1000);
    thread.argList = LazyList.of(Array.from({ length: 100 }, () => 'x'.repeat(99)));
    const state = new State();
    readProcesses(new Cursor(bodyOf(processListBlock(new Map([[1, thread]])), PROCESSES_V9)), 9, state);
    expect(state.thread(1)?.comm).toBe('é'.repeat(512));
    expect(state.thread(1)?.args).toHaveLength(40);
  });

  it.each([
    ['accepted, the listener is there', true, [80], 'server'],
    ['accepted, the listener is gone: the name is right, the role is a guess', true, [], 'client'],
    ['made', false, [443], 'client'],
    ['made to a port that is listened on here too', false, [80], 'client'],
    ['made from such a port: the name is right, the role is a guess', false, [4000, 80], 'server'],
  ] as const)('a connection that was %s', (_title, isServer, ports, role) => {
    const state = new State();
    state.table.get(5);
    const fds: [number, FdInfo][] = ports.map((port, at) => {
      const listener = new FdInfo(FdKind.ipv4Server);
      listener.sport = port;
      return [at, listener];
    });
    const fd = new FdInfo(FdKind.ipv4);
    const ends = { sip: 0x0a000002, sport: 4000, dip: 0x0a000001, dport: 80, l4: 2 };
    Object.assign(fd, ends, { flags: isServer ? FdFlag.roleServer : FdFlag.roleClient });
    fds.push([9, fd]);
    const block = descriptorsBlock(5, fds, new Set(ports));
    readFds(new Cursor(bodyOf(block, FDS_V2)), 2, state);
    state.finishProcessList();
    const read = state.thread(5)?.ownFds?.get(9);
    expect(read).toMatchObject({ ...ends, isServer: role === 'server', isClient: role === 'client' });
    expect(read?.name).toBe('10.0.0.2:4000->10.0.0.1:80');
  });
});

const u32 = fc.nat({ max: 0xffffffff });
const id = fc.integer({ min: -1, max: 0x7fffffff });
const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
/** What events bring: no NUL, and text as it is once it was read. */
const text = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .map((value) => sanitise(value.replaceAll('\0', '')));
const item = text.map((value) => (value === '' ? 'x' : value));
const list = fc.array(item, { maxLength: 8 });

const threads = fc.record({
  tid: fc.integer({ min: 1, max: 0x7fffffff }),
  ids: fc.tuple(id, id, id, id, id, id, id),
  texts: fc.tuple(text, text, text, text),
  lists: fc.tuple(list, list, list),
  words: fc.tuple(u32, u32, u32, u32, u32, u32, u32),
  longs: fc.tuple(u64, u64, u64, u64, u64, u64, u64),
  faults: fc.tuple(fc.nat(), fc.nat()),
  bits: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean()),
});

type Drawn = typeof threads extends fc.Arbitrary<infer T> ? T : never;

function threadOf({ tid, ids, texts, lists, words, longs, faults, bits }: Drawn): Thread {
  const thread = new Thread(tid);
  thread.pid = tid;
  [thread.ptid, thread.sid, thread.vtid, thread.vpid, thread.vpgid, thread.pgid, thread.fdLimit] = ids;
  const [comm, exe, exepath, root] = texts;
  Object.assign(thread, { comm, exe, exepath, root });
  const [args, env, cgroups] = lists.map((value) => LazyList.of(value));
  Object.assign(thread, { argList: args, envList: env, cgroupList: cgroups });
  [thread.uid, thread.gid, thread.loginuid, thread.tty, thread.vmSizeKb, thread.vmRssKb, thread.vmSwapKb] =
    words;
  [thread.pidnsInitStartNs, thread.capInheritable, thread.capPermitted, thread.capEffective] = longs;
  [, , , , thread.exeIno, thread.exeCtimeNs, thread.exeMtimeNs] = longs;
  [thread.pfMajor, thread.pfMinor] = faults;
  [thread.isExeWritable, thread.isExeUpperLayer, thread.isExeLowerLayer, thread.isExeFromMemfd] = bits;
  thread.cwd = '/srv/';
  return thread;
}

/** What a process list keeps of a thread. */
function visible(thread: Thread | undefined): unknown {
  if (thread === undefined) return undefined;
  const { tid, pid, ptid, sid, vtid, vpid, vpgid, pgid, uid, gid, loginuid, tty, fdLimit } = thread;
  const { comm, exe, exepath, root, args, env, cgroups, cwd } = thread;
  const { isExeWritable, isExeUpperLayer, isExeLowerLayer, isExeFromMemfd, exeIno, exeCtimeNs } = thread;
  const { exeMtimeNs, capInheritable, capPermitted, capEffective, pidnsInitStartNs } = thread;
  const { vmSizeKb, vmRssKb, vmSwapKb, pfMajor, pfMinor } = thread;
  return [
    [tid, pid, ptid, sid, vtid, vpid, vpgid, pgid, uid, gid, loginuid, tty, fdLimit],
    [comm, exe, exepath, root, args, env, cgroups, cwd],
    [isExeWritable, isExeUpperLayer, isExeLowerLayer, isExeFromMemfd, exeIno, exeCtimeNs],
    [exeMtimeNs, capInheritable, capPermitted, capEffective, pidnsInitStartNs],
    [vmSizeKb, vmRssKb, vmSwapKb, pfMajor, pfMinor],
  ];
}

const names = text.filter((value) => value !== '');
const port = fc.nat({ max: 0xffff });
const address6 = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from([0x20, ...bytes.slice(1)]));
const fds = fc.record({
  number: fc.nat({ max: 0x7fffffff }),
  kind: fc.constantFrom(...Object.values(FdKind).filter((kind) => kind >= 0)),
  name: names,
  ino: fc.tuple(u32, u32),
  openFlags: u32,
  dev: u32,
  ends4: fc.tuple(
    u32.map((value) => value || 1),
    u32.map((value) => value || 1),
  ),
  ends6: fc.tuple(address6, address6),
  ports: fc.tuple(port, port),
  l4: fc.nat({ max: 5 }),
  unix: fc.tuple(u64, u64),
});

function fdOf(drawn: typeof fds extends fc.Arbitrary<infer T> ? T : never): FdInfo {
  const { kind, ports, l4 } = drawn;
  const fd = new FdInfo(kind);
  [fd.inoHi, fd.inoLo] = drawn.ino;
  if (kind >= FdKind.ipv4 && kind <= FdKind.ipv6Server) {
    fd.l4 = l4;
    fd.sport = ports[0];
    const isServer = kind === FdKind.ipv4Server || kind === FdKind.ipv6Server;
    if (!isServer) fd.dport = ports[1];
    if (kind === FdKind.ipv6 || kind === FdKind.ipv6Server) fd.sip6 = drawn.ends6[0];
    else fd.sip = drawn.ends4[0];
    if (kind === FdKind.ipv6) fd.dip6 = drawn.ends6[1];
    else if (kind === FdKind.ipv4) fd.dip = drawn.ends4[1];
    return fd;
  }
  fd.name = drawn.name;
  if (kind === FdKind.unix) {
    fd.unixSource = drawn.unix[0].toString(16);
    fd.unixDestination = drawn.unix[1].toString(16);
  } else if (kind === FdKind.fileV2) {
    fd.openFlags = drawn.openFlags;
    fd.dev = drawn.dev;
  }
  return fd;
}

/** What a descriptor block keeps; a socket's name is made from its ends. */
function visibleFd(fd: FdInfo | undefined): unknown {
  if (fd === undefined) return undefined;
  const { kind, inoHi, inoLo, openFlags, dev, sip, dip, sport, dport, l4, unixSource, unixDestination } = fd;
  return [
    [kind, inoHi, inoLo, openFlags, dev, sip, dip, sport, dport, l4, unixSource, unixDestination],
    fd.isInet ? '' : fd.name,
    Buffer.from(fd.sip6 ?? []).toString('hex'),
    Buffer.from(fd.dip6 ?? []).toString('hex'),
  ];
}

describe('round trips', () => {
  it('reads every process list back as it was', () => {
    fc.assert(
      fc.property(fc.uniqueArray(threads, { selector: ({ tid }) => tid, maxLength: 5 }), (drawn) => {
        const written = new Map(drawn.map((one) => [one.tid, threadOf(one)]));
        const state = new State();
        readProcesses(new Cursor(bodyOf(processListBlock(written), PROCESSES_V9)), 9, state);
        expect([...state.threads.keys()]).toEqual([...written.keys()]);
        for (const [tid, thread] of written) expect(visible(state.thread(tid))).toEqual(visible(thread));
      }),
    );
  });

  it('reads every descriptor back as it was', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fds, { selector: ({ number }) => number, maxLength: 8 }), (drawn) => {
        const written = new Map(drawn.map((one) => [one.number, fdOf(one)]));
        const state = new State();
        state.table.get(9);
        readFds(new Cursor(bodyOf(descriptorsBlock(9, written.entries(), new Set()), FDS_V2)), 2, state);
        for (const [number, fd] of written)
          expect(visibleFd(state.thread(9)?.ownFds?.get(number))).toEqual(visibleFd(fd));
      }),
    );
  });
});
