// One thread: who it is, what it runs, and what it has. A process is its main thread (`tid` = `pid`) and the others
// of its group. Follows libs userspace/libsinsp/threadinfo.h.

import type { FdTable } from './fd-table.ts';
import { Weight } from './growth.ts';
import { EMPTY_LIST, type LazyList } from './text.ts';
import { ThreadFlag } from './types.ts';

const EXECVEAT_ENTER = 330;
const EXECVE_EXIT = 293;
/** Longer ones are no names of programs. */
const MAX_KEPT_NAME = 64;

/** An enter event of an old capture, kept until its exit comes. */
export interface EnterEvent {
  readonly code: number;
  readonly params: readonly Buffer[];
}

/** The threads of one process, and the flag that says it reaps orphans. */
export class ThreadGroup {
  readonly pid: number;
  #leader: Thread | undefined = undefined;
  /** In the order in which they came. */
  readonly #others = new Set<Thread>();
  /** Members that have not exited. */
  alive = 0;
  /** Init of a pid namespace, or set by prctl(PR_SET_CHILD_SUBREAPER). */
  isReaper: boolean;

  constructor(pid: number, isReaper: boolean) {
    this.pid = pid;
    this.isReaper = isReaper;
  }

  add(thread: Thread): void {
    if (thread.isMain) {
      if (this.#leader !== undefined) this.#others.add(this.#leader);
      this.#leader = thread;
    } else {
      this.#others.add(thread);
    }
    this.alive++;
    thread.group = this;
  }

  /** Takes a thread out; `alive` is counted down when it dies. */
  drop(thread: Thread): void {
    if (this.#leader === thread) this.#leader = undefined;
    else this.#others.delete(thread);
  }

  /** The leader; without one the thread that came first. */
  get first(): Thread | undefined {
    return this.#leader ?? this.#others.values().next().value;
  }

  /** All, the leader first. Threads may be dropped while they are looked at. */
  *members(): Generator<Thread> {
    if (this.#leader !== undefined) yield this.#leader;
    yield* this.#others;
  }

  /** The first member that lives, `except` aside. */
  findAlive(except?: Thread): Thread | undefined {
    for (const member of this.members()) if (member !== except && !member.isDead) return member;
    return undefined;
  }
}

/** A thread. Ids are -1 when unknown. Strings are sanitised; lists are decoded on first use. */
export class Thread {
  readonly tid: number;
  pid = -1;
  ptid = -1;
  sid = -1;
  vtid = -1;
  vpid = -1;
  vpgid = -1;
  pgid = -1;
  /** Bits of `ThreadFlag`. */
  flags = 0;
  uid = 0xffffffff;
  gid = 0xffffffff;
  loginuid = 0xffffffff;
  /** Controlling terminal; 0: none. */
  tty = 0;
  fdLimit = -1;

  comm = '';
  /** argv[0]. */
  exe = '';
  /** Full path of the executable. */
  exepath = '';
  root = '';
  argList: LazyList = EMPTY_LIST;
  envList: LazyList = EMPTY_LIST;
  /** `subsystem=path` each. */
  cgroupList: LazyList = EMPTY_LIST;
  /** The cgroups that the container id was last taken from (at clone, exec, chroot and at the start). */
  containerCgroups: LazyList | undefined = undefined;
  /** Working directory as last seen, of this thread; readers use `main.cwd`. Ends in `/` unless empty. */
  cwd = '';

  isExeWritable = false;
  isExeUpperLayer = false;
  isExeLowerLayer = false;
  isExeFromMemfd = false;
  exeIno = 0n;
  /** Nanoseconds since the epoch; 0n: unknown. */
  exeCtimeNs = 0n;
  exeMtimeNs = 0n;
  /** `cloneTsNs - exeCtimeNs` as of the last execve after a clone that was seen. */
  exeCtimeBeforeCloneNs = 0n;
  /** `exeCtimeNs` less the start of the pid namespace, when it is later. */
  exeCtimeAfterPidnsNs = 0n;
  capInheritable = 0n;
  capPermitted = 0n;
  capEffective = 0n;
  /** Event time of the clone; 0n: the thread was there before the capture. */
  cloneTsNs = 0n;
  /** Event time of the last execve; 0n: none seen. */
  lastExecTsNs = 0n;
  /** When the pid namespace's init started, in nanoseconds since boot (as Falco has it); 0n: unknown or the host's. */
  pidnsInitStartNs = 0n;

  /** Kilobytes. */
  vmSizeKb = 0;
  vmRssKb = 0;
  vmSwapKb = 0;
  pfMajor = 0;
  pfMinor = 0;

  /** Threads whose `ptid` this is. */
  readonly children = new Set<Thread>();
  /** The process it belongs to; undefined for a placeholder. */
  group: ThreadGroup | undefined = undefined;
  /** Its own table; `fdTable` below follows sharing. */
  ownFds: FdTable | undefined = undefined;
  /** Who gets the children when it exits, as the kernel said; -1: it did not. */
  reaperTid = -1;
  /** The descriptor number that the last event named; -1: none. */
  lastEventFd = 0;
  /** Code of this thread's last enter event; -1: none. */
  lastEnterCode = -1;
  /** Its last enter event, kept for captures whose exits say less; undefined: none or used. */
  lastEnter: EnterEvent | undefined = undefined;

  #cmdline = '';
  #cmdlineComm = '';
  #cmdlineArgs: LazyList | undefined = undefined;

  constructor(tid: number) {
    this.tid = tid;
  }

  /** The main thread of its process (itself when it is one); undefined when that is not known. */
  get main(): Thread | undefined {
    if (this.isMain) return this;
    const first = this.group?.first;
    return first?.isMain === true ? first : undefined;
  }

  /** Where its descriptors are: its own table, or its leader's when they are shared. */
  get fdTable(): FdTable | undefined {
    const owner = (this.flags & ThreadFlag.cloneFiles) === 0 ? this : this.main;
    return owner?.ownFds;
  }

  /** The enter event that belongs to an exit of `code`, when it was kept. */
  takeEnter(code: number): EnterEvent | undefined {
    const enter = this.lastEnter;
    if (enter === undefined) return undefined;
    // A successful execveat ends in an execve exit.
    return enter.code === code - 1 || (enter.code === EXECVEAT_ENTER && code === EXECVE_EXIT)
      ? enter
      : undefined;
  }

  get args(): readonly string[] {
    return this.argList.get();
  }

  /** `NAME=value` each. */
  get env(): readonly string[] {
    return this.envList.get();
  }

  get cgroups(): readonly string[] {
    return this.cgroupList.get();
  }

  /** Name and arguments, joined by blanks. Kept until either changes. */
  get cmdline(): string {
    if (this.argList !== this.#cmdlineArgs || this.comm !== this.#cmdlineComm) {
      this.#cmdlineComm = this.comm;
      this.#cmdlineArgs = this.argList;
      this.#cmdline = this.args.length === 0 ? this.comm : `${this.comm} ${this.argList.joined}`;
    }
    return this.#cmdline;
  }

  get isMain(): boolean {
    return this.tid === this.pid || (this.flags & ThreadFlag.isMainThread) !== 0;
  }

  get isDead(): boolean {
    return (this.flags & ThreadFlag.closed) !== 0;
  }

  /** A placeholder for a thread that was never described: its names read `<NA>`. */
  get isInvalid(): boolean {
    return this.tid < 0 || this.pid < 0 || this.ptid < 0;
  }

  /** Whether its ids inside the pid namespace differ from those outside. */
  get isInPidNamespace(): boolean {
    return (this.flags & ThreadFlag.childInPidns) !== 0 || this.tid !== this.vtid;
  }

  /** Roughly the bytes that it takes; descriptors that are in `counted` already count for nothing. */
  weigh(counted: Set<object>): number {
    const { cwd, comm, exe, exepath, root } = this;
    let bytes = Weight.thread + cwd.length + comm.length + exe.length + exepath.length + root.length;
    for (const list of [this.argList, this.envList, this.cgroupList]) bytes += list.weight;
    for (const param of this.lastEnter?.params ?? []) bytes += param.length;
    const fds = this.ownFds;
    if (fds === undefined || counted.has(fds.identity)) return bytes;
    counted.add(fds.identity);
    return bytes + fds.weigh();
  }

  /** Lets go of all but its ids and its name. */
  strip(): void {
    if (this.comm.length > MAX_KEPT_NAME) this.comm = '';
    this.exe = '';
    this.exepath = '';
    this.root = '';
    this.argList = EMPTY_LIST;
    this.envList = EMPTY_LIST;
    this.cgroupList = EMPTY_LIST;
    this.cwd = '';
    this.ownFds = undefined;
    this.lastEnter = undefined;
    this.#cmdlineArgs = undefined;
    this.#cmdline = '';
  }

  /** What proc.cwd starts from: the main thread's directory, ends in `/`. */
  get processCwd(): string {
    return this.main?.cwd ?? './';
  }
}
