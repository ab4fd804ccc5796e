// Moving through a list by keys: `j k`, arrows, Home and End move real focus, so that a screen reader follows; `x`
// selects. Coming back to a list puts the focus where it was.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Shortcut, useShortcuts } from '../../parts/keyboard.ts';

export interface Cursor {
  readonly selected: ReadonlySet<string>;
  toggle(id: string): void;
  select(ids: readonly string[]): void;
  readonly current: string | undefined;
  /** The focus came to this row. */
  note(id: string): void;
  /** Puts the focus on the current row, or on the first one. */
  focus(): void;
}

/** By list: the row that had the focus when the reader left. */
const left = new Map<string, string>();

export interface CursorOptions {
  /** Names the list; the place in it is remembered under this. */
  readonly name: string;
  /** In the order on the page. */
  readonly ids: readonly string[];
  readonly table: { readonly current: HTMLElement | null };
  readonly reveal: (id: string) => void;
  readonly shortcuts: readonly Shortcut[];
}

const linkOf = (table: HTMLElement | null, id: string): HTMLElement | null =>
  table?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"] a`) ?? null;

export function useCursor({ name, ids, table, reveal, shortcuts }: CursorOptions): Cursor {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState<string | undefined>(undefined);
  /** Grows with every move: the same row may be asked for again. */
  const [wanted, setWanted] = useState<{ readonly id: string } | undefined>(undefined);
  const revealing = useRef(reveal);
  revealing.current = reveal;

  const place = (id: string | undefined): void => {
    if (id === undefined) return;
    setCurrent(id);
    setWanted({ id });
  };
  useLayoutEffect(() => {
    if (wanted === undefined) return;
    revealing.current(wanted.id);
    linkOf(table.current, wanted.id)?.focus({ preventScroll: true });
  }, [wanted, table]);

  // Back from a row: once the rows are there.
  const returned = useRef(false);
  useEffect(() => {
    if (returned.current || ids.length === 0) return;
    returned.current = true;
    const id = left.get(name);
    left.delete(name);
    if (id !== undefined && ids.includes(id)) place(id);
  }, [ids, name]);
  const latest = useRef(current);
  latest.current = current;
  useEffect(
    () => () => {
      if (latest.current !== undefined) left.set(name, latest.current);
    },
    [name],
  );

  const at = current === undefined ? -1 : ids.indexOf(current);
  const move = (step: number): void =>
    place(at < 0 ? ids.at(step > 0 ? 0 : -1) : ids[Math.max(0, Math.min(ids.length - 1, at + step))]);
  const toggle = (id: string): void =>
    setSelected((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const inside = () => table.current;
  const link = () => (current === undefined ? null : linkOf(table.current, current));
  useShortcuts('This list', [
    { keys: 'j', does: 'next', run: () => move(1) },
    { keys: 'k', does: 'previous', run: () => move(-1) },
    { keys: 'Enter', does: 'open', run: () => link()?.click(), inside: link },
    { keys: 'x', does: 'select', run: () => current !== undefined && toggle(current) },
    ...shortcuts,
    { keys: 'Escape', does: 'clear the selection', run: () => setSelected(new Set()) },
    { keys: 'ArrowDown', run: () => move(1), inside },
    { keys: 'ArrowUp', run: () => move(-1), inside },
    { keys: 'Home', run: () => place(ids[0]), inside },
    { keys: 'End', run: () => place(ids.at(-1)), inside },
  ]);
  return {
    selected,
    toggle,
    select: (chosen) => setSelected(new Set(chosen)),
    current,
    note: setCurrent,
    focus: () => place(at < 0 ? ids[0] : current),
  };
}
