// Brings events of older drivers to the layout of today's table: parameters that moved from enter to exit events,
// events that got new codes, parameters that did not exist. Follows libs userspace/libscap/engine/savefile/converter.

import { EVENTS } from '../../detect/fields/index.ts';
import type { ScapEvent } from './event.ts';
import { FATE, Fate, PARAM_COUNT } from './format.ts';
import { CONVERSIONS, type ConversionRow } from './generated/converter.ts';

/** An event never gets larger than this (libs, 64 KiB, whole event with header). */
const MAX_EVENT_BYTES = 64 * 1024;
/** A chain of conversions is at most as long as the versions of an event. */
const MAX_ROUNDS = 16;
/** Enter events that wait for their exit, and their bytes; beyond these the oldest are forgotten. */
const MAX_STORED = 65536;
const MAX_STORED_BYTES = 16 * 1024 * 1024;

const rows = new Map<number, ConversionRow>(CONVERSIONS.map((row) => [row[0] * 256 + row[1], row]));

interface StoredEvent {
  readonly code: number;
  readonly params: readonly Buffer[];
}

const EMPTY = Buffer.alloc(0);
const NO_ID = Buffer.from([0xff, 0xff, 0xff, 0xff]);
const ZEROES = Buffer.alloc(8);

/** Converts events in place. One for each capture: it keeps enter events until their exits come. */
export class Converter {
  readonly #stored = new Map<number, StoredEvent>();
  #storedBytes = 0;
  /** Events that had no row in the table and were dropped. */
  unknown = 0;

  /** Forgets all enter events. */
  reset(): void {
    this.#stored.clear();
    this.#storedBytes = 0;
  }

  /** Whether the event goes on; its code and parameters may have changed. Call for codes whose fate is not `pass`. */
  convert(event: ScapEvent): boolean {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      switch (FATE[event.code]) {
        case Fate.pass:
          return true;
        case Fate.passIfComplete:
          if (event.paramCount === PARAM_COUNT[event.code]) return true;
          break;
        case Fate.convert:
          break;
        default:
          return false;
      }
      const row = rows.get(event.code * 256 + event.paramCount);
      if (row === undefined) {
        this.unknown++;
        return false;
      }
      switch (row[2]) {
        case 'PASS':
          return true;
        case 'DROP':
          return false;
        case 'STORE':
          this.#store(event);
          return false;
        case 'STORE_AND_PASS':
          this.#store(event);
          return true;
        case 'ADD_PARAMS':
          this.#rebuild(event, event.code, paramsOf(event), row);
          break;
        case 'CHANGE_TYPE':
          this.#rebuild(event, row[3], [], row);
          break;
      }
    }
    this.unknown++;
    return false;
  }

  #store(event: ScapEvent): void {
    this.#forget(event.tid);
    const params = paramsOf(event).map((bytes) => Buffer.from(bytes));
    this.#stored.set(event.tid, { code: event.code, params });
    this.#storedBytes += sizeOf(params);
    while (this.#stored.size > MAX_STORED || this.#storedBytes > MAX_STORED_BYTES) {
      const oldest = this.#stored.keys().next();
      if (oldest.done) return;
      this.#forget(oldest.value);
    }
  }

  #forget(tid: number): void {
    const stored = this.#stored.get(tid);
    if (stored === undefined) return;
    this.#storedBytes -= sizeOf(stored.params);
    this.#stored.delete(tid);
  }

  #rebuild(event: ScapEvent, code: number, kept: readonly Buffer[], row: ConversionRow): void {
    const old = paramsOf(event);
    const stored = this.#stored.get(event.tid);
    const enter = stored?.code === event.code - 1 ? stored : undefined;
    const params = [...kept];
    let usedEnter = false;
    for (const [op, first, second] of row[4]) {
      const at = params.length;
      switch (op) {
        case 'OLD':
          params.push(old[first] ?? EMPTY);
          break;
        case 'ENTER':
          if (enter !== undefined) usedEnter = true;
          params.push(enter?.params[first] ?? (second === 1 ? EMPTY : defaultValue(code, at)));
          break;
        case 'DEFAULT':
          params.push(defaultValue(code, at));
          break;
        case 'EMPTY':
          params.push(EMPTY);
          break;
        case 'CALLBACK':
          params.push(containerJson(old));
          break;
      }
    }
    if (usedEnter) this.#forget(event.tid);
    this.#write(event, code, params);
  }

  /** A fresh buffer each time: the state may keep pieces of it until they are decoded. */
  #write(event: ScapEvent, code: number, params: readonly Buffer[]): void {
    let room = MAX_EVENT_BYTES;
    const sizes = params.map((bytes) => {
      const size = Math.min(bytes.length, room);
      room -= size;
      return size;
    });
    const out = Buffer.allocUnsafe(MAX_EVENT_BYTES - room);
    let at = 0;
    for (let index = 0; index < params.length; index++) {
      const size = sizes[index] as number;
      params[index]?.copy(out, at, 0, size);
      at += size;
    }
    event.setPlaced(code, out, new DataView(out.buffer, out.byteOffset, out.length), 0, sizes);
  }
}

function sizeOf(params: readonly Buffer[]): number {
  return params.reduce((bytes, param) => bytes + param.length, 0);
}

function paramsOf(event: ScapEvent): Buffer[] {
  return Array.from({ length: event.paramCount }, (_, at) => event.slice(at));
}

/** What a parameter holds when nothing is known: zeroes of its size, all ones for ids, nothing for the rest. */
function defaultValue(code: number, at: number): Buffer {
  switch (EVENTS[code]?.params[at]?.type) {
    case 'UID':
    case 'GID':
      return NO_ID;
    case 'INT8':
    case 'UINT8':
    case 'FLAGS8':
    case 'ENUMFLAGS8':
    case 'SIGTYPE':
    case 'SOCKADDR':
      return ZEROES.subarray(0, 1);
    case 'INT16':
    case 'UINT16':
    case 'FLAGS16':
    case 'ENUMFLAGS16':
    case 'SYSCALLID':
      return ZEROES.subarray(0, 2);
    case 'INT32':
    case 'UINT32':
    case 'FLAGS32':
    case 'ENUMFLAGS32':
    case 'MODE':
    case 'SIGSET':
      return ZEROES.subarray(0, 4);
    case 'INT64':
    case 'UINT64':
    case 'RELTIME':
    case 'ABSTIME':
    case 'ERRNO':
    case 'FD':
    case 'PID':
      return ZEROES;
    default:
      return EMPTY;
  }
}

/** The container event of 2015 (id, type, name, image) as the JSON of its successor. */
function containerJson(old: readonly Buffer[]): Buffer {
  const text = (at: number): string => (old[at] ?? EMPTY).toString('utf8').split('\0', 1)[0] ?? '';
  const type = old[1]?.length === 4 ? old[1].readUInt32LE(0) : 0;
  const container = { id: text(0), type, name: text(2), image: text(3) };
  return Buffer.from(`${JSON.stringify({ container })}\0`);
}
