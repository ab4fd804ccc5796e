// Times, counts and long values as people read them.

import { visible } from '../../src/base/escape/visible.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `just now`, `5 min ago`, `3 h ago`, `Mon 14:05`, `2026-11-24`. */
export function relativeTime(iso: string, nowMs: number): string {
  const time = Date.parse(iso);
  if (!Number.isFinite(time)) return iso;
  const age = nowMs - time;
  if (age < -MINUTE) return exactTime(iso);
  if (age < MINUTE) return 'just now';
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  if (age < DAY) return `${Math.floor(age / HOUR)} h ago`;
  if (age < 7 * DAY) return `${Math.floor(age / DAY)} d ago`;
  return iso.slice(0, 10);
}

/** `2026-11-24 03:18:20 UTC`. */
export const exactTime = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

export const count = (n: number): string => n.toLocaleString('en-US');

/** The middle cut out, so that both ends, which tell most, stay. */
export function middleCut(text: string, max: number): string {
  const safe = visible(text);
  if (safe.length <= max) return safe;
  const head = Math.ceil((max - 1) / 2);
  return `${safe.slice(0, head)}…${safe.slice(safe.length - (max - 1 - head))}`;
}

export const plural = (n: number, word: string): string => `${count(n)} ${word}${n === 1 ? '' : 's'}`;
