// Descriptors that are neither files nor sockets, and what happens to all of them: close, copies, pipes. Parameter
// numbers are those of the event table. Follows libs userspace/libsinsp/parsers.cpp.

import type { ScapEvent } from '../../event.ts';
import { FdInfo } from '../fd-info.ts';
import type { State } from '../state.ts';
import { FdKind, ThreadFlag } from '../types.ts';
import { takeInode } from './files.ts';

const F_DUPFD = 1;
const F_DUPFD_CLOEXEC = 26;
const F_SETFD = 3;
const FD_CLOEXEC = 1;
const O_CLOEXEC = 1 << 12;
/** memfd_create's own flag for the same. */
const MFD_CLOEXEC = 1;
/** close_range(…, CLOSE_RANGE_CLOEXEC) closes nothing yet. */
const CLOSE_RANGE_CLOEXEC = 1 << 2;

/** The descriptor goes after this event was seen. */
export function closeExit(event: ScapEvent, state: State): void {
  const thread = event.thread;
  if (thread === undefined || event.fd === undefined || event.i64(0) < 0) return;
  state.fdsToRemoveFrom = thread.fdTable;
  state.fdToRemove = thread.lastEventFd;
}

export function closeRangeExit(event: ScapEvent, state: State): void {
  const thread = event.thread;
  const table = thread?.fdTable;
  if (thread === undefined || table === undefined || event.i64(0) < 0) return;
  if ((event.u32(3) & CLOSE_RANGE_CLOEXEC) !== 0) return;
  const first = event.u32(1);
  const last = event.u32(2);
  state.fdsToRemoveFrom = table;
  state.fdToRemove = -1;
  for (const [fd] of table.entries()) if (fd >= first && fd <= last) state.moreFdsToRemove.push(fd);
}

/** dup, dup2, dup3: the result is another number for the same thing. Only dup3 (`flagsAt`) may mark it to be closed. */
export function dupExit(event: ScapEvent, state: State, flagsAt: number): void {
  const thread = event.thread;
  const fd = event.i64(0);
  if (thread === undefined || fd < 0) return;
  if (fd === 0) thread.flags |= ThreadFlag.pipeDestination;
  if (fd === 1) thread.flags |= ThreadFlag.pipeSource;
  if (event.fd === undefined) return;
  const copy = event.fd.clone(undefined);
  setCloseOnExec(copy, flagsAt >= 0 && (event.u32(flagsAt) & O_CLOEXEC) !== 0);
  event.fd = state.addFd(thread, fd, copy);
}

/** F_DUPFD makes a copy; F_SETFD says whether the descriptor outlives an execve. */
export function fcntlExit(event: ScapEvent, state: State): void {
  const command = event.u8(2);
  if (command !== F_DUPFD && command !== F_DUPFD_CLOEXEC && command !== F_SETFD) return;
  const thread = event.thread;
  const result = event.i64(0);
  if (thread === undefined || result < 0 || event.fd === undefined) return;
  if (command === F_SETFD) {
    const own = thread.fdTable?.writable(thread.lastEventFd) ?? event.fd;
    setCloseOnExec(own, (event.i64(3) & FD_CLOEXEC) !== 0);
    event.fd = own;
    return;
  }
  const copy = event.fd.clone(undefined);
  setCloseOnExec(copy, command === F_DUPFD_CLOEXEC);
  event.fd = state.addFd(thread, result, copy);
}

function setCloseOnExec(fd: FdInfo, isSet: boolean): void {
  if (isSet) fd.openFlags |= O_CLOEXEC;
  else fd.openFlags &= ~O_CLOEXEC;
}

/** pipe and pipe2: two ends; the event's descriptor is the second. */
export function pipeExit(event: ScapEvent, state: State, flagsAt: number): void {
  const thread = event.thread;
  if (thread === undefined || event.i64(0) < 0) return;
  for (const at of [1, 2]) {
    const info = new FdInfo(FdKind.fifo);
    takeInode(event, info, 3);
    if (flagsAt >= 0) info.openFlags = event.u32(flagsAt);
    event.fd = state.addFd(thread, event.i64(at), info);
  }
}

/** eventfd, signalfd, timerfd, inotify, bpf, userfaultfd, io_uring, epoll: one descriptor without a name. */
export function plainFdExit(event: ScapEvent, state: State, kind: FdKind, flagsAt: number): void {
  const thread = event.thread;
  const fd = event.i64(0);
  if (thread === undefined || fd < 0) return;
  const info = new FdInfo(kind);
  if (flagsAt >= 0) info.openFlags = event.u16(flagsAt);
  event.fd = state.addFd(thread, fd, info);
}

export function memfdExit(event: ScapEvent, state: State): void {
  const thread = event.thread;
  if (thread === undefined) return;
  const fd = event.i64(0);
  const info = new FdInfo(FdKind.uninitialised);
  if (fd >= 0) {
    info.kind = FdKind.memfd;
    info.name = event.text(1);
    setCloseOnExec(info, (event.u32(2) & MFD_CLOEXEC) !== 0);
  }
  event.fd = state.addFd(thread, fd, info);
  event.fdNameChanged = info.name !== '';
}

export function pidfdOpenExit(event: ScapEvent, state: State): void {
  const thread = event.thread;
  if (thread === undefined) return;
  const fd = event.i64(0);
  const info = new FdInfo(FdKind.uninitialised);
  if (fd >= 0) {
    info.kind = FdKind.pidfd;
    info.pid = event.i64(1);
    info.name = `/proc/${info.pid}`;
    info.openFlags = event.u32(2);
  }
  event.fd = state.addFd(thread, fd, info);
  event.fdNameChanged = info.name !== '';
}

/** A copy of a descriptor of the process that the pidfd is for. */
export function pidfdGetfdExit(event: ScapEvent, state: State): void {
  const thread = event.thread;
  if (thread === undefined) return;
  const pidfd = thread.fdTable?.get(event.i64(1));
  if (pidfd?.kind !== FdKind.pidfd) return;
  const target = state.thread(pidfd.pid)?.fdTable?.get(event.i64(2));
  if (target !== undefined) state.addFd(thread, event.i64(0), target.clone(undefined));
}
