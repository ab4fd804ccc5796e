// What was done, and how to take it back. A message stays until the next one or until it is closed: nobody has to hurry.

import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../api.ts';
import { Key } from './basics.tsx';
import { useShortcuts } from './keyboard.ts';

interface Toast {
  readonly text: string;
  readonly undo: (() => Promise<void>) | undefined;
}

let show: ((toast: Toast | undefined) => void) | undefined;

/** Says it at the foot of the page, to screen readers too. */
export function tell(text: string, undo?: () => Promise<void>): void {
  show?.({ text, undo });
}

export function Toasts() {
  const [toast, setToast] = useState<Toast | undefined>(undefined);
  useEffect(() => {
    show = setToast;
    return () => {
      show = undefined;
    };
  }, []);
  const undo = async (): Promise<void> => {
    if (toast?.undo === undefined) return;
    try {
      await toast.undo();
      setToast({ text: 'Taken back.', undo: undefined });
    } catch (error) {
      setToast({ text: `Not taken back: ${messageOf(error)}`, undo: undefined });
    }
  };
  useShortcuts('Everywhere', [
    ...(toast?.undo === undefined ? [] : [{ keys: 'z', does: 'undo', run: () => void undo() }]),
  ]);
  return (
    <div class={`toasts ${toast === undefined ? '' : 'shown'}`}>
      <p role="status" class={toast === undefined ? 'visually-hidden' : 'toast-text'}>
        {toast?.text}
      </p>
      {toast?.undo !== undefined && (
        <button type="button" class="small" onClick={() => void undo()}>
          Undo <Key keys="z" />
        </button>
      )}
      {toast !== undefined && (
        <button
          type="button"
          class="small quiet"
          aria-label="Close the message"
          onClick={() => {
            setToast(undefined);
          }}
        >
          <span aria-hidden="true">✕</span>
        </button>
      )}
    </div>
  );
}
