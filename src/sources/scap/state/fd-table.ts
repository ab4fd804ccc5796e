// The descriptors of a process. A fork shares its parent's entries: the map is copied when either side first changes
// it, an entry when it first changes itself. Follows libs userspace/libsinsp/fdtable.h in what is visible.

import type { FdInfo } from './fd-info.ts';

/** Descriptor number → descriptor. */
export class FdTable {
  #map: Map<number, FdInfo>;
  /** The map is also another table's. */
  #shared = false;

  constructor(map: Map<number, FdInfo> = new Map()) {
    this.#map = map;
  }

  get size(): number {
    return this.#map.size;
  }

  /** For reading; never change what it returns. */
  get(fd: number): FdInfo | undefined {
    return this.#map.get(fd);
  }

  entries(): IterableIterator<[number, FdInfo]> {
    return this.#map.entries();
  }

  /** The descriptor, safe to change. */
  writable(fd: number): FdInfo | undefined {
    const found = this.#map.get(fd);
    if (found === undefined || found.owner === this) return found;
    const own = found.clone(this);
    this.#own();
    this.#map.set(fd, own);
    return own;
  }

  set(fd: number, info: FdInfo): void {
    this.#own();
    info.owner = this;
    this.#map.set(fd, info);
  }

  delete(fd: number): void {
    if (!this.#map.has(fd)) return;
    this.#own();
    this.#map.delete(fd);
  }

  clear(): void {
    this.#map = new Map();
    this.#shared = false;
  }

  /** A table with the same descriptors. Entries stay shared until one side changes them. */
  fork(): FdTable {
    const copy = new FdTable(this.#map);
    this.#shared = true;
    copy.#shared = true;
    return copy;
  }

  #own(): void {
    if (!this.#shared) return;
    this.#map = new Map(this.#map);
    this.#shared = false;
  }
}
