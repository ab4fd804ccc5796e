// Silences, deliveries, the whole trail, tokens: what an operator looks after.

import { useState } from 'preact/hooks';
import { visible } from '../../../src/base/escape/visible.ts';
import { ApiError, call } from '../api.ts';
import { Copy, Empty, ErrorBox, Time } from '../parts/basics.tsx';
import { FilterBar } from '../parts/filter-bar.tsx';
import { useData } from '../use-data.ts';

const HOURS = { '1 hour': 1, '8 hours': 8, '3 days': 72, '2 weeks': 336 } as const;

export function SilencesPage() {
  const silences = useData('silences', (signal) => call('GET /api/v1/silences', {}, signal));
  const [condition, setCondition] = useState('');
  const [reason, setReason] = useState('');
  const [hours, setHours] = useState(8);
  const [problem, setProblem] = useState('');
  const act = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      setProblem('');
      silences.reload();
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : String(error));
    }
  };
  const add = (event: Event): void => {
    event.preventDefault();
    const expires = new Date(Date.now() + hours * 3_600_000).toISOString();
    void act(() => call('POST /api/v1/silences', { body: { condition, reason, expires } }));
  };
  return (
    <main id="main">
      <h1>Silences</h1>
      <p class="lead">
        A silence hides findings from the list and from delivery until it expires. Their alerts are still
        stored and counted.
      </p>
      <form class="form panel" onSubmit={add}>
        <FilterBar
          value={condition}
          label="Condition in Falco's rule language"
          placeholder="container.image.repository = example/backup"
          onChange={setCondition}
        />
        <label>
          Reason
          <input
            required
            value={reason}
            maxLength={2000}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <label>
          For
          <select value={hours} onChange={(event) => setHours(Number(event.currentTarget.value))}>
            {Object.entries(HOURS).map(([name, value]) => (
              <option key={name} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {problem !== '' && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="buttons">
          <button type="submit" class="primary" disabled={condition === '' || reason === ''}>
            Silence
          </button>
        </div>
      </form>
      {silences.error && <ErrorBox error={silences.error} retry={silences.reload} />}
      {silences.value?.length === 0 && <Empty title="Nothing is silenced" />}
      {silences.value?.map((silence) => (
        <article key={silence.id} class="panel">
          <code>{visible(silence.condition)}</code>
          <p>
            “{visible(silence.reason)}” by {visible(silence.author)}, until{' '}
            <Time iso={silence.expires} nowMs={Number.NaN} />{' '}
            <button
              type="button"
              class="small"
              onClick={() =>
                void act(() =>
                  call('DELETE /api/v1/silences/{id}', { params: { id: silence.id }, query: {} }),
                )
              }
            >
              End it now
            </button>
          </p>
        </article>
      ))}
    </main>
  );
}

export function ActivityPage() {
  const deliveries = useData('deliveries', (signal) =>
    call('GET /api/v1/deliveries', { query: { limit: 100 } } as never, signal),
  );
  const trail = useData('trail', (signal) =>
    call('GET /api/v1/trail', { query: { limit: 200 } } as never, signal),
  );
  const sensors = useData('sensors', (signal) => call('GET /api/v1/sensors', {}, signal));
  return (
    <main id="main">
      <h1>Activity</h1>
      <section class="panel">
        <h2>What the sensors say of themselves</h2>
        {sensors.value?.length === 0 && (
          <p class="muted">
            No drops or metrics were reported since the service started. Set `metrics.enabled` in falco.yaml
            to know more.
          </p>
        )}
        <ol>
          {sensors.value?.map((report, i) => (
            <li key={i}>
              <Time iso={report.at} /> <span class="tag">{report.kind}</span> {visible(report.hostname)}:{' '}
              {visible(report.summary)}
            </li>
          ))}
        </ol>
      </section>
      <section class="panel">
        <h2>Deliveries</h2>
        {deliveries.error && <ErrorBox error={deliveries.error} retry={deliveries.reload} />}
        {deliveries.value?.items.length === 0 && (
          <p class="muted">
            Nothing was sent. Routes and targets are set in the configuration, under `deliver`.
          </p>
        )}
        <ol>
          {deliveries.value?.items.map((d) => (
            <li key={d.id}>
              <Time iso={d.created} />{' '}
              <span class={`badge ${d.status === 'sent' ? 'passed' : d.status === 'dead' ? 'failed' : ''}`}>
                {d.status}
              </span>{' '}
              {d.route}
              {d.lastError !== '' && <span class="muted"> {visible(d.lastError)}</span>}
            </li>
          ))}
        </ol>
      </section>
      <section class="panel">
        <h2>Trail</h2>
        {trail.error && <ErrorBox error={trail.error} retry={trail.reload} />}
        <ol>
          {trail.value?.items.map((entry, i) => (
            <li key={i}>
              <Time iso={entry.at} /> <strong>{visible(entry.actor)}</strong> {entry.action}{' '}
              {entry.subjectKind} <span class="mono">{entry.subjectId.slice(0, 12)}</span>
              {entry.reason !== '' && <span class="muted"> “{visible(entry.reason)}”</span>}
            </li>
          ))}
        </ol>
      </section>
    </main>
  );
}

export function TokensPage() {
  const tokens = useData('tokens', (signal) => call('GET /api/v1/tokens', {}, signal));
  const [name, setName] = useState('');
  const [role, setRole] = useState<'ingest' | 'read' | 'respond' | 'admin'>('ingest');
  const [made, setMade] = useState('');
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { token } = await call('POST /api/v1/tokens', { body: { name, role } });
    setMade(token);
    setName('');
    tokens.reload();
  };
  return (
    <main id="main">
      <h1>Tokens</h1>
      <form class="form panel" onSubmit={add}>
        <label>
          Name
          <input
            required
            value={name}
            maxLength={200}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <label>
          Role
          <select value={role} onChange={(event) => setRole(event.currentTarget.value as typeof role)}>
            <option value="ingest">ingest: Falco posts alerts</option>
            <option value="read">read</option>
            <option value="respond">respond: decide and silence</option>
            <option value="admin">admin</option>
          </select>
        </label>
        <div class="buttons">
          <button type="submit" class="primary" disabled={name === ''}>
            Make a token
          </button>
        </div>
      </form>
      {made !== '' && (
        <p class="panel" role="status">
          Shown this once: <code>{made}</code> <Copy text={made} />
        </p>
      )}
      {tokens.error && <ErrorBox error={tokens.error} />}
      {tokens.value?.map((token) => (
        <p key={token.id} class="panel">
          <strong>{visible(token.name)}</strong> <span class="tag">{token.role}</span> made{' '}
          <Time iso={token.created} />{' '}
          {token.revoked ? (
            <span class="tag">revoked</span>
          ) : (
            <button
              type="button"
              class="small"
              onClick={() =>
                void call('DELETE /api/v1/tokens/{id}', { params: { id: token.id } }).then(tokens.reload)
              }
            >
              Revoke
            </button>
          )}
        </p>
      ))}
    </main>
  );
}
