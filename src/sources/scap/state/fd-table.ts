// The descriptors of a process. A fork shares its parent's entries: they are copied when either side first changes
// them, one entry when it is first changed. Programs get the lowest free number, so small numbers index an array; only
// large ones need a map. Follows libs userspace/libsinsp/fdtable.h in what is visible.

import type { FdInfo } from './fd-info.ts';
import { type Growth, Weight } from './growth.ts';

/** A process holds at most this many; more are not followed (libs, MAX_FD_TABLE_SIZE). */
const MAX_FDS = 4096;
/** Numbers from here on are in the map. */
const DIRECT = 1024;
const O_CLOEXEC = 1 << 12;

const NONE_HIGH: Map<number, FdInfo> = new Map();

/** What tables of forks share until one of them changes. */
class Entries {
  readonly low: (FdInfo | undefined)[];
  /** Made when it is needed. */
  high: Map<number, FdInfo> = NONE_HIGH;
  size: number;
  /** `order` of the next entry. */
  next: number;
  /** Another table has them too, or had: a copy too many costs less than keeping count. */
  shared = false;

  constructor(low: (FdInfo | undefined)[], size: number, next: number) {
    this.low = low;
    this.size = size;
    this.next = next;
  }
}

/** Descriptor number → descriptor. */
export class FdTable {
  #entries: Entries;
  /** Marks the entries that no other table has. */
  #token: object = {};
  readonly #growth: Growth;

  constructor(growth: Growth, entries: Entries = new Entries([], 0, 0)) {
    this.#growth = growth;
    this.#entries = entries;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What tables that share their entries have in common: for counting each entry once. */
  get identity(): object {
    return this.#entries;
  }

  /** For reading: the entry may also be another table's. */
  get(fd: number): FdInfo | undefined {
    const { low, high } = this.#entries;
    if (fd >= 0 && fd < DIRECT) return fd < low.length ? low[fd] : undefined;
    return high.size === 0 ? undefined : high.get(fd);
  }

  /** In the order in which the numbers came into use. */
  entries(): [number, FdInfo][] {
    const { low, high } = this.#entries;
    const all: [number, FdInfo][] = [...high];
    for (let fd = 0; fd < low.length; fd++) {
      const info = low[fd];
      if (info !== undefined) all.push([fd, info]);
    }
    return all.sort(([, a], [, b]) => a.order - b.order);
  }

  /** The descriptor, safe to change. */
  writable(fd: number): FdInfo | undefined {
    const found = this.get(fd);
    if (found === undefined || found.owner === this.#token) return found;
    const own = found.clone(this.#token);
    this.#growth.bytes += Weight.fd;
    this.#put(this.#unshared(), fd, own);
    return own;
  }

  /** Puts a descriptor that no table has yet. False when the table is full. */
  set(fd: number, info: FdInfo): boolean {
    const entries = this.#unshared();
    if (entries.size >= MAX_FDS && this.get(fd) === undefined) return false;
    info.owner = this.#token;
    this.#growth.bytes += Weight.fd + Weight.fdSlot + info.pathBytes;
    this.#put(entries, fd, info);
    return true;
  }

  #put(entries: Entries, fd: number, info: FdInfo): void {
    const { low } = entries;
    if (fd >= 0 && fd < DIRECT) {
      while (low.length <= fd) low.push(undefined);
      this.#order(entries, info, low[fd]);
      low[fd] = info;
      return;
    }
    if (entries.high === NONE_HIGH) entries.high = new Map();
    this.#order(entries, info, entries.high.get(fd));
    entries.high.set(fd, info);
  }

  /** What replaces another takes its place in the order. */
  #order(entries: Entries, info: FdInfo, replaced: FdInfo | undefined): void {
    if (replaced === undefined) {
      entries.size++;
      info.order = entries.next++;
    } else {
      info.order = replaced.order;
    }
  }

  delete(fd: number): void {
    if (this.get(fd) === undefined) return;
    const entries = this.#unshared();
    entries.size--;
    if (fd >= 0 && fd < DIRECT) entries.low[fd] = undefined;
    else entries.high.delete(fd);
  }

  /** Drops what is marked to be closed when the process runs another program. */
  closeOnExec(): void {
    const { low, high } = this.#entries;
    for (let fd = 0; fd < low.length; fd++) {
      const info = low[fd];
      if (info !== undefined && (info.openFlags & O_CLOEXEC) !== 0) this.delete(fd);
    }
    for (const [fd, info] of high) if ((info.openFlags & O_CLOEXEC) !== 0) this.delete(fd);
  }

  /** A table with the same descriptors. Entries stay shared until one side changes them. */
  fork(): FdTable {
    this.#entries.shared = true;
    this.#token = {};
    return new FdTable(this.#growth, this.#entries);
  }

  /** Roughly the bytes that its entries take. */
  weigh(): number {
    const { low, high } = this.#entries;
    let bytes = low.length * Weight.fdSlot;
    for (const info of low) if (info !== undefined) bytes += Weight.fd + info.pathBytes;
    for (const info of high.values()) bytes += Weight.fdSlot + Weight.fd + info.pathBytes;
    return bytes;
  }

  /** The entries, safe to change. */
  #unshared(): Entries {
    const { low, high, size, next, shared } = this.#entries;
    if (!shared) return this.#entries;
    this.#growth.bytes += (low.length + high.size) * Weight.fdSlot;
    this.#entries = new Entries(low.slice(), size, next);
    if (high.size > 0) this.#entries.high = new Map(high);
    return this.#entries;
  }
}
