// Deciding: state, owner, note, with the reason that goes into the trail. What it will do is said before; a decision
// is undone by the next one.

import { useState } from 'preact/hooks';
import { ApiError, call } from '../api.ts';
import { Dialog } from './dialog.tsx';

export const STATES = ['open', 'acknowledged', 'mitigated', 'closed', 'false-positive'] as const;
export type State = (typeof STATES)[number];

export interface DecideProps {
  readonly kind: 'finding' | 'incident';
  readonly ids: readonly string[];
  readonly state?: State;
  readonly owner?: string;
  readonly onDone: (message: string) => void;
  readonly onClose: () => void;
}

export function DecideDialog({
  kind,
  ids,
  state: initial,
  owner: initialOwner,
  onDone,
  onClose,
}: DecideProps) {
  const [state, setState] = useState<State | ''>(initial ?? '');
  const [owner, setOwner] = useState(initialOwner ?? '');
  const [note, setNote] = useState('');
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const what = `${ids.length} ${kind}${ids.length === 1 ? '' : 's'}`;
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      for (const id of ids) {
        const body = {
          reason,
          ...(state === '' || state === initial ? {} : { state }),
          ...(owner === (initialOwner ?? '') ? {} : { owner }),
          ...(note === '' ? {} : { note }),
        };
        await call(`POST /api/v1/${kind}s/{id}/decision`, { params: { id }, body });
      }
      onDone(`Saved for ${what}.`);
      onClose();
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={`Decide on ${what}`} onClose={onClose}>
      <form class="form" onSubmit={save}>
        <label>
          State
          <select value={state} onChange={(event) => setState(event.currentTarget.value as State | '')}>
            {initial === undefined && <option value="">leave as it is</option>}
            {STATES.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          Owner
          <input
            value={owner}
            maxLength={200}
            autocomplete="off"
            onInput={(event) => setOwner(event.currentTarget.value)}
          />
        </label>
        <label>
          Reason, for the trail
          <input
            value={reason}
            maxLength={2000}
            autocomplete="off"
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <label>
          Note
          <textarea
            rows={3}
            maxLength={20000}
            value={note}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </label>
        {problem !== '' && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="buttons">
          <button type="submit" class="primary" disabled={busy}>
            Save
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
