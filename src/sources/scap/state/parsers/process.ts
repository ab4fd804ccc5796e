// Threads come, run programs and go: clone and its kin from both sides, execve, exit. Parameter numbers are those of
// the event table. Follows libs userspace/libsinsp/parsers.cpp.

import type { ScapEvent } from '../../event.ts';
import { sanitise } from '../../sanitise.ts';
import { internText } from '../interned.ts';
import { internCgroups } from '../interned-cgroups.ts';
import { joinPath } from '../path.ts';
import type { State } from '../state.ts';
import { decodeText, type LazyList } from '../text.ts';
import { Thread } from '../thread.ts';
import { inherit, inheritProcess } from '../threads.ts';
import { ThreadFlag } from '../types.ts';
import { directoryOf } from './files.ts';

/** A child that its parent announced this recently (ns) is the one that now reports itself. */
const CLONE_STALE_NS = 2_000_000_000n;
const AT_EMPTY_PATH = 2;

/** Parameters of clone, clone3, fork and vfork exits. */
const Clone = {
  exe: 1,
  args: 2,
  pid: 4,
  ptid: 5,
  fdLimit: 7,
  pfMajor: 8,
  comm: 13,
  cgroups: 14,
  flags: 15,
  uid: 16,
  gid: 17,
  vtid: 18,
  vpid: 19,
  pidnsStart: 20,
} as const;

/** Parameters of execve and execveat exits. */
const Exec = {
  exe: 1,
  args: 2,
  pid: 4,
  ptid: 5,
  fdLimit: 7,
  pfMajor: 8,
  comm: 13,
  cgroups: 14,
  env: 15,
  tty: 16,
  vpgid: 17,
  loginuid: 18,
  flags: 19,
  capInheritable: 20,
  exeIno: 23,
  exeCtime: 24,
  exeMtime: 25,
  uid: 26,
  exepath: 27,
  pgid: 28,
  gid: 29,
} as const;

const ExecFlag = { writable: 1, upperLayer: 2, fromMemfd: 4, lowerLayer: 8 } as const;

/** `VFORK` exits: a child made by vfork reports itself, always. */
export function cloneExit(event: ScapEvent, state: State, isVfork: boolean): void {
  const childTid = event.i64(0);
  if (childTid === 0) cloneInChild(event, state);
  else if (childTid > 0) cloneInCaller(event, state, childTid, isVfork);
  if (childTid >= 0) takeContainer(event);
}

/** Where the container id comes from is looked at again at these events. */
export function takeContainer(event: ScapEvent): void {
  const thread = event.thread;
  if (thread !== undefined) thread.containerCgroups = thread.cgroupList;
}

function cloneInCaller(event: ScapEvent, state: State, childTid: number, isVfork: boolean): void {
  const caller = state.table.get(event.tid);
  event.thread = caller;
  if (caller === undefined) return;
  const isKnown = !caller.isInvalid;
  if (!isKnown) {
    caller.pid = event.i64(Clone.pid);
    caller.ptid = event.i64(Clone.ptid);
    takeVirtualIds(event, caller);
    state.table.place(caller);
  }
  const flags = event.u32(Clone.flags);
  // In a container the result is the child's id inside: only the child knows the other one.
  const inside = ThreadFlag.childInPidns | ThreadFlag.cloneNewPid | ThreadFlag.cloneParent;
  if ((flags & inside) !== 0 || caller.tid !== caller.vtid) return;
  if (isVfork || (flags & ThreadFlag.cloneVfork) !== 0) return;
  const existing = state.table.find(childTid);
  if (existing !== undefined) {
    if ((existing.flags & ThreadFlag.cloneInverted) !== 0) return;
    state.table.remove(childTid);
  }
  const child = new Thread(childTid);
  child.flags = flags;
  if ((flags & ThreadFlag.cloneThread) === 0) {
    if (isKnown) inheritProcess(child, caller);
    child.pid = childTid;
    child.ptid = caller.tid;
  } else {
    child.pid = caller.pid;
    child.ptid = caller.ptid;
    child.flags |= ThreadFlag.cloneFiles;
    child.lastExecTsNs = caller.lastExecTsNs;
  }
  child.vtid = childTid;
  child.vpid = child.pid;
  takeProgram(event, state, child);
  if (isKnown) {
    inherit(child, caller);
  } else {
    caller.exe = child.exe;
    caller.comm = child.comm;
    caller.argList = child.argList;
  }
  if (state.table.add(child)) state.table.place(child);
  // The thread of the event may have been the one that was replaced.
  if (existing === caller) event.thread = state.table.get(event.tid);
}

function cloneInChild(event: ScapEvent, state: State): void {
  const known = event.thread;
  if (known !== undefined && known.cloneTsNs !== 0n) {
    if (event.tsNs - known.cloneTsNs < CLONE_STALE_NS) return;
    state.table.remove(event.tid);
  }
  event.thread = undefined;
  const child = new Thread(event.tid);
  child.pid = event.i64(Clone.pid);
  child.ptid = event.i64(Clone.ptid);
  takeVirtualIds(event, child);
  child.flags = event.u32(Clone.flags) | ThreadFlag.cloneInverted;
  const isLeader = (child.flags & ThreadFlag.cloneThread) === 0;
  if (!isLeader) child.flags |= ThreadFlag.cloneFiles;
  const model = state.table.get(isLeader ? child.ptid : child.pid);
  if (model === undefined) return;
  const isKnown = !model.isInvalid;
  if (!isKnown && !isLeader) {
    model.pid = child.pid;
    model.ptid = child.ptid;
    model.vpid = child.vpid;
    model.vtid = child.vpid;
    state.table.place(model);
  }
  takeProgram(event, state, child);
  if (isKnown) {
    inherit(child, model);
    if (isLeader) inheritProcess(child, model);
    else child.lastExecTsNs = model.lastExecTsNs;
  } else if (!isLeader) {
    model.exe = child.exe;
    model.comm = child.comm;
    model.argList = child.argList;
  }
  const inNamespace =
    (child.flags & (ThreadFlag.childInPidns | ThreadFlag.cloneNewPid)) !== 0 || child.tid !== child.vtid;
  if (inNamespace) child.pidnsInitStartNs = event.u64Big(Clone.pidnsStart);
  if (!state.table.add(child)) return;
  state.table.place(child);
  event.thread = child;
}

function takeVirtualIds(event: ScapEvent, thread: Thread): void {
  if (event.size(Clone.vpid) > 0) {
    thread.vtid = event.i64(Clone.vtid);
    thread.vpid = event.i64(Clone.vpid);
  } else {
    thread.vtid = thread.tid;
    thread.vpid = -1;
  }
}

/** What both sides of a clone say of the child. */
function takeProgram(event: ScapEvent, state: State, child: Thread): void {
  child.exe = textOf(event, Clone.exe);
  child.comm = event.size(Clone.comm) > 0 ? textOf(event, Clone.comm) : child.exe;
  child.argList = listOf(event, state, Clone.args);
  child.fdLimit = event.i64(Clone.fdLimit);
  takeMemory(event, child, Clone.pfMajor);
  child.uid = event.u32(Clone.uid);
  child.gid = event.u32(Clone.gid);
  if (event.size(Clone.cgroups) > 0) child.cgroupList = cgroupsOf(event, Clone.cgroups);
  child.cloneTsNs = event.tsNs;
}

/** Page faults and memory sizes: five parameters from `first` on, all there or none. */
function takeMemory(event: ScapEvent, thread: Thread, first: number): void {
  if (event.size(first + 4) === 0) return;
  thread.pfMajor = event.i64(first);
  thread.pfMinor = event.i64(first + 1);
  thread.vmSizeKb = event.u32(first + 2);
  thread.vmRssKb = event.u32(first + 3);
  thread.vmSwapKb = event.u32(first + 4);
}

function textOf(event: ScapEvent, at: number): string {
  const from = event.from(at);
  return internText(event.bytes, event.view, from, from + event.size(at));
}

function cgroupsOf(event: ScapEvent, at: number): LazyList {
  const from = event.from(at);
  return internCgroups(event.bytes, from, from + event.size(at));
}

function listOf(event: ScapEvent, state: State, at: number): LazyList {
  return state.keepList(event.bytes, event.from(at), event.size(at));
}

/** A program was started: the thread is another one now, and the only one of its process. */
export function execExit(event: ScapEvent, state: State): void {
  if (event.i64(0) < 0) return;
  const thread = event.thread;
  if (thread === undefined) return;
  state.table.resurrect(thread);
  thread.exe = textOf(event, Exec.exe);
  thread.lastExecTsNs = event.tsNs;
  thread.comm = event.size(Exec.comm) > 0 ? textOf(event, Exec.comm) : thread.exe;
  thread.argList = listOf(event, state, Exec.args);
  thread.pid = event.i64(Exec.pid);
  if (thread.isInvalid) {
    thread.ptid = event.i64(Exec.ptid);
    if ((thread.flags & ThreadFlag.childInPidns) === 0) {
      thread.vtid = thread.tid;
      thread.vpid = thread.pid;
    }
    state.table.place(thread);
  }
  thread.fdLimit = event.i64(Exec.fdLimit);
  takeMemory(event, thread, Exec.pfMajor);
  if (event.size(Exec.env) > 0) thread.envList = listOf(event, state, Exec.env);
  if (event.size(Exec.cgroups) > 0) thread.cgroupList = cgroupsOf(event, Exec.cgroups);
  if (event.size(Exec.tty) > 0) thread.tty = event.u32(Exec.tty);
  if (event.size(Exec.exepath) > 0) thread.exepath = textOf(event, Exec.exepath);
  else takeExepathFromEnter(event, thread);
  if (event.size(Exec.vpgid) > 0) thread.vpgid = event.i64(Exec.vpgid);
  if (event.size(Exec.loginuid) > 0) thread.loginuid = event.u32(Exec.loginuid);
  if (event.size(Exec.flags) > 0) takeExecFlags(thread, event.u32(Exec.flags));
  if (event.size(Exec.capInheritable + 2) > 0) {
    thread.capInheritable = event.u64Big(Exec.capInheritable);
    thread.capPermitted = event.u64Big(Exec.capInheritable + 1);
    thread.capEffective = event.u64Big(Exec.capInheritable + 2);
  }
  if (event.size(Exec.exeMtime) > 0) takeExeFile(event, thread);
  if (event.size(Exec.uid) > 0) thread.uid = event.u32(Exec.uid);
  thread.pgid = event.size(Exec.pgid) > 0 ? event.i64(Exec.pgid) : -1;
  if (event.size(Exec.gid) > 0) thread.gid = event.u32(Exec.gid);
  const kept =
    ThreadFlag.pipeSource | ThreadFlag.pipeDestination | ThreadFlag.isMainThread | ThreadFlag.cloneInverted;
  thread.flags = (thread.flags & kept) | ThreadFlag.active | ThreadFlag.nameChanged;
  state.table.removeOthers(thread);
  thread.fdTable?.closeOnExec();
  takeContainer(event);
}

function takeExecFlags(thread: Thread, flags: number): void {
  thread.isExeWritable = (flags & ExecFlag.writable) !== 0;
  thread.isExeUpperLayer = (flags & ExecFlag.upperLayer) !== 0;
  thread.isExeFromMemfd = (flags & ExecFlag.fromMemfd) !== 0;
  thread.isExeLowerLayer = (flags & ExecFlag.lowerLayer) !== 0;
}

function takeExeFile(event: ScapEvent, thread: Thread): void {
  const ctime = event.u64Big(Exec.exeCtime);
  thread.exeIno = event.u64Big(Exec.exeIno);
  thread.exeCtimeNs = ctime;
  thread.exeMtimeNs = event.u64Big(Exec.exeMtime);
  if (thread.cloneTsNs !== 0n) thread.exeCtimeBeforeCloneNs = BigInt.asUintN(64, thread.cloneTsNs - ctime);
  const start = thread.pidnsInitStartNs;
  if (start !== 0n && ctime > start) thread.exeCtimeAfterPidnsNs = ctime - start;
}

/** Old captures: the path is what the enter event named, seen from the working directory or the descriptor. */
function takeExepathFromEnter(event: ScapEvent, thread: Thread): void {
  const enter = thread.takeEnter(event.code);
  if (enter === undefined) return;
  const text = (at: number): string => {
    const bytes = enter.params[at] ?? Buffer.alloc(0);
    return decodeText(bytes, 0, bytes.length);
  };
  let path: string;
  if (enter.params.length < 3) {
    const name = text(0);
    path = name === '<NA>' ? name : joinPath(thread.processCwd, name);
  } else {
    const name = text(1) === '' ? '<NA>' : text(1);
    const fd = enter.params[0]?.length === 8 ? Number(enter.params[0].readBigInt64LE(0)) : -1;
    const flags = enter.params[2]?.length === 4 ? enter.params[2].readUInt32LE(0) : 0;
    const directory = directoryOf(thread, name, fd);
    const isFdItself = (flags & AT_EMPTY_PATH) !== 0;
    if ((!isFdItself && name === '<NA>') || directory === '<UNKNOWN>') path = '<NA>';
    else path = isFdItself ? joinPath('', directory) : joinPath(directory, name);
    if (directory !== '.' && directory !== '<UNKNOWN>') event.fd = thread.fdTable?.get(fd);
  }
  thread.exepath = sanitise(path);
}

/** The thread is gone once this event was seen. */
export function threadExit(event: ScapEvent, state: State): void {
  const thread = event.thread;
  if (thread === undefined) return;
  if (!thread.isDead) {
    if (thread.group !== undefined) thread.group.alive--;
    thread.flags |= ThreadFlag.closed;
  }
  state.tidToRemove = event.tid;
  if (thread.children.size === 0) return;
  if (event.paramCount <= 4) thread.reaperTid = -1;
  else if (event.size(4) > 0) thread.reaperTid = event.i64(4);
}
