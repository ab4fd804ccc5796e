// One event at a time: who did it, with which descriptor, and what it changed. After `apply` the state and the event
// are what Falco's rules see at that event. Follows libs userspace/libsinsp/parsers.cpp (reset, process_event).

import { EVENTS } from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';
import { WEIGH_AFTER_BYTES } from './growth.ts';
import * as fds from './parsers/fds.ts';
import * as files from './parsers/files.ts';
import * as ids from './parsers/ids.ts';
import * as meta from './parsers/meta.ts';
import * as process from './parsers/process.ts';
import * as sockets from './parsers/sockets.ts';
import type { State } from './state.ts';
import type { Thread } from './thread.ts';
import { FdKind } from './types.ts';

/** The event codes that the engine knows by name: those of today's layouts. */
const Code = {
  openE: 2,
  creatE: 58,
  openatE: 306,
  openat2E: 326,
  execveE: 292,
  execveatE: 330,
  connectE: 22,
  procexitE: 186,
  switchE: 152,
  procinfoE: 234,
  scapeventE: 196,
  containerE: 324,
  userAddedE: 354,
  userDeletedE: 356,
  groupAddedE: 358,
  groupDeletedE: 360,
  asyncE: 402,
  pluginE: 322,
} as const;

/** How an event finds its thread. */
const Who = {
  /** The thread, made up when unknown. */
  known: 0,
  /** The thread, if it is known. */
  found: 1,
  /** No thread: the event is about something else. */
  none: 2,
  /** No thread, and nothing to change. */
  skip: 3,
  /** The thread if known, and nothing to change. */
  skipFound: 4,
} as const;

const WHO = new Uint8Array(EVENTS.length);
/** Parameter that holds the descriptor; 255: none. */
const FD_AT = new Uint8Array(EVENTS.length).fill(255);
const NO_FD = 255;

const META = new Set<number>([
  Code.containerE,
  Code.userAddedE,
  Code.userDeletedE,
  Code.groupAddedE,
  Code.groupDeletedE,
  Code.asyncE,
  Code.pluginE,
]);
/** They change nothing, but their thread is shown. */
const SHOWS_THREAD = new Set<number>([Code.procinfoE, Code.scapeventE]);
const CLONES = new Set(['clone', 'clone3', 'fork', 'vfork']);

for (const { code, name, direction, flags, params } of EVENTS) {
  if (flags.has('SKIPPARSERESET')) WHO[code] = SHOWS_THREAD.has(code) ? Who.skipFound : Who.skip;
  else if (META.has(code)) WHO[code] = Who.none;
  else if (code === Code.switchE || name === 'procexit' || (CLONES.has(name) && direction === 'X')) {
    WHO[code] = Who.found;
  }
  if (!flags.has('USES_FD')) continue;
  if (direction === 'E') {
    const at = params.findIndex((param) => param.type === 'FD');
    FD_AT[code] = name === 'splice' ? 1 : at < 0 ? NO_FD : at;
  } else {
    const at = params.findIndex((param, index) => index > 0 && param.type === 'FD');
    FD_AT[code] = name === 'splice' ? 2 : at < 0 ? NO_FD : at;
  }
}

const RECVFROM: sockets.TransferLayout = { tuple: 2, isRead: true, mayInfer: false };
const RECVMSG: sockets.TransferLayout = { tuple: 3, isRead: true, mayInfer: false };
const RECV: sockets.TransferLayout = { tuple: 4, isRead: true, mayInfer: false };
const SEND: sockets.TransferLayout = { tuple: 4, isRead: false, mayInfer: true };
const SENDMMSG: sockets.TransferLayout = { tuple: 4, isRead: false, mayInfer: false };
const READ: sockets.TransferLayout = { tuple: -1, isRead: true, mayInfer: false };
const WRITE: sockets.TransferLayout = { tuple: -1, isRead: false, mayInfer: false };

/** Applies events to a state. */
export class StateEngine {
  readonly state: State;

  constructor(state: State) {
    this.state = state;
  }

  /** Finds the event's thread and descriptor, then changes the state as the event did. */
  apply(event: ScapEvent): void {
    const state = this.state;
    state.applyRemovals();
    if (state.growth.bytes > WEIGH_AFTER_BYTES) state.trim();
    event.fd = undefined;
    event.fdNameChanged = false;
    const code = event.code;
    let thread: Thread | undefined;
    switch (WHO[code]) {
      case Who.known:
        thread = state.table.get(event.tid);
        break;
      case Who.found:
        thread = state.table.find(event.tid);
        break;
      case Who.skip:
        event.thread = undefined;
        return;
      case Who.skipFound:
        event.thread = state.table.find(event.tid);
        return;
      default:
        thread = undefined;
    }
    event.thread = thread;
    if (thread !== undefined) this.#findFd(event, thread, code);
    this.#parse(event, code);
    if (thread !== undefined && thread.lastEnter !== undefined && (code & 1) === 1)
      thread.lastEnter = undefined;
  }

  #findFd(event: ScapEvent, thread: Thread, code: number): void {
    const at = FD_AT[code] as number;
    if ((code & 1) === 0) {
      if (code === Code.switchE) return;
      thread.lastEventFd = -1;
      thread.lastEnterCode = code;
      if (at !== NO_FD) {
        thread.lastEventFd = event.i64(at);
        event.fd = this.#fd(thread, thread.lastEventFd);
      }
      return;
    }
    // The descriptor of the enter event counts only when the exit follows it.
    if (thread.lastEnterCode !== code - 1) thread.lastEventFd = -1;
    if (at === NO_FD) return;
    if (thread.lastEventFd === -1 && event.size(at) === 8) thread.lastEventFd = event.i64(at);
    event.fd = this.#fd(thread, thread.lastEventFd);
  }

  #fd(thread: Thread, fd: number): ReturnType<State['addFd']> {
    return fd < 0 ? undefined : thread.fdTable?.get(fd);
  }

  /** Keeps an enter event for its exit. */
  #keepEnter(event: ScapEvent): void {
    const thread = event.thread;
    if (thread === undefined) return;
    const params = Array.from({ length: event.paramCount }, (_, at) => Buffer.from(event.slice(at)));
    thread.lastEnter = { code: event.code, params };
  }

  // One case for each event that changes something; the numbers are codes of the event table.
  #parse(event: ScapEvent, code: number): void {
    const state = this.state;
    switch (code) {
      case Code.openE:
      case Code.creatE:
      case Code.openatE:
      case Code.openat2E:
      case Code.execveE:
        if (event.size(0) > 0) this.#keepEnter(event);
        break;
      case Code.execveatE:
      case Code.connectE:
        this.#keepEnter(event);
        break;
      case 3:
        files.openExit(event, state, files.OPEN);
        break;
      case 59:
        files.openExit(event, state, files.CREAT);
        break;
      case 307:
        files.openExit(event, state, files.OPENAT);
        break;
      case 327:
        files.openExit(event, state, files.OPENAT2);
        break;
      case 337:
        files.openByHandleExit(event, state);
        break;
      case 5:
        fds.closeExit(event, state);
        break;
      case 451:
        fds.closeRangeExit(event, state);
        break;
      case 151:
        fds.fcntlExit(event, state);
        break;
      case 35:
        sockets.transferExit(event, state, RECVFROM);
        break;
      case 53:
        sockets.transferExit(event, state, RECVMSG);
        break;
      case 33:
      case 55:
        sockets.transferExit(event, state, RECV);
        break;
      case 29:
      case 31:
      case 49:
        sockets.transferExit(event, state, SEND);
        break;
      case 51:
        sockets.transferExit(event, state, SENDMMSG);
        break;
      case 7:
      case 113:
      case 117:
      case 121:
        sockets.transferExit(event, state, READ);
        break;
      case 9:
      case 115:
      case 119:
      case 123:
        sockets.transferExit(event, state, WRITE);
        break;
      case 223:
      case 225:
      case 335:
        process.cloneExit(event, state, false);
        break;
      case 227:
        process.cloneExit(event, state, true);
        break;
      case 293:
      case 331:
        process.execExit(event, state);
        break;
      case Code.procexitE:
        process.threadExit(event, state);
        break;
      case 19:
        sockets.socketExit(event, state);
        break;
      case 43:
        sockets.socketpairExit(event, state);
        break;
      case 21:
        sockets.bindExit(event);
        break;
      case 23:
        sockets.connectExit(event);
        break;
      case 247:
      case 389:
        sockets.acceptExit(event, state);
        break;
      case 363:
      case 367:
        fds.dupExit(event, state, -1);
        break;
      case 365:
        fds.dupExit(event, state, 3);
        break;
      case 61:
        fds.pipeExit(event, state, -1);
        break;
      case 393:
        fds.pipeExit(event, state, 4);
        break;
      case 63:
        fds.plainFdExit(event, state, FdKind.event, -1);
        break;
      case 397:
        fds.plainFdExit(event, state, FdKind.event, 1);
        break;
      case 127:
        fds.plainFdExit(event, state, FdKind.signalfd, -1);
        break;
      case 399:
        fds.plainFdExit(event, state, FdKind.signalfd, 1);
        break;
      case 137:
        fds.plainFdExit(event, state, FdKind.timerfd, -1);
        break;
      case 139:
        fds.plainFdExit(event, state, FdKind.inotify, -1);
        break;
      case 395:
        fds.plainFdExit(event, state, FdKind.inotify, 1);
        break;
      case 369:
        fds.plainFdExit(event, state, FdKind.bpf, -1);
        break;
      case 321:
        fds.plainFdExit(event, state, FdKind.userfaultfd, -1);
        break;
      case 339:
        fds.plainFdExit(event, state, FdKind.ioUring, -1);
        break;
      case 375:
      case 377:
        fds.plainFdExit(event, state, FdKind.eventpoll, -1);
        break;
      case 405:
        fds.memfdExit(event, state);
        break;
      case 409:
        fds.pidfdOpenExit(event, state);
        break;
      case 407:
        fds.pidfdGetfdExit(event, state);
        break;
      case 95:
      case 93:
        files.chdirExit(event);
        break;
      case 97:
        files.fchdirExit(event);
        break;
      case 267:
        files.chrootExit(event);
        break;
      case 193:
      case 427:
        ids.setUserExit(event, 2);
        break;
      case 199:
        ids.setUserExit(event, 1);
        break;
      case 195:
      case 429:
        ids.setGroupExit(event, 2);
        break;
      case 201:
        ids.setGroupExit(event, 1);
        break;
      case 353:
        ids.capsetExit(event);
        break;
      case 285:
        ids.namespaceExit(event, 1);
        break;
      case 241:
        ids.namespaceExit(event, 2);
        break;
      case 275:
        ids.setsidExit(event);
        break;
      case 401:
        ids.prctlExit(event);
        break;
      case 141:
      case 143:
        ids.rlimitExit(event);
        break;
      case 145:
        ids.prlimitExit(event, state);
        break;
      case 159:
      case 161:
      case 163:
      case 165:
        ids.memoryExit(event);
        break;
      case Code.switchE:
        ids.switchEnter(event);
        break;
      case Code.userAddedE:
        meta.userEvent(event, state, true);
        break;
      case Code.userDeletedE:
        meta.userEvent(event, state, false);
        break;
      case Code.groupAddedE:
        meta.groupEvent(event, state, true);
        break;
      case Code.groupDeletedE:
        meta.groupEvent(event, state, false);
        break;
      case Code.asyncE:
        meta.asyncEvent(event, state);
        break;
      case Code.containerE:
        meta.containerEvent(event, state);
        break;
      default:
        break;
    }
  }
}
