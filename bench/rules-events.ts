// Decoded events for the rule benchmark: the mix of a busy, hostile host (read 25 %, write 15, openat 15, close 15,
// execve 10, connect 10, others 10) over threads with ancestors, files, sockets and containers. Seeded: each run has
// the same events. One hidden class for all events, as a source should do.

import type { EventAccess } from '../src/detect/engine/index.ts';
import { EVENTS, eventCodes, type FieldReader } from '../src/detect/fields/index.ts';

interface Thread {
  readonly name: string;
  readonly cmdline: string;
  readonly args: string;
  readonly exe: string;
  readonly exepath: string;
  readonly parent: Thread | undefined;
  readonly ancestors: readonly string[];
  readonly uid: number;
  readonly user: string;
  readonly loginuid: number;
  readonly tty: number;
  readonly pid: number;
  readonly vpid: number;
  readonly upper: boolean;
  readonly container: Container;
}
interface Container {
  readonly id: string;
  readonly repository: string | undefined;
  readonly privileged: boolean;
  readonly ns: string | undefined;
}
interface Fd {
  readonly name: string;
  readonly type: string;
  readonly typechar: string;
  readonly directory: string | undefined;
  readonly filename: string | undefined;
  readonly ends: readonly string[];
  readonly ports: readonly number[];
  readonly l4: string;
}
export interface BenchEvent {
  code: number;
  num: number;
  res: number;
  fdNum: number;
  openFlags: number;
  thread: Thread;
  fd: Fd | undefined;
  params: readonly string[];
}

/** xorshift32: numbers from 0 to `below` - 1. */
function generator(seed: number): (below: number) => number {
  let x = seed;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

const exit = (name: string): number =>
  (eventCodes(name) ?? []).filter((code) => code % 2 === 1).at(-1) as number;

const MIX: readonly (readonly [name: string, share: number])[] = [
  ['read', 250],
  ['write', 150],
  ['openat', 150],
  ['close', 150],
  ['execve', 100],
  ['connect', 100],
  ...(
    'open creat rename renameat2 unlink unlinkat mkdir chmod fchmodat symlinkat linkat ptrace dup2 socket setuid ' +
    'accept4 sendto recvfrom clone mmap fcntl'
  )
    .split(' ')
    .map((name) => [name, 5] as const),
];

const COMMS =
  'nginx java python3 node postgres bash sh curl sshd systemd cron containerd runc cat ps grep apt-get'.split(
    ' ',
  );
const DIRS =
  '/usr/lib /usr/bin /etc /var/log /var/lib/app /proc/self /tmp /home/dev/.ssh /dev /opt/app /root'.split(
    ' ',
  );
const FILES = 'libc.so.6 data.db passwd shadow app.log config.yaml status id_rsa null x.sh ld.so.cache'.split(
  ' ',
);

/** `count` events. */
export function createEvents(count: number, seed = 0x5eed): BenchEvent[] {
  const random = generator(seed);
  const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
  const containers: Container[] = Array.from({ length: 41 }, (_, i) =>
    i === 0
      ? { id: 'host', repository: '', privileged: false, ns: undefined }
      : {
          id: `c${i.toString(16).padStart(11, '0')}`,
          repository: `registry.example/app${i % 7}`,
          privileged: i % 20 === 0,
          ns: 'shop',
        },
  );
  const threads: Thread[] = [];
  for (let i = 0; i < 2000; i++) {
    const name = pick(COMMS);
    const parent = i < 10 ? undefined : (threads[random(i)] as Thread);
    const args = `--config ${pick(DIRS)}/${pick(FILES)} --worker ${i}`;
    const root = random(4) === 0;
    threads.push({
      name,
      cmdline: `${name} ${args}`,
      args,
      exe: name,
      exepath: `/usr/bin/${name}`,
      parent,
      ancestors: parent === undefined ? [] : [parent.name, ...parent.ancestors].slice(0, 8),
      uid: root ? 0 : 1000,
      user: root ? 'root' : 'app',
      loginuid: -1,
      tty: random(50) === 0 ? 34816 : 0,
      pid: 1000 + i,
      vpid: 1 + (i % 500),
      upper: random(100) === 0,
      container: pick(containers),
    });
  }
  const files: Fd[] = Array.from({ length: 4000 }, (_, i) => {
    const directory = pick(DIRS);
    const filename = i % 3 === 0 ? pick(FILES) : `${i}-${pick(FILES)}`;
    return {
      name: `${directory}/${filename}`,
      type: 'file',
      typechar: 'f',
      directory,
      filename,
      ends: [],
      ports: [],
      l4: '<NA>',
    };
  });
  const sockets: Fd[] = Array.from({ length: 2000 }, (_, i) => {
    const ends = [
      `10.${i % 200}.${random(256)}.7`,
      random(3) === 0 ? `203.0.113.${random(256)}` : `10.0.${random(256)}.9`,
    ];
    const ports = [32768 + (i % 20000), pick([80, 443, 5432, 6379, 53, 4444])];
    return {
      name: `${ends[0]}:${ports[0]}->${ends[1]}:${ports[1]}`,
      type: 'ipv4',
      typechar: '4',
      directory: undefined,
      filename: undefined,
      ends,
      ports,
      l4: 'tcp',
    };
  });
  const total = MIX.reduce((sum, [, share]) => sum + share, 0);
  const codes = MIX.flatMap(([name, share]) => Array<number>(share).fill(exit(name)));
  return Array.from({ length: count }, (_, i): BenchEvent => {
    const code = codes[random(total)] as number;
    const info = EVENTS[code];
    const name = info?.name ?? '';
    const socket = /connect|accept|send|recv|socket/.test(name);
    const usesFd =
      info?.flags.has('USES_FD') || info?.flags.has('CREATES_FD') || info?.flags.has('DESTROYS_FD');
    const fd = socket ? pick(sockets) : pick(files);
    const write = random(5) === 0;
    return {
      code,
      num: i + 1,
      res: random(12) === 0 ? -2 : 3,
      fdNum: random(12) === 0 ? -1 : 3 + random(60),
      openFlags: write ? 2 : 1,
      thread: pick(threads),
      fd: usesFd ? fd : undefined,
      params: (info?.params ?? []).map((param) =>
        param.name === 'flags' ? (write ? 'O_WRONLY' : 'O_RDONLY') : pick(files).name,
      ),
    };
  });
}

type Reader = FieldReader<BenchEvent>;
const isOpen = (name: string): boolean => /^open/.test(name);

const READERS: Readonly<Record<string, Reader>> = {
  'evt.num': (e) => e.num,
  'evt.rawres': (e) => e.res,
  'evt.res': (e) => (e.res >= 0 ? 'SUCCESS' : 'ENOENT'),
  'evt.is_open_write': (e) => e.openFlags === 2,
  'evt.is_open_read': (e) => e.openFlags === 1,
  'proc.name': (e) => e.thread.name,
  'proc.cmdline': (e) => e.thread.cmdline,
  'proc.args': (e) => e.thread.args,
  'proc.exe': (e) => e.thread.exe,
  'proc.exepath': (e) => e.thread.exepath,
  'proc.pname': (e) => e.thread.parent?.name,
  'proc.pcmdline': (e) => e.thread.parent?.cmdline,
  'proc.pexe': (e) => e.thread.parent?.exe,
  'proc.pexepath': (e) => e.thread.parent?.exepath,
  'proc.pid': (e) => e.thread.pid,
  'proc.vpid': (e) => e.thread.vpid,
  'proc.tty': (e) => e.thread.tty,
  'proc.cwd': () => '/',
  'proc.duration': () => 1_000_000_000,
  'proc.is_exe_upper_layer': (e) => e.thread.upper,
  'proc.is_exe_from_memfd': () => false,
  'proc.is_vpgid_leader': () => true,
  'proc.env': () => '',
  'thread.cap_effective': () => 'CAP_CHOWN CAP_NET_RAW',
  'thread.cap_permitted': () => 'CAP_CHOWN CAP_NET_RAW',
  'user.uid': (e) => e.thread.uid,
  'user.name': (e) => e.thread.user,
  'user.loginuid': (e) => e.thread.loginuid,
  'fd.name': (e) => e.fd?.name,
  'fd.nameraw': (e) => e.fd?.name,
  'fd.type': (e) => e.fd?.type,
  'fd.typechar': (e) => e.fd?.typechar,
  'fd.directory': (e) => e.fd?.directory,
  'fd.filename': (e) => e.fd?.filename,
  'fd.num': (e) => e.fdNum,
  'fd.l4proto': (e) => e.fd?.l4,
  'fd.connected': (e) => e.fd?.type === 'ipv4',
  'fd.name_changed': () => false,
  'fd.sockfamily': (e) => (e.fd?.type === 'ipv4' ? 'ip' : undefined),
  'fd.ip': (e) => e.fd?.ends,
  'fd.net': (e) => e.fd?.ends,
  'fd.port': (e) => e.fd?.ports,
  'fd.cip': (e) => e.fd?.ends[0],
  'fd.cnet': (e) => e.fd?.ends[0],
  'fd.sip': (e) => e.fd?.ends[1],
  'fd.snet': (e) => e.fd?.ends[1],
  'fd.rip': (e) => e.fd?.ends[1],
  'fd.rnet': (e) => e.fd?.ends[1],
  'fd.sport': (e) => e.fd?.ports[1],
  'fd.lport': (e) => e.fd?.ports[0],
  'fd.rport': (e) => e.fd?.ports[1],
  'container.id': (e) => e.thread.container.id,
  'container.image.repository': (e) => e.thread.container.repository,
  'container.privileged': (e) => e.thread.container.privileged,
  'k8s.ns.name': (e) => e.thread.container.ns,
};

/** Reads bench events. */
export const benchAccess: EventAccess<BenchEvent> = {
  source: 'syscall',
  reader({ def, arg }, code) {
    const info = code === undefined ? undefined : EVENTS[code];
    if (def.name.startsWith('fd.') && info !== undefined && !/FD/.test([...info.flags].join()))
      return undefined;
    if (def.name === 'evt.arg') {
      const index = info?.params.findIndex((param) => param.name === arg) ?? -1;
      return index < 0 ? undefined : (e) => e.params[index];
    }
    if (def.name === 'proc.aname') {
      if (arg === undefined) return (e) => e.thread.ancestors;
      const index = Number(arg) - 1;
      return index < 0 ? (e) => e.thread.name : (e) => e.thread.ancestors[index];
    }
    return READERS[def.name];
  },
  constant({ def }, code) {
    const name = EVENTS[code]?.name ?? '';
    if (/^evt\.is_open_(?:read|write)$/.test(def.name)) return isOpen(name) ? undefined : false;
    return undefined;
  },
  timeNs: (e) => 1_700_000_000_000_000_000n + BigInt(e.num),
};

export { READERS as BENCH_READERS };
