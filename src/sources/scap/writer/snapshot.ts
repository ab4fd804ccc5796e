// Everything that a capture has told up to one event, as the blocks that a capture starts with. Machine, interfaces
// and users are the capture's own blocks, byte for byte; processes and descriptors are written from the state; what
// only events can tell (containers, users that came later, who reaps orphans, enter events that wait for their exits)
// is carried over as those events, to be applied and not shown.

import { EVENTS } from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';
import * as format from '../format.ts';
import { INITIAL_STATE, UNSEEN } from '../reader.ts';
import type { State } from '../state/state.ts';
import { frame } from './bytes.ts';
import { asStateOnly } from './event-block.ts';
import { descriptorsBlock, listeningPorts, processListBlock } from './state-blocks.ts';
import type { CaptureBlock } from './walk.ts';

const CONTAINER = 324;
const ASYNC = 402;
const PRCTL_EXIT = 401;
const SUBREAPER = 36;
/** What is carried over at most of each kind, in number and bytes; the oldest are forgotten first. */
const MAX_CARRIED = 65536;
const MAX_CARRIED_BYTES = 64 * 1024 * 1024;

/** Version 1.2, of unknown length: what today's drivers write. */
const SECTION_BODY = Buffer.from('4d3c2b1a01000200ffffffffffffffff', 'hex');

interface Carried {
  readonly type: number;
  readonly bytes: Buffer;
}

/** Events by what a later one of the same kind replaces. */
class CarriedEvents {
  readonly #events = new Map<string, Carried>();
  #bytes = 0;

  set(key: string, type: number, bytes: Buffer): void {
    this.delete(key);
    this.#events.set(key, { type, bytes: Buffer.from(bytes) });
    this.#bytes += bytes.length;
    for (const [oldest] of this.#events) {
      if (this.#events.size <= MAX_CARRIED && this.#bytes <= MAX_CARRIED_BYTES) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const found = this.#events.get(key);
    if (found === undefined) return;
    this.#events.delete(key);
    this.#bytes -= found.bytes.length;
  }

  clear(): void {
    this.#events.clear();
    this.#bytes = 0;
  }

  values(): Iterable<Carried> {
    return this.#events.values();
  }
}

/** Follows a capture up to where a snapshot is wanted. */
export class Snapshot {
  readonly #state: State;
  /** The last block of each kind. */
  #machine: Buffer | undefined;
  #interfaces: Buffer | undefined;
  #users: Buffer | undefined;
  #isInEvents = false;
  readonly #leading = new CarriedEvents();
  readonly #others = new CarriedEvents();

  constructor(state: State) {
    this.#state = state;
  }

  /** Takes note of a block, after it had its effect. `event` is the reader's last event when the block is one. */
  note({ type, bytes, head }: CaptureBlock, event: ScapEvent): void {
    // A block that is no event, behind events: another capture begins.
    if (type === format.SECTION_HEADER || (this.#isInEvents && !format.isEventBlock(type))) this.#forget();
    this.#isInEvents = format.isEventBlock(type);
    if (format.BLOCK_MACHINE.has(type)) this.#machine = Buffer.from(bytes);
    else if (format.BLOCK_INTERFACES.has(type)) this.#interfaces = Buffer.from(bytes);
    else if (format.BLOCK_USERS.has(type)) this.#users = Buffer.from(bytes);
    else if (head !== undefined) this.#noteEvent(type, bytes, head.code, event);
  }

  #forget(): void {
    this.#machine = undefined;
    this.#interfaces = undefined;
    this.#users = undefined;
    this.#leading.clear();
    this.#others.clear();
  }

  #noteEvent(type: number, bytes: Buffer, code: number, event: ScapEvent): void {
    if (code >= format.FATE.length) return;
    // The code after conversion: containers were told of by other events once.
    if (INITIAL_STATE.has(event.code)) this.#leading.set(leadingKey(event, this.#state), type, bytes);
    else if (event.code === PRCTL_EXIT && event.u32(1) === SUBREAPER && event.i64(0) >= 0) {
      this.#others.set(`subreaper ${event.thread?.pid ?? event.tid}`, type, bytes);
    } else if (isEnterInWaiting(code)) this.#others.set(`enter ${event.tid}`, type, bytes);
    else if ((code & 1) === 1) this.#others.delete(`enter ${event.tid}`);
  }

  /** The blocks. Call before the first event behind the snapshot has its effect. */
  blocks(): Buffer[] {
    const state = this.#state;
    // They would be done before that event anyway.
    state.applyRemovals();
    const out = [frame(format.SECTION_HEADER, SECTION_BODY)];
    for (const block of [this.#machine, this.#interfaces, this.#users])
      if (block !== undefined) out.push(block);
    out.push(processListBlock(state.threads));
    const ports = listeningPorts(state.threads.values());
    for (const thread of state.threads.values()) {
      const fds = thread.ownFds;
      if (fds !== undefined && fds.size > 0) out.push(descriptorsBlock(thread.tid, fds.entries(), ports));
    }
    for (const { bytes } of this.#leading.values()) out.push(bytes);
    for (const { type, bytes } of this.#others.values()) out.push(asStateOnly(type, bytes));
    return out;
  }
}

/** What a later event of the same kind replaces. */
function leadingKey(event: ScapEvent, state: State): string {
  if (event.code === CONTAINER || event.code === ASYNC) {
    const container = state.lastContainerNum === event.num ? state.lastContainer?.id : undefined;
    return container === undefined ? `other ${event.num}` : `container ${container}`;
  }
  const isUser = EVENTS[event.code]?.name.startsWith('user') === true;
  return isUser ? `user ${event.text(5)} ${event.u32(0)}` : `group ${event.text(2)} ${event.u32(0)}`;
}

/** Enter events of old drivers, without which their exits say less. */
export function isEnterInWaiting(code: number): boolean {
  return (code & 1) === 0 && (format.FATE[code] === format.Fate.convert || UNSEEN.has(code));
}
