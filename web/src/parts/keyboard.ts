// Keys: `j k Enter x / ?` in lists, `g f` and the like between pages. Nothing fires while somebody types.

import { useEffect, useRef } from 'preact/hooks';

export interface Shortcut {
  /** One key, or two in sequence: `g f`. */
  readonly keys: string;
  readonly does: string;
  readonly run: () => void;
}

const SEQUENCE_MS = 900;

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Active while the component is there; later registrations win. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const current = useRef(shortcuts);
  current.current = shortcuts;
  useEffect(() => {
    let first = '';
    let at = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      if (document.querySelector('dialog[open]') !== null) return;
      const pair = event.timeStamp - at < SEQUENCE_MS ? `${first} ${event.key}` : '';
      const found =
        current.current.find((s) => s.keys === pair) ?? current.current.find((s) => s.keys === event.key);
      first = event.key;
      at = event.timeStamp;
      if (found === undefined) return;
      event.preventDefault();
      found.run();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
