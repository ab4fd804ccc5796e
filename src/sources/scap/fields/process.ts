// Fields of the process: names, command lines, ids, environment. Values are of the event's thread, or of its process'
// main thread where the kernel keeps them there.

import type { Value } from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';
import { sanitise } from '../sanitise.ts';
import type { Thread } from '../state/thread.ts';
import { ancestor, ancestors, clonerOf, leaderOf, parentOf } from './ancestry.ts';
import { type Family, type FieldSource, indexOf, ofThread } from './define.ts';

const pid = (thread: Thread): number | undefined => idOrNothing(thread.pid);
const comm = (thread: Thread): string => thread.comm;
const exe = (thread: Thread): string => thread.exe;
const DELETED = ' (deleted)';
/** The kernel marks a file that is gone. */
const exepath = (thread: Thread): string => {
  const path = thread.exepath;
  return path.endsWith(DELETED) ? path.slice(0, -DELETED.length) : path;
};
const args = (thread: Thread): string => thread.argList.joined;
/** Threads share the environment of their process. */
const envOf = (thread: Thread): readonly string[] => (thread.main ?? thread).env;
const env = (thread: Thread): string => (thread.main ?? thread).envList.joined;
const cmdline = (thread: Thread): string => thread.cmdline;

/** Ids of other sandboxes (gVisor) lie outside the range of a host's ids and are not shown. */
function idOrNothing(id: number): number | undefined {
  return id >= -1 && id <= 0xffffffff ? id : undefined;
}

function ofParent(read: (parent: Thread, event: ScapEvent) => Value | undefined): FieldSource {
  return ofThread((thread, event) => {
    const parent = parentOf(thread, event);
    return parent === undefined ? undefined : read(parent, event);
  });
}

/**
 * A value of ancestor N; without N a check tries every ancestor, and outputs print them all, joined by blanks
 * (`proc.apid` prints the process' own id).
 */
function ofAncestors(read: (thread: Thread) => string | number | undefined): FieldSource {
  const all: FieldSource = ofThread((thread, event) => {
    const values: (string | number)[] = [];
    for (const each of ancestors(thread, event)) {
      const value = read(each);
      if (value !== undefined) values.push(value);
    }
    return values;
  });
  const joined = ofThread((thread, event) => {
    let text = '';
    for (const each of ancestors(thread, event)) {
      if (text !== '') text += ' ';
      text += read(each) ?? '';
    }
    return text === '' ? undefined : text;
  });
  const nth = (depth: number): FieldSource =>
    ofThread((thread, event) => {
      const found = ancestor(thread, event, depth);
      return found === undefined ? undefined : read(found);
    });
  return {
    reader(ref, info) {
      const depth = indexOf(ref);
      return (depth === undefined ? all : nth(depth)).reader(ref, info);
    },
    output(ref) {
      const depth = indexOf(ref);
      return (depth === undefined ? joined : nth(depth)).reader(ref, undefined);
    },
  };
}

function variable(thread: Thread, name: string): string {
  const prefix = `${name}=`;
  for (const entry of envOf(thread)) {
    if (entry.startsWith(prefix)) return entry.slice(prefix.length);
  }
  return '';
}

/** `[NAME]`: its value or `''`; `[N]`: the N-th entry; without argument: all, joined by blanks. */
const processEnv: FieldSource = {
  reader(ref, info) {
    const { arg } = ref;
    const index = indexOf(ref);
    if (arg === undefined) return ofThread(env).reader(ref, info);
    if (index !== undefined) return ofThread((thread) => envOf(thread)[index] ?? '').reader(ref, info);
    return ofThread((thread) => variable(thread, arg)).reader(ref, info);
  },
};

/** How far up `proc.aenv[NAME]` looks. */
const AENV_DEPTH = 20;

/** As `proc.env`, of ancestors: `[NAME]`: the nearest ancestor's that has it. */
const ancestorEnv: FieldSource = {
  reader(ref, info) {
    const { arg } = ref;
    const index = indexOf(ref);
    if (arg === undefined)
      return ofThread((thread, event) => ancestors(thread, event).map(env)).reader(ref, info);
    return ancestorEnvOne(arg, index).reader(ref, info);
  },
  output(ref) {
    const { arg } = ref;
    const index = indexOf(ref);
    if (arg === undefined) return ofThread(env).reader(ref, undefined);
    return ancestorEnvOne(arg, index).reader(ref, undefined);
  },
};

function ancestorEnvOne(name: string, depth: number | undefined): FieldSource {
  if (depth !== undefined) {
    return ofThread((thread, event) => {
      const found = depth === 0 ? thread : ancestor(thread, event, depth);
      return found === undefined ? undefined : env(found);
    });
  }
  return ofThread((thread, event) => {
    for (const each of ancestors(thread, event).slice(0, AENV_DEPTH)) {
      const value = variable(each, name);
      if (value !== '') return value;
    }
    return '';
  });
}

/** `[N]`: the N-th argument; without: all, joined by blanks. */
const processArgs: FieldSource = {
  reader(ref, info) {
    const index = indexOf(ref);
    if (index === undefined) return ofThread(args).reader(ref, info);
    return ofThread((thread) => thread.args[index] ?? '').reader(ref, info);
  },
};

const sid = (thread: Thread): number => thread.sid;
const vpgid = (thread: Thread): number => thread.vpgid;
const pgid = (thread: Thread): number => thread.pgid;

function ofLeader(
  idOf: (thread: Thread) => number,
  isVirtual: boolean,
  read: (leader: Thread) => string,
): FieldSource {
  return ofThread((thread, event) => {
    const leader = leaderOf(thread, event, idOf, isVirtual);
    return leader === undefined ? '' : read(leader);
  });
}

/** Bytes of all arguments. What was replaced when the text was made safe was one byte each, nearly always. */
function argBytes(thread: Thread): number {
  let sum = 0;
  for (const arg of thread.args) sum += Buffer.byteLength(arg.replaceAll('\ufffd', '?'));
  return sum;
}

/** The process id of the oldest ancestor (or the process) whose name ends in `sh`. */
function loginShell(thread: Thread, event: ScapEvent): number | undefined {
  let shell: number | undefined;
  const main = ancestor(thread, event, 0);
  if (main === undefined) return undefined;
  if (main.comm.endsWith('sh')) shell = main.pid;
  for (const each of ancestors(main, event)) {
    if (each.comm.endsWith('sh')) shell = each.pid;
  }
  return shell;
}

export const PROCESS_FIELDS: Family = {
  'proc.name': ofThread(comm),
  'proc.exe': ofThread(exe),
  'proc.exepath': ofThread(exepath),
  'proc.args': processArgs,
  'proc.cmdline': ofThread(cmdline),
  'proc.exeline': ofThread((thread) => `${thread.exe} ${thread.argList.joined}`),
  'proc.cmdnargs': ofThread((thread) => thread.args.length),
  'proc.cmdlenargs': ofThread(argBytes),
  'proc.env': processEnv,
  'proc.cwd': ofThread((thread) => sanitise(thread.processCwd)),
  'proc.tty': ofThread((thread) => thread.tty),
  'proc.pname': ofParent(comm),
  'proc.pexe': ofParent(exe),
  'proc.pexepath': ofParent(exepath),
  'proc.pcmdline': ofParent(cmdline),
  'proc.pvpid': ofParent((parent) => parent.vpid),
  'proc.aname': ofAncestors(comm),
  'proc.aexe': ofAncestors(exe),
  'proc.aexepath': ofAncestors(exepath),
  'proc.aargs': ofAncestors(args),
  'proc.acmdline': ofAncestors(cmdline),
  'proc.aenv': ancestorEnv,
  'proc.pid': ofThread(pid),
  // Falco keeps the thread that cloned it, and shows that thread's process.
  'proc.ppid': ofThread((thread, event) => {
    const cloner = clonerOf(thread, event);
    return cloner === undefined ? undefined : idOrNothing(cloner.pid);
  }),
  'proc.apid': {
    ...ofAncestors(pid),
    output: (ref) =>
      ofThread((thread, event) => {
        const found = ancestor(thread, event, indexOf(ref) ?? 0);
        return found === undefined ? undefined : pid(found);
      }).reader(ref, undefined),
  },
  'proc.vpid': ofThread((thread) => (thread.vpid === -1 ? undefined : thread.vpid)),
  'proc.loginshellid': ofThread(loginShell),
  'proc.sid': ofThread(sid),
  'proc.sname': ofLeader(sid, true, comm),
  'proc.sid.exe': ofLeader(sid, true, exe),
  'proc.sid.exepath': ofLeader(sid, true, exepath),
  'proc.vpgid': ofThread(vpgid),
  'proc.vpgid.name': ofLeader(vpgid, true, comm),
  'proc.vpgid.exe': ofLeader(vpgid, true, exe),
  'proc.vpgid.exepath': ofLeader(vpgid, true, exepath),
  'proc.pgid': ofThread(pgid),
  'proc.pgid.name': ofLeader(pgid, false, comm),
  'proc.pgid.exe': ofLeader(pgid, false, exe),
  'proc.pgid.exepath': ofLeader(pgid, false, exepath),
  'proc.is_sid_leader': ofThread((thread) => thread.sid === thread.vpid),
  'proc.is_vpgid_leader': ofThread((thread) => thread.vpgid === thread.vpid),
  'proc.is_pgid_leader': ofThread((thread) => thread.pgid === thread.pid),
};
