// What a reader sets for this browser: theme, how times are written, single-key shortcuts. Kept in localStorage where
// there is one.

import { useEffect, useState } from 'preact/hooks';

const CHOICES = {
  theme: ['system', 'light', 'dark'],
  times: ['relative', 'exact'],
  /** One-character shortcuts get in the way of speech input (WCAG 2.1.4), so that they can be switched off. */
  keys: ['on', 'off'],
} as const;

export type Setting = keyof typeof CHOICES;
export type Choice<S extends Setting> = (typeof CHOICES)[S][number];

const values = new Map<Setting, string>();
const listeners = new Set<() => void>();

function stored(name: Setting): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function setting<S extends Setting>(name: S): Choice<S> {
  const choices: readonly string[] = CHOICES[name];
  const value = values.get(name) ?? stored(name) ?? '';
  return (choices.includes(value) ? value : choices[0]) as Choice<S>;
}

export function change<S extends Setting>(name: S, value: Choice<S>): void {
  values.set(name, value);
  try {
    localStorage.setItem(name, value);
  } catch {
    // Private windows may have none: the choice then lasts as long as the page.
  }
  if (name === 'theme') applyTheme();
  for (const listener of listeners) listener();
}

/** The choice after this one, around in a circle. */
export function following<S extends Setting>(name: S): Choice<S> {
  const choices: readonly string[] = CHOICES[name];
  return choices[(choices.indexOf(setting(name)) + 1) % choices.length] as Choice<S>;
}

export function applyTheme(): void {
  const theme = setting('theme');
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

/** The setting, followed. */
export function useSetting<S extends Setting>(name: S): Choice<S> {
  const [value, set] = useState(() => setting(name));
  useEffect(() => {
    const follow = (): void => set(setting(name));
    follow();
    listeners.add(follow);
    return () => {
      listeners.delete(follow);
    };
  }, [name]);
  return value;
}
