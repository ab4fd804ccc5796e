// A process and its ancestors as a capture's state has them, and where an attack starts among them.

import type { ScapEvent } from '../../sources/scap/index.ts';
import { isCommonAncestor } from '../entities.ts';

type Thread = NonNullable<ScapEvent['thread']>;

/** The same process over all readings of one capture: its pid, and when it was cloned (0: before the capture). */
export type ProcessKey = string;

export interface Ancestor {
  readonly key: ProcessKey;
  readonly pid: number;
  readonly vpid: number;
  readonly name: string;
  readonly exepath: string;
  readonly cmdline: string;
  readonly containerId: string;
}

const MAX_DEPTH = 32;
/** Shells and what shells are often started through; an attack that runs in one includes it. */
const SHELLS =
  /^(?:ba|da|z|k|c|tc|a|fi)?sh$|^busybox$|^(?:su|sudo|script|nohup|timeout|setsid|env|xargs|find)$/;

export function processKey(thread: Thread): ProcessKey {
  const main = thread.main ?? thread;
  return `${main.pid}@${main.cloneTsNs}`;
}

/** The process, then its parent, and so on. */
export function lineageOf(event: ScapEvent, thread: Thread): Ancestor[] {
  const list: Ancestor[] = [];
  const { state } = event;
  for (let n = 0; n <= MAX_DEPTH; n++) {
    const at = n === 0 ? (thread.main ?? thread) : state.ancestor(thread, n);
    if (at === undefined || at.isInvalid) break;
    list.push({
      key: processKey(at),
      pid: at.pid,
      vpid: at.vpid,
      name: at.comm,
      exepath: at.exepath,
      cmdline: at.cmdline,
      containerId: state.containerId(at),
    });
  }
  return list;
}

/**
 * The process whose whole subtree is the attack's, of those in a lineage: in a container the shells above the alert's
 * process, and everything up to the process that was put into the container (exec), but never the container's first
 * process unless the alert is about it; on the host everything up to what all sessions share. `undefined`: no lineage.
 */
export function attackRoot(lineage: readonly Ancestor[]): Ancestor | undefined {
  const [first] = lineage;
  if (first === undefined) return undefined;
  let root = first;
  for (let n = 1; n < lineage.length; n++) {
    const parent = lineage[n] as Ancestor;
    if (
      first.containerId === '' ? !belongsOnHost(parent) : !belongsInContainer(parent, lineage[n + 1], first)
    )
      break;
    root = parent;
  }
  return root;
}

function belongsOnHost(parent: Ancestor): boolean {
  return parent.pid > 1 && parent.containerId === '' && !isCommonAncestor(parent.name);
}

function belongsInContainer(parent: Ancestor, above: Ancestor | undefined, first: Ancestor): boolean {
  if (parent.containerId !== first.containerId || parent.vpid === 1) return false;
  const entered = above === undefined || above.containerId !== first.containerId;
  return entered || SHELLS.test(parent.name) || SHELLS.test(parent.exepath.split('/').at(-1) ?? '');
}
