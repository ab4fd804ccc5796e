// Walks up the process tree. Falco goes from main thread to main thread; a missing ancestor ends the walk. Follows
// libs userspace/libsinsp/threadinfo.cpp in what is visible.

import type { ScapEvent } from '../event.ts';
import type { Thread } from '../state/thread.ts';

/** Longest walk. A capture is untrusted: its tree may be a ring. */
const MAX_DEPTH = 1024;
const FEW = 16;

/** The main thread of the parent process; undefined when it is not known. */
export function parentOf(thread: Thread, event: ScapEvent): Thread | undefined {
  const main = thread.main;
  return main === undefined ? undefined : event.state.thread(main.ptid)?.main;
}

/** The thread that cloned the process; undefined when it is not known. */
export function clonerOf(thread: Thread, event: ScapEvent): Thread | undefined {
  const { main } = thread;
  return main === undefined ? undefined : event.state.thread(main.ptid);
}

/** Ancestor number `depth` (0: the process itself); undefined when the tree ends before. */
export function ancestor(thread: Thread, event: ScapEvent, depth: number): Thread | undefined {
  let at = thread.main;
  for (let step = 0; step < depth && at !== undefined; step++) at = parentOf(at, event);
  return at;
}

/** All ancestors, parent first, the process itself not among them. */
export function ancestors(thread: Thread, event: ScapEvent): Thread[] {
  const found: Thread[] = [];
  let seen: Set<Thread> | undefined;
  const main = thread.main;
  for (
    let at = parentOf(thread, event);
    at !== undefined && found.length < MAX_DEPTH;
    at = parentOf(at, event)
  ) {
    if (at === main || (seen?.has(at) ?? found.includes(at))) break;
    found.push(at);
    // Processes have few ancestors, where looking through them is quickest.
    if (found.length > FEW) seen = (seen ?? new Set(found)).add(at);
  }
  return found;
}

/**
 * The leader of a session or process group: the thread that the id names, else the oldest ancestor in an unbroken line
 * of the same id. An id of a pid namespace (`isVirtual`) names no thread of ours.
 */
export function leaderOf(
  thread: Thread,
  event: ScapEvent,
  idOf: (thread: Thread) => number,
  isVirtual: boolean,
): Thread | undefined {
  const id = idOf(thread);
  if (id === -1) return undefined;
  if (!isVirtual || !thread.isInPidNamespace) {
    const named = event.state.thread(id);
    if (named !== undefined) return named;
  }
  let leader: Thread | undefined;
  for (const each of ancestors(thread, event)) {
    if (idOf(each) !== id) break;
    leader = each;
  }
  return leader;
}
