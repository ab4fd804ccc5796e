// Keys: `j k x / ?` in lists, `g f` and the like between pages. What is registered is what the help shows. Nothing
// fires while somebody types, and one-character keys can be switched off (WCAG 2.1.4).

import { useEffect, useRef } from 'preact/hooks';
import { setting } from '../settings.ts';

export interface Shortcut {
  /** One key (`j`, `ArrowDown`), two in sequence (`g f`), or with Control or Command (`Mod+k`). */
  readonly keys: string;
  /** In words, for the help and the command palette. Without: an alternative to another one, not listed. */
  readonly does?: string;
  readonly run: () => void;
  /** Only while the focus is inside this element. */
  readonly inside?: () => HTMLElement | null | undefined;
}

interface Layer {
  readonly group: string;
  shortcuts: readonly Shortcut[];
}

const SEQUENCE_MS = 1200;
const layers: Layer[] = [];
let first = '';
let firstAt = 0;

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName)) return true;
  // The rules editor lives in a shadow root: from outside, its host is the target.
  if (target.shadowRoot !== null) return true;
  return target instanceof HTMLInputElement && !/^(checkbox|radio|button|file)$/.test(target.type);
}

function find(keys: string): Shortcut | undefined {
  for (const layer of layers.toReversed()) {
    const found = layer.shortcuts.find(
      (one) =>
        one.keys === keys &&
        (one.inside === undefined || one.inside()?.contains(document.activeElement) === true),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || document.querySelector('dialog[open]') !== null) return;
  const mod = event.ctrlKey || event.metaKey;
  let found: Shortcut | undefined;
  if (mod) found = find(`Mod+${event.key}`);
  else if (typing(event.target)) return;
  else if (event.key.length > 1 || setting('keys') === 'on') {
    const pair = event.timeStamp - firstAt < SEQUENCE_MS ? find(`${first} ${event.key}`) : undefined;
    found = pair ?? find(event.key);
    first = pair === undefined ? event.key : '';
    firstAt = event.timeStamp;
  }
  if (found === undefined) return;
  event.preventDefault();
  found.run();
}

/** Active while the component is there; later registrations win. */
export function useShortcuts(group: string, shortcuts: readonly Shortcut[]): void {
  const layer = useRef<Layer>({ group, shortcuts });
  layer.current.shortcuts = shortcuts;
  useEffect(() => {
    const mine = layer.current;
    if (layers.length === 0) addEventListener('keydown', onKey);
    layers.push(mine);
    return () => {
      layers.splice(layers.indexOf(mine), 1);
      if (layers.length === 0) removeEventListener('keydown', onKey);
    };
  }, []);
}

export interface ShortcutGroup {
  readonly group: string;
  readonly shortcuts: readonly Shortcut[];
}

/** What the keys do here and now, the page's own first. */
export function activeShortcuts(): readonly ShortcutGroup[] {
  return layers
    .toReversed()
    .map(({ group, shortcuts }) => ({
      group,
      shortcuts: shortcuts.filter((one) => one.does !== undefined),
    }))
    .filter(({ shortcuts }) => shortcuts.length > 0);
}
