// Server-sent events: what changed since the page was read. Pages show "12 new" and never move what is being read.

import { useEffect, useRef, useState } from 'preact/hooks';

export type LiveEvent =
  | {
      readonly kind: 'alerts';
      readonly stored: number;
      readonly findings: readonly string[];
      readonly incidents: readonly string[];
    }
  | { readonly kind: 'triaged'; readonly incidents: readonly string[] }
  | { readonly kind: 'decided'; readonly subject: { readonly kind: string; readonly id: string } };

/** A connection that is gone this long is told to the reader. */
const LOST_MS = 2000;

const listeners = new Set<(events: readonly LiveEvent[]) => void>();
const watchers = new Set<(lost: boolean) => void>();
let source: EventSource | undefined;
let wasLost = false;
let timer: ReturnType<typeof setTimeout> | undefined;

function report(lost: boolean): void {
  clearTimeout(timer);
  timer = undefined;
  wasLost = lost;
  for (const watcher of watchers) watcher(lost);
}

function connect(): void {
  source = new EventSource('/api/v1/events');
  source.addEventListener('changes', (event) => {
    const events = JSON.parse((event as MessageEvent<string>).data) as LiveEvent[];
    for (const listener of listeners) listener(events);
  });
  source.addEventListener('open', () => {
    // What happened while nobody listened is not sent again: every page looks for itself.
    if (wasLost) for (const listener of listeners) listener([{ kind: 'triaged', incidents: [] }]);
    report(false);
  });
  source.addEventListener('error', () => {
    timer ??= setTimeout(() => report(true), LOST_MS);
    // The browser gives up after an answer that is not a stream (logged out, too many pages): try again by hand.
    if (source?.readyState === EventSource.CLOSED) setTimeout(reconnect, 5000);
  });
}

function reconnect(): void {
  source?.close();
  source = undefined;
  if (listeners.size > 0) connect();
}

/** Calls `listener` with every batch of changes while the component is there. */
export function useLive(listener: (events: readonly LiveEvent[]) => void): void {
  const current = useRef(listener);
  current.current = listener;
  useEffect(() => {
    const forward = (events: readonly LiveEvent[]): void => current.current(events);
    listeners.add(forward);
    if (source === undefined) connect();
    return () => {
      listeners.delete(forward);
      if (listeners.size > 0) return;
      source?.close();
      source = undefined;
      clearTimeout(timer);
      timer = undefined;
    };
  }, []);
}

/** Whether live updates are interrupted now. */
export function useLiveLost(): boolean {
  const [lost, set] = useState(wasLost);
  useEffect(() => {
    watchers.add(set);
    return () => {
      watchers.delete(set);
    };
  }, []);
  return lost;
}
