// Lists of cgroups, remembered by their bytes: the processes of a container, and most of a machine, share theirs, and
// what container they tell of is found once a list. A place is overwritten when another list needs it.

import { LazyList } from './text.ts';

/** Longer lists are not remembered. */
const MAX_BYTES = 4096;
/** A power of two. */
const PLACES = 256;

interface Entry {
  readonly key: Buffer;
  readonly list: LazyList;
}

const entries: (Entry | undefined)[] = new Array<Entry | undefined>(PLACES).fill(undefined);

/** The list at `bytes[from, to)`; its own copy of them. */
export function internCgroups(bytes: Buffer, from: number, to: number): LazyList {
  const size = to - from;
  // Ids are hexadecimal and long: every seventh byte tells two lists apart well enough to choose a place.
  let hash = size;
  for (let at = from; at < to; at += 7) hash = Math.imul(hash ^ (bytes[at] as number), 0x2c1b3c6d);
  hash ^= hash >>> 16;
  const place = (hash ^ (hash >>> 8)) & (PLACES - 1);
  const found = entries[place];
  if (found !== undefined && found.key.length === size && found.key.compare(bytes, from, to) === 0)
    return found.list;
  const key = Buffer.from(bytes.subarray(from, to));
  const list = new LazyList(key, 0, size);
  // So that the list does not keep what the key lies in.
  list.settle();
  if (size <= MAX_BYTES) entries[place] = { key, list };
  return list;
}
