// The report, live: the service renders it with the same code and CSS as `yarak report --format html`, with everything
// escaped there. It is put in place through the page's Trusted Types policy; scripts in it could not run, and
// buttons get their work here.

import { useEffect, useRef } from 'preact/hooks';
import { trusted } from './trusted.ts';

const COPIED_MS = 1600;

async function copy(button: HTMLButtonElement): Promise<void> {
  const text = button.closest('.code')?.querySelector('pre')?.textContent ?? '';
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Not copied';
  }
  setTimeout(() => {
    button.textContent = 'Copy';
  }, COPIED_MS);
}

const summaryOf = (one: HTMLDetailsElement): string => one.querySelector('summary')?.textContent ?? '';

/** Fits the report into the page: what scrolls can be reached by keys, headings stand one level below the page's. */
function fit(element: HTMLElement, under: 1 | 2): void {
  for (const button of element.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
    button.hidden = false;
    button.setAttribute('aria-live', 'polite');
  }
  for (const pre of element.querySelectorAll<HTMLElement>('.code pre, pre.raw')) pre.tabIndex = 0;
  for (const heading of element.querySelectorAll('h3')) heading.tabIndex = -1;
  if (under === 2) return;
  for (const heading of element.querySelectorAll('h3')) heading.setAttribute('aria-level', '2');
  for (const heading of element.querySelectorAll('h4')) heading.setAttribute('aria-level', '3');
}

export interface ReportViewProps {
  /** Comes from the service's report renderer and nowhere else. */
  readonly markup: string;
  /** The level of the heading that its sections stand under. */
  readonly under: 1 | 2;
  /** The report is in the page, or is there anew. */
  readonly onReady?: (element: HTMLElement) => void;
}

export function ReportView({ markup, under, onReady }: ReportViewProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current as HTMLDivElement;
    // A newer report keeps open what the reader had opened.
    const open = new Map([...element.querySelectorAll('details')].map((one) => [summaryOf(one), one.open]));
    element.innerHTML = trusted.createHTML(markup) as string;
    for (const one of element.querySelectorAll('details')) one.open = open.get(summaryOf(one)) ?? one.open;
    fit(element, under);
    onReady?.(element);
    const onClick = (event: Event): void => {
      const button = (event.target as Element).closest<HTMLButtonElement>('[data-copy]');
      if (button !== null) void copy(button);
    };
    element.addEventListener('click', onClick);
    return () => element.removeEventListener('click', onClick);
  }, [markup, under]);
  return <div ref={box} class="report" />;
}
