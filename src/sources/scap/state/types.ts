// The state that a capture builds up: threads, descriptors, users, containers, the machine. The state engine writes
// it, the field readers read it. Plain classes with fixed shapes, so that the hot loop stays monomorphic. Follows
// libs userspace/libsinsp threadinfo.h, fdinfo.h, user.h and the container plugin's container_info.h.

import type { FdTable } from './fd-table.ts';
import type { Thread } from './thread.ts';
import type { UserTable } from './users.ts';

/** What a descriptor is (libs, scap_fd_type); the numbers are those of the capture format. */
export const FdKind = {
  uninitialised: -1,
  unknown: 0,
  file: 1,
  directory: 2,
  ipv4: 3,
  ipv6: 4,
  ipv4Server: 5,
  ipv6Server: 6,
  fifo: 7,
  unix: 8,
  event: 9,
  unsupported: 10,
  signalfd: 11,
  eventpoll: 12,
  inotify: 13,
  timerfd: 14,
  netlink: 15,
  fileV2: 16,
  bpf: 17,
  userfaultfd: 18,
  ioUring: 19,
  memfd: 20,
  pidfd: 21,
} as const;
export type FdKind = (typeof FdKind)[keyof typeof FdKind];

/** Layer 4 protocol of a socket (libs, scap_l4_proto). */
export const L4 = { unknown: 0, na: 1, tcp: 2, udp: 3, icmp: 4, raw: 5 } as const;

/** Flags of a descriptor (libs, sinsp_fdinfo::flags). */
export const FdFlag = {
  fromProc: 1 << 0,
  roleClient: 1 << 2,
  roleServer: 1 << 3,
  closeInProgress: 1 << 4,
  socketPipe: 1 << 6,
  connected: 1 << 13,
  cloned: 1 << 14,
  connectionPending: 1 << 15,
  connectionFailed: 1 << 16,
  overlayUpper: 1 << 17,
  overlayLower: 1 << 18,
} as const;

/** Flags of a thread (libs, PPM_CL_*): how it was cloned, and what its life came to. */
export const ThreadFlag = {
  cloneFiles: 1 << 0,
  cloneFs: 1 << 1,
  cloneIo: 1 << 2,
  cloneNewIpc: 1 << 3,
  cloneNewNet: 1 << 4,
  cloneNewNs: 1 << 5,
  cloneNewPid: 1 << 6,
  cloneNewUts: 1 << 7,
  cloneParent: 1 << 8,
  cloneParentSettid: 1 << 9,
  clonePtrace: 1 << 10,
  cloneSighand: 1 << 11,
  cloneSysvsem: 1 << 12,
  cloneThread: 1 << 13,
  cloneUntraced: 1 << 14,
  cloneVm: 1 << 15,
  cloneInverted: 1 << 16,
  nameChanged: 1 << 17,
  closed: 1 << 18,
  active: 1 << 19,
  cloneNewUser: 1 << 20,
  pipeSource: 1 << 21,
  pipeDestination: 1 << 22,
  cloneChildCleartid: 1 << 23,
  cloneChildSettid: 1 << 24,
  cloneSettls: 1 << 25,
  cloneStopped: 1 << 26,
  cloneVfork: 1 << 27,
  cloneNewCgroup: 1 << 28,
  childInPidns: 1 << 29,
  isMainThread: 1 << 30,
} as const;

export interface ContainerMount {
  readonly source: string;
  readonly destination: string;
  readonly mode: string;
  readonly rdwr: boolean;
  readonly propagation: string;
}

/** What a container event told. Absent members were not in the JSON. */
export interface ContainerInfo {
  readonly id: string;
  readonly fullId: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly imageRepository: string;
  readonly imageTag: string;
  readonly imageDigest: string;
  /** The plugin's number for the runtime: 0 docker, 1 lxc, … 0xffff unknown. */
  readonly type: number;
  readonly privileged: boolean;
  readonly mounts: readonly ContainerMount[];
  readonly labels: ReadonlyMap<string, string>;
  readonly env: readonly string[];
  readonly ip: string;
  readonly isPodSandbox: boolean;
  readonly podSandboxId: string;
  readonly podSandboxLabels: ReadonlyMap<string, string>;
  readonly cniJson: string;
  readonly hostPid: boolean;
  readonly hostNetwork: boolean;
  readonly hostIpc: boolean;
  readonly createdTime: number;
}

export interface MachineInfo {
  readonly cpus: number;
  readonly memoryBytes: bigint;
  readonly maxPid: bigint;
  readonly hostname: string;
  /** Nanoseconds since the epoch at which the machine booted. */
  readonly bootTsNs: bigint;
  readonly flags: bigint;
}

export interface Interface4 {
  readonly name: string;
  /** `a.b.c.d` as `a << 24 | …`, unsigned. */
  readonly address: number;
  readonly mask: number;
  readonly broadcast: number;
}

export interface Interface6 {
  readonly name: string;
  readonly address: Uint8Array;
  readonly mask: Uint8Array;
  readonly broadcast: Uint8Array;
}

export interface Interfaces {
  readonly v4: Interface4[];
  readonly v6: Interface6[];
}

/** All state of one capture. `event.state` is this. */
export interface CaptureState {
  machine: MachineInfo | undefined;
  readonly interfaces: Interfaces;
  readonly threads: ReadonlyMap<number, Thread>;
  readonly users: UserTable;
  /** By short id; the host is not in it. */
  readonly containers: ReadonlyMap<string, ContainerInfo>;
  /** Time of the first event that is not a meta event, as two u32 of nanoseconds; both 0 before it. */
  firstTsHi: number;
  firstTsLo: number;
  /** The thread of `tid`, or undefined. */
  thread(tid: number): Thread | undefined;
  /** Where a thread's descriptors are: its own table, or its leader's when they are shared. */
  fdTable(thread: Thread): FdTable | undefined;
  /** The N-th ancestor process's main thread; 0 is the main thread of the thread's own process. */
  ancestor(thread: Thread, n: number): Thread | undefined;
  /** Short id of the thread's container; `''`: none, it is on the host. */
  containerId(thread: Thread): string;
  /** What the last container event was about, and its `evt.num`: such events read their own container. */
  readonly lastContainer: ContainerInfo | undefined;
  readonly lastContainerNum: number;
  /** Whether an IPv4 address (u32 as in `Interface4`) is one of the machine's. */
  isLocal4(address: number): boolean;
}
