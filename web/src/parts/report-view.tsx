// The report, live: the service renders it with the same code and CSS as `yarak report --format html`, with everything
// escaped there. It is put in place through a Trusted Types policy of this one name, which the page's
// Content-Security-Policy allows; scripts in it could not run, and buttons get their work here.

import { useEffect, useRef } from 'preact/hooks';

interface TrustedPolicy {
  createHTML(text: string): string;
}
const factory = (
  globalThis as { trustedTypes?: { createPolicy(name: string, rules: TrustedPolicy): TrustedPolicy } }
).trustedTypes;
const policy: TrustedPolicy = factory?.createPolicy('yarak-report', { createHTML: (text) => text }) ?? {
  createHTML: (text) => text,
};

async function copy(button: HTMLButtonElement): Promise<void> {
  await navigator.clipboard.writeText(button.closest('.code')?.querySelector('pre')?.textContent ?? '');
  button.textContent = 'Copied';
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 1600);
}

/** `markup` comes from the service's report renderer and nowhere else. */
export function ReportView({ markup }: { readonly markup: string }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current as HTMLDivElement;
    element.innerHTML = policy.createHTML(markup) as string;
    for (const button of element.querySelectorAll<HTMLButtonElement>('[data-copy]')) button.hidden = false;
    const onClick = (event: Event): void => {
      const button = (event.target as Element).closest<HTMLButtonElement>('[data-copy]');
      if (button !== null) void copy(button);
    };
    element.addEventListener('click', onClick);
    return () => element.removeEventListener('click', onClick);
  }, [markup]);
  return <div ref={box} class="report" />;
}
