// How verdicts, levels, times and counts are written, in every format the same. Nothing here depends on the clock,
// the locale or the time zone of the machine.

import type { Check, Level, Mitigation } from '../mitigate/index.ts';
import type { ProcessNode, Spread, VerdictWord, Workload } from '../triage/index.ts';

/** The mark of a verdict: shape first, so that it reads without colour. */
export const VERDICT_MARK: Readonly<Record<VerdictWord, string>> = {
  malicious: '▲',
  'likely-malicious': '▲',
  undetermined: '◆',
  'likely-benign': '○',
  benign: '○',
};

/** Worst first: the order in which incidents are shown. */
export const VERDICT_RANK: Readonly<Record<VerdictWord, number>> = {
  malicious: 0,
  'likely-malicious': 1,
  undetermined: 2,
  'likely-benign': 3,
  benign: 4,
};

/** The verdict with its leaning, in words. */
export function verdictText(verdict: {
  readonly word: VerdictWord;
  readonly leaning: 'benign' | 'malicious' | 'none';
}): string {
  if (verdict.word !== 'undetermined' || verdict.leaning === 'none') return verdict.word;
  return `undetermined, leaning ${verdict.leaning}`;
}

/** What a check said, as one word with its mark. */
export const CHECK_MARK: Readonly<Record<Check['result'], string>> = {
  passed: '✓',
  failed: '✗',
  skipped: '–',
};

/** What a level means to a reader. */
export const LEVEL_TEXT: Readonly<Record<Level, string>> = {
  none: 'unchecked',
  parsed: 'parsed',
  valid: 'valid',
  simulated: 'simulated',
  proved: 'proved',
};

/** The status line of a mitigation: how far it was checked, or why it is not offered. */
export function statusText(mitigation: Mitigation): string {
  if (mitigation.status === 'refused') return 'not offered';
  if (mitigation.status === 'proposal') return 'unchecked proposal';
  return LEVEL_TEXT[mitigation.level];
}

const MAX_DATE_MS = 8_640_000_000_000_000n;

/** Nanoseconds since 1970 as RFC 3339 UTC with nine digits, or `undefined` where no calendar date exists for it. */
export function isoNs(timeNs: bigint): string | undefined {
  const ms = timeNs >= 0n ? timeNs / 1_000_000n : (timeNs - 999_999n) / 1_000_000n;
  if (ms > MAX_DATE_MS || ms < -MAX_DATE_MS) return undefined;
  const date = new Date(Number(ms));
  const year = date.getUTCFullYear();
  if (year < 0 || year > 9999) return undefined;
  const fraction = ((timeNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return `${date.toISOString().slice(0, 19)}.${fraction.toString().padStart(9, '0')}Z`;
}

/** Milliseconds since 1970 for formats that carry times as numbers. */
export function epochMs(timeNs: bigint): number | undefined {
  return isoNs(timeNs) === undefined ? undefined : Number(timeNs / 1_000_000n);
}

/** For people: `2026-11-24 03:18:20.461 UTC`; `time unknown` where there is none. */
export function timeText(timeNs: bigint | undefined): string {
  if (timeNs === undefined) return 'time unknown';
  const iso = isoNs(timeNs);
  return iso === undefined
    ? `${timeNs} ns since 1970`
    : `${iso.slice(0, 10)} ${iso.slice(11, 19)}${iso.slice(19, 23)} UTC`;
}

/** `03:18:20.461` of a time, for lists whose day stands elsewhere. */
export function clockText(timeNs: bigint | undefined): string {
  const iso = timeNs === undefined ? undefined : isoNs(timeNs);
  return iso === undefined ? '--:--:--.---' : `${iso.slice(11, 19)}${iso.slice(19, 23)}`;
}

/** The UTC day of a time: `2026-11-24`. */
export function dayText(timeNs: bigint | undefined): string {
  const iso = timeNs === undefined ? undefined : isoNs(timeNs);
  return iso === undefined ? '' : iso.slice(0, 10);
}

/** `03:18 → 03:19` on one day, both dates where they differ, one time where first and last are the same. */
export function rangeText(firstNs: bigint | undefined, lastNs: bigint | undefined): string {
  if (firstNs === undefined || lastNs === undefined || firstNs === lastNs) return timeText(firstNs ?? lastNs);
  const first = timeText(firstNs);
  const last = timeText(lastNs);
  if (first === last) return first;
  const sameDay = dayText(firstNs) !== '' && dayText(firstNs) === dayText(lastNs);
  return `${first.replace(/ UTC$/, '')} → ${sameDay ? last.slice(11) : last}`;
}

/** For lists: `2026-11-24 03:18 → 03:19`, to the minute. */
export function shortRangeText(firstNs: bigint | undefined, lastNs: bigint | undefined): string {
  const minute = (ns: bigint) => (isoNs(ns) === undefined ? undefined : timeText(ns).slice(0, 16));
  const first = firstNs === undefined ? undefined : minute(firstNs);
  const last = lastNs === undefined ? undefined : minute(lastNs);
  if (first === undefined || last === undefined) return first ?? last ?? 'time unknown';
  if (first === last) return first;
  return `${first} → ${first.slice(0, 10) === last.slice(0, 10) ? last.slice(11) : last}`;
}

/** A span of time in the largest sensible unit: `340 ms`, `12 s`, `3 min`, `2.5 h`, `4 d`. */
export function durationText(ns: bigint): string {
  const ms = Number(ns / 1_000_000n);
  if (ms < 1000) return `${ms} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.round(ms / 360_000) / 10} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

/** `4,120`: digits in groups of three. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 alert`, `4,120 alerts`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** `3 pods`, `at least 100 pods`; the empty text for none. */
export function spreadText(spread: Spread, one: string): string {
  if (spread.total === 0) return '';
  return `${spread.atLeast ? 'at least ' : ''}${plural(spread.total, one)}`;
}

/** Where it happened, shortest name that a person recognises; parts are attacker-controlled. */
export function workloadParts(workload: Workload): string[] {
  if (workload.kind === 'host') return ['host', ...(workload.node === undefined ? [] : [workload.node])];
  const parts: string[] = [];
  if (workload.namespace !== undefined) parts.push(workload.namespace);
  const name = workload.owner?.name ?? workload.pod;
  if (name !== undefined) parts.push(name);
  if (workload.containerName !== undefined && workload.containerName !== name) {
    parts.push(workload.containerName);
  }
  if (parts.length === 0 && workload.imageRepository !== undefined) parts.push(workload.imageRepository);
  if (parts.length === 0 && workload.containerId !== undefined)
    parts.push(`container ${workload.containerId}`);
  if (parts.length === 0 && workload.node !== undefined) parts.push(workload.node);
  return parts;
}

/** The tree without branches in which no alert was raised, where it has more processes than `limit`. */
export function pruneProcesses(
  nodes: readonly ProcessNode[],
  limit: number,
): { readonly nodes: readonly ProcessNode[]; readonly hidden: number } {
  const total = countProcesses(nodes);
  if (total <= limit) return { nodes, hidden: 0 };
  const prune = (list: readonly ProcessNode[]): ProcessNode[] =>
    list.flatMap((node) => {
      const children = prune(node.children);
      return children.length > 0 || node.findingIds.length > 0 ? [{ ...node, children }] : [];
    });
  const kept = prune(nodes);
  return kept.length === 0 ? { nodes, hidden: 0 } : { nodes: kept, hidden: total - countProcesses(kept) };
}

export function countProcesses(nodes: readonly ProcessNode[]): number {
  let count = 0;
  const stack = [...nodes];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    count++;
    stack.push(...node.children);
  }
  return count;
}

/** `event 512`, with its capture's file name where there are several. */
export function eventText(
  place: { readonly file: string; readonly event: number },
  several: boolean,
): string {
  return several ? `event ${place.event} of ${place.file.split('/').at(-1)}` : `event ${place.event}`;
}

/** When a process lived, and how it ended, as far as a capture shows it: `from 03:15:40.071 for 2 s, exit 0`. */
export function lifeText({ startNs, endNs, exitCode, signal, event }: ProcessNode): string {
  if (event === undefined) return '';
  const end =
    endNs === undefined
      ? 'still there at the end'
      : signal !== undefined
        ? `ended by ${signal}`
        : `exit ${exitCode ?? 'unknown'}`;
  if (startNs === undefined)
    return endNs === undefined ? 'there all along' : `until ${clockText(endNs)}, ${end}`;
  const span = endNs === undefined ? '' : ` for ${durationText(endNs - startNs)}`;
  return `from ${clockText(startNs)}${span}, ${end}`;
}

/** What is known of a process beside its name and command line. */
export function processFacts(node: ProcessNode): string[] {
  return [
    node.pid === undefined ? '' : `pid ${node.pid}`,
    node.user === undefined ? '' : `user ${node.user}`,
    lifeText(node),
  ].filter((text) => text !== '');
}

/** A long value cut in the middle, so that both ends stay readable. */
export function cutMiddle(text: string, max: number): string {
  const characters = text.length > max * 4 ? [...text.slice(0, max * 2), ...text.slice(-max * 2)] : [...text];
  if (characters.length <= max) return text;
  const head = Math.ceil((max - 1) / 2);
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (max - 1 - head)).join('')}`;
}
