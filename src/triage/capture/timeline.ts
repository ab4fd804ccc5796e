// The incident's timeline from a capture: what matters most and lies nearest to the alerts, in order of time.

import type { TimelineEntry } from '../types.ts';
import type { Entry, IncidentLog } from './incident-log.ts';
import type { Place } from './locate.ts';

/** Alerts come on top of these. */
const MAX_ENTRIES = 100;

export function timelineFrom(
  log: IncidentLog | undefined,
  places: readonly Place[],
): { readonly entries: TimelineEntry[]; readonly leftOut: number } {
  if (log === undefined) return { entries: [], leftOut: 0 };
  const times = places.map(({ timeNs }) => timeNs);
  const distance = ({ timeNs }: Entry): bigint =>
    times.reduce<bigint>((least, at) => {
      const gap = at > timeNs ? at - timeNs : timeNs - at;
      return gap < least ? gap : least;
    }, 1n << 62n);
  const all = [...log.entries.values()].map((entry) => ({ entry, gap: distance(entry) }));
  all.sort((a, b) => b.entry.act.rank - a.entry.act.rank || (a.gap < b.gap ? -1 : a.gap > b.gap ? 1 : 0));
  const kept = all.slice(0, MAX_ENTRIES).map(({ entry }) => entry);
  kept.sort((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : a.event - b.event));
  return {
    entries: kept.map(toEntry),
    leftOut: all.length - kept.length + log.entriesLeftOut,
  };
}

function toEntry({ act, label, timeNs, endNs, count, others, capture, event }: Entry): TimelineEntry {
  return {
    timeNs,
    ...(endNs > timeNs ? { endNs } : {}),
    kind: act.kind,
    text: `{0} ${act.text}${others === 0 ? '' : `, and ${others} more in that folder`}`,
    values: [label, ...act.values],
    count,
    capture: { file: capture, event, notable: act.rank === 3 },
  };
}
