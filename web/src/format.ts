// Times, counts and long values as people read them.

import { visible } from '../../src/base/escape/visible.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function ageText(ms: number): string {
  if (ms < HOUR) return `${Math.max(1, Math.floor(ms / MINUTE))} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

/** `just now`, `5 min ago`, `3 h ago`, `in 2 h`, `2026-11-24`. */
export function relativeTime(iso: string, nowMs: number): string {
  const time = Date.parse(iso);
  if (!Number.isFinite(time)) return iso;
  const age = nowMs - time;
  if (Math.abs(age) >= 30 * DAY) return iso.slice(0, 10);
  if (age < -MINUTE) return `in ${ageText(-age)}`;
  if (age < MINUTE) return 'just now';
  return `${ageText(age)} ago`;
}

/** `2026-11-24 03:18:20 UTC`. */
export const exactTime = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

/** `11-24 03:18:20`, for columns; UTC, as their heads say. */
export const shortExactTime = (iso: string): string => `${iso.slice(5, 10)} ${iso.slice(11, 19)}`;

export const count = (n: number): string => n.toLocaleString('en-US');

/** The middle cut out, so that both ends, which tell most, stay. */
export function middleCut(text: string, max: number): string {
  const safe = visible(text);
  if (safe.length <= max) return safe;
  const head = Math.ceil((max - 1) / 2);
  return `${safe.slice(0, head)}…${safe.slice(safe.length - (max - 1 - head))}`;
}

export const plural = (n: number, word: string): string => `${count(n)} ${word}${n === 1 ? '' : 's'}`;

/**
 * A value as an operand of a condition: bare where Falco takes it so, else quoted. A backslash goes as `\x5c`: Falco
 * reads `"a\\"` as not ended yet.
 */
export function operand(value: string): string {
  if (/^[A-Za-z0-9_/.:@+-]+$/.test(value) && !/^(and|or|not|in|exists)$/i.test(value)) return value;
  const escaped = (c: string): string =>
    c === '"' ? '\\"' : `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
  return `"${value.replace(/["\\\x00-\x1f\x7f]/g, escaped)}"`;
}
