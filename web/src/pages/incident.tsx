// The incident: its report, live, and what people decide about it.

import { useState } from 'preact/hooks';
import { call } from '../api.ts';
import { plural } from '../format.ts';
import { useLive } from '../live.ts';
import { linkTo } from '../location.ts';
import { ErrorBox, PlainTitle, Skeleton, Time, Verdict } from '../parts/basics.tsx';
import { DecideDialog } from '../parts/decide.tsx';
import { useShortcuts } from '../parts/keyboard.ts';
import { ReportView } from '../parts/report-view.tsx';
import { useData } from '../use-data.ts';
import { History } from './history.tsx';

export function IncidentPage({ id }: { readonly id: string }) {
  const params = { id };
  const incident = useData(`incident ${id}`, (signal) =>
    call('GET /api/v1/incidents/{id}', { params }, signal),
  );
  const report = useData(`report ${id}`, (signal) =>
    call('GET /api/v1/incidents/{id}/report', { params }, signal),
  );
  const [deciding, setDeciding] = useState(false);
  const [stale, setStale] = useState(false);
  const [turn, setTurn] = useState(0);
  useLive((events) => {
    for (const event of events) {
      if (event.kind === 'triaged' && event.incidents.includes(id)) setStale(true);
      if (event.kind === 'decided' && event.subject.id === id) reload();
    }
  });
  const reload = (): void => {
    setStale(false);
    incident.reload();
    report.reload();
    setTurn((n) => n + 1);
  };
  useShortcuts([{ keys: 'd', does: 'decide', run: () => setDeciding(true) }]);
  const row = incident.value;
  return (
    <main id="main" class="incident-page">
      <header class="incident-head">
        <p class="crumb">
          <a href="#/incidents">Incidents</a>
        </p>
        {row && (
          <>
            <h1>
              <Verdict word={row.verdict} /> <PlainTitle text={row.title} />
            </h1>
            <p class="facts">
              <span>{plural(row.alertCount, 'alert')}</span>
              <span>{plural(row.findingCount, 'finding')}</span>
              <span>
                <Time iso={row.firstSeen} /> → <Time iso={row.lastSeen} />
              </span>
              <span class="tag">{row.state}</span>
              <span class="muted">{row.owner === '' ? 'nobody owns it' : `owner: ${row.owner}`}</span>
              <button type="button" onClick={() => setDeciding(true)}>
                Decide… <kbd>d</kbd>
              </button>
              <a
                href={`/api/v1/incidents/${encodeURIComponent(id)}/report.html`}
                target="_blank"
                rel="noopener"
              >
                As a page
              </a>
            </p>
          </>
        )}
        {stale && (
          <button type="button" class="fresh" onClick={reload}>
            The incident has changed: show
          </button>
        )}
      </header>
      {incident.error && <ErrorBox error={incident.error} retry={incident.reload} />}
      {report.error && <ErrorBox error={report.error} retry={report.reload} />}
      {report.value === undefined && report.loading && <Skeleton rows={14} />}
      {report.value && <ReportView markup={report.value.html} />}
      <History key={turn} kind="incident" id={id} />
      {deciding && row && (
        <DecideDialog
          kind="incident"
          ids={[id]}
          state={row.state}
          owner={row.owner}
          onDone={reload}
          onClose={() => setDeciding(false)}
        />
      )}
    </main>
  );
}

/** One finding: why its alerts are one, where it was seen, the raw alerts. */
export function FindingPage({ id }: { readonly id: string }) {
  const params = { id };
  const finding = useData(`finding ${id}`, (signal) => call('GET /api/v1/findings/{id}', { params }, signal));
  const alerts = useData(`alerts of ${id}`, (signal) =>
    call('GET /api/v1/alerts', { query: { finding: id, limit: 50 } } as never, signal),
  );
  const [deciding, setDeciding] = useState(false);
  const row = finding.value;
  const incidents = [...new Set(alerts.value?.items.map((alert) => alert.incidentId))];
  return (
    <main id="main">
      <p class="crumb">
        <a href="#/findings">Findings</a>
      </p>
      {finding.error && <ErrorBox error={finding.error} retry={finding.reload} />}
      {row === undefined && finding.loading && <Skeleton rows={8} />}
      {row && (
        <>
          <h1>
            <Verdict word={row.verdict} /> <PlainTitle text={row.title} />
          </h1>
          <p class="facts">
            <span>{plural(row.count, 'alert')}</span>
            <span>
              <Time iso={row.firstSeen} /> → <Time iso={row.lastSeen} />
            </span>
            <span class="tag">{row.state}</span>
            {row.silenceId && <span class="tag">silenced</span>}
            <button type="button" onClick={() => setDeciding(true)}>
              Decide…
            </button>
            {incidents.map((incident) => (
              <a key={incident} href={linkTo(['incidents', incident])}>
                incident {incident.slice(0, 8)}
              </a>
            ))}
          </p>
          <section class="panel">
            <h2>Why these alerts are one finding</h2>
            <dl class="pairs">
              {row.fingerprint.map((part) => (
                <div key={part.name}>
                  <dt>{part.name}</dt>
                  <dd class="mono">
                    <PlainTitle text={part.value} max={300} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
          <section class="panel">
            <h2>Where</h2>
            <dl class="pairs">
              {(['nodes', 'pods', 'images', 'users'] as const).map((kind) => {
                const spread = row.spread[kind];
                return (
                  <div key={kind}>
                    <dt>
                      {kind} ({spread.total}
                      {spread.atLeast ? ' or more' : ''})
                    </dt>
                    <dd class="mono">
                      {spread.values.length === 0
                        ? '–'
                        : spread.values.map((value) => (
                            <PlainTitle key={value} text={`${value} `} max={100} />
                          ))}
                    </dd>
                  </div>
                );
              })}
            </dl>
          </section>
        </>
      )}
      {alerts.value && (
        <section class="panel">
          <h2>Alerts, newest first</h2>
          {alerts.value.items.map((alert) => (
            <details key={alert.id}>
              <summary>
                <Time iso={alert.time} /> <span class="mono">{alert.rule}</span>
              </summary>
              <pre class="raw">
                <PlainTitle text={alert.raw} max={6000} />
              </pre>
            </details>
          ))}
        </section>
      )}
      <History kind="finding" id={id} />
      {deciding && row && (
        <DecideDialog
          kind="finding"
          ids={[id]}
          state={row.state}
          owner={row.owner}
          onDone={finding.reload}
          onClose={() => setDeciding(false)}
        />
      )}
    </main>
  );
}
