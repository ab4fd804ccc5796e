// Server-sent events: what changed since the page was read. Pages show "12 new" and never move what is being read.

import { useEffect, useRef } from 'preact/hooks';

export type LiveEvent =
  | {
      readonly kind: 'alerts';
      readonly stored: number;
      readonly findings: readonly string[];
      readonly incidents: readonly string[];
    }
  | { readonly kind: 'triaged'; readonly incidents: readonly string[] }
  | { readonly kind: 'decided'; readonly subject: { readonly kind: string; readonly id: string } };

const listeners = new Set<(events: readonly LiveEvent[]) => void>();
let source: EventSource | undefined;

function connect(): void {
  source = new EventSource('/api/v1/events');
  source.addEventListener('changes', (event) => {
    const events = JSON.parse((event as MessageEvent<string>).data) as LiveEvent[];
    for (const listener of listeners) listener(events);
  });
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
      if (listeners.size === 0) {
        source?.close();
        source = undefined;
      }
    };
  }, []);
}
