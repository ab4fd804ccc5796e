// What a container's processes did, the workload and the attack apart: its system calls, and what a mandatory access
// control would have been asked. The raw material of seccomp and AppArmor profiles.

import { CATEGORY_SOURCE, EVENTS } from '../../detect/fields/index.ts';
import type { ScapEvent } from '../../sources/scap/index.ts';
import { fieldReader, textReader } from './event-fields.ts';
import type { ProcessRecord } from './process-log.ts';
import type { ContainerSide, Demand, SeenDemand } from './types.ts';

const MAX_DEMANDS = 4000;
const MAX_PROGRAMS = 60;

const evtType = textReader('evt.type');
const path = textReader('fs.path.name');
const source = textReader('fs.path.source');
const target = textReader('fs.path.target');
const fdName = textReader('fd.name');
const fdType = textReader('fd.type');
const exepath = textReader('proc.exepath');
const domain = textReader('evt.arg.domain');
const args = fieldReader('proc.args');
const exe = textReader('proc.exe');
const cwd = textReader('proc.cwd');

const IS_CALL = EVENTS.map(
  ({ category, direction }) => (category & CATEGORY_SOURCE.syscall) !== 0 && direction === 'X',
);

/** Names that libs gives calls and the kernel does not. */
const KERNEL_NAMES: Readonly<Record<string, string>> = {
  pread: 'pread64',
  pwrite: 'pwrite64',
  prlimit: 'prlimit64',
  llseek: '_llseek',
  umount: 'umount2',
};

/** The system call of an exit event by the kernel's name; undefined for events that are no call. */
export function callOf(event: ScapEvent): string | undefined {
  if (!IS_CALL[event.code]) return undefined;
  const name = evtType(event);
  return KERNEL_NAMES[name] ?? name;
}

const OPEN = { read: 1, write: 2, create: 4, directory: 1024 };
const FLAGS = EVENTS.map(({ params }) => params.findIndex(({ name }) => name === 'flags'));
const SOCKET_TYPE = EVENTS.map(({ params }) => params.findIndex(({ name }) => name === 'type'));
/** SOCK_*; the kernel keeps flags above the low four bits. */
const SOCKET_TYPES: Readonly<Record<number, string>> = {
  1: 'stream',
  2: 'dgram',
  3: 'raw',
  4: 'rdm',
  5: 'seqpacket',
  10: 'packet',
};

const file = (name: string, mode: 'r' | 'w' | 'x' | 'l', folder = false): Demand[] =>
  name.startsWith('/') ? [{ kind: 'file', path: name, mode, folder }] : [];
const capability = (name: string): Demand => ({ kind: 'capability', name });

type Asks = (event: ScapEvent) => Demand[];

function opens(event: ScapEvent): Demand[] {
  const name = fdName(event);
  const at = FLAGS[event.code] as number;
  const bits = at < 0 ? OPEN.write : event.u32(at);
  const folder = (bits & OPEN.directory) !== 0;
  return [
    ...((bits & OPEN.write) === 0 || (bits & OPEN.read) !== 0 ? file(name, 'r', folder) : []),
    ...((bits & (OPEN.write | OPEN.create)) !== 0 ? file(name, 'w', folder) : []),
  ];
}

function executes(event: ScapEvent): Demand[] {
  const program = exepath(event);
  // A script: its interpreter runs, called by an absolute path, with the script's own path as first argument.
  const words = args(event);
  const script = Array.isArray(words)
    ? words[0]
    : typeof words === 'string'
      ? words.split(' ', 1)[0]
      : undefined;
  const called = exe(event);
  const own =
    called.startsWith('/') && typeof script === 'string' && script.includes('/') && !script.startsWith('-')
      ? script.startsWith('/')
        ? script
        : `${cwd(event)}${script.replace(/^\.\//, '')}`
      : undefined;
  return [...file(program, 'x'), ...(own === undefined ? [] : file(own, 'x'))];
}

function opensSocket(event: ScapEvent): Demand[] {
  const name = domain(event);
  // The table has both names of some families: AF_LOCAL|AF_UNIX.
  const family = name.includes('AF_UNIX')
    ? 'unix'
    : name.replace(/\|.*$/, '').replace(/^AF_/, '').toLowerCase();
  const at = SOCKET_TYPE[event.code] as number;
  const type = SOCKET_TYPES[(at < 0 ? 0 : event.u32(at)) & 0xf] ?? '';
  return family === '' ? [] : [{ kind: 'network', family, type }];
}

function connects(event: ScapEvent): Demand[] {
  if (fdType(event) !== 'unix') return [];
  const name = fdName(event);
  const socket = name.slice(name.lastIndexOf(' ') + 1);
  return [...file(socket, 'r'), ...file(socket, 'w')];
}

const ASKS: readonly (readonly [names: string, asks: Asks])[] = [
  ['execve execveat', executes],
  ['open openat openat2 creat', opens],
  ['open_by_handle_at', (event) => [...opens(event), capability('dac_read_search')]],
  ['unlink unlinkat mknod mknodat', (event) => file(path(event), 'w')],
  ['mkdir mkdirat rmdir', (event) => file(path(event), 'w', true)],
  ['chmod fchmod fchmodat', (event) => file(path(event), 'w')],
  ['chown lchown fchown fchownat', (event) => [...file(path(event), 'w'), capability('chown')]],
  ['rename renameat renameat2', (event) => [...file(source(event), 'w'), ...file(target(event), 'w')]],
  ['symlink symlinkat', (event) => file(source(event), 'w')],
  ['link linkat', (event) => [...file(source(event), 'l'), ...file(source(event), 'w')]],
  ['socket socketpair', opensSocket],
  ['connect', connects],
  ['ptrace process_vm_readv process_vm_writev', () => [{ kind: 'ptrace' }]],
  ['mount umount umount2 pivot_root', () => [{ kind: 'mount' }, capability('sys_admin')]],
  ['init_module finit_module delete_module', () => [capability('sys_module')]],
  ['setuid setreuid setresuid', () => [capability('setuid')]],
  ['setgid setregid setresgid', () => [capability('setgid')]],
  ['chroot', () => [capability('sys_chroot')]],
  ['setns', () => [capability('sys_admin')]],
];
const ASKED: readonly (Asks | undefined)[] = EVENTS.map(({ name, direction, flags }) =>
  direction === 'X' && !flags.has('OLD_VERSION')
    ? ASKS.find(([names]) => names.split(' ').includes(name))?.[1]
    : undefined,
);
/** Attempts count as asked: what failed for another reason would have been refused as well. */
const EVEN_FAILED = new Set(['mount', 'umount', 'umount2', 'ptrace', 'init_module', 'finit_module', 'setns']);
const COUNTS_FAILED = EVENTS.map(({ name }) => EVEN_FAILED.has(name));

export function demandKey(demand: Demand): string {
  switch (demand.kind) {
    case 'file':
      return `file ${demand.mode}${demand.folder ? ' folder' : ''} ${demand.path}`;
    case 'network':
      return `network ${demand.family} ${demand.type}`;
    case 'capability':
      return `capability ${demand.name}`;
    default:
      return demand.kind;
  }
}

type Seen = { -readonly [K in keyof SeenDemand]: SeenDemand[K] };

/** One side, as it grows. */
export class SideLog {
  processes = 0;
  events = 0;
  firstNs: bigint | undefined = undefined;
  lastNs: bigint | undefined = undefined;
  readonly calls = new Map<string, { count: number; firstEvent: number }>();
  readonly #demands = new Map<string, Seen>();
  #leftOut = 0;
  readonly #programs = new Set<string>();

  addProcess(record: ProcessRecord): void {
    this.processes++;
    this.addProgram(record.exepath);
  }

  addProgram(program: string): void {
    if (program !== '' && this.#programs.size < MAX_PROGRAMS) this.#programs.add(program);
  }

  add(event: ScapEvent, call: string): void {
    this.events++;
    const timeNs = event.tsNs;
    this.firstNs ??= timeNs;
    this.lastNs = timeNs;
    const known = this.calls.get(call);
    if (known === undefined) this.calls.set(call, { count: 1, firstEvent: event.num });
    else known.count++;
  }

  addDemands(event: ScapEvent, record: ProcessRecord): void {
    const asks = ASKED[event.code];
    if (asks === undefined || (event.i64(0) < 0 && !COUNTS_FAILED[event.code])) return;
    for (const demand of asks(event)) {
      const key = demandKey(demand);
      const known = this.#demands.get(key);
      if (known !== undefined) known.count++;
      else if (this.#demands.size >= MAX_DEMANDS) this.#leftOut++;
      else
        this.#demands.set(key, {
          demand,
          count: 1,
          capture: record.capture,
          firstEvent: event.num,
          program: record.exepath,
        });
    }
  }

  toSide(): ContainerSide {
    return {
      processes: this.processes,
      events: this.events,
      firstNs: this.firstNs,
      lastNs: this.lastNs,
      calls: this.calls,
      demands: [...this.#demands.values()],
      demandsLeftOut: this.#leftOut,
      programs: [...this.#programs],
    };
  }
}

/** One container, over all captures. */
export class ContainerLog {
  readonly id: string;
  readonly workload = new SideLog();
  readonly attack = new SideLog();
  runtimeEvents = 0;
  startSeen = false;
  readonly capabilities = new Set<string>();
  readonly captures = new Set<string>();
  name: string | undefined = undefined;
  image: string | undefined = undefined;
  privileged: boolean | undefined = undefined;

  constructor(id: string) {
    this.id = id;
  }

  side(record: ProcessRecord): SideLog | undefined {
    return record.side === 'runtime' ? undefined : record.side === 'attack' ? this.attack : this.workload;
  }
}
