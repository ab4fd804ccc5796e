// The timeline as inline SVG: time on the left, a rail with one mark an entry, quiet spans written on the rail.

import { visible } from '../../base/escape/visible.ts';
import type { TimelineEntry } from '../../triage/index.ts';
import { clockText, countText, cutMiddle, dayText, durationText, eventText } from '../format.ts';
import { plain } from '../template.ts';
import { drawnWidth } from '../width.ts';
import { html, type Markup } from './markup.ts';

const ROW = 24;
const CELL = 7.4;
const RAIL = 104;
const MAX_ROWS = 120;
const MAX_TEXT = 90;
/** A pause longer than this is drawn as a row of its own. */
const PAUSE_NS = 60_000_000_000n;

type Line =
  | { readonly kind: 'day'; readonly text: string }
  | { readonly kind: 'pause'; readonly text: string }
  | { readonly kind: 'entry'; readonly entry: TimelineEntry };

/** Entries with day headings and pauses between them. */
function lines(entries: readonly TimelineEntry[]): Line[] {
  const out: Line[] = [];
  let day = '';
  let last: bigint | undefined;
  for (const entry of entries.slice(0, MAX_ROWS)) {
    const entryDay = dayText(entry.timeNs);
    if (entryDay !== '' && entryDay !== day) {
      out.push({ kind: 'day', text: entryDay });
      day = entryDay;
    } else if (last !== undefined && entry.timeNs !== undefined && entry.timeNs - last > PAUSE_NS) {
      out.push({ kind: 'pause', text: `${durationText(entry.timeNs - last)} later` });
    }
    last = entry.endNs ?? entry.timeNs ?? last;
    out.push({ kind: 'entry', entry });
  }
  return out;
}

function mark(entry: TimelineEntry, y: number): Markup {
  if (entry.kind === 'alert')
    return html`<path class="node raised" d="M${RAIL} ${y - 6}L${RAIL + 6} ${y + 5}H${RAIL - 6}Z"/>`;
  if (entry.kind === 'health')
    return html`<circle class="node" cx="${RAIL}" cy="${y}" r="4.5" stroke-dasharray="2 2"/>`;
  if (entry.kind === 'network')
    return html`<path class="node seen" d="M${RAIL} ${y - 6}L${RAIL + 6} ${y}L${RAIL} ${y + 6}L${RAIL - 6} ${y}Z"/>`;
  if (entry.kind === 'file')
    return html`<rect class="node seen" x="${RAIL - 4}" y="${y - 4}" width="8" height="8"/>`;
  return html`<circle class="node seen" cx="${RAIL}" cy="${y}" r="4.5"/>`;
}

/** The timeline, or `undefined` when there is nothing on it. `several`: its events are of several captures. */
export function timeline(entries: readonly TimelineEntry[], several = false): Markup | undefined {
  if (entries.length === 0) return undefined;
  const rows = lines(entries);
  const top = 14;
  let width = 0;
  const drawn = rows.map((row, index) => {
    const y = top + index * ROW;
    if (row.kind === 'day') return html`<text class="dim strong" x="0" y="${y + 4}">${row.text} (UTC)</text>`;
    if (row.kind === 'pause')
      return html`<text class="dim" x="${RAIL + 14}" y="${y + 4}">… ${row.text}</text>`;
    const { entry } = row;
    const text = cutMiddle(visible(plain(entry)), MAX_TEXT);
    const count = entry.count > 1 ? `×${countText(entry.count)} ` : '';
    const until =
      entry.endNs !== undefined && entry.timeNs !== undefined && entry.endNs > entry.timeNs
        ? `  for ${durationText(entry.endNs - entry.timeNs)}`
        : '';
    const place = entry.capture === undefined ? '' : `  ${visible(eventText(entry.capture, several))}`;
    width = Math.max(width, RAIL + 14 + (drawnWidth(count + text + until + place) + 1) * CELL);
    return html`<g><text class="dim" x="0" y="${y + 4}">${clockText(entry.timeNs)}</text>${mark(entry, y)}<text x="${RAIL + 14}" y="${y + 4}"><tspan class="strong">${count}</tspan>${text}<tspan class="dim">${until}${place}</tspan></text></g>`;
  });
  const first = rows.findIndex((row) => row.kind === 'entry');
  const bottom = top + (rows.length - 1) * ROW;
  const height = rows.length * ROW + 4;
  const w = Math.ceil(Math.max(width, 240));
  const left =
    entries.length > MAX_ROWS
      ? html`<p class="legend">${countText(entries.length - MAX_ROWS)} later entries are in the JSON report.</p>`
      : undefined;
  return html`<div class="figure" tabindex="0" role="group" aria-label="Timeline"><svg role="img" aria-label="Timeline with ${entries.length} entries" width="${w}" height="${height}" viewBox="0 0 ${w} ${height}"><path class="rail" d="M${RAIL} ${top + first * ROW}V${bottom}"/>${drawn}</svg></div>${left}`;
}
