// A part of a capture as a capture of its own. Every event is either kept with its own bytes, or, when kept events
// depend on what it changed, kept to be applied and not shown, or left out. The state at the beginning is a snapshot,
// or the capture's own.

import type { ScapEvent } from '../event.ts';
import * as format from '../format.ts';
import { type CaptureSummary, INITIAL_STATE } from '../reader.ts';
import { changesState } from './changes.ts';
import { asStateOnly, type EventHead } from './event-block.ts';
import { Relevance } from './relevance.ts';
import { isEnterInWaiting, Snapshot } from './snapshot.ts';
import { type CaptureBlock, type CaptureVisitor, CaptureWalk } from './walk.ts';

/** Which events to keep. One for each run: it may remember what it saw. */
export type EventSelector = (event: ScapEvent) => boolean;

export interface CutOptions {
  /** Nanoseconds since the epoch, inclusive; given the time of the capture's first event. Undefined: from the start. */
  readonly from?: (firstTsNs: bigint) => bigint;
  /** The same for the last event. */
  readonly to?: (firstTsNs: bigint) => bigint;
  /** Makes the test that kept events pass; undefined: all do. */
  readonly select?: () => EventSelector;
  /**
   * `snapshot` (default): a cut that begins later begins with a snapshot of the state. `events`: it begins as the
   * capture does, with every event before it that changed what the kept ones depend on, not shown: larger, and exact.
   */
  readonly state?: 'snapshot' | 'events';
  /** Writes a snapshot even where the capture's own beginning would do. For tests of the writer. */
  readonly rewrite?: boolean;
}

export interface CutSummary extends CaptureSummary {
  /** Events that rules see. */
  readonly kept: number;
  /** Events that are there for the state only, without those of a snapshot. */
  readonly stateOnly: number;
  readonly dropped: number;
  /** Uncompressed bytes written. */
  readonly written: number;
  /** Processes in the snapshot whose age is not known behind it: they started within the capture. */
  readonly agesLost: number;
}

/** Where bytes go. `pause` is awaited between pieces. */
export interface CutSink {
  write(bytes: Buffer): void;
  pause(): Promise<void>;
}

/**
 * Cuts a capture. `open` is called once for each run through it: twice when there is something to select, so that
 * only what kept events depend on stays. When it gives undefined the second time, all that changes the state stays.
 */
export async function cutCapture(
  open: () => AsyncIterable<Uint8Array> | undefined,
  options: CutOptions,
  sink: CutSink,
): Promise<CutSummary> {
  const needsHidden = options.select !== undefined || options.state === 'events';
  let chunks = open();
  let relevant: ReadonlySet<number> | undefined;
  if (needsHidden && chunks !== undefined) {
    const again = open();
    if (again !== undefined) {
      relevant = await relevantThreads(chunks, options);
      chunks = again;
    }
  }
  if (chunks === undefined) throw new Error('nothing to read');
  return new Cutter(options, relevant, sink).run(chunks);
}

/** The threads that kept events depend on; undefined: all, there are too many to tell. */
async function relevantThreads(
  chunks: AsyncIterable<Uint8Array>,
  options: CutOptions,
): Promise<ReadonlySet<number> | undefined> {
  const relevance = new Relevance();
  const select = options.select?.();
  const range = new TimeRange(options);
  const walk: CaptureWalk = new CaptureWalk({
    before({ head }) {
      if (head !== undefined) range.start(head);
    },
    after({ head }, event) {
      if (head === undefined) return;
      // The test sees every event, also those outside of the range: it may follow processes.
      const isSelected = event !== undefined && select?.(event) !== false;
      relevance.note(event ?? walk.lastEvent, isSelected && range.has(head.tsNs));
    },
  });
  await walk.run(chunks);
  return relevance.threads();
}

/** The range of times, once the first event is known. */
class TimeRange {
  readonly #options: CutOptions;
  from = 0n;
  to = 0n;
  #isKnown = false;

  constructor(options: CutOptions) {
    this.#options = options;
  }

  start(head: EventHead): void {
    if (this.#isKnown || INITIAL_STATE.has(head.code)) return;
    this.#isKnown = true;
    this.from = this.#options.from?.(head.tsNs) ?? 0n;
    this.to = this.#options.to?.(head.tsNs) ?? 0xffff_ffff_ffff_ffffn;
  }

  has(tsNs: bigint): boolean {
    return this.#isKnown && tsNs >= this.from && tsNs <= this.to;
  }
}

/** One run that writes. */
class Cutter implements CaptureVisitor {
  readonly #walk: CaptureWalk = new CaptureWalk(this);
  readonly #snapshot: Snapshot;
  readonly #range: TimeRange;
  readonly #select: EventSelector | undefined;
  readonly #relevant: ReadonlySet<number> | undefined;
  readonly #sink: CutSink;
  /** Whether a snapshot is still to be written. */
  #isWaiting: boolean;
  /** Whether the input is past the events that lead it. */
  #isPastLead = false;
  /** The same of the output; until then containers and users are taken for a part of the state. */
  #isPastOwnLead = false;
  /** An event that was left out and changed nothing: ends the lead of the output where that matters. */
  #separator: CaptureBlock | undefined = undefined;
  #kept = 0;
  #stateOnly = 0;
  #dropped = 0;
  #written = 0;
  #agesLost = 0;

  constructor(options: CutOptions, relevant: ReadonlySet<number> | undefined, sink: CutSink) {
    this.#range = new TimeRange(options);
    this.#select = options.select?.();
    this.#relevant = relevant;
    this.#sink = sink;
    this.#isWaiting =
      options.rewrite === true ||
      (options.from !== undefined && (options.state ?? 'snapshot') === 'snapshot');
    this.#snapshot = new Snapshot(this.#walk.state);
  }

  async run(chunks: AsyncIterable<Uint8Array>): Promise<CutSummary> {
    const summary = await this.#walk.run(chunks);
    // No event is that late: what is left is the state at the end.
    if (this.#isWaiting) this.#begin();
    return {
      ...summary,
      kept: this.#kept,
      stateOnly: this.#stateOnly,
      dropped: this.#dropped,
      written: this.#written,
      agesLost: this.#agesLost,
    };
  }

  before({ type, head }: CaptureBlock): void {
    if (!format.isEventBlock(type)) this.#isPastLead = false;
    if (head === undefined) return;
    this.#range.start(head);
    if (!INITIAL_STATE.has(head.code)) this.#isPastLead = true;
    if (this.#isWaiting && this.#isPastLead && head.tsNs >= this.#range.from) this.#begin();
  }

  after(block: CaptureBlock, event: ScapEvent | undefined): void {
    const { bytes, head } = block;
    // The test sees every event: it may follow processes.
    const isSelected = event === undefined ? this.#select === undefined : this.#select?.(event) !== false;
    if (this.#isWaiting) {
      this.#snapshot.note(block, this.#walk.lastEvent);
      if (head !== undefined) this.#drop(block);
    } else if (head === undefined) {
      this.#isPastOwnLead = false;
      this.#write(bytes);
    } else {
      this.#decide(block, head, event, isSelected);
    }
  }

  #decide(block: CaptureBlock, head: EventHead, event: ScapEvent | undefined, isSelected: boolean): void {
    const { type, bytes } = block;
    const { tsNs } = head;
    const isState = INITIAL_STATE.has(this.#walk.lastEvent.code);
    if (event === undefined && isState) {
      this.#write(bytes);
      this.#stateOnly++;
    } else if (isSelected && this.#range.has(tsNs)) {
      if (isState && !this.#isPastOwnLead && this.#separator !== undefined) {
        this.#write(asStateOnly(this.#separator.type, this.#separator.bytes));
      }
      this.#write(bytes);
      this.#isPastOwnLead ||= !isState;
      if (event === undefined) this.#stateOnly++;
      else this.#kept++;
    } else if (tsNs <= this.#range.to && (isState || this.#isNeeded(head))) {
      this.#write(asStateOnly(type, bytes));
      this.#isPastOwnLead ||= !isState;
      this.#stateOnly++;
    } else {
      this.#drop(block);
    }
  }

  pause(): Promise<void> {
    return this.#sink.pause();
  }

  #begin(): void {
    this.#isWaiting = false;
    for (const block of this.#snapshot.blocks()) this.#write(block);
    for (const thread of this.#walk.state.threads.values()) {
      if (thread.cloneTsNs !== 0n && thread.isMain) this.#agesLost++;
    }
  }

  #drop(block: CaptureBlock): void {
    this.#dropped++;
    const { lastEvent } = this.#walk;
    if (this.#separator !== undefined || INITIAL_STATE.has(lastEvent.code) || changesState(lastEvent)) return;
    this.#separator = { ...block, bytes: Buffer.from(block.bytes) };
  }

  #write(bytes: Buffer): void {
    this.#written += bytes.length;
    this.#sink.write(bytes);
  }

  /** Whether the event that was read last, and is not shown, changes what later ones show. */
  #isNeeded({ tid, code }: EventHead): boolean {
    if (code >= format.FATE.length) return false;
    if (!isEnterInWaiting(code) && !changesState(this.#walk.lastEvent)) return false;
    return this.#relevant === undefined || this.#relevant.has(tid);
  }
}
