// Notes and the trail of one finding or incident: who decided what, and why.

import { visible, visibleLines } from '../../../src/base/escape/visible.ts';
import { call } from '../api.ts';
import { Time } from '../parts/basics.tsx';
import { useData } from '../use-data.ts';

const ACTIONS: Readonly<Record<string, string>> = {
  note: 'wrote a note',
  silence: 'made a silence',
  unsilence: 'ended a silence',
  merge: 'joined it with another incident',
  'token-add': 'made a token',
  'token-revoke': 'revoked a token',
  reload: 'reloaded the configuration',
};

/** `set the state: open → closed`. */
export function describe(action: string, detail: unknown): string {
  const change = detail as { from?: unknown; to?: unknown } | null;
  if (action === 'state' || action === 'owner') {
    const word = (value: unknown): string =>
      typeof value === 'string' && value !== '' ? visible(value) : 'nobody';
    return change === null || change === undefined
      ? `set the ${action}`
      : `set the ${action}: ${word(change.from)} → ${word(change.to)}`;
  }
  return ACTIONS[action] ?? action;
}

export function History({ kind, id }: { readonly kind: 'finding' | 'incident'; readonly id: string }) {
  const notes = useData(`notes ${id}`, (signal) =>
    call(`GET /api/v1/${kind}s/{id}/notes`, { params: { id } }, signal),
  );
  const trail = useData(`trail ${id}`, (signal) =>
    call('GET /api/v1/trail', { query: { subject: id, limit: 100 } }, signal),
  );
  if (!notes.value?.length && !trail.value?.items.length) return null;
  return (
    <section class="panel history">
      <h2>Notes and decisions</h2>
      {notes.value?.map((note) => (
        <article key={note.id} class="note">
          <p class="muted">
            <bdi>{visible(note.author)}</bdi>, <Time iso={note.at} />
          </p>
          <p class="note-text">{visibleLines(note.text)}</p>
        </article>
      ))}
      <ol>
        {trail.value?.items.map((entry, i) => (
          <li key={`${entry.at}${i}`}>
            <Time iso={entry.at} /> <strong>{visible(entry.actor)}</strong>{' '}
            {describe(entry.action, entry.detail)}
            {entry.reason !== '' && <span class="muted"> “{visible(entry.reason)}”</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
