// Users and groups of the machine and of its containers, as captures tell of them. Never the replaying machine's own.
// Follows libs userspace/libsinsp/user.h.

export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string;
  readonly shell: string;
}

export interface Group {
  readonly gid: number;
  readonly name: string;
}

/** Bytes of all names; what comes beyond is not kept. */
const MAX_BYTES = 32 * 1024 * 1024;
const ENTRY_BYTES = 100;

/** Entries of one kind by container id (`''` is the host) and their own id. */
class Entries<T> {
  readonly #byContainer = new Map<string, Map<number, T>>();
  readonly #weigh: (entry: T) => number;
  #bytes = 0;

  constructor(weigh: (entry: T) => number) {
    this.#weigh = weigh;
  }

  get(containerId: string, id: number): T | undefined {
    return this.#byContainer.get(containerId)?.get(id);
  }

  /** False when there is no room. */
  set(containerId: string, id: number, entry: T): boolean {
    this.delete(containerId, id);
    let entries = this.#byContainer.get(containerId);
    const bytes = this.#weigh(entry) + (entries === undefined ? containerId.length + ENTRY_BYTES : 0);
    if (this.#bytes + bytes > MAX_BYTES) return false;
    if (entries === undefined) this.#byContainer.set(containerId, (entries = new Map()));
    entries.set(id, entry);
    this.#bytes += bytes;
    return true;
  }

  delete(containerId: string, id: number): void {
    const entries = this.#byContainer.get(containerId);
    const entry = entries?.get(id);
    if (entries === undefined || entry === undefined) return;
    entries.delete(id);
    this.#bytes -= this.#weigh(entry);
  }

  clear(): void {
    this.#byContainer.clear();
    this.#bytes = 0;
  }
}

/** Users and groups of one capture. */
export class UserTable {
  readonly #users = new Entries<User>(
    ({ name, home, shell }) => ENTRY_BYTES + name.length + home.length + shell.length,
  );
  readonly #groups = new Entries<Group>(({ name }) => ENTRY_BYTES + name.length);
  /** Entries for which there was no room. */
  refused = 0;

  user(containerId: string, uid: number): User | undefined {
    return this.#users.get(containerId, uid);
  }

  group(containerId: string, gid: number): Group | undefined {
    return this.#groups.get(containerId, gid);
  }

  setUser(containerId: string, user: User): void {
    if (!this.#users.set(containerId, user.uid, user)) this.refused++;
  }

  setGroup(containerId: string, group: Group): void {
    if (!this.#groups.set(containerId, group.gid, group)) this.refused++;
  }

  deleteUser(containerId: string, uid: number): void {
    this.#users.delete(containerId, uid);
  }

  deleteGroup(containerId: string, gid: number): void {
    this.#groups.delete(containerId, gid);
  }

  clear(): void {
    this.#users.clear();
    this.#groups.clear();
  }
}
