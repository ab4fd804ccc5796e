// A capture as events: takes bytes as they come (file or pipe), finds the blocks, feeds the state, and hands each event
// to `onEvent` in the same turn. Memory stays bounded: a piece at a time, and strings that live longer are decoded
// every few megabytes. Format: libs userspace/libscap/scap_savefile.h.
//
// The loop over blocks is long on purpose: it is the hot path, and calls in it cost.

import type { Diagnostic } from '../../base/diagnostic.ts';
import { Converter } from './converter.ts';
import { BlockEnd, Cursor } from './cursor.ts';
import { MAX_PARAMS, ScapEvent } from './event.ts';
import * as format from './format.ts';
import { InflateError, inflateIfNeeded } from './inflate.ts';
import { StateEngine } from './state/engine.ts';
import { WEIGH_AFTER_BYTES } from './state/growth.ts';
import { State } from './state/state.ts';
import { readFds, readInterfaces, readMachine, readProcesses, readUsers } from './state-blocks.ts';

/** Bytes after which strings that are still undecoded are decoded, so that the pieces they lie in can go. */
const SETTLE_BYTES = 1024 * 1024;

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
  /** Bytes of a block that is not complete yet. */
  #carry: Buffer[] = [];
  #carrySize = 0;
  #wanted = 0;
  /** Uncompressed offset of the next byte that `push` will get, less what is carried. */
  #offset = 0;
  #sinceSettle = 0;
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

  /** Takes the next uncompressed bytes. The reader keeps `chunk`: do not reuse it. */
  push(chunk: Buffer): void {
    if (this.#failed) return;
    let from = 0;
    if (this.#carrySize > 0) {
      from = this.#completeCarried(chunk);
      if (from < 0 || this.#failed) return;
    }
    const rest = this.#readBlocks(chunk, from, chunk.length);
    if (rest < chunk.length && !this.#failed) {
      this.#carry = [chunk.subarray(rest)];
      this.#carrySize = chunk.length - rest;
    }
    // Names are kept as they came and joined with their directory.
    this.state.growth.bytes += 2 * chunk.length;
    this.#sinceSettle += chunk.length;
    if (this.#sinceSettle >= SETTLE_BYTES) {
      this.#sinceSettle = 0;
      this.state.settle();
    }
  }

  /** No more bytes. `problem` says why, when it is not simply the end. */
  end(problem?: InflateError): CaptureSummary {
    if (!this.#failed) {
      if (problem !== undefined && !problem.isTruncated) {
        this.#fail(
          'CAPTURE_GZIP_DAMAGED',
          `the compressed data is damaged (${problem.message}) near byte ${problem.offset}`,
          this.#offset + this.#carrySize,
        );
      } else if (this.#carrySize > 0 || problem !== undefined) {
        const wanted = this.#wanted > 0 ? `${this.#wanted} bytes were announced, ` : '';
        this.#fail(
          'CAPTURE_TRUNCATED',
          `the capture ends inside a block: ${wanted}${this.#carrySize} bytes are there`,
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
      bytes: this.#offset + this.#carrySize,
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
    this.#carry = [];
    this.#diagnostics.push({
      code,
      severity: 'error',
      message: `${message} (byte ${offset}${this.#inEvents ? `, after event ${this.#num}` : ''})`,
    });
  }

  /** Puts a block together that began in an earlier chunk. Returns where the next one starts, -1 if it is not whole. */
  #completeCarried(chunk: Buffer): number {
    const before = this.#carrySize;
    if (before < 8) {
      this.#carry.push(chunk);
      this.#carrySize += chunk.length;
      if (this.#carrySize < 8) return -1;
      this.#carry = [Buffer.concat(this.#carry, this.#carrySize)];
    } else {
      this.#carry.push(chunk);
      this.#carrySize += chunk.length;
    }
    if (this.#wanted === 0) {
      const size = this.#blockSize(this.#carry[0] as Buffer, 0);
      if (size < 0) return -1;
      this.#wanted = size;
    }
    if (this.#carrySize < this.#wanted) return -1;
    const wanted = this.#wanted;
    const whole = Buffer.concat(this.#carry, wanted);
    this.#carry = [];
    this.#carrySize = 0;
    this.#wanted = 0;
    this.#readBlocks(whole, 0, wanted);
    return wanted - before;
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

  /** Reads whole blocks from `bytes[from, to)`. Returns where the first one that is not whole starts. */
  #readBlocks(bytes: Buffer, from: number, to: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const event = this.event;
    const engine = this.#engine;
    let at = from;
    while (to - at >= 8) {
      const type = view.getUint32(at, true);
      const size = view.getUint32(at + 4, true);
      if (size < 12 || size > format.MAX_BLOCK_BYTES || !this.#hasSection) {
        if (this.#blockSize(bytes, at) < 0) return to;
      }
      if (size > to - at) {
        this.#wanted = size;
        return at;
      }
      if (!format.isEventBlock(type)) {
        this.#readStateBlock(type, bytes, at, size);
        if (this.#failed) return to;
      } else {
        if (!this.#inEvents) this.#startEvents();
        // Where the event header starts: behind the block's header, the cpu and, in some blocks, flags.
        const hasFlags =
          type === format.EVENT_V2_FLAGS ||
          type === format.EVENT_LARGE_FLAGS ||
          type === format.EVENT_V1_FLAGS;
        const head = at + (hasFlags ? 14 : 10);
        const isV2 =
          type !== format.EVENT_V1 && type !== format.EVENT_V1_FLAGS && type !== format.EVENT_V1_INTERNAL;
        const end = at + size;
        if (head + (isV2 ? 26 : 22) > end) {
          this.#fail(
            'CAPTURE_BAD_EVENT',
            `an event block of ${size} bytes is too short for its header`,
            this.#offset,
          );
          return to;
        }
        const code = view.getUint16(head + 20, true);
        if (code < format.FATE.length) {
          event.bytes = bytes;
          event.view = view;
          event.cpu = view.getUint16(at + 8, true);
          event.code = code;
          event.tsLo = view.getUint32(head, true);
          event.tsHi = view.getUint32(head + 4, true);
          event.tid = view.getInt32(head + 12, true) * 0x1_0000_0000 + view.getUint32(head + 8, true);
          event.offset = this.#offset;
          const isWhole = isV2 ? placeV2(event, head, end) : placeV1(event, head, end);
          if (!isWhole) {
            const name = `event of code ${code}`;
            this.#fail(
              'CAPTURE_BAD_EVENT',
              `the parameters of an ${name} do not fit its block`,
              this.#offset,
            );
            return to;
          }
          if (this.#isCurrent(event)) {
            event.num = ++this.#num;
            if (this.state.firstTsHi === 0 && this.state.firstTsLo === 0 && !META_EVENTS.has(event.code)) {
              this.state.firstTsHi = event.tsHi;
              this.state.firstTsLo = event.tsLo;
            }
            engine.apply(event);
            if (!this.#initial || !INITIAL_STATE.has(event.code)) {
              this.#initial = false;
              // Some events of a capture are there for the state only (scap.h, SCAP_DF_STATE_ONLY).
              const isShown = !hasFlags || (view.getUint32(at + 10, true) & 1) === 0;
              if (isShown && ((event.code & 1) === 1 || !UNSEEN.has(event.code))) {
                this.#events++;
                this.#onEvent(event);
              }
            }
          } else {
            this.#initial = false;
          }
        }
      }
      at += size;
      this.#offset += size;
    }
    return at;
  }

  /** Whether the event goes on, converted where that is needed. */
  #isCurrent(event: ScapEvent): boolean {
    const fate = format.FATE[event.code];
    if (fate === format.Fate.pass) return true;
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
    for await (const piece of inflateIfNeeded(chunks)) {
      reader.push(piece);
      if (reader.failed) break;
    }
  } catch (error) {
    if (error instanceof InflateError) return reader.end(error);
    throw error;
  }
  return reader.end();
}
