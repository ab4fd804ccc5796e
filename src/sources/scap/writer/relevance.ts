// Which threads the fields of chosen events are read from: their own process, everything above it at any time, the
// leaders of sessions and process groups, and the processes that parameters name.

import { EVENTS } from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';

const CLONES: ReadonlySet<string> = new Set(['clone', 'clone3', 'fork', 'vfork']);

/** By event code: the parameters that are process ids. */
const PID_PARAMS: readonly (readonly number[])[] = EVENTS.map(({ params }) =>
  params.flatMap(({ type }, at) => (type === 'PID' ? [at] : [])),
);
const IS_CLONE: readonly boolean[] = EVENTS.map(
  ({ name, direction }) => CLONES.has(name) && direction === 'X',
);

/** Threads that are told apart; a capture may make up any number. */
const MAX_THREADS = 1_000_000;

/** Who depends on whom, gathered over one run through a capture. */
export class Relevance {
  /** Thread → the threads that it depends on. */
  readonly #edges = new Map<number, Set<number>>();
  /** Thread → the parent that it had when it was last looked at. */
  readonly #parents = new Map<number, number>();
  readonly #chosen = new Set<number>();
  #isFull = false;

  /** Takes note of an event after its effect, shown or not; `isChosen`: its fields matter. */
  note(event: ScapEvent, isChosen: boolean): void {
    if (this.#isFull) return;
    if (this.#edges.size + this.#parents.size + this.#chosen.size > MAX_THREADS) this.#isFull = true;
    const { tid } = event;
    // An event that had no effect still has the thread of the one before.
    const thread = event.thread?.tid === tid ? event.thread : undefined;
    if (isChosen) {
      this.#chosen.add(tid);
      for (const at of PID_PARAMS[event.code] ?? []) this.#choose(event.i64(at));
    }
    if (IS_CLONE[event.code] === true) {
      const child = event.i64(0);
      if (child > 0) this.#link(child, tid);
    }
    if (thread === undefined) return;
    const parent = (thread.main ?? thread).ptid;
    if (this.#parents.get(tid) !== parent) {
      this.#parents.set(tid, parent);
      this.#link(tid, parent);
      this.#link(tid, thread.ptid);
      // The threads of a process share descriptors, and their number is a field.
      this.#link(tid, thread.pid);
      this.#link(thread.pid, tid);
    }
    if (isChosen) {
      for (const id of [thread.sid, thread.vpgid, thread.pgid]) this.#choose(id);
    }
  }

  #choose(tid: number): void {
    if (tid > 0) this.#chosen.add(tid);
  }

  #link(from: number, to: number): void {
    if (from <= 0 || to <= 0 || from === to) return;
    const targets = this.#edges.get(from);
    if (targets === undefined) this.#edges.set(from, new Set([to]));
    else targets.add(to);
  }

  /** All threads that matter: those of chosen events and what these depend on; undefined: too many to tell. */
  threads(): ReadonlySet<number> | undefined {
    if (this.#isFull) return undefined;
    const found = new Set(this.#chosen);
    // A set grows while it is walked: each thread is visited once.
    for (const tid of found) for (const other of this.#edges.get(tid) ?? []) found.add(other);
    return found;
  }
}
