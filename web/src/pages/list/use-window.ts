// Which lines of a long table are in the page: those near the screen, and always the one that has the focus. Heights
// are fixed by kind (CSS has the same numbers), so that a place is arithmetic. Short tables are whole, for the browser's
// own search.

import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Line } from './rows.ts';

/** Up to this many lines nothing is left out. */
const WHOLE = 200;
const MARGIN_PX = 340;
/** The window moves by this many lines at a time: fewer renders. */
const STEP = 5;

const NARROW = '(max-width: 760px)';
const HEIGHT = { wide: { row: 34, group: 34 }, narrow: { row: 126, group: 40 } } as const;
/** Room for the table's sticky head above the focused row. */
const HEAD_PX = 40;

export interface Window {
  /** Indices of the lines to draw, ascending. */
  readonly shown: readonly number[];
  /** Pixels of the lines left out before line `index` when `before` is the last one drawn (-1: none). */
  gap(before: number, index: number): number;
  /** Scrolls so that line `index` is on the screen. */
  reveal(index: number): void;
}

function useNarrow(): boolean {
  const [narrow, set] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const media = matchMedia(NARROW);
    const follow = (): void => set(media.matches);
    media.addEventListener('change', follow);
    return () => media.removeEventListener('change', follow);
  }, []);
  return narrow;
}

/** Tops of the lines, and of what comes after the last. */
function topsOf(lines: readonly Line[], height: { readonly row: number; readonly group: number }) {
  const tops = new Float64Array(lines.length + 1);
  for (let i = 0; i < lines.length; i++) tops[i + 1] = (tops[i] as number) + height[(lines[i] as Line).kind];
  return tops;
}

/** The line at a height: the last one whose top is not below it. */
function lineAt(tops: Float64Array, y: number): number {
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] as number) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}

export interface WindowOptions {
  readonly lines: readonly Line[];
  readonly table: RefObject<HTMLTableElement | null>;
  /** This line stays drawn wherever the window is; -1: none. */
  readonly kept: number;
  /** The last line is near the screen. */
  readonly onNearEnd: () => void;
}

export function useWindow({ lines, table, kept, onNearEnd }: WindowOptions): Window {
  const narrow = useNarrow();
  const [range, setRange] = useState<readonly [number, number]>([0, WHOLE]);
  const known = useRef<{ lines: readonly Line[]; narrow: boolean; tops: Float64Array } | undefined>(
    undefined,
  );
  if (known.current?.lines !== lines || known.current.narrow !== narrow)
    known.current = { lines, narrow, tops: topsOf(lines, HEIGHT[narrow ? 'narrow' : 'wide']) };
  const { tops } = known.current;
  const nearEnd = useRef(onNearEnd);
  nearEnd.current = onNearEnd;
  const total = lines.length;

  const measure = (): void => {
    const body = table.current?.tBodies[0];
    if (body === undefined) return;
    const top = -body.getBoundingClientRect().top;
    const from = lineAt(tops, top - MARGIN_PX);
    const to = lineAt(tops, top + innerHeight + MARGIN_PX) + 1;
    if (to >= total) nearEnd.current();
    const next = [Math.floor(from / STEP) * STEP, Math.min(total, Math.ceil(to / STEP) * STEP)] as const;
    setRange((old) => (old[0] === next[0] && old[1] === next[1] ? old : next));
  };
  const current = useRef(measure);
  current.current = measure;
  useLayoutEffect(() => current.current(), [lines, narrow]);
  useEffect(() => {
    let asked = false;
    const soon = (): void => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        current.current();
      });
    };
    addEventListener('scroll', soon, { passive: true });
    addEventListener('resize', soon);
    return () => {
      removeEventListener('scroll', soon);
      removeEventListener('resize', soon);
    };
  }, []);

  const [from, to] = total <= WHOLE ? [0, total] : [range[0], Math.min(range[1], total)];
  const shown = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
  if (kept >= 0 && kept < total && kept < from) shown.unshift(kept);
  else if (kept >= to && kept < total) shown.push(kept);
  return {
    shown,
    gap: (before, index) => (tops[index] as number) - (tops[before + 1] as number),
    reveal(index) {
      const body = table.current?.tBodies[0];
      if (body === undefined) return;
      const top = body.getBoundingClientRect().top + (tops[index] as number);
      const bottom = body.getBoundingClientRect().top + (tops[index + 1] as number);
      if (top < HEAD_PX) scrollBy({ top: top - HEAD_PX - 8, behavior: 'instant' });
      else if (bottom > innerHeight - HEAD_PX)
        scrollBy({ top: bottom - innerHeight + HEAD_PX + 8, behavior: 'instant' });
    },
  };
}
