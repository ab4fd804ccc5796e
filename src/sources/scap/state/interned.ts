// Short strings that captures repeat (paths, names of programs) and what follows from them, remembered by their bytes:
// looking one up costs less than decoding it, makes no garbage, and gives the same string object each time, so that
// comparing it and finding it in a set is quick. A place is overwritten when another string needs it: memory is fixed.

import { sanitise } from '../sanitise.ts';
import { joinPath } from './path.ts';
import { decodeText } from './text.ts';

/** Longer strings are decoded each time. */
const MAX_BYTES = 256;
/** A power of two. */
const PLACES = 4096;

const keys = new Uint8Array(PLACES * MAX_BYTES);
const keyView = new DataView(keys.buffer);
/** By place: bytes of the key, -1 when it is free. */
const sizes = new Int32Array(PLACES).fill(-1);

/** By place: the string up to its NUL, sanitised. The place after the last holds what was too long to remember. */
export const texts: string[] = new Array<string>(PLACES + 1).fill('');
/** By place: the same as a path, freed of `.` and `..`, when it is absolute; `''` when it is not. */
export const paths: string[] = new Array<string>(PLACES + 1).fill('');

/** The place of the string at `bytes[from, to)`, with or without its NUL: an index into `texts` and `paths`. */
export function intern(bytes: Buffer, view: DataView, from: number, to: number): number {
  const size = to - from;
  if (size > MAX_BYTES) return remember(PLACES, bytes, from, to);
  let hash = size;
  if (size >= 4) {
    const last = to - 4;
    for (let at = from; at < last; at += 4) {
      hash = Math.imul(hash ^ view.getInt32(at, true), 0x2c1b3c6d);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash ^ view.getInt32(last, true), 0x2c1b3c6d);
  } else {
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x2c1b3c6d);
  }
  hash ^= hash >>> 17;
  const place = hash & (PLACES - 1);
  if (sizes[place] === size && isKey(place * MAX_BYTES, bytes, view, from, to)) return place;
  sizes[place] = size;
  keys.set(bytes.subarray(from, to), place * MAX_BYTES);
  return remember(place, bytes, from, to);
}

/** Whether the key at `start` is `bytes[from, to)`; their sizes are equal. */
function isKey(start: number, bytes: Buffer, view: DataView, from: number, to: number): boolean {
  const shift = start - from;
  if (to - from < 4) {
    for (let at = from; at < to; at++) if (bytes[at] !== keys[at + shift]) return false;
    return true;
  }
  const last = to - 4;
  for (let at = from; at < last; at += 4) {
    if (view.getInt32(at, true) !== keyView.getInt32(at + shift, true)) return false;
  }
  return view.getInt32(last, true) === keyView.getInt32(last + shift, true);
}

function remember(place: number, bytes: Buffer, from: number, to: number): number {
  // As one flat string: what is cut or joined is slower to compare.
  const text = sanitise(decodeText(bytes, from, to));
  texts[place] = text;
  paths[place] = text.charCodeAt(0) === SLASH ? joinPath('', text) : '';
  return place;
}

const SLASH = 47;

/** The string itself. */
export function internText(bytes: Buffer, view: DataView, from: number, to: number): string {
  return from === to ? '' : (texts[intern(bytes, view, from, to)] as string);
}
