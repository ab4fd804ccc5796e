// What the sensors say of themselves, what was sent to whom, and who decided what: what an operator looks after.

import { visible } from '../../../src/base/escape/visible.ts';
import { call } from '../api.ts';
import { linkTo } from '../location.ts';
import { ErrorBox, Skeleton, Time } from '../parts/basics.tsx';
import { Page } from '../parts/page.tsx';
import { type Data, useData } from '../use-data.ts';
import { describe } from './history.tsx';

const BADGE: Readonly<Record<string, string>> = { sent: 'passed', dead: 'failed', pending: 'unchecked' };

function Waiting({ data }: { readonly data: Data<unknown> }) {
  if (data.error) return <ErrorBox error={data.error} retry={data.reload} />;
  return data.value === undefined && data.loading ? <Skeleton rows={3} /> : null;
}

function Sensors() {
  const sensors = useData('sensors', (signal) => call('GET /api/v1/sensors', {}, signal));
  const reports = sensors.value ?? [];
  return (
    <section class="panel">
      <h2>What the sensors say of themselves</h2>
      <Waiting data={sensors} />
      {sensors.value?.length === 0 && (
        <p class="muted">
          No drops or metrics were reported since the service started. <code>metrics.enabled: true</code> in{' '}
          <code>falco.yaml</code> makes Falco report them.
        </p>
      )}
      {reports.length > 0 && (
        <table class="plain cards">
          <caption class="visually-hidden">Reports of the sensors</caption>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Kind</th>
              <th scope="col">Host</th>
              <th scope="col">Report</th>
            </tr>
          </thead>
          <tbody>
            {reports.map((report, i) => (
              <tr key={`${report.at} ${i}`}>
                <td>
                  <Time iso={report.at} />
                </td>
                <td>
                  <span class="tag">{report.kind}</span>
                </td>
                <td>
                  <bdi>{visible(report.hostname)}</bdi>
                </td>
                <td>
                  <bdi>{visible(report.summary)}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Deliveries() {
  const deliveries = useData('deliveries', (signal) =>
    call('GET /api/v1/deliveries', { query: { limit: 100 } }, signal),
  );
  const items = deliveries.value?.items ?? [];
  return (
    <section class="panel">
      <h2>Deliveries</h2>
      <Waiting data={deliveries} />
      {deliveries.value && items.length === 0 && (
        <p class="muted">
          Nothing was sent. Routes and targets are set in the configuration, under <code>deliver</code>.
        </p>
      )}
      {items.length > 0 && (
        <table class="plain cards">
          <caption class="visually-hidden">The latest deliveries</caption>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Status</th>
              <th scope="col">Route</th>
              <th scope="col">Attempts</th>
              <th scope="col">Last error</th>
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <tr key={one.id}>
                <td>
                  <Time iso={one.created} />
                </td>
                <td>
                  <span class={`badge ${BADGE[one.status]}`}>{one.status}</span>
                </td>
                <td>
                  <bdi>{visible(one.route)}</bdi>
                </td>
                <td data-name="attempts">{one.attempts}</td>
                <td>{one.lastError !== '' && <bdi>{visible(one.lastError)}</bdi>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Subject({ kind, id }: { readonly kind: string; readonly id: string }) {
  if (kind !== 'finding' && kind !== 'incident') return kind === 'service' ? null : <span>{kind}</span>;
  return <a href={linkTo([`${kind}s`, id])}>{`${kind} ${id.slice(0, 8)}`}</a>;
}

function Trail() {
  const trail = useData('trail', (signal) => call('GET /api/v1/trail', { query: { limit: 200 } }, signal));
  const items = trail.value?.items ?? [];
  return (
    <section class="panel">
      <h2>Who decided what</h2>
      <Waiting data={trail} />
      {trail.value && items.length === 0 && <p class="muted">Nobody has decided anything yet.</p>}
      {items.length > 0 && (
        <table class="plain cards">
          <caption class="visually-hidden">The latest decisions</caption>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Who</th>
              <th scope="col">What</th>
              <th scope="col">On</th>
              <th scope="col">Reason</th>
            </tr>
          </thead>
          <tbody>
            {items.map((entry, i) => (
              <tr key={`${entry.at} ${i}`}>
                <td>
                  <Time iso={entry.at} />
                </td>
                <td>
                  <bdi>{visible(entry.actor)}</bdi>
                </td>
                <td>{describe(entry.action, entry.detail)}</td>
                <td>
                  <Subject kind={entry.subjectKind} id={entry.subjectId} />
                </td>
                <td>{entry.reason !== '' && <bdi>{visible(entry.reason)}</bdi>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

export function ActivityPage() {
  return (
    <Page title="Activity">
      <Sensors />
      <Deliveries />
      <Trail />
    </Page>
  );
}
