// Which parser applies an event, by its code: today's layouts only, the converter makes them of older ones. A table and
// not a switch: looking a function up costs the same for all, and each is compiled on its own.

import { EVENT_CODE_COUNT } from '../../../../detect/fields/index.ts';
import type { ScapEvent } from '../../event.ts';
import type { State } from '../state.ts';
import { FdKind } from '../types.ts';
import * as fds from './fds.ts';
import * as files from './files.ts';
import * as ids from './ids.ts';
import * as meta from './meta.ts';
import * as process from './process.ts';
import * as sockets from './sockets.ts';

/** Changes the state as an event did. */
export type Parser = (event: ScapEvent, state: State) => void;

const RECVFROM: sockets.TransferLayout = { tuple: 2, isRead: true, mayInfer: false };
const RECVMSG: sockets.TransferLayout = { tuple: 3, isRead: true, mayInfer: false };
const RECV: sockets.TransferLayout = { tuple: 4, isRead: true, mayInfer: false };
const SEND: sockets.TransferLayout = { tuple: 4, isRead: false, mayInfer: true };
const SENDMMSG: sockets.TransferLayout = { tuple: 4, isRead: false, mayInfer: false };
const READ: sockets.TransferLayout = { tuple: -1, isRead: true, mayInfer: false };
const WRITE: sockets.TransferLayout = { tuple: -1, isRead: false, mayInfer: false };

/** Keeps an enter event for its exit. */
function keepEnter(event: ScapEvent): void {
  const thread = event.thread;
  if (thread === undefined) return;
  const params = Array.from({ length: event.paramCount }, (_, at) => Buffer.from(event.slice(at)));
  thread.lastEnter = { code: event.code, params };
}

function keepEnterIfNamed(event: ScapEvent): void {
  if (event.size(0) > 0) keepEnter(event);
}

const ROWS: readonly (readonly [parser: Parser, ...codes: number[]])[] = [
  // open (enter), creat (enter), openat (enter), openat2 (enter), execve (enter)
  [keepEnterIfNamed, 2, 58, 306, 326, 292],
  // execveat (enter), connect (enter)
  [keepEnter, 330, 22],
  // open
  [(event, state) => files.openExit(event, state, files.OPEN), 3],
  // creat
  [(event, state) => files.openExit(event, state, files.CREAT), 59],
  // openat
  [(event, state) => files.openExit(event, state, files.OPENAT), 307],
  // openat2
  [(event, state) => files.openExit(event, state, files.OPENAT2), 327],
  // open_by_handle_at
  [files.openByHandleExit, 337],
  // close
  [fds.closeExit, 5],
  // close_range
  [fds.closeRangeExit, 451],
  // fcntl
  [fds.fcntlExit, 151],
  // recvfrom
  [(event, state) => sockets.transferExit(event, state, RECVFROM), 35],
  // recvmsg
  [(event, state) => sockets.transferExit(event, state, RECVMSG), 53],
  // recv, recvmmsg
  [(event, state) => sockets.transferExit(event, state, RECV), 33, 55],
  // send, sendto, sendmsg
  [(event, state) => sockets.transferExit(event, state, SEND), 29, 31, 49],
  // sendmmsg
  [(event, state) => sockets.transferExit(event, state, SENDMMSG), 51],
  // read, pread, readv, preadv
  [(event, state) => sockets.transferExit(event, state, READ), 7, 113, 117, 121],
  // write, pwrite, writev, pwritev
  [(event, state) => sockets.transferExit(event, state, WRITE), 9, 115, 119, 123],
  // clone, fork, clone3
  [(event, state) => process.cloneExit(event, state, false), 223, 225, 335],
  // vfork
  [(event, state) => process.cloneExit(event, state, true), 227],
  // execve, execveat
  [process.execExit, 293, 331],
  // procexit
  [process.threadExit, 186],
  // socket
  [sockets.socketExit, 19],
  // socketpair
  [sockets.socketpairExit, 43],
  // bind
  [sockets.bindExit, 21],
  // connect
  [sockets.connectExit, 23],
  // accept, accept4
  [sockets.acceptExit, 247, 389],
  // dup2, dup
  [(event, state) => fds.dupExit(event, state, -1), 363, 367],
  // dup3
  [(event, state) => fds.dupExit(event, state, 3), 365],
  // pipe
  [(event, state) => fds.pipeExit(event, state, -1), 61],
  // pipe2
  [(event, state) => fds.pipeExit(event, state, 4), 393],
  // eventfd
  [(event, state) => fds.plainFdExit(event, state, FdKind.event, -1), 63],
  // eventfd2
  [(event, state) => fds.plainFdExit(event, state, FdKind.event, 1), 397],
  // signalfd
  [(event, state) => fds.plainFdExit(event, state, FdKind.signalfd, -1), 127],
  // signalfd4
  [(event, state) => fds.plainFdExit(event, state, FdKind.signalfd, 1), 399],
  // timerfd_create
  [(event, state) => fds.plainFdExit(event, state, FdKind.timerfd, -1), 137],
  // inotify_init
  [(event, state) => fds.plainFdExit(event, state, FdKind.inotify, -1), 139],
  // inotify_init1
  [(event, state) => fds.plainFdExit(event, state, FdKind.inotify, 1), 395],
  // bpf
  [(event, state) => fds.plainFdExit(event, state, FdKind.bpf, -1), 369],
  // userfaultfd
  [(event, state) => fds.plainFdExit(event, state, FdKind.userfaultfd, -1), 321],
  // io_uring_setup
  [(event, state) => fds.plainFdExit(event, state, FdKind.ioUring, -1), 339],
  // epoll_create, epoll_create1
  [(event, state) => fds.plainFdExit(event, state, FdKind.eventpoll, -1), 375, 377],
  // memfd_create
  [fds.memfdExit, 405],
  // pidfd_open
  [fds.pidfdOpenExit, 409],
  // pidfd_getfd
  [fds.pidfdGetfdExit, 407],
  // chdir, getcwd
  [files.chdirExit, 95, 93],
  // fchdir
  [files.fchdirExit, 97],
  // chroot
  [files.chrootExit, 267],
  // setresuid, setreuid
  [(event) => ids.setUserExit(event, 2), 193, 427],
  // setuid
  [(event) => ids.setUserExit(event, 1), 199],
  // setresgid, setregid
  [(event) => ids.setGroupExit(event, 2), 195, 429],
  // setgid
  [(event) => ids.setGroupExit(event, 1), 201],
  // capset
  [ids.capsetExit, 353],
  // unshare
  [(event) => ids.namespaceExit(event, 1), 285],
  // setns
  [(event) => ids.namespaceExit(event, 2), 241],
  // setsid
  [ids.setsidExit, 275],
  // prctl
  [ids.prctlExit, 401],
  // getrlimit, setrlimit
  [ids.rlimitExit, 141, 143],
  // prlimit
  [ids.prlimitExit, 145],
  // brk, mmap, mmap2, munmap
  [ids.memoryExit, 159, 161, 163, 165],
  // switch (enter)
  [ids.switchEnter, 152],
  // useradded (enter)
  [(event, state) => meta.userEvent(event, state, true), 354],
  // userdeleted (enter)
  [(event, state) => meta.userEvent(event, state, false), 356],
  // groupadded (enter)
  [(event, state) => meta.groupEvent(event, state, true), 358],
  // groupdeleted (enter)
  [(event, state) => meta.groupEvent(event, state, false), 360],
  // asyncevent (enter)
  [meta.asyncEvent, 402],
  // container (enter)
  [meta.containerEvent, 324],
];

/** By event code; undefined: it changes nothing. */
export const PARSERS: readonly (Parser | undefined)[] = (() => {
  const table = new Array<Parser | undefined>(EVENT_CODE_COUNT).fill(undefined);
  for (const [parser, ...codes] of ROWS) for (const code of codes) table[code] = parser;
  return table;
})();
