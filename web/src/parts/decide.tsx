// Deciding: state, owner, note, with the reason that goes into the trail. What it will do is said before, and it can be
// taken back after.

import { useState } from 'preact/hooks';
import { visible } from '../../../src/base/escape/visible.ts';
import { call, messageOf } from '../api.ts';
import { plural } from '../format.ts';
import { useSession } from '../session.ts';
import { Key, Problem } from './basics.tsx';
import { Dialog } from './dialog.tsx';
import { tell } from './toast.tsx';

export const STATES = ['open', 'acknowledged', 'mitigated', 'closed', 'false-positive'] as const;
export type State = (typeof STATES)[number];

/** What is decided on, as it is now. */
export interface Subject {
  readonly id: string;
  readonly state: State;
  readonly owner: string;
}

export type DecideField = 'state' | 'owner' | 'note';

export interface DecideProps {
  readonly kind: 'finding' | 'incident';
  readonly subjects: readonly Subject[];
  /** The field that gets the focus. */
  readonly start?: DecideField;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Who works on it. */
export function OwnedBy({ owner }: { readonly owner: string }) {
  if (owner === '') return <span>nobody owns it</span>;
  return (
    <span>
      owner: <bdi>{visible(owner)}</bdi>
    </span>
  );
}

interface DecideButtonsProps {
  readonly onDecide: (field: DecideField) => void;
  readonly onSilence: () => void;
}

/** What a responder may do with a finding or an incident. */
export function DecideButtons({ onDecide, onSilence }: DecideButtonsProps) {
  return (
    <>
      <button type="button" class="primary" onClick={() => onDecide('state')}>
        Decide… <Key keys="d" />
      </button>
      <button type="button" onClick={() => onDecide('note')}>
        Note… <Key keys="n" />
      </button>
      <button type="button" onClick={onSilence}>
        Silence… <Key keys="s" />
      </button>
    </>
  );
}

/** The value that all have, if they have one. */
function common<T>(values: readonly T[]): T | undefined {
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}

export function DecideDialog({ kind, subjects, start = 'state', onDone, onClose }: DecideProps) {
  const { actor } = useSession();
  const stateNow = common(subjects.map((one) => one.state));
  const ownerNow = common(subjects.map((one) => one.owner));
  const [state, setState] = useState<State | ''>(stateNow ?? '');
  const [owner, setOwner] = useState(ownerNow ?? '');
  const [note, setNote] = useState('');
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const what = plural(subjects.length, kind);
  const path = `POST /api/v1/${kind}s/{id}/decision` as const;
  const newState = state === '' || state === stateNow ? undefined : state;
  const newOwner = owner === (ownerNow ?? '') ? undefined : owner;
  const save = async (event: Event, close: () => void): Promise<void> => {
    event.preventDefault();
    const body = {
      reason,
      ...(newState === undefined ? {} : { state: newState }),
      ...(newOwner === undefined ? {} : { owner: newOwner }),
      ...(note === '' ? {} : { note }),
    };
    if (Object.keys(body).length === 1) {
      setProblem('Nothing is changed yet: set a state or an owner, or write a note.');
      return;
    }
    setBusy(true);
    try {
      for (const { id } of subjects) await call(path, { params: { id }, body });
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
      return;
    }
    const undo = async (): Promise<void> => {
      for (const before of subjects) {
        const body = {
          reason: 'undo',
          ...(newState === undefined ? {} : { state: before.state }),
          ...(newOwner === undefined ? {} : { owner: before.owner }),
        };
        await call(path, { params: { id: before.id }, body });
      }
      onDone();
    };
    const changes = [
      ...(newState === undefined ? [] : [newState]),
      ...(newOwner === undefined ? [] : [newOwner === '' ? 'nobody owns it' : `owner ${newOwner}`]),
      ...(note === '' ? [] : ['note written']),
    ];
    tell(`${what}: ${changes.join(', ')}.`, (newState ?? newOwner) ? undo : undefined);
    close();
    onDone();
  };
  const first = (field: DecideField) => (field === start ? { 'data-first': true } : {});
  return (
    <Dialog title={`Decide on ${what}`} onClose={onClose}>
      {(close) => (
        <form class="form" onSubmit={(event) => void save(event, close)}>
          <label>
            State
            <select
              {...first('state')}
              value={state}
              onChange={(event) => setState(event.currentTarget.value as State | '')}
            >
              {stateNow === undefined && <option value="">leave as they are</option>}
              {STATES.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <div class="beside">
            <label>
              Owner
              <input
                {...first('owner')}
                value={owner}
                maxLength={200}
                autocomplete="off"
                placeholder={ownerNow === undefined ? 'leave as they are' : 'nobody'}
                onInput={(event) => setOwner(event.currentTarget.value)}
              />
            </label>
            {owner !== actor && (
              <button type="button" onClick={() => setOwner(actor)}>
                Me
              </button>
            )}
          </div>
          <label>
            Note
            <textarea
              {...first('note')}
              rows={3}
              maxLength={20000}
              value={note}
              onInput={(event) => setNote(event.currentTarget.value)}
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
          <Problem text={problem} />
          <div class="buttons">
            <button type="submit" class="primary" disabled={busy}>
              Save
            </button>
            <button type="button" onClick={close}>
              Cancel
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
