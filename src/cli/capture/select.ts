// Which events a cut keeps: those of a process and what it starts, of a container, or that a condition lets through.

import type { EventSelector, ScapEvent, Thread } from '../../sources/scap/index.ts';

/** Code of the event with which a thread ends. */
const PROCEXIT = 186;
/** Processes that are followed at most. */
const MAX_FOLLOWED = 131072;
/** The longest walk up; a capture is untrusted: its tree may be a ring. */
const MAX_DEPTH = 1024;

/** All of these must let an event through; undefined when there is none. */
export function allOf(makers: readonly (() => EventSelector)[]): (() => EventSelector) | undefined {
  if (makers.length === 0) return undefined;
  return () => {
    const selectors = makers.map((make) => make());
    return (event) => {
      let passes = true;
      // Each sees every event, also what another refused: one may follow processes.
      for (const selector of selectors) if (!selector(event)) passes = false;
      return passes;
    };
  };
}

/**
 * Events of the process with this id, or of those with this name, and of all that come from them: a child stays one
 * when its parent is gone.
 */
export function ofProcess(target: string): () => EventSelector {
  const pid = /^\d+$/.test(target) ? Number(target) : undefined;
  const isTarget = (thread: Thread): boolean =>
    pid === undefined ? thread.comm === target : thread.pid === pid;
  return () => {
    /** Ids of processes that belong to it. */
    const followed = new Set<number>();
    const belongs = (event: ScapEvent, thread: Thread): boolean => {
      if (followed.has(thread.pid) || isTarget(thread)) return true;
      let at: Thread | undefined = thread;
      for (let depth = 0; depth < MAX_DEPTH; depth++) {
        at = event.state.ancestor(at, 1);
        if (at === undefined) return false;
        if (followed.has(at.pid) || isTarget(at)) return true;
      }
      return false;
    };
    return (event) => {
      const { thread } = event;
      if (thread === undefined) return false;
      const isOurs = belongs(event, thread);
      if (isOurs && followed.size < MAX_FOLLOWED) followed.add(thread.pid);
      if (event.code === PROCEXIT && thread.isMain) followed.delete(thread.pid);
      return isOurs;
    };
  };
}

/** Events of the container with this id (its first digits will do) or name. */
export function ofContainer(target: string): () => EventSelector {
  return () => (event) => {
    const { state, thread } = event;
    const told = state.lastContainerNum === event.num ? state.lastContainer : undefined;
    const id = told?.id ?? (thread === undefined ? '' : state.containerId(thread));
    if (id === '') return target === 'host' && thread !== undefined;
    const info = told ?? state.containers.get(id);
    return target.startsWith(id) || id.startsWith(target) || info?.name === target;
  };
}
