// The incident: its report, live, and what people decide about it.

import { useState } from 'preact/hooks';
import { visible } from '../../../src/base/escape/visible.ts';
import type { Finding } from '../api.generated.ts';
import { call } from '../api.ts';
import { count, plural } from '../format.ts';
import { useLive } from '../live.ts';
import { go, linkTo, wayUp } from '../location.ts';
import { ErrorBox, Key, PlainTitle, Skeleton, Time, Verdict } from '../parts/basics.tsx';
import { DecideButtons, DecideDialog, type DecideField, OwnedBy } from '../parts/decide.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Download } from '../parts/download.tsx';
import { useShortcuts } from '../parts/keyboard.ts';
import { Page } from '../parts/page.tsx';
import { ReportView } from '../parts/report-view.tsx';
import { conditionFor, SilenceForm } from '../parts/silence.tsx';
import { useSession } from '../session.ts';
import { type Data, useData } from '../use-data.ts';
import { History } from './history.tsx';

/** Puts the focus on a section's heading, or on the one `step` away from where the reader is. */
function toSection(heading: HTMLElement | undefined): void {
  heading?.focus({ preventScroll: true });
  heading?.scrollIntoView({ block: 'start' });
}

function nextSection(headings: readonly HTMLElement[], step: 1 | -1): void {
  const at = headings.indexOf(document.activeElement as HTMLElement);
  const from = at >= 0 ? at : headings.findLastIndex((one) => one.getBoundingClientRect().top < 80);
  toSection(headings[Math.max(0, Math.min(headings.length - 1, from + step))]);
}

function Sections({ headings }: { readonly headings: readonly HTMLElement[] }) {
  return (
    <nav class="sections" aria-label="In this report">
      <ul>
        {headings.map((heading) => (
          <li key={heading.textContent}>
            <button type="button" class="link" onClick={() => toSection(heading)}>
              {heading.textContent}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

export interface SilenceDialogProps {
  /** Whose alerts the condition is made from. */
  readonly of: { readonly finding: string } | { readonly incident: string };
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Starts from a condition for the newest alert of what is being looked at. */
export function SilenceDialog({ of, onDone, onClose }: SilenceDialogProps) {
  const sample = useData('sample', (signal) =>
    call('GET /api/v1/alerts', { query: { ...of, limit: 1 } }, signal),
  );
  return (
    <Dialog title="Silence" onClose={onClose}>
      {(close) => (
        <>
          <p class="lead">
            Findings that satisfy the condition are hidden and not delivered until the silence expires. Make
            it as narrow as what you know to be harmless.
          </p>
          <SilenceForm
            condition={conditionFor(sample.value?.items[0]?.raw ?? '')}
            onCancel={close}
            onDone={() => {
              close();
              onDone();
            }}
          />
        </>
      )}
    </Dialog>
  );
}

function Findings({ data }: { readonly data: Data<readonly Finding[]> }) {
  return (
    <section class="panel">
      <h2 tabIndex={-1}>Findings of this incident</h2>
      {data.error && <ErrorBox error={data.error} retry={data.reload} />}
      <table class="plain cards">
        <caption class="visually-hidden">Findings of this incident</caption>
        <thead>
          <tr>
            <th scope="col">Verdict</th>
            <th scope="col">Finding</th>
            <th scope="col">Rule</th>
            <th scope="col" class="number">
              Alerts
            </th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {data.value?.map((finding) => (
            <tr key={finding.id}>
              <td>
                <Verdict word={finding.verdict} />
              </td>
              <th scope="row">
                <a href={linkTo(['findings', finding.id])}>
                  <PlainTitle text={finding.title} max={120} />
                </a>
              </th>
              <td>
                <bdi>{visible(finding.rule)}</bdi>
              </td>
              <td class="number" data-name="alerts">
                {count(finding.count)}
              </td>
              <td>{finding.state}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function IncidentPage({ id }: { readonly id: string }) {
  const params = { id };
  const { mayRespond } = useSession();
  const incident = useData(`incident ${id}`, (signal) =>
    call('GET /api/v1/incidents/{id}', { params }, signal),
  );
  const report = useData(`report ${id}`, (signal) =>
    call('GET /api/v1/incidents/{id}/report', { params }, signal),
  );
  const findings = useData(`findings of ${id}`, (signal) =>
    call('GET /api/v1/incidents/{id}/findings', { params }, signal),
  );
  const [deciding, setDeciding] = useState<DecideField | undefined>(undefined);
  const [silencing, setSilencing] = useState(false);
  const [stale, setStale] = useState(false);
  const [turn, setTurn] = useState(0);
  const [headings, setHeadings] = useState<readonly HTMLElement[]>([]);
  const renew = (): void => {
    incident.reload();
    findings.reload();
    setTurn((n) => n + 1);
  };
  const reload = (): void => {
    setStale(false);
    report.reload();
    renew();
  };
  useLive((events) => {
    for (const event of events) {
      if (event.kind === 'triaged' && event.incidents.includes(id)) setStale(true);
      if (event.kind === 'decided' && event.subject.id === id) renew();
    }
  });
  const row = incident.value;
  useShortcuts('This incident', [
    ...(mayRespond && row
      ? [
          { keys: 'd', does: 'change the state', run: () => setDeciding('state') },
          { keys: 'o', does: 'set the owner', run: () => setDeciding('owner') },
          { keys: 'n', does: 'write a note', run: () => setDeciding('note') },
          { keys: 's', does: 'silence', run: () => setSilencing(true) },
        ]
      : []),
    { keys: 'j', does: 'next section', run: () => nextSection(headings, 1) },
    { keys: 'k', does: 'previous section', run: () => nextSection(headings, -1) },
    { keys: 'u', does: 'up to the incidents', run: () => go(wayUp('incidents')) },
    ...(stale ? [{ keys: 'r', does: 'show what is new', run: reload }] : []),
  ]);
  return (
    <Page
      title={row === undefined ? 'Incident' : visible(row.title)}
      class="incident-page"
      crumb={<a href={wayUp('incidents')}>Incidents</a>}
      heading={
        row && (
          <>
            <Verdict word={row.verdict} /> <PlainTitle text={row.title} />
          </>
        )
      }
    >
      {row && (
        <>
          <p class="facts">
            <span class="tag">{row.state}</span>
            <OwnedBy owner={row.owner} />
            <span>{plural(row.alertCount, 'alert')}</span>
            <span>{plural(row.findingCount, 'finding')}</span>
            <span>
              <Time iso={row.firstSeen} /> → <Time iso={row.lastSeen} />
            </span>
          </p>
          <div class="buttons">
            {mayRespond && <DecideButtons onDecide={setDeciding} onSilence={() => setSilencing(true)} />}
            <a
              class="button"
              href={`/api/v1/incidents/${encodeURIComponent(id)}/report.html`}
              target="_blank"
              rel="noopener"
            >
              As a page
            </a>
            <Download id={id} />
          </div>
        </>
      )}
      <div role="status">
        {stale && (
          <button type="button" class="fresh" onClick={reload}>
            The incident has changed: show <Key keys="r" />
          </button>
        )}
      </div>
      {incident.error && <ErrorBox error={incident.error} retry={incident.reload} />}
      {report.error && incident.error === undefined && (
        <ErrorBox error={report.error} retry={report.reload} />
      )}
      {report.value === undefined && report.loading && (
        <Skeleton rows={14} text="Making the report: each mitigation is tried by its checkers." />
      )}
      {report.value && (
        <>
          <Sections headings={headings} />
          <ReportView
            markup={report.value.html}
            under={1}
            onReady={(element) => setHeadings([...element.querySelectorAll('h3')])}
          />
        </>
      )}
      {findings.value && <Findings data={findings} />}
      <History key={turn} kind="incident" id={id} />
      {deciding && row && (
        <DecideDialog
          kind="incident"
          subjects={[row]}
          start={deciding}
          onDone={renew}
          onClose={() => setDeciding(undefined)}
        />
      )}
      {silencing && (
        <SilenceDialog of={{ incident: id }} onDone={renew} onClose={() => setSilencing(false)} />
      )}
    </Page>
  );
}
