// What one event means to somebody who reads an incident: a statement, how much it matters, and the file or connection
// that it is about. Most events mean nothing here. Long because it is a table: one short reading for each family of calls.

import { EVENTS } from '../../detect/fields/index.ts';
import type { ScapEvent } from '../../sources/scap/index.ts';
import { pathKind } from '../derived/path-kinds.ts';
import { textReader } from './event-fields.ts';
import type { CaptureConnection, FileAct } from './types.ts';

/** 3: what attacks are made of; 2: what a story needs; 1: the rest, left out first. */
export type Rank = 1 | 2 | 3;

export interface Act {
  readonly kind: 'process' | 'file' | 'network';
  readonly rank: Rank;
  /** Follows the process: `opened {1} for writing`; `{0}` is the process itself. */
  readonly text: string;
  /** From `{1}` on. */
  readonly values: readonly string[];
  /** A word for conditions in knowledge packs: `yarak.capture.acts`. */
  readonly word?: string;
  readonly files?: readonly (readonly [path: string, act: FileAct])[];
  readonly connection?: { readonly role: CaptureConnection['role']; readonly name: string };
  /** The process that it was done to, by pid. */
  readonly target?: number;
}

/** Files of these kinds are worth a line when they are read. */
const SECRET =
  /^(?:password-hashes|ssh-private-key|ssh-directory|service-account-token|kube-credentials|cloud-credentials|registry-credentials|private-key|process-environment|process-memory|sudoers)$/;
/** And these when they are changed. */
const GUARDED =
  /^(?:preload|ssh-authorized-keys|ssh-private-key|password-hashes|sudoers|pam|accounts|kernel-interface|kernel-module|cron|systemd-unit|shell-startup|runtime-socket|package-sources|program|library)$/;
const TRACES = /^(?:log|login-records|shell-history)$/;

/** The kind of a path if it is one that matters. */
export function sensitiveKind(path: string): string | undefined {
  const kind = pathKind(path);
  return kind !== undefined && (SECRET.test(kind) || GUARDED.test(kind) || TRACES.test(kind))
    ? kind
    : undefined;
}

const OPEN = { write: 2, create: 4 };
const SET_ID = 0xc00;
/** The driver's own numbers of set-uid and set-gid (PPM_S_ISUID, PPM_S_ISGID) and of the three execute bits. */
const EXECUTE = 0o111;
const EINPROGRESS = -115;

const path = textReader('fs.path.name');
const source = textReader('fs.path.source');
const target = textReader('fs.path.target');
const fdName = textReader('fd.name');
const fdType = textReader('fd.type');
const result = textReader('evt.res');
const cmdline = textReader('proc.cmdline');
const exepath = textReader('proc.exepath');
const upperLayer = textReader('proc.is_exe_upper_layer');
const argText = (name: string) => textReader(`evt.arg.${name}`);
const request = argText('request');
const option = argText('option');
const renamedTo = argText('arg2_str');
const memoryName = argText('name');
const signal = argText('sig');
const ns = argText('nstype');
const flags = argText('flags');
const device = argText('dev');
const folder = argText('dir');
const command = argText('cmd');

/** What an event that succeeded returns is at least 0; what it says when it did not. */
function failure(event: ScapEvent): string | undefined {
  const value = event.i64(0);
  return value >= 0 ? undefined : result(event);
}

const note = (
  kind: Act['kind'],
  rank: Rank,
  text: string,
  values: readonly string[],
  more: Partial<Act> = {},
): Act => ({
  kind,
  rank,
  text,
  values,
  ...more,
});

type Reading = (event: ScapEvent) => Act | undefined;

function opened(event: ScapEvent): Act | undefined {
  if (event.i64(0) < 0) return undefined;
  const name = fdName(event);
  if (!name.startsWith('/')) return undefined;
  const at = OPEN_FLAGS[event.code] as number;
  const bits = at < 0 ? OPEN.write : event.u32(at);
  const kind = pathKind(name);
  if ((bits & (OPEN.write | OPEN.create)) !== 0) {
    if (kind === 'device' || name.startsWith('/proc/self/')) return undefined;
    const guarded = kind !== undefined && (GUARDED.test(kind) || TRACES.test(kind));
    return note('file', guarded ? 3 : kind === 'temporary' ? 2 : 1, 'opened {1} for writing', [name], {
      files: [[name, 'written']],
      ...(guarded ? { word: `write-${kind}` } : {}),
    });
  }
  // What a process reads of itself is no secret to it.
  if (kind === undefined || !SECRET.test(kind) || name.startsWith('/proc/self/')) return undefined;
  return note('file', 3, 'opened {1} for reading', [name], { files: [[name, 'read']], word: `read-${kind}` });
}

function removed(event: ScapEvent): Act | undefined {
  if (event.i64(0) < 0) return undefined;
  const name = path(event);
  const kind = pathKind(name);
  if (name === '') return undefined;
  const traces = kind !== undefined && TRACES.test(kind);
  return note('file', traces ? 3 : 1, 'deleted {1}', [name], {
    files: [[name, 'deleted']],
    ...(traces ? { word: `delete-${kind}` } : {}),
  });
}

function renamed(event: ScapEvent): Act | undefined {
  if (event.i64(0) < 0) return undefined;
  const [from, to] = [source(event), target(event)];
  if (to === '') return undefined;
  const kind = pathKind(to);
  const guarded = kind !== undefined && GUARDED.test(kind);
  return note('file', guarded ? 3 : 1, 'renamed {1} to {2}', [from, to], {
    files: [
      [from, 'renamed'],
      [to, 'written'],
    ],
    ...(guarded ? { word: `write-${kind}` } : {}),
  });
}

function linked(event: ScapEvent): Act | undefined {
  if (event.i64(0) < 0) return undefined;
  const [name, to] = [source(event), target(event)];
  const kind = pathKind(to);
  const secret = kind !== undefined && (SECRET.test(kind) || GUARDED.test(kind));
  return note('file', secret ? 3 : 1, 'made {1} a link to {2}', [name, to], {
    files: [[name, 'linked']],
    ...(secret && SECRET.test(kind) ? { word: 'link-to-secret' } : {}),
  });
}

function modeChanged(event: ScapEvent): Act | undefined {
  if (event.i64(0) < 0) return undefined;
  const name = path(event);
  const at = MODE[event.code] as number;
  const mode = at < 0 ? 0 : event.u32(at);
  if (name === '') return undefined;
  const files = [[name, 'mode']] as const;
  if ((mode & SET_ID) !== 0)
    return note('file', 3, 'set the set-uid or set-gid bit of {1}', [name], { files, word: 'set-id-bit' });
  return (mode & EXECUTE) === 0
    ? note('file', 1, 'changed the mode of {1}', [name], { files })
    : note('file', 2, 'made {1} executable', [name], { files });
}

function ownerChanged(event: ScapEvent): Act | undefined {
  if (event.i64(0) < 0) return undefined;
  const name = path(event);
  return name === ''
    ? undefined
    : note('file', 1, 'changed the owner of {1}', [name], { files: [[name, 'owner']] });
}

function isNetwork(type: string): boolean {
  return type === 'ipv4' || type === 'ipv6' || type === 'ipv4server' || type === 'ipv6server';
}

function connected(event: ScapEvent): Act | undefined {
  const type = fdType(event);
  const name = fdName(event);
  if (name === '') return undefined;
  const value = event.i64(0);
  if (type === 'unix')
    return pathKind(unixPath(name)) === 'runtime-socket'
      ? note('network', 3, 'connected to the container runtime at {1}', [unixPath(name)], {
          word: 'runtime-socket',
        })
      : undefined;
  if (!isNetwork(type)) return undefined;
  const ok = value >= 0 || value === EINPROGRESS;
  return note('network', 2, ok ? 'connected {1}' : `tried to connect {1} (${result(event)})`, [name], {
    connection: { role: 'connected', name },
  });
}

/** `0->ffff /run/docker.sock`: libs prints kernel addresses before the path. */
function unixPath(name: string): string {
  return name.slice(name.lastIndexOf(' ') + 1);
}

function accepted(event: ScapEvent): Act | undefined {
  const name = fdName(event);
  return event.i64(0) < 0 || !isNetwork(fdType(event)) || name === ''
    ? undefined
    : note('network', 2, 'accepted {1}', [name], { connection: { role: 'accepted', name } });
}

function listened(event: ScapEvent): Act | undefined {
  const name = fdName(event);
  return event.i64(0) < 0 || !isNetwork(fdType(event)) || name === ''
    ? undefined
    : note('network', 2, 'listens on {1}', [name], {
        connection: { role: 'listened', name },
        word: 'listen',
      });
}

function sent(event: ScapEvent): Act | undefined {
  const name = fdName(event);
  return event.i64(0) < 0 || !isNetwork(fdType(event)) || name === ''
    ? undefined
    : note('network', 1, 'sent to {1}', [name], { connection: { role: 'sent', name } });
}

function duplicated(event: ScapEvent): Act | undefined {
  const to = event.i64(0);
  if (to < 0 || to > 2 || !isNetwork(fdType(event))) return undefined;
  const stream = ['input', 'output', 'error output'][to] as string;
  return note('network', 3, `made {1} its standard ${stream}`, [fdName(event)], { word: 'stdio-connection' });
}

function ran(event: ScapEvent): Act | undefined {
  if (event.i64(0) < 0) return undefined;
  const program = exepath(event);
  const odd =
    /^(?:\/tmp|\/var\/tmp|\/dev\/shm|memfd:|\/memfd:)/.test(program) || upperLayer(event) === 'true';
  return note('process', odd ? 3 : 2, 'started {1}', [cmdline(event)], { files: [[program, 'run']] });
}

const TRACING = /^PTRACE_(?:ATTACH|SEIZE|TRACEME|POKE\w+|SET\w*REGS\w*)$/;

function traced(event: ScapEvent): Act | undefined {
  const what = request(event);
  if (!TRACING.test(what)) return undefined;
  const pid = Number(event.i64(PTRACE_PID));
  const failed = failure(event);
  const onto = what === 'PTRACE_TRACEME' ? '' : ' on the process {2}';
  return note(
    'process',
    3,
    `called ptrace {1}${onto}${failed === undefined ? '' : ` (${failed})`}`,
    [what, String(pid)],
    {
      word: 'ptrace',
      ...(failed === undefined && what !== 'PTRACE_TRACEME' ? { target: pid } : {}),
    },
  );
}

/** A call that is worth a line whatever it gives. */
function called(
  text: string,
  values: (event: ScapEvent) => readonly string[],
  rank: Rank,
  word?: string,
): Reading {
  return (event) => {
    const failed = failure(event);
    return note('process', rank, failed === undefined ? text : `${text} (${failed})`, values(event), {
      ...(word === undefined ? {} : { word }),
    });
  };
}

function nameChanged(event: ScapEvent): Act | undefined {
  return option(event) === 'PR_SET_NAME'
    ? note('process', 2, 'renamed itself to {1}', [renamedTo(event)], { word: 'rename-itself' })
    : undefined;
}

function killed(event: ScapEvent): Act | undefined {
  const number = signal(event);
  return event.i64(0) < 0 || number === '0'
    ? undefined
    : note('process', 1, 'sent {1} to the process {2}', [number, String(event.i64(KILL_PID))]);
}

const FAMILIES: readonly (readonly [names: string, reading: Reading])[] = [
  ['execve execveat', ran],
  ['open openat openat2 creat open_by_handle_at', opened],
  ['unlink unlinkat rmdir', removed],
  ['rename renameat renameat2', renamed],
  ['symlink symlinkat link linkat', linked],
  ['chmod fchmod fchmodat', modeChanged],
  ['chown lchown fchown fchownat', ownerChanged],
  ['connect', connected],
  ['accept accept4', accepted],
  ['listen', listened],
  ['sendto sendmsg', sent],
  ['dup dup2 dup3', duplicated],
  ['ptrace', traced],
  ['kill tgkill tkill', killed],
  ['prctl', nameChanged],
  ['process_vm_writev', called('wrote to the memory of another process', () => [], 3, 'ptrace')],
  ['process_vm_readv', called('read the memory of another process', () => [], 3, 'ptrace')],
  [
    'init_module finit_module',
    called('loaded a kernel module: {1}', (event) => [fdName(event)], 3, 'module-load'),
  ],
  [
    'delete_module',
    called('removed the kernel module {1}', (event) => [memoryName(event)], 3, 'module-load'),
  ],
  ['mount', called('mounted {1} on {2}', (event) => [device(event), folder(event)], 3, 'mount')],
  ['umount umount2', called('unmounted {1}', (event) => [memoryName(event)], 2)],
  ['memfd_create', called('made the memory file {1}', (event) => [memoryName(event)], 2, 'memory-file')],
  ['setns', called('entered another namespace ({1})', (event) => [ns(event)], 3, 'namespace')],
  ['unshare', called('made a namespace of its own ({1})', (event) => [flags(event)], 2, 'namespace')],
  ['bpf', called('called bpf {1}', (event) => [command(event)], 2, 'bpf')],
  ['chroot', called('changed its root', () => [], 2)],
  ['pivot_root', called('changed the root of its namespace', () => [], 3)],
];

const READINGS: readonly (Reading | undefined)[] = EVENTS.map(({ name, direction, flags: about }) =>
  direction === 'X' && !about.has('OLD_VERSION')
    ? FAMILIES.find(([names]) => names.split(' ').includes(name))?.[1]
    : undefined,
);
const paramAt = (wanted: string): readonly number[] =>
  EVENTS.map(({ params }) => params.findIndex(({ name }) => name === wanted));
const OPEN_FLAGS = EVENTS.map(({ name, params }) =>
  name === 'creat' ? -1 : params.findIndex((param) => param.name === 'flags'),
);
const MODE = paramAt('mode');
const exitParam = (call: string, name: string): number =>
  EVENTS.find((info) => info.name === call && info.direction === 'X')?.params.findIndex(
    (p) => p.name === name,
  ) ?? -1;
const PTRACE_PID = exitParam('ptrace', 'pid');
const KILL_PID = exitParam('kill', 'pid');

/** What the event means, if anything. */
export function readAct(event: ScapEvent): Act | undefined {
  return READINGS[event.code]?.(event);
}
