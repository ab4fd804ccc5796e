// The descriptors of a process. A fork shares its parent's entries: the map is copied when either side first changes
// it, an entry when it is first changed. Follows libs userspace/libsinsp/fdtable.h in what is visible.

import type { FdInfo } from './fd-info.ts';
import { type Growth, Weight } from './growth.ts';

/** A process holds at most this many; more are not followed (libs, MAX_FD_TABLE_SIZE). */
const MAX_FDS = 4096;
const O_CLOEXEC = 1 << 12;

/** Descriptor number → descriptor. */
export class FdTable {
  #map: Map<number, FdInfo>;
  /** The map is also another table's. */
  #shared = false;
  /** Marks the entries that no other table has. */
  #token: object = {};
  readonly #growth: Growth;

  constructor(growth: Growth, map: Map<number, FdInfo> = new Map()) {
    this.#growth = growth;
    this.#map = map;
  }

  /** What tables that share their entries have in common: for counting each entry once. */
  get identity(): object {
    return this.#map;
  }

  get size(): number {
    return this.#map.size;
  }

  /** For reading: the entry may also be another table's. */
  get(fd: number): FdInfo | undefined {
    return this.#map.get(fd);
  }

  entries(): IterableIterator<[number, FdInfo]> {
    return this.#map.entries();
  }

  /** The descriptor, safe to change. */
  writable(fd: number): FdInfo | undefined {
    const found = this.#map.get(fd);
    if (found === undefined || found.owner === this.#token) return found;
    const own = found.clone(this.#token);
    this.#growth.bytes += Weight.fd;
    this.#unshare();
    this.#map.set(fd, own);
    return own;
  }

  /** Puts a descriptor that no table has yet. False when the table is full. */
  set(fd: number, info: FdInfo): boolean {
    this.#unshare();
    if (this.#map.size >= MAX_FDS && !this.#map.has(fd)) return false;
    info.owner = this.#token;
    this.#growth.bytes += Weight.fd + Weight.fdSlot + info.pathBytes;
    this.#map.set(fd, info);
    return true;
  }

  delete(fd: number): void {
    const found = this.#map.get(fd);
    if (found === undefined) return;
    if (found.owner === this.#token) found.drop();
    this.#unshare();
    this.#map.delete(fd);
  }

  /** Drops what is marked to be closed when the process runs another program. */
  closeOnExec(): void {
    for (const [fd, info] of this.#map) if ((info.openFlags & O_CLOEXEC) !== 0) this.delete(fd);
  }

  /** A table with the same descriptors. Entries stay shared until one side changes them. */
  fork(): FdTable {
    const copy = new FdTable(this.#growth, this.#map);
    this.#shared = true;
    copy.#shared = true;
    this.#token = {};
    return copy;
  }

  /** Roughly the bytes that its entries take. */
  weigh(): number {
    let bytes = 0;
    for (const info of this.#map.values()) bytes += Weight.fdSlot + Weight.fd + info.pathBytes;
    return bytes;
  }

  #unshare(): void {
    if (!this.#shared) return;
    this.#map = new Map(this.#map);
    this.#growth.bytes += this.#map.size * Weight.fdSlot;
    this.#shared = false;
  }
}
