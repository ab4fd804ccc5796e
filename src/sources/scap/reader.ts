// A capture as events: takes bytes as they come (file or pipe), finds the blocks, feeds the state, and hands each event
// to `onEvent` in the same turn. All bytes go through one window, which is used over and over: memory stays bounded and
// in the processor's cache. Format: libs userspace/libscap/scap_savefile.h.
//
// The loop over blocks is long on purpose: it is the hot path, and calls in it cost.

import type { Diagnostic } from '../../base/diagnostic.ts';
import { EVENT_CODE_COUNT } from '../../detect/fields/index.ts';
import { Converter } from './converter.ts';
import { BlockEnd, Cursor } from './cursor.ts';
import { MAX_PARAMS, ScapEvent } from './event.ts';
import * as format from './format.ts';
import { InflateError, inflateInto } from './inflate.ts';
import { StateEngine } from './state/engine.ts';
import { WEIGH_AFTER_BYTES } from './state/growth.ts';
import { State } from './state/state.ts';
import { readFds, readInterfaces, readMachine, readProcesses, readUsers } from './state-blocks.ts';

/** Bytes read before what the state still holds in the window is copied, and the window begins anew. */
const WINDOW_BYTES = 256 * 1024;
/** Most bytes that are taken in before the blocks in them are read. */
const PIECE_BYTES = 64 * 1024;

/** Event codes that are applied but not shown while they lead the capture (spec 5.4). */
export const INITIAL_STATE: ReadonlySet<number> = new Set([324, 354, 356, 358, 360, 402]);
/** Enter events that old exits need: they count, and what they say is kept, but rules never see them. */
export const UNSEEN: ReadonlySet<number> = new Set([2, 22, 58, 292, 306, 326, 330]);
/** Events that do not start the clock of `evt.reltime`. */
const META_EVENTS = new Set([148, 149, 196, 228, 234, 244, 272, 280, 286, 324, 354, 356, 358, 360, 402]);

/** What was in a capture, once it is read. */
export interface CaptureSummary {
  /** Events that were handed on. */
  readonly events: number;
  /** `evt.num` of the last event. */
  readonly lastNum: number;
  /** Uncompressed bytes read. */
  readonly bytes: number;
  /** Damage: what was wrong and at which byte. Whole events before it were handed on. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads one capture. `push` bytes, then `end`; or let `readCapture` do it. */
export class CaptureReader {
  readonly state = new State();
  readonly event: ScapEvent = new ScapEvent(this.state);
  readonly #engine = new StateEngine(this.state);
  readonly #converter = new Converter();
  readonly #onEvent: (event: ScapEvent) => void;
  readonly #diagnostics: Diagnostic[] = [];
  #window: Buffer = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  #view: DataView = viewOf(this.#window);
  /** What is in the window: `[#at, #end)` is not read yet. */
  #at = 0;
  #end = 0;
  /** Size of the block at `#at`, once that is known; 0 before. */
  #wanted = 0;
  /** Uncompressed offset of the window's first byte. */
  #windowOffset = 0;
  #inEvents = false;
  #initial = true;
  #num = 0;
  #events = 0;
  #failed = false;
  #hasSection = false;

  constructor(onEvent: (event: ScapEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** Whether the capture is damaged here: what follows is not read. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Takes the next uncompressed bytes, which may be reused afterwards. */
  push(chunk: Uint8Array): void {
    for (let from = 0; from < chunk.length && !this.#failed; ) {
      const room = this.room();
      const size = Math.min(room.length, chunk.length - from);
      room.set(chunk.subarray(from, from + size));
      from += size;
      this.take(size);
    }
  }

  /** Where the next uncompressed bytes may be put, `PIECE_BYTES` of room at most: then say `take`. */
  room(): Buffer {
    if (this.#window.length - this.#end < PIECE_BYTES) this.#turn();
    return this.#window.subarray(this.#end, this.#end + PIECE_BYTES);
  }

  /** Reads the first `size` bytes of the room that was given. */
  take(size: number): void {
    this.#end += size;
    // Names are kept as they came and joined with their directory.
    this.state.growth.bytes += 2 * size;
    if (!this.#failed && this.#end - this.#at >= this.#wanted) this.#readBlocks();
  }

  /** Begins the window anew, with what is not read yet; makes it larger while a block needs that. */
  #turn(): void {
    this.state.settle();
    const rest = this.#end - this.#at;
    const needed = Math.max(WINDOW_BYTES, Math.max(rest, this.#wanted) + PIECE_BYTES);
    if (needed === this.#window.length) {
      this.#window.copyWithin(0, this.#at, this.#end);
    } else {
      const window = Buffer.allocUnsafeSlow(needed);
      this.#window.copy(window, 0, this.#at, this.#end);
      this.#window = window;
      this.#view = viewOf(window);
    }
    this.#windowOffset += this.#at;
    this.#at = 0;
    this.#end = rest;
  }

  /** No more bytes. `problem` says why, when it is not simply the end. */
  end(problem?: InflateError): CaptureSummary {
    if (!this.#failed) {
      if (problem !== undefined && !problem.isTruncated) {
        this.#fail(
          'CAPTURE_GZIP_DAMAGED',
          `the compressed data is damaged (${problem.message}) near byte ${problem.offset}`,
          this.#windowOffset + this.#end,
        );
      } else if (this.#end > this.#at || problem !== undefined) {
        const wanted = this.#wanted > 0 ? `${this.#wanted} bytes were announced, ` : '';
        this.#fail(
          'CAPTURE_TRUNCATED',
          `the capture ends inside a block: ${wanted}${this.#end - this.#at} bytes are there`,
          this.#offset,
        );
      } else if (!this.#hasSection) {
        this.#fail('CAPTURE_EMPTY', 'there is nothing here: expected a capture (.scap)', 0);
      } else if (!this.#inEvents) {
        this.#fail('CAPTURE_NO_EVENTS', 'the capture has no events', this.#offset);
      }
    }
    this.#tellOfBounds();
    if (this.#converter.unknown > 0) {
      this.#diagnostics.push({
        code: 'CAPTURE_UNKNOWN_LAYOUT',
        severity: 'warning',
        message: `${this.#converter.unknown} events have a layout that no driver writes; they were left out`,
      });
    }
    return {
      events: this.#events,
      lastNum: this.#num,
      bytes: this.#windowOffset + this.#end,
      diagnostics: this.#diagnostics,
    };
  }

  /** What was not followed because a capture described more than any machine has. */
  #tellOfBounds(): void {
    const { table, users, stripped, refusedContainers } = this.state;
    const lost = [
      [table.refused, 'times a thread was not followed'],
      [stripped, 'processes lost all but their ids and names'],
      [users.refused, 'users or groups were not kept'],
      [refusedContainers, 'containers were not kept'],
    ] as const;
    const told = lost.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
    if (told.length === 0) return;
    this.#diagnostics.push({
      code: 'CAPTURE_STATE_FULL',
      severity: 'warning',
      message: `the capture describes more at once than is kept in memory: ${told.join(', ')}`,
    });
  }

  #fail(code: string, message: string, offset: number): void {
    this.#failed = true;
    this.#diagnostics.push({
      code,
      severity: 'error',
      message: `${message} (byte ${offset}${this.#inEvents ? `, after event ${this.#num}` : ''})`,
    });
  }

  /** Offset of the block that is read, in the uncompressed capture. */
  get #offset(): number {
    return this.#windowOffset + this.#at;
  }

  /** The block's total length at `at`; -1 and a diagnostic when it cannot be one. */
  #blockSize(bytes: Buffer, at: number): number {
    const type = bytes.readUInt32LE(at);
    if (!this.#hasSection && type !== format.SECTION_HEADER) {
      const found = `0x${type.toString(16).padStart(8, '0')}`;
      this.#fail(
        'CAPTURE_NOT_SCAP',
        `this is no capture: expected a section header, found ${found}`,
        this.#offset,
      );
      return -1;
    }
    const size = bytes.readUInt32LE(at + 4);
    if (size < 12) {
      this.#fail(
        'CAPTURE_BAD_BLOCK',
        `a block of ${size} bytes is too short for its own header`,
        this.#offset,
      );
      return -1;
    }
    if (size > format.MAX_BLOCK_BYTES) {
      const limit = format.MAX_BLOCK_BYTES;
      this.#fail(
        'CAPTURE_BAD_BLOCK',
        `a block of ${size} bytes is beyond the limit of ${limit}`,
        this.#offset,
      );
      return -1;
    }
    return size;
  }

  /** Reads the whole blocks in the window. */
  #readBlocks(): void {
    const bytes = this.#window;
    const view = this.#view;
    const end = this.#end;
    const event = this.event;
    const engine = this.#engine;
    this.#wanted = 0;
    let at = this.#at;
    while (end - at >= 8) {
      this.#at = at;
      const type = view.getUint32(at, true);
      const size = view.getUint32(at + 4, true);
      if (size < 12 || size > format.MAX_BLOCK_BYTES || !this.#hasSection) {
        if (this.#blockSize(bytes, at) < 0) return;
      }
      if (size > end - at) {
        this.#wanted = size;
        return;
      }
      const layout = format.eventLayout(type);
      if (layout === 0) {
        this.#readStateBlock(type, bytes, at, size);
        if (this.#failed) return;
      } else {
        if (!this.#inEvents) this.#startEvents();
        const head = at + (layout & format.EventLayout.header);
        const isV2 = (layout & format.EventLayout.v2) !== 0;
        const next = at + size;
        if (head + (isV2 ? 26 : 22) > next) {
          this.#failEvent(`an event block of ${size} bytes is too short for its header`);
          return;
        }
        const code = view.getUint16(head + 20, true);
        if (code < EVENT_CODE_COUNT) {
          if (event.bytes !== bytes) {
            event.bytes = bytes;
            event.view = view;
          }
          event.cpu = view.getUint16(at + 8, true);
          event.code = code;
          event.tsLo = view.getUint32(head, true);
          event.tsHi = view.getUint32(head + 4, true);
          const tidHi = view.getInt32(head + 12, true);
          const tidLo = view.getUint32(head + 8, true);
          event.tid = tidHi === 0 ? tidLo : tidHi * 0x1_0000_0000 + tidLo;
          event.offset = this.#windowOffset + at;
          if (!(isV2 ? placeV2(event, head, next) : placeV1(event, head, next))) {
            this.#failEvent(`the parameters of an event of code ${code} do not fit its block`);
            return;
          }
          const fate = format.FATE[code];
          if (fate === format.Fate.pass || this.#isCurrent(event, fate)) {
            event.num = ++this.#num;
            if (this.state.firstTsLo === 0) this.#startClock(event);
            engine.apply(event);
            const hasFlags = (layout & format.EventLayout.header) === format.FLAGS_HEADER;
            if (this.#isShown(event, hasFlags && (view.getUint32(at + 10, true) & 1) !== 0)) {
              this.#events++;
              this.#onEvent(event);
            }
          } else {
            this.#initial = false;
          }
        }
      }
      at += size;
    }
    this.#at = at;
  }

  /** Whether rules see an event. `isStateOnly`: the capture says that it is there for the state (SCAP_DF_STATE_ONLY). */
  #isShown({ code }: ScapEvent, isStateOnly: boolean): boolean {
    if (this.#initial) {
      if (INITIAL_STATE.has(code)) return false;
      this.#initial = false;
    }
    return !isStateOnly && ((code & 1) === 1 || !UNSEEN.has(code));
  }

  #startClock({ code, tsHi, tsLo }: ScapEvent): void {
    const { state } = this;
    if (state.firstTsHi !== 0 || META_EVENTS.has(code)) return;
    state.firstTsHi = tsHi;
    state.firstTsLo = tsLo;
  }

  #failEvent(message: string): void {
    this.#fail('CAPTURE_BAD_EVENT', message, this.#offset);
  }

  /** Whether the event goes on, converted where that is needed. */
  #isCurrent(event: ScapEvent, fate: number | undefined): boolean {
    if (fate === format.Fate.passIfComplete && event.paramCount === format.PARAM_COUNT[event.code])
      return true;
    return this.#converter.convert(event);
  }

  #startEvents(): void {
    this.#inEvents = true;
    this.#initial = true;
    this.state.finishProcessList();
  }

  #readStateBlock(type: number, bytes: Buffer, at: number, size: number): void {
    if (type === format.SECTION_HEADER) {
      this.#readSection(bytes, at, size);
      return;
    }
    if (this.#inEvents) this.#restart();
    const trailer = bytes.readUInt32LE(at + size - 4);
    if (trailer !== size) {
      const message = `a block says at its end that it has ${trailer} bytes, at its start ${size}`;
      this.#fail('CAPTURE_BAD_BLOCK', message, this.#offset);
      return;
    }
    const cursor = new Cursor(bytes, at + 8, at + size - 4);
    try {
      const state = this.state;
      const processes = format.BLOCK_PROCESSES.get(type);
      const fds = format.BLOCK_FDS.get(type);
      const interfaces = format.BLOCK_INTERFACES.get(type);
      const users = format.BLOCK_USERS.get(type);
      if (format.BLOCK_MACHINE.has(type)) readMachine(cursor, state);
      else if (processes !== undefined) readProcesses(cursor, processes, state);
      else if (fds !== undefined) readFds(cursor, fds, state);
      else if (interfaces !== undefined) readInterfaces(cursor, interfaces, state);
      else if (users !== undefined) readUsers(cursor, users, state);
      if (state.growth.bytes > WEIGH_AFTER_BYTES) state.trim();
    } catch (error) {
      if (!(error instanceof BlockEnd)) throw error;
      const name = `0x${type.toString(16)}`;
      const message = `a block of type ${name} ends inside an entry: ${error.message}`;
      this.#fail('CAPTURE_BAD_BLOCK', message, this.#offset + cursor.offset - at);
    }
  }

  /** Another capture begins behind this one: its state starts from nothing, event numbers go on. */
  #restart(): void {
    this.#inEvents = false;
    this.#initial = true;
    this.state.reset();
    this.#converter.reset();
  }

  #readSection(bytes: Buffer, at: number, size: number): void {
    if (size < 24) {
      this.#fail('CAPTURE_BAD_BLOCK', `a section header of ${size} bytes is too short`, this.#offset);
      return;
    }
    const magic = bytes.readUInt32LE(at + 8);
    const major = bytes.readUInt16LE(at + 12);
    if (magic !== format.SECTION_MAGIC) {
      const expected = `0x${format.SECTION_MAGIC.toString(16)}`;
      const message = `expected the byte-order magic ${expected}, found 0x${magic.toString(16)}`;
      this.#fail('CAPTURE_BAD_MAGIC', message, this.#offset + 8);
      return;
    }
    if (major > format.MAX_MAJOR_VERSION) {
      const message = `the capture has format version ${major}; versions up to ${format.MAX_MAJOR_VERSION} are read`;
      this.#fail('CAPTURE_TOO_NEW', message, this.#offset + 12);
      return;
    }
    if (this.#hasSection) this.#restart();
    this.#hasSection = true;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Finds the parameters of an event that says how many it has. False when they do not fit before `end`. */
function placeV2(event: ScapEvent, head: number, end: number): boolean {
  const view = event.view;
  const count = view.getUint32(head + 22, true);
  const lengths = head + 26;
  const isWide = format.IS_WIDE[event.code] === 1;
  const data = lengths + count * (isWide ? 4 : 2);
  if (count > MAX_PARAMS || data > end) return false;
  const starts = event.starts;
  let from = data;
  starts[0] = from;
  for (let at = 0; at < count; at++) {
    from += isWide ? view.getUint32(lengths + 4 * at, true) : view.getUint16(lengths + 2 * at, true);
    starts[at + 1] = from;
  }
  // What the table does not know of is left out.
  const known = format.PARAM_COUNT[event.code] as number;
  event.paramCount = Math.min(count, known);
  return from <= end;
}

/** Finds the parameters of an event that does not: the count is right when the lengths add up to the event's length. */
function placeV1(event: ScapEvent, head: number, end: number): boolean {
  const view = event.view;
  const size = view.getUint32(head + 16, true);
  const isWide = format.IS_WIDE[event.code] === 1;
  const width = isWide ? 4 : 2;
  const lengths = head + 22;
  // Two kinds of events were written three bytes too long.
  const length = NOT_EXACT.has(event.code) ? size - 3 : size;
  for (let count = format.PARAM_COUNT[event.code] as number; count >= 0; count--) {
    const data = lengths + count * width;
    if (data > end) continue;
    let from = data;
    event.starts[0] = from;
    for (let at = 0; at < count; at++) {
      from += isWide ? view.getUint32(lengths + 4 * at, true) : view.getUint16(lengths + 2 * at, true);
      event.starts[at + 1] = from;
    }
    if (from - head !== length) continue;
    event.paramCount = count;
    return from <= end;
  }
  return false;
}

const NOT_EXACT = new Set([280, 286]);

/** Reads a capture from any source of bytes, raw or gzip. Damage ends it and is told in the summary. */
export async function readCapture(
  chunks: AsyncIterable<Uint8Array>,
  onEvent: (event: ScapEvent) => void,
): Promise<CaptureSummary> {
  return drive(new CaptureReader(onEvent), chunks);
}

/** The same for a reader that is already there. Throws what `chunks` throws. */
export async function drive(
  reader: CaptureReader,
  chunks: AsyncIterable<Uint8Array>,
): Promise<CaptureSummary> {
  try {
    await inflateInto(reader, chunks);
  } catch (error) {
    if (error instanceof InflateError) return reader.end(error);
    throw error;
  }
  return reader.end();
}
