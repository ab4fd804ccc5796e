// The processes of a capture that a story needs, followed from clone to exit. Records are kept for those that belong to
// an incident or a container of interest; of all others only that they do not.

import type { ScapEvent } from '../../sources/scap/index.ts';
import { type ProcessKey, processKey } from './lineage.ts';

type Thread = NonNullable<ScapEvent['thread']>;

/** How a process ended: its exit code, or the signal that killed it. */
export interface Exit {
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly timeNs: bigint;
  readonly event: number;
}

/** The part a process has in its container: `runtime` while it is the container runtime that is starting something. */
export type Side = 'attack' | 'workload' | 'runtime';

export interface ProcessRecord {
  readonly key: ProcessKey;
  readonly pid: number;
  readonly vpid: number;
  readonly parent: ProcessRecord | undefined;
  readonly capture: string;
  name: string;
  exepath: string;
  cmdline: string;
  uid: number;
  user: string;
  login: string | undefined;
  containerId: string;
  /** `undefined`: it was there before the capture. */
  startNs: bigint | undefined;
  /** First event that shows it. */
  readonly firstEvent: number;
  exit: Exit | undefined;
  /** Programs that it was seen to start, not counting the one it began with. */
  execs: number;
  side: Side;
  /** Incidents whose attack it is part of. */
  readonly attackOf: Set<string>;
  /** Incidents whose alert's process it is an ancestor of. */
  readonly ancestorOf: Set<string>;
  /** Findings whose alert it raised. */
  readonly findings: Set<string>;
}

/** At most so many records a capture; a story of more processes than that is cut, and says so. */
const MAX_RECORDS = 20_000;
/** Ancestors that are looked at when a process is first seen. */
const MAX_DEPTH = 32;
/** What container runtimes call themselves while they set a container up. */
const RUNTIME = /^(?:runc|crun|youki|conmon|containerd-shim|docker-runc|exe$|\d+$)/;

export interface Subjects {
  readonly roots: ReadonlyMap<ProcessKey, ReadonlySet<string>>;
  readonly ancestors: ReadonlyMap<ProcessKey, ReadonlySet<string>>;
  /** Whether containers of this id are followed. */
  follows(containerId: string, event: ScapEvent): boolean;
}

interface Known {
  readonly thread: Thread;
  readonly record: ProcessRecord | undefined;
  /** Where it was when this was decided: processes enter containers after they were made. */
  readonly containerId: string;
}

export class ProcessLog {
  readonly records: ProcessRecord[] = [];
  leftOut = 0;
  readonly #capture: string;
  readonly #subjects: Subjects;
  readonly #live = new Map<number, Known>();

  constructor(capture: string, subjects: Subjects) {
    this.#capture = capture;
    this.#subjects = subjects;
  }

  /** The record of the event's process; undefined when no story needs it. */
  of(event: ScapEvent): ProcessRecord | undefined {
    const { thread } = event;
    if (thread === undefined || thread.isInvalid) return undefined;
    const main = thread.main ?? thread;
    const known = this.#live.get(main.pid);
    const containerId = event.state.containerId(main);
    if (known !== undefined && known.thread === main && known.containerId === containerId)
      return known.record;
    const record = known?.thread === main ? known.record : undefined;
    if (record !== undefined) record.containerId = containerId;
    const next = record ?? this.#meet(event, main, containerId, 0);
    this.#live.set(main.pid, { thread: main, record: next, containerId });
    return next;
  }

  /** A parent may have done nothing since the capture began, and be an attack's first process all the same. */
  #parent(event: ScapEvent, thread: Thread, depth: number): ProcessRecord | undefined {
    const known = this.#live.get(thread.pid);
    if (known?.thread === thread) return known.record;
    if (depth >= MAX_DEPTH || thread.isInvalid) return undefined;
    const containerId = event.state.containerId(thread);
    const record = this.#meet(event, thread, containerId, depth + 1);
    this.#live.set(thread.pid, { thread, record, containerId });
    return record;
  }

  /** After an execve that succeeded. */
  started(record: ProcessRecord, event: ScapEvent): void {
    const main = event.thread?.main ?? event.thread;
    if (main === undefined) return;
    record.name = main.comm;
    record.exepath = main.exepath;
    record.cmdline = main.cmdline;
    record.uid = main.uid;
    record.execs++;
    if (record.side === 'runtime' && !RUNTIME.test(record.name))
      record.side = record.attackOf.size > 0 ? 'attack' : 'workload';
  }

  /** The record of a process that has not ended. */
  alive(pid: number): ProcessRecord | undefined {
    return this.#live.get(pid)?.record;
  }

  /** Forgets a process whose last thread is gone. */
  forget(pid: number): void {
    this.#live.delete(pid);
  }

  #meet(event: ScapEvent, main: Thread, containerId: string, depth: number): ProcessRecord | undefined {
    const key = processKey(main);
    const { state } = event;
    const parentThread = state.ancestor(main, 1);
    const parent = parentThread === undefined ? undefined : this.#parent(event, parentThread, depth);
    const roots = this.#subjects.roots.get(key);
    const ancestorOf = this.#subjects.ancestors.get(key);
    const wanted =
      roots !== undefined ||
      ancestorOf !== undefined ||
      (parent !== undefined && parent.attackOf.size > 0) ||
      (containerId !== '' && this.#subjects.follows(containerId, event));
    if (!wanted) return undefined;
    if (this.records.length >= MAX_RECORDS) {
      this.leftOut++;
      return undefined;
    }
    const attackOf = new Set([...(roots ?? []), ...(parent?.attackOf ?? [])]);
    const inside = parentThread !== undefined && state.containerId(parentThread) === containerId;
    const starting = RUNTIME.test(main.comm) && (containerId === '' || !inside);
    const record: ProcessRecord = {
      key,
      pid: main.pid,
      vpid: main.vpid,
      parent,
      capture: this.#capture,
      name: main.comm,
      exepath: main.exepath,
      cmdline: main.cmdline,
      uid: main.uid,
      user: '',
      login: undefined,
      containerId,
      startNs: main.cloneTsNs === 0n ? undefined : main.cloneTsNs,
      firstEvent: event.num,
      exit: undefined,
      execs: 0,
      side: starting ? 'runtime' : attackOf.size > 0 ? 'attack' : 'workload',
      attackOf,
      ancestorOf: new Set(ancestorOf),
      findings: new Set(),
    };
    this.records.push(record);
    return record;
  }
}
