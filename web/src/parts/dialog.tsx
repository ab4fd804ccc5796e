// A modal dialog: the platform's own, so that focus stays inside, Escape closes and focus goes back to where it was.

import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** Gets `close`, which closes as Escape does. */
  readonly children: (close: () => void) => ComponentChildren;
  readonly class?: string;
}

/** The first focus goes to the element with `data-first`, else to the first field, else to the button that closes. */
export function Dialog({ title, onClose, children, class: name }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before the next key is read: who types on at once types into the dialog.
  useLayoutEffect(() => {
    const dialog = ref.current as HTMLDialogElement;
    dialog.showModal();
    const start =
      dialog.querySelector<HTMLElement>('[data-first]') ??
      dialog.querySelector<HTMLElement>('input, select, textarea') ??
      dialog.querySelector<HTMLElement>('button');
    start?.focus();
  }, []);
  const close = (): void => ref.current?.close();
  return (
    <dialog ref={ref} class={name} onClose={onClose} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="small quiet" aria-label="Close" onClick={close}>
          <span aria-hidden="true">✕</span>
        </button>
      </header>
      {children(close)}
    </dialog>
  );
}
