// Everything that a capture has told so far. Field readers see it as `CaptureState`; the parsers of ./parsers/ change
// it, an event at a time.

import { containerIdOf } from './cgroups.ts';
import type { FdInfo } from './fd-info.ts';
import { FdTable } from './fd-table.ts';
import { Growth, MAX_STATE_BYTES } from './growth.ts';
import { socketName, swapEnds } from './sockets.ts';
import { LazyList } from './text.ts';
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
} from './types.ts';
import { UserTable } from './users.ts';

const MAX_CONTAINERS = 65536;
/** Bytes of what containers' runtimes said of them. */
const MAX_CONTAINER_BYTES = 32 * 1024 * 1024;

/** The state, as the engine changes it. */
export class State implements CaptureState {
  machine: MachineInfo | undefined = undefined;
  readonly interfaces: Interfaces = { v4: [], v6: [] };
  readonly growth = new Growth();
  readonly table = new ThreadTable(this.growth);
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
  /** Where descriptors are to be removed before the next event; undefined: none. */
  fdsToRemoveFrom: FdTable | undefined = undefined;
  /** The only one, or the first; the others, of close_range. */
  fdToRemove = -1;
  readonly moreFdsToRemove: number[] = [];
  /** What there was no room for: containers that are not known, times that a process lost all but its name. */
  refusedContainers = 0;
  stripped = 0;
  readonly #containerSizes = new Map<string, number>();
  #containerBytes = 0;
  #pending: LazyList[] = [];

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
    if (list === undefined) return '';
    list.containerId ??= containerIdOf(list.get());
    return list.containerId;
  }

  /** Back to nothing, for a new section. Keeps the objects. */
  reset(): void {
    this.machine = undefined;
    this.interfaces.v4.length = 0;
    this.interfaces.v6.length = 0;
    this.table.clear();
    this.users.clear();
    this.containers.clear();
    this.#containerSizes.clear();
    this.#containerBytes = 0;
    this.lastContainer = undefined;
    this.lastContainerNum = 0;
    this.firstTsHi = 0;
    this.firstTsLo = 0;
    this.serverPorts.clear();
    this.tidToRemove = -1;
    this.fdsToRemoveFrom = undefined;
    this.moreFdsToRemove.length = 0;
    this.#pending.length = 0;
  }

  /** `bytes`: size of the text that told of it. */
  addContainer(info: ContainerInfo, num: number, bytes: number): void {
    this.#dropContainer(info.id);
    if (this.containers.size < MAX_CONTAINERS && this.#containerBytes + bytes <= MAX_CONTAINER_BYTES) {
      this.containers.set(info.id, info);
      this.#containerSizes.set(info.id, bytes);
      this.#containerBytes += bytes;
    } else {
      this.refusedContainers++;
    }
    this.lastContainer = info;
    this.lastContainerNum = num;
  }

  removeContainer(info: ContainerInfo, num: number): void {
    this.#dropContainer(info.id);
    this.lastContainer = info;
    this.lastContainerNum = num;
  }

  #dropContainer(id: string): void {
    this.containers.delete(id);
    this.#containerBytes -= this.#containerSizes.get(id) ?? 0;
    this.#containerSizes.delete(id);
  }

  /** Keeps the state within bounds: see `Growth`. The oldest processes lose all but their ids and names first. */
  trim(): void {
    this.growth.bytes = 0;
    this.table.sweep();
    const threads = [...this.table.map.values()];
    const weight = (): number => {
      const counted = new Set<object>();
      return threads.reduce((bytes, thread) => bytes + thread.weigh(counted), 0);
    };
    if (weight() <= MAX_STATE_BYTES) return;
    const step = Math.ceil(threads.length / 8);
    for (let from = 0; from < threads.length; from += step) {
      const oldest = threads.slice(from, from + step);
      for (const thread of oldest) thread.strip();
      this.stripped += oldest.length;
      if (weight() <= MAX_STATE_BYTES / 2) return;
    }
  }

  /** Adds a descriptor to a thread's table. What it returns is the table's entry; undefined when there is no table. */
  addFd(thread: Thread, fd: number, info: FdInfo): FdInfo | undefined {
    const owner = (thread.flags & ThreadFlag.cloneFiles) === 0 ? thread : thread.main;
    thread.lastEventFd = fd;
    if (owner === undefined) return undefined;
    owner.ownFds ??= new FdTable(this.growth);
    return owner.ownFds.set(fd, info) ? info : undefined;
  }

  /** A list of an event, kept as bytes until someone reads it or the buffer must go. */
  keepList(bytes: Buffer, from: number, size: number): LazyList {
    const list = new LazyList(bytes, from, from + size);
    this.#pending.push(list);
    return list;
  }

  /** Copies what still points into the reader's buffer, so that it can be reused. */
  settle(): void {
    for (const list of this.#pending) list.settle();
    this.#pending.length = 0;
  }

  /** Does what the last event left to be done once it was seen by all: its thread or its descriptors go. */
  applyRemovals(): void {
    if (this.tidToRemove >= 0) {
      this.table.remove(this.tidToRemove);
      this.tidToRemove = -1;
    }
    const table = this.fdsToRemoveFrom;
    if (table === undefined) return;
    this.fdsToRemoveFrom = undefined;
    table.delete(this.fdToRemove);
    if (this.moreFdsToRemove.length === 0) return;
    for (const fd of this.moreFdsToRemove) table.delete(fd);
    this.moreFdsToRemove.length = 0;
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
