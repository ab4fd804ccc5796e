// A list that the keyboard moves through: `j k` move, `x` selects, Enter opens. The row that has the focus is real
// focus, so that a screen reader follows.

import { useEffect, useRef, useState } from 'preact/hooks';
import { useShortcuts } from './keyboard.ts';

export interface ListSelection {
  readonly selected: ReadonlySet<string>;
  toggle(id: string): void;
  clear(): void;
  readonly current: string | undefined;
  setCurrent(id: string): void;
  readonly listRef: { current: HTMLDivElement | null };
}

export function useSelection(ids: readonly string[], open: (id: string) => void): ListSelection {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState<string | undefined>(undefined);
  const listRef = useRef<HTMLDivElement | null>(null);
  const toggle = (id: string): void =>
    setSelected((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const move = (step: number): void => {
    if (ids.length === 0) return;
    const at = current === undefined ? -1 : ids.indexOf(current);
    const next = ids[
      Math.max(0, Math.min(ids.length - 1, at < 0 ? (step > 0 ? 0 : ids.length - 1) : at + step))
    ] as string;
    setCurrent(next);
  };
  useEffect(() => {
    if (current === undefined) return;
    const row = listRef.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(current)}"] a`);
    row?.focus();
  }, [current]);
  useShortcuts([
    { keys: 'j', does: 'next', run: () => move(1) },
    { keys: 'k', does: 'previous', run: () => move(-1) },
    { keys: 'x', does: 'select', run: () => current !== undefined && toggle(current) },
    { keys: 'Enter', does: 'open', run: () => current !== undefined && open(current) },
    {
      keys: '/',
      does: 'filter',
      run: () => document.querySelector<HTMLInputElement>('[data-filter]')?.focus(),
    },
    { keys: 'Escape', does: 'clear the selection', run: () => setSelected(new Set()) },
  ]);
  return { selected, toggle, clear: () => setSelected(new Set()), current, setCurrent, listRef };
}
