// What log collectors put in front of a line: syslog (RFC 3164 and 5424), journal, `kubectl logs`, containerd's CRI
// format, docker compose. Only a time with a date and a host name are taken from it.

import { parseIsoNs } from './time.ts';

export interface LogPrefix {
  readonly timeNs?: bigint;
  readonly hostname?: string;
}

const ISO_START =
  /^(?:<\d{1,3}>(?:1 )?)?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})? ?(?:Z|[+-]\d\d:?\d\d)?) ?(.*)$/s;
const BSD_START = /^(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (\S{1,255}) \S{1,64}: ?$/;
const HOST_AND_TAG = /^(\S{1,255}) (?:\S{1,64}: ?|\S{1,64} (?:\d+|-) (?:\S{1,64} )?(?:-|\[[^\]]*\]) ?)$/;
const CRI = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}(?:Z|[+-]\d\d:\d\d)) (?:stdout|stderr) ([FP]) /;

/** Reads the text before an alert; `{}` if it says nothing. */
export function readPrefix(prefix: string): LogPrefix {
  if (prefix === '') return {};
  const bsd = BSD_START.exec(prefix);
  if (bsd !== null) return { hostname: bsd[1] as string };
  const iso = ISO_START.exec(prefix.replace(/^\[[^\]]{1,300}\] /, ''));
  if (iso === null) return {};
  const timeNs = parseIsoNs((iso[1] as string).trim());
  const hostname = HOST_AND_TAG.exec(iso[2] as string)?.[1];
  return {
    ...(timeNs === undefined ? undefined : { timeNs }),
    ...(hostname === undefined || hostname === '-' ? undefined : { hostname }),
  };
}

/** A line of containerd's CRI log: `partial` lines go on in the next one. */
export function readCri(
  line: string,
): { text: string; partial: boolean; timeNs: bigint | undefined } | undefined {
  const match = CRI.exec(line);
  if (match === null) return undefined;
  return {
    text: line.slice(match[0].length),
    partial: match[2] === 'P',
    timeNs: parseIsoNs(match[1] as string),
  };
}

/** Lines that Falco itself logs beside its alerts. `summary-head` begins a list of `isSummaryLine`s. */
export function falcoLog(line: string): 'log' | 'summary-head' | undefined {
  if (/^(?:Rule counts by severity|Triggered rules by rule name|Syscall event drop monitoring):$/.test(line))
    return 'summary-head';
  if (/^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}: |^Events detected: \d+$/.test(line))
    return 'log';
  return undefined;
}

/** `WARNING: 3`, `Rule name: 3`, `- event drop detected: 0 occurrences`. */
export function isSummaryLine(line: string): boolean {
  return /^.{1,300}: \d{1,18}(?: occurrences)?$/.test(line);
}
