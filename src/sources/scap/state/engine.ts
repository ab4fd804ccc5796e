// One event at a time: who did it, with which descriptor, and what it changed. After `apply` the state and the event
// are what Falco's rules see at that event. Follows libs userspace/libsinsp/parsers.cpp (reset, process_event).

import { EVENTS } from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';
import { WEIGH_AFTER_BYTES } from './growth.ts';
import { PARSERS } from './parsers/table.ts';
import type { State } from './state.ts';
import type { Thread } from './thread.ts';

/** The event codes that the engine knows by name: those of today's layouts. */
const Code = {
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
    const parser = PARSERS[code];
    if (parser !== undefined) parser(event, state);
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
}
