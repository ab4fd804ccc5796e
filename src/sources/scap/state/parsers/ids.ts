// Who a process is and what it may do: user and group ids, capabilities, sessions, limits, memory. Parameter numbers
// are those of the event table. Follows libs userspace/libsinsp/parsers.cpp.

import type { ScapEvent } from '../../event.ts';
import type { State } from '../state.ts';
import { ThreadFlag } from '../types.ts';

const RLIMIT_NOFILE = 7;
const PR_SET_CHILD_SUBREAPER = 36;
const PR_GET_CHILD_SUBREAPER = 37;
/** All 41 capabilities (CAP_CHECKPOINT_RESTORE is the last). */
const ALL_CAPABILITIES = (1n << 41n) - 1n;

/** setuid and kin: the effective id is parameter `at`. */
export function setUserExit(event: ScapEvent, at: number): void {
  if (event.i64(0) === 0 && event.size(at) > 0 && event.thread !== undefined)
    event.thread.uid = event.u32(at);
}

export function setGroupExit(event: ScapEvent, at: number): void {
  if (event.i64(0) === 0 && event.size(at) > 0 && event.thread !== undefined)
    event.thread.gid = event.u32(at);
}

export function capsetExit(event: ScapEvent): void {
  const thread = event.thread;
  if (thread === undefined || event.i64(0) < 0) return;
  thread.capInheritable = event.u64Big(1);
  thread.capPermitted = event.u64Big(2);
  thread.capEffective = event.u64Big(3);
}

/** A new user namespace gives all capabilities inside it. */
export function namespaceExit(event: ScapEvent, flagsAt: number): void {
  const thread = event.thread;
  if (thread === undefined || event.i64(0) < 0 || (event.u32(flagsAt) & ThreadFlag.cloneNewUser) === 0)
    return;
  thread.capInheritable = ALL_CAPABILITIES;
  thread.capPermitted = ALL_CAPABILITIES;
  thread.capEffective = ALL_CAPABILITIES;
}

export function setsidExit(event: ScapEvent): void {
  const sid = event.i64(0);
  if (sid >= 0 && event.thread !== undefined) event.thread.sid = sid;
}

export function prctlExit(event: ScapEvent): void {
  const thread = event.thread;
  if (thread === undefined || thread.isInvalid || event.i64(0) < 0) return;
  const option = event.u32(1);
  if (option !== PR_SET_CHILD_SUBREAPER && option !== PR_GET_CHILD_SUBREAPER) return;
  if (thread.group !== undefined) thread.group.isReaper = event.i64(3) !== 0;
}

export function rlimitExit(event: ScapEvent): void {
  const main = event.thread?.main;
  if (main === undefined || event.i64(0) < 0 || event.u8(3) !== RLIMIT_NOFILE) return;
  const current = event.i64(1);
  if (current !== -1) main.fdLimit = current;
}

export function prlimitExit(event: ScapEvent, state: State): void {
  if (event.i64(0) !== 0 || event.size(6) === 0 || event.u8(6) !== RLIMIT_NOFILE) return;
  const current = event.i64(1);
  if (current === -1 || event.size(5) === 0) return;
  const pid = event.i64(5);
  const thread = state.table.get(pid === 0 ? event.tid : pid);
  if (thread === undefined || thread.isInvalid) return;
  const main = thread.main;
  if (main !== undefined) main.fdLimit = current;
}

/** brk, mmap, munmap: what the process's memory is now. */
export function memoryExit(event: ScapEvent): void {
  const thread = event.thread;
  if (thread === undefined) return;
  if (event.size(1) > 0) thread.vmSizeKb = event.u32(1);
  if (event.size(3) > 0) {
    thread.vmRssKb = event.u32(2);
    thread.vmSwapKb = event.u32(3);
  }
}

/** A context switch tells of the thread that leaves. */
export function switchEnter(event: ScapEvent): void {
  const thread = event.thread;
  if (thread === undefined || event.size(5) === 0) return;
  thread.pfMajor = event.i64(1);
  thread.pfMinor = event.i64(2);
  const main = thread.main;
  if (main === undefined) return;
  main.vmSizeKb = event.u32(3);
  main.vmRssKb = event.u32(4);
  main.vmSwapKb = event.u32(5);
}
