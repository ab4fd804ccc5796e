// One descriptor of a process: what it is, its name, and for sockets both ends. Follows libs
// userspace/libsinsp/fdinfo.h.

import { sanitise } from '../sanitise.ts';
import { FdFlag, FdKind, L4 } from './types.ts';

/** What sockets and pidfds have besides. */
interface More {
  pid: number;
  l4: number;
  sip: number;
  dip: number;
  sport: number;
  dport: number;
  sip6: Uint8Array | undefined;
  dip6: Uint8Array | undefined;
  unixSource: string;
  unixDestination: string;
}

const NOTHING_MORE: More = {
  pid: 0,
  l4: L4.unknown,
  sip: 0,
  dip: 0,
  sport: 0,
  dport: 0,
  sip6: undefined,
  dip6: undefined,
  unixSource: '',
  unixDestination: '',
};

/** A descriptor. Written by the state engine only; field readers read. */
export class FdInfo {
  kind: FdKind;
  /** PPM open flags (`O_RDONLY` 1, `O_WRONLY` 2, …) of the call that made it. */
  openFlags = 0;
  /** Bits of `FdFlag`. */
  flags = 0;
  dev = 0;
  /** Inode number as two u32. */
  inoHi = 0;
  inoLo = 0;
  /** What only sockets and pidfds have; shared and empty for all others, which most are. */
  #more: More = NOTHING_MORE;
  /** Token of the table that may change this entry; another table makes its own copy first. */
  owner: object | undefined = undefined;
  /** Its place among the descriptors of its table, by when its number came into use. */
  order = 0;
  #name: string;
  /** The path as the program gave it, sanitised; empty for what was not opened by a path. */
  readonly nameRaw: string;

  /** `name` and `raw` are sanitised already. */
  constructor(kind: FdKind, name = '', raw = '') {
    this.kind = kind;
    this.#name = name;
    this.nameRaw = raw;
  }

  /** The process that a pidfd is for; 0 otherwise. */
  get pid(): number {
    return this.#more.pid;
  }

  set pid(pid: number) {
    this.#own().pid = pid;
  }

  /** One of `L4`; `L4.unknown` unless a socket. */
  get l4(): number {
    return this.#more.l4;
  }

  set l4(l4: number) {
    this.#own().l4 = l4;
  }

  /** IPv4 ends as `a << 24 | b << 16 | c << 8 | d`, unsigned. A server socket has `sip` and `sport` only. */
  get sip(): number {
    return this.#more.sip;
  }

  set sip(sip: number) {
    this.#own().sip = sip;
  }

  get dip(): number {
    return this.#more.dip;
  }

  set dip(dip: number) {
    this.#own().dip = dip;
  }

  get sport(): number {
    return this.#more.sport;
  }

  set sport(sport: number) {
    this.#own().sport = sport;
  }

  get dport(): number {
    return this.#more.dport;
  }

  set dport(dport: number) {
    this.#own().dport = dport;
  }

  /** IPv6 ends, 16 bytes each; set for the two IPv6 kinds only. */
  get sip6(): Uint8Array | undefined {
    return this.#more.sip6;
  }

  set sip6(sip6: Uint8Array | undefined) {
    this.#own().sip6 = sip6;
  }

  get dip6(): Uint8Array | undefined {
    return this.#more.dip6;
  }

  set dip6(dip6: Uint8Array | undefined) {
    this.#own().dip6 = dip6;
  }

  /** Kernel addresses of a unix socket's two ends, in hex without prefix; empty when unknown. */
  get unixSource(): string {
    return this.#more.unixSource;
  }

  set unixSource(unixSource: string) {
    this.#own().unixSource = unixSource;
  }

  get unixDestination(): string {
    return this.#more.unixDestination;
  }

  set unixDestination(unixDestination: string) {
    this.#own().unixDestination = unixDestination;
  }

  #own(): More {
    if (this.#more === NOTHING_MORE) this.#more = { ...NOTHING_MORE };
    return this.#more;
  }

  /** What `fd.name` shows: an absolute path, `1.2.3.4:5->6.7.8.9:10`, … */
  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    this.#name = sanitise(name);
  }

  /** At most what its names take. */
  get pathBytes(): number {
    return this.#name.length + this.nameRaw.length;
  }

  /** A copy that can change on its own. */
  clone(owner: object | undefined): FdInfo {
    const copy = new FdInfo(this.kind, this.#name, this.nameRaw);
    copy.openFlags = this.openFlags;
    copy.flags = this.flags;
    copy.dev = this.dev;
    copy.inoHi = this.inoHi;
    copy.inoLo = this.inoLo;
    if (this.#more !== NOTHING_MORE) copy.#more = { ...this.#more };
    copy.owner = owner;
    return copy;
  }

  get isClient(): boolean {
    return (this.flags & FdFlag.roleClient) !== 0;
  }

  get isServer(): boolean {
    return (this.flags & FdFlag.roleServer) !== 0;
  }

  get hasNoRole(): boolean {
    return (this.flags & (FdFlag.roleClient | FdFlag.roleServer)) === 0;
  }

  get isConnected(): boolean {
    return (this.flags & FdFlag.connected) !== 0;
  }

  /** IPv4 or IPv6, connected or listening. */
  get isInet(): boolean {
    return this.kind >= FdKind.ipv4 && this.kind <= FdKind.ipv6Server;
  }
}
