// A page: its heading takes the focus when the reader comes to it, so that screen readers say where they are and the
// next Tab starts at the top; the window's title follows.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { takeArrival } from '../location.ts';

export interface PageProps {
  /** For the window; plain text. */
  readonly title: string;
  /** The heading, where it is more than the title. */
  readonly heading?: ComponentChildren;
  /** Above the heading: the way back. */
  readonly crumb?: ComponentChildren;
  /** Beside the heading. */
  readonly actions?: ComponentChildren;
  readonly class?: string;
  readonly children?: ComponentChildren;
}

/**
 * The focus is never lost: when what had it goes (a row that is gone, a button that did its work), the page's heading
 * takes it.
 */
export function guardFocus(): void {
  let last: Element | null = null;
  addEventListener('focusin', () => {
    last = document.activeElement;
  });
  new MutationObserver(() => {
    if (last === null || last.isConnected || document.activeElement !== document.body) return;
    last = null;
    document.querySelector<HTMLElement>('#main h1')?.focus({ preventScroll: true });
  }).observe(document.body, { childList: true, subtree: true });
}

export function Page({ title, heading, crumb, actions, class: name, children }: PageProps) {
  const top = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!takeArrival()) return;
    scrollTo(0, 0);
    top.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    document.title = `${title} · Yarak`;
  }, [title]);
  return (
    <main id="main" class={name}>
      <header class="page-head">
        {crumb !== undefined && <p class="crumb">{crumb}</p>}
        <h1 ref={top} tabIndex={-1}>
          {heading ?? title}
        </h1>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </header>
      {children}
    </main>
  );
}
