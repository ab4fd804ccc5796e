// Live updates: what changed, told to every open page. A slow reader loses messages, never the server's memory:
// messages carry ids only, and a page that reconnects reads the lists again.

export type LiveEvent =
  | {
      readonly kind: 'alerts';
      readonly stored: number;
      readonly findings: readonly string[];
      readonly incidents: readonly string[];
    }
  | { readonly kind: 'triaged'; readonly incidents: readonly string[] }
  | { readonly kind: 'decided'; readonly subject: { readonly kind: string; readonly id: string } };

export type Listener = (event: LiveEvent) => void;

const MAX_LISTENERS = 1000;

export class EventHub {
  readonly #listeners = new Set<Listener>();
  readonly #enders = new Set<() => void>();

  /** `undefined` when too many are listening. */
  subscribe(listener: Listener): (() => void) | undefined {
    if (this.#listeners.size >= MAX_LISTENERS) return undefined;
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Ends every live page's stream: the server is stopping. */
  close(): void {
    for (const end of this.#enders) end();
  }

  /** Called when the hub closes; returns how to take that back. */
  onClose(end: () => void): () => void {
    this.#enders.add(end);
    return () => this.#enders.delete(end);
  }

  get listeners(): number {
    return this.#listeners.size;
  }
}
