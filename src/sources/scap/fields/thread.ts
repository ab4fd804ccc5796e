// Fields of the thread's life and means: clone time, memory, descriptors, capabilities, cgroups, executable file.

import type { Value } from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';
import { splitCgroup } from '../state/cgroups.ts';
import type { Thread } from '../state/thread.ts';
import { clonerOf, parentOf } from './ancestry.ts';
import { type Family, type FieldSource, ofEvent, ofThread } from './define.ts';
import { fdTypeName } from './fd-names.ts';
import { capabilityText } from './names.ts';
import { compact, joinUnsigned } from './numbers.ts';

/** 0n means unknown. */
function known(value: bigint): Value | undefined {
  return value === 0n ? undefined : compact(value);
}

function since(event: ScapEvent, start: bigint): number | bigint {
  return compact(joinUnsigned(event.tsHi, event.tsLo) - start);
}

/** Threads hold few distinct sets: their texts are kept. */
const capabilityTexts = new Map<bigint, string>();
const MOST_SETS = 4096;

function capabilities(set: bigint): string {
  if (set === 0n) return '';
  let text = capabilityTexts.get(set);
  if (text === undefined) {
    text = capabilityText(Number(set >> 32n), Number(set & 0xffffffffn));
    if (capabilityTexts.size < MOST_SETS) capabilityTexts.set(set, text);
  }
  return text;
}

/** Descriptors are counted, and limited, where the process's main thread is: none when that is not known. */
function fdCount(thread: Thread): number {
  return thread.main?.fdTable?.size ?? 0;
}

function fdLimit(thread: Thread): number {
  return thread.main?.fdLimit ?? 0;
}

/** Cgroup of one subsystem, `undefined` when the thread is in none. */
function cgroup(thread: Thread, subsystem: string): string | undefined {
  for (const entry of thread.cgroups) {
    const split = splitCgroup(entry);
    if (split?.[0] === subsystem) return split[1];
  }
  return undefined;
}

function cgroups(thread: Thread): string | undefined {
  if (thread.cgroups.length === 0) return undefined;
  return thread.cgroups.map((entry) => splitCgroup(entry)?.join('=') ?? entry).join(' ');
}

function standardFd(fd: number, read: 'type' | 'name'): FieldSource {
  return ofThread((thread) => {
    const found = thread.fdTable?.get(fd);
    if (found === undefined) return undefined;
    return read === 'type' ? fdTypeName(found.kind) : found.name;
  });
}

/** CPU fields: the change since the thread's previous procinfo event; they need one, and Falco's are per check. */
function cpuShare(user: boolean, system: boolean): FieldSource {
  return {
    reader(_ref, info) {
      if (info !== undefined && info.name !== 'procinfo') return undefined;
      const before = new WeakMap<Thread, number>();
      return (event) => {
        const { thread } = event;
        if (thread === undefined || event.code !== PROCINFO) return undefined;
        const total = (user ? event.i64(0) : 0) + (system ? event.i64(1) : 0);
        const last = before.get(thread) ?? 0;
        before.set(thread, total);
        return last === 0 ? 0 : Math.min(100, total - last);
      };
    },
  };
}

const PROCINFO = 234;

export const THREAD_FIELDS: Family = {
  'proc.duration': ofThread((thread, event) =>
    thread.cloneTsNs === 0n ? undefined : since(event, thread.cloneTsNs),
  ),
  // Falco's code runs on into the next field when the parent's start is not known: the count of descriptors.
  'proc.ppid.duration': ofThread((thread, event) => {
    const parent = parentOf(thread, event);
    if (parent === undefined) return undefined;
    return parent.cloneTsNs === 0n ? fdCount(thread) : since(event, parent.cloneTsNs);
  }),
  'proc.pid.ts': ofThread((thread) => known(thread.cloneTsNs)),
  'proc.ppid.ts': ofThread((thread, event) => {
    const parent = clonerOf(thread, event);
    return parent === undefined ? undefined : compact(parent.cloneTsNs);
  }),
  'proc.is_exe_writable': ofThread((thread) => thread.isExeWritable),
  'proc.is_exe_upper_layer': ofThread((thread) => thread.isExeUpperLayer),
  'proc.is_exe_lower_layer': ofThread((thread) => thread.isExeLowerLayer),
  'proc.is_exe_from_memfd': ofThread((thread) => thread.isExeFromMemfd),
  'proc.exe_ino': ofThread((thread) => known(thread.exeIno)),
  'proc.exe_ino.ctime': ofThread((thread) => known(thread.exeCtimeNs)),
  'proc.exe_ino.mtime': ofThread((thread) => known(thread.exeMtimeNs)),
  'proc.exe_ino.ctime_duration_proc_start': ofThread((thread) => known(thread.exeCtimeBeforeCloneNs)),
  'proc.exe_ino.ctime_duration_pidns_start': ofThread((thread) => known(thread.exeCtimeAfterPidnsNs)),
  'proc.pidns_init_start_ts': ofThread((thread) => known(thread.pidnsInitStartNs)),
  'thread.cap_permitted': ofThread((thread) => capabilities(thread.capPermitted)),
  'thread.cap_inheritable': ofThread((thread) => capabilities(thread.capInheritable)),
  'thread.cap_effective': ofThread((thread) => capabilities(thread.capEffective)),
  'proc.fdopencount': ofThread(fdCount),
  'proc.fdlimit': ofThread(fdLimit),
  'proc.fdusage': ofThread((thread) => {
    const limit = fdLimit(thread);
    return limit > 0 ? (fdCount(thread) * 100) / limit : 0;
  }),
  'proc.vmsize': ofThread((thread) => thread.vmSizeKb),
  'proc.vmrss': ofThread((thread) => thread.vmRssKb),
  'proc.vmswap': ofThread((thread) => thread.vmSwapKb),
  'thread.pfmajor': ofThread((thread) => thread.pfMajor),
  'thread.pfminor': ofThread((thread) => thread.pfMinor),
  'thread.vmsize': ofThread((thread) => (thread.isMain ? thread.vmSizeKb : 0)),
  'thread.vmrss': ofThread((thread) => (thread.isMain ? thread.vmRssKb : 0)),
  'thread.vmsize.b': ofThread((thread) => (thread.isMain ? thread.vmSizeKb * 1024 : 0)),
  'thread.vmrss.b': ofThread((thread) => (thread.isMain ? thread.vmRssKb * 1024 : 0)),
  'thread.tid': ofEvent((event) => (event.tid >= -1 && event.tid <= 0xffffffff ? event.tid : undefined)),
  'thread.vtid': ofThread((thread) => (thread.vtid === -1 ? undefined : thread.vtid)),
  'thread.ismain': ofThread((thread) => thread.isMain),
  'thread.nametid': ofThread((thread, event) => `${thread.comm}${event.tid}`),
  // Times come from context switches, of which captures made today have none.
  'thread.exectime': ofEvent(() => 0),
  'thread.totexectime': ofThread(() => 0),
  'thread.cgroups': ofThread(cgroups),
  'thread.cgroup': {
    reader(ref, info) {
      const { arg } = ref;
      return arg === undefined ? undefined : ofThread((thread) => cgroup(thread, arg)).reader(ref, info);
    },
  },
  'proc.nthreads': ofThread((thread) => thread.group?.alive ?? 0),
  'proc.nchilds': ofThread((thread) => {
    const { main } = thread;
    const alive = thread.group?.alive ?? 0;
    return main === undefined || main.isDead ? alive : alive - 1;
  }),
  'thread.cpu': cpuShare(true, true),
  'thread.cpu.user': cpuShare(true, false),
  'thread.cpu.system': cpuShare(false, true),
  'proc.stdin.type': standardFd(0, 'type'),
  'proc.stdout.type': standardFd(1, 'type'),
  'proc.stderr.type': standardFd(2, 'type'),
  'proc.stdin.name': standardFd(0, 'name'),
  'proc.stdout.name': standardFd(1, 'name'),
  'proc.stderr.name': standardFd(2, 'name'),
};
