// What a stream holds, told by its first bytes: no byte more is needed than where the kind shows, so that a list of a
// gigabyte can be told as well as a line.

import { isRecord, type Json, own } from './event.ts';
import { partialJson } from './partial-json.ts';
import { follow } from './pointer.ts';
import type { JsonSource } from './source.ts';

/** What the first bytes say. */
export type ContentKind = 'capture' | 'gzip' | 'text' | 'empty';

/** A capture's section header (pcapng), in either byte order. */
const SECTION = 0x0a0d0d0a;
const MAGICS: readonly number[] = [0x1a2b3c4d, 0x4d3c2b1a];

/** Tells captures, gzip and text apart. Anything that is neither gzip nor text is taken for a (damaged) capture. */
export function contentKind(head: Uint8Array): ContentKind {
  if (head.length === 0) return 'empty';
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length >= 12 && view.getUint32(0) === SECTION && MAGICS.includes(view.getUint32(8)))
    return 'capture';
  let blank = true;
  for (const byte of head) {
    if (byte === 0) return 'capture';
    if (byte > 0x20) blank = false;
  }
  return blank ? 'empty' : 'text';
}

/** Recorded Falco alerts, beside the sources of events. */
export const ALERTS = 'alerts';

/** A record of recorded alerts: Falco's own, or one of the shapes in which collectors keep it. */
function isAlert(record: Json): boolean {
  const has = (key: string): boolean => own(record, key) !== undefined;
  if (has('rule') && has('priority') && (has('output') || has('output_fields'))) return true;
  if (has('output') && has('output_fields')) return true;
  return ['_source', 'jsonPayload'].some((key) => {
    const inner = own(record, key);
    return isRecord(inner) && isAlert(inner);
  });
}

/** Records, and elements of lists, that are looked at. */
const MAX_LOOKS = 20;

/**
 * The sources whose events the text may hold: names of `sources`, or `alerts`. Empty if none is recognised, several
 * if the first records fit several.
 */
export function sniffJson(head: string, sources: readonly JsonSource[]): string[] {
  let at = 0;
  for (let look = 0; look < MAX_LOOKS && at < head.length; look++) {
    const start = head.slice(at).search(/[[{]/);
    if (start < 0) break;
    const { value, end } = partialJson(head, at + start);
    const found = value === undefined ? [] : sniffValue(value, sources, 0);
    if (found.length > 0) return found;
    // Text before the first record, or a record that cannot be read: look again behind it.
    const lineEnd = head.indexOf('\n', at + start);
    at = value !== undefined && end > at + start ? end : lineEnd < 0 ? head.length : lineEnd + 1;
  }
  return [];
}

function sniffValue(value: Json, sources: readonly JsonSource[], depth: number): string[] {
  if (depth > 3) return [];
  if (Array.isArray(value)) {
    for (const item of value.slice(0, MAX_LOOKS)) {
      const found = sniffValue(item, sources, depth + 1);
      if (found.length > 0) return found;
    }
    return [];
  }
  if (!isRecord(value)) return [];
  const found = new Set<string>(isAlert(value) ? [ALERTS] : []);
  for (const source of sources) {
    if (source.accepts(source.unwrap(value) ?? value)) found.add(source.name);
    for (const steps of source.lists) {
      const list = follow(value, steps);
      if (!Array.isArray(list)) continue;
      // An empty list is one of nothing else either.
      const names = list.length === 0 ? [source.name] : sniffValue(list, [source], depth + 1);
      for (const name of names) found.add(name);
    }
  }
  return [...found];
}
