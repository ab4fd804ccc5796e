// The thread table and the process tree: who cloned whom, what happens to children when their parent exits, and
// placeholders for threads that the capture never described. Follows libs userspace/libsinsp/thread_manager.cpp.

import { type Growth, Weight } from './growth.ts';
import { Thread, ThreadGroup } from './thread.ts';
import { ThreadFlag } from './types.ts';

/** Threads beyond this are not followed (libs, m_thread_table_default_size). */
const MAX_THREADS = 131072;

/** All threads of a capture, by tid. */
export class ThreadTable {
  readonly #growth: Growth;
  readonly map = new Map<number, Thread>();
  readonly #groups = new Map<number, ThreadGroup>();
  #last: Thread | undefined = undefined;
  /** Threads for which there was no room. */
  refused = 0;

  constructor(growth: Growth) {
    this.#growth = growth;
  }

  /** The thread, or undefined when the capture never spoke of it. */
  find(tid: number): Thread | undefined {
    const last = this.#last;
    if (last !== undefined && last.tid === tid) return last;
    const found = this.map.get(tid);
    if (found !== undefined) this.#last = found;
    return found;
  }

  /** The thread, or a placeholder that reads `<NA>`; undefined only when the table is full. */
  get(tid: number): Thread | undefined {
    const found = this.find(tid);
    if (found !== undefined) return found;
    const placeholder = new Thread(tid);
    placeholder.comm = '<NA>';
    placeholder.exe = '<NA>';
    placeholder.flags = ThreadFlag.nameChanged;
    return this.add(placeholder) ? placeholder : undefined;
  }

  /** Adds a thread without a place in the tree. False when the table is full. */
  add(thread: Thread): boolean {
    if (this.map.size >= MAX_THREADS && !this.map.has(thread.tid)) {
      this.refused++;
      return false;
    }
    this.#growth.bytes += Weight.thread;
    this.map.set(thread.tid, thread);
    this.#last = thread;
    return true;
  }

  /** Drops what only threads that were replaced still hold. */
  sweep(): void {
    const isGone = (thread: Thread): boolean => this.map.get(thread.tid) !== thread;
    for (const [pid, group] of this.#groups) if (group.members().every(isGone)) this.#groups.delete(pid);
    for (const thread of this.map.values()) {
      for (const child of thread.children) if (isGone(child)) thread.children.delete(child);
    }
  }

  clear(): void {
    this.map.clear();
    this.#groups.clear();
    this.#last = undefined;
  }

  /** Gives a thread its place: its process and its parent. Placeholders have none. */
  place(thread: Thread): void {
    if (thread.isInvalid || thread.group !== undefined) return;
    let group = this.#groups.get(thread.pid);
    if (group === undefined) {
      group = new ThreadGroup(thread.pid, thread.pid === 1 || thread.vpid === 1);
      this.#groups.set(thread.pid, group);
    }
    group.add(thread);
    if (thread.pid === 1) return;
    const parent = this.find(thread.ptid);
    if (parent === undefined || parent.isInvalid) thread.ptid = 0;
    else adopt(parent, thread);
  }

  /** The N-th ancestor process's main thread; 0 is the thread's own. */
  ancestor(thread: Thread, n: number): Thread | undefined {
    let main = thread.main;
    for (let step = 0; step < n && main !== undefined; step++) main = this.map.get(main.ptid)?.main;
    return main;
  }

  /** A thread is gone: its children get a new parent, and its process goes with the last thread. */
  remove(tid: number): void {
    const thread = this.map.get(tid);
    if (thread === undefined) return;
    this.#last = undefined;
    const group = thread.group;
    if (thread.isInvalid || group === undefined) {
      this.#forget(thread);
      return;
    }
    if (!thread.isDead) {
      group.alive--;
      thread.flags |= ThreadFlag.closed;
    }
    if (thread.children.size > 0) this.#reparent(thread, group);
    if (group.alive <= 0) {
      const main = this.map.get(thread.pid);
      this.#groups.delete(thread.pid);
      if (main !== undefined) this.#forget(main);
    }
    if (!thread.isMain) {
      group.drop(thread);
      this.#forget(thread);
    }
  }

  #forget(thread: Thread): void {
    this.map.get(thread.ptid)?.children.delete(thread);
    this.map.delete(thread.tid);
  }

  #reparent(thread: Thread, group: ThreadGroup): void {
    let reaper = thread.reaperTid > 0 ? this.get(thread.reaperTid) : undefined;
    if (reaper === undefined || reaper.isInvalid) reaper = this.#findReaper(thread, group);
    if (reaper === thread) reaper = undefined;
    if (reaper?.group !== undefined && reaper.pid !== thread.pid) reaper.group.isReaper = true;
    for (const child of thread.children) {
      if (reaper === undefined) child.ptid = 0;
      else adopt(reaper, child);
    }
    thread.children.clear();
  }

  /** As the kernel does: another thread of the process, else the nearest reaper above, in the same namespace. */
  #findReaper(thread: Thread, group: ThreadGroup): Thread | undefined {
    const sibling = group.findAlive(thread);
    if (sibling !== undefined) return sibling;
    const seen = new Set<number>([thread.tid]);
    let parent = this.map.get(thread.ptid);
    while (parent !== undefined && !seen.has(parent.tid)) {
      seen.add(parent.tid);
      if (parent.isInPidNamespace !== thread.isInPidNamespace) return undefined;
      if (parent.group?.isReaper === true) {
        const alive = parent.group.findAlive();
        if (alive !== undefined) return alive;
      }
      parent = this.map.get(parent.ptid);
    }
    return undefined;
  }

  /** The other threads of a process that called execve are gone. */
  removeOthers(thread: Thread): void {
    const group = thread.group;
    if (group === undefined || group.alive <= 1) return;
    for (const member of group.members()) {
      if (!member.isMain && member.tid !== thread.tid) this.remove(member.tid);
    }
  }

  /** A dead main thread that execs lives again: another thread of its process took its place. */
  resurrect(thread: Thread): void {
    if (!thread.isDead) return;
    thread.flags &= ~ThreadFlag.closed;
    if (thread.group !== undefined) thread.group.alive++;
  }
}

function adopt(parent: Thread, child: Thread): void {
  parent.children.add(child);
  child.ptid = parent.tid;
}

/** Copies what a fork inherits of the program that runs. */
export function inherit(child: Thread, from: Thread): void {
  child.exepath = from.exepath;
  child.isExeWritable = from.isExeWritable;
  child.isExeUpperLayer = from.isExeUpperLayer;
  child.isExeLowerLayer = from.isExeLowerLayer;
  child.isExeFromMemfd = from.isExeFromMemfd;
  child.root = from.root;
  child.sid = from.sid;
  child.vpgid = from.vpgid;
  child.pgid = from.pgid;
  child.tty = from.tty;
  child.loginuid = from.loginuid;
  child.capPermitted = from.capPermitted;
  child.capInheritable = from.capInheritable;
  child.capEffective = from.capEffective;
  child.exeIno = from.exeIno;
  child.exeCtimeNs = from.exeCtimeNs;
  child.exeMtimeNs = from.exeMtimeNs;
  child.exeCtimeBeforeCloneNs = from.exeCtimeBeforeCloneNs;
}

/** Copies what only a new process gets: descriptors, working directory, environment. */
export function inheritProcess(child: Thread, from: Thread): void {
  child.ownFds = from.fdTable?.fork();
  child.cwd = from.processCwd;
  // Only a main thread has one: what another thread forks starts without, as in Falco.
  child.envList = from.envList;
}
