// One thread: who it is, what it runs, and what it has. A process is its main thread (`tid` = `pid`) and the others
// of its group. Follows libs userspace/libsinsp/threadinfo.h.

import type { FdTable } from './fd-table.ts';
import { EMPTY_LIST, EMPTY_TEXT, type LazyList, type LazyText } from './text.ts';
import { ThreadFlag } from './types.ts';

/** The threads of one process: its members, and the flag that says it reaps orphans. */
export class ThreadGroup {
  readonly pid: number;
  readonly members = new Set<Thread>();
  /** Set by prctl(PR_SET_CHILD_SUBREAPER). */
  isReaper = false;

  constructor(pid: number) {
    this.pid = pid;
  }
}

/** A thread. Ids are -1 when unknown. Strings are decoded on first use; none is sanitised. */
export class Thread {
  readonly tid: number;
  pid: number;
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

  commText: LazyText = EMPTY_TEXT;
  exeText: LazyText = EMPTY_TEXT;
  exepathText: LazyText = EMPTY_TEXT;
  rootText: LazyText = EMPTY_TEXT;
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
  capInheritable = 0n;
  capPermitted = 0n;
  capEffective = 0n;
  /** Event time of the clone; 0n: the thread was there before the capture. */
  cloneTsNs = 0n;
  /** Event time of the last execve; 0n: none seen. */
  lastExecTsNs = 0n;
  /** Nanoseconds since boot at which the pid namespace's init started; 0n: unknown. */
  pidnsInitStartNs = 0n;

  /** Kilobytes. */
  vmSizeKb = 0;
  vmRssKb = 0;
  vmSwapKb = 0;
  pfMajor = 0;
  pfMinor = 0;

  /** Parent's main thread or the thread that cloned it; undefined when it is not known (any more). */
  parent: Thread | undefined = undefined;
  readonly children = new Set<Thread>();
  group: ThreadGroup;
  /** The main thread of this thread's process (itself when it is one); undefined when that is not known. */
  main: Thread | undefined = undefined;
  /** This thread's own table; use `CaptureState.fdTable(thread)`, which follows sharing. */
  ownFds: FdTable | undefined = undefined;
  /** The descriptor number that the last event named; -1: none. */
  lastEventFd = -1;
  /** Code of this thread's last event. */
  lastEventCode = -1;

  constructor(tid: number, pid: number, group: ThreadGroup) {
    this.tid = tid;
    this.pid = pid;
    this.group = group;
  }

  get comm(): string {
    return this.commText.get();
  }

  /** argv[0]. */
  get exe(): string {
    return this.exeText.get();
  }

  /** Full path of the executable. */
  get exepath(): string {
    return this.exepathText.get();
  }

  get root(): string {
    return this.rootText.get();
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

  get isMain(): boolean {
    return this.tid === this.pid;
  }

  get isDead(): boolean {
    return (this.flags & ThreadFlag.closed) !== 0;
  }

  /** A placeholder for a thread that was never described: its names read `<NA>`. */
  get isInvalid(): boolean {
    return this.pid < 0 && this.tid >= 0;
  }
}
