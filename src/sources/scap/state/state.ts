// Everything that a capture has told so far. Field readers see it as `CaptureState`; the parsers of ./parsers/ change
// it, an event at a time.

import { containerIdOf } from './cgroups.ts';
import type { FdInfo } from './fd-info.ts';
import { FdTable } from './fd-table.ts';
import { socketName, swapEnds } from './sockets.ts';
import { LazyList, LazyText } from './text.ts';
import type { Thread } from './thread.ts';
import { ThreadTable } from './threads.ts';
import {
  type CaptureState,
  type ContainerInfo,
  FdFlag,
  FdKind,
  type Interfaces,
  type MachineInfo,
  ThreadFlag,
  UserTable,
} from './types.ts';

/** Container ids by their cgroups; forgotten all at once when there are too many. */
const MAX_MEMO = 4096;
const MAX_CONTAINERS = 65536;

/** The state, as the engine changes it. */
export class State implements CaptureState {
  machine: MachineInfo | undefined = undefined;
  readonly interfaces: Interfaces = { v4: [], v6: [] };
  readonly table = new ThreadTable();
  readonly users = new UserTable();
  readonly containers = new Map<string, ContainerInfo>();
  lastContainer: ContainerInfo | undefined = undefined;
  lastContainerNum = 0;
  firstTsHi = 0;
  firstTsLo = 0;
  /** Ports that some process of the process list listened on. */
  readonly serverPorts = new Set<number>();
  /** Thread to remove before the next event; -1: none. */
  tidToRemove = -1;
  /** Descriptors to remove before the next event, of one thread. */
  readonly fdsToRemove: number[] = [];
  fdsToRemoveTid = -1;
  #pendingFds: FdInfo[] = [];
  #pendingTexts: (LazyText | LazyList)[] = [];
  readonly #containerIds = new Map<string, string>();

  get threads(): ReadonlyMap<number, Thread> {
    return this.table.map;
  }

  thread(tid: number): Thread | undefined {
    return this.table.map.get(tid);
  }

  fdTable(thread: Thread): FdTable | undefined {
    return thread.fdTable;
  }

  ancestor(thread: Thread, n: number): Thread | undefined {
    return this.table.ancestor(thread, n);
  }

  isLocal4(address: number): boolean {
    return this.interfaces.v4.some((entry) => entry.address === address);
  }

  containerId(thread: Thread): string {
    const list = thread.containerCgroups;
    if (list === thread.containerIdFrom) return thread.containerIdText;
    thread.containerIdFrom = list;
    thread.containerIdText = list === undefined ? '' : this.#containerIdOf(list.get());
    return thread.containerIdText;
  }

  #containerIdOf(cgroups: readonly string[]): string {
    const key = cgroups.join('\0');
    let id = this.#containerIds.get(key);
    if (id === undefined) {
      id = containerIdOf(cgroups);
      if (this.#containerIds.size >= MAX_MEMO) this.#containerIds.clear();
      this.#containerIds.set(key, id);
    }
    return id;
  }

  /** Back to nothing, for a new section. Keeps the objects. */
  reset(): void {
    this.machine = undefined;
    this.interfaces.v4.length = 0;
    this.interfaces.v6.length = 0;
    this.table.clear();
    this.users.clear();
    this.containers.clear();
    this.lastContainer = undefined;
    this.lastContainerNum = 0;
    this.firstTsHi = 0;
    this.firstTsLo = 0;
    this.serverPorts.clear();
    this.tidToRemove = -1;
    this.fdsToRemove.length = 0;
    this.#pendingFds = [];
    this.#pendingTexts = [];
  }

  addContainer(info: ContainerInfo, num: number): void {
    if (this.containers.size < MAX_CONTAINERS || this.containers.has(info.id))
      this.containers.set(info.id, info);
    this.lastContainer = info;
    this.lastContainerNum = num;
  }

  removeContainer(info: ContainerInfo, num: number): void {
    this.containers.delete(info.id);
    this.lastContainer = info;
    this.lastContainerNum = num;
  }

  /** Adds a descriptor to a thread's table. What it returns is the table's entry; undefined when there is no table. */
  addFd(thread: Thread, fd: number, info: FdInfo): FdInfo | undefined {
    const owner = (thread.flags & ThreadFlag.cloneFiles) === 0 ? thread : thread.main;
    thread.lastEventFd = fd;
    if (owner === undefined) return undefined;
    owner.ownFds ??= new FdTable();
    return owner.ownFds.set(fd, info) ? info : undefined;
  }

  /** A descriptor whose name is still bytes in the reader's buffer. */
  keepFd(fd: FdInfo): void {
    this.#pendingFds.push(fd);
  }

  /** A string of an event, kept as bytes until someone reads it or the buffer must go. */
  keepText(bytes: Buffer, from: number, size: number): LazyText {
    const text = new LazyText(bytes, from, from + size);
    this.#pendingTexts.push(text);
    return text;
  }

  /** The same for a list. */
  keepList(bytes: Buffer, from: number, size: number): LazyList {
    const list = new LazyList(bytes.subarray(from, from + size));
    this.#pendingTexts.push(list);
    return list;
  }

  /** Decodes what still points into the reader's buffers, so that they can go. Called once every few megabytes. */
  settle(): void {
    for (const fd of this.#pendingFds) fd.settle();
    for (const text of this.#pendingTexts) text.settle();
    this.#pendingFds = [];
    this.#pendingTexts = [];
  }

  /** Does what the last event left to be done once it was seen by all: its thread or its descriptors go. */
  applyRemovals(): void {
    if (this.tidToRemove >= 0) {
      this.table.remove(this.tidToRemove);
      this.tidToRemove = -1;
    }
    if (this.fdsToRemove.length > 0) {
      const table = this.table.find(this.fdsToRemoveTid)?.fdTable;
      if (table !== undefined) for (const fd of this.fdsToRemove) table.delete(fd);
      this.fdsToRemove.length = 0;
    }
  }

  /** After the process list and its descriptors: the tree, roles of sockets, containers. */
  finishProcessList(): void {
    for (const thread of this.table.map.values()) this.table.place(thread);
    for (const thread of this.table.map.values()) {
      thread.containerCgroups = thread.cgroupList;
      const fds = thread.ownFds;
      if (fds === undefined) continue;
      for (const [, fd] of fds.entries()) if (fd.kind === FdKind.ipv4) this.#giveRole(fd);
    }
  }

  #giveRole(fd: FdInfo): void {
    if (this.serverPorts.has(fd.sport)) {
      swapEnds(fd);
      fd.name = socketName(fd);
      fd.flags |= FdFlag.roleServer;
    } else {
      fd.flags |= FdFlag.roleClient;
    }
  }
}
