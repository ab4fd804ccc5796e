// Notes and the trail of one finding or incident: who decided what, and why.

import { visible } from '../../../src/base/escape/visible.ts';
import { call } from '../api.ts';
import { Time } from '../parts/basics.tsx';
import { useData } from '../use-data.ts';

function describe(action: string, detail: unknown): string {
  const change = detail as { from?: string; to?: string } | null;
  if ((action === 'state' || action === 'owner') && change !== null)
    return `${action}: ${change.from || 'none'} → ${change.to || 'none'}`;
  return action;
}

export function History({ kind, id }: { readonly kind: 'finding' | 'incident'; readonly id: string }) {
  const notes = useData(`notes ${id}`, (signal) =>
    call(`GET /api/v1/${kind}s/{id}/notes`, { params: { id } }, signal),
  );
  const trail = useData(`trail ${id}`, (signal) =>
    call('GET /api/v1/trail', { query: { subject: id, limit: 100 } } as never, signal),
  );
  if (!notes.value?.length && !trail.value?.items.length) return null;
  return (
    <section class="panel history">
      <h2>Notes and decisions</h2>
      {notes.value?.map((note) => (
        <article key={note.id}>
          <p class="muted">
            {visible(note.author)}, <Time iso={note.at} />
          </p>
          <p class="note">{note.text}</p>
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
