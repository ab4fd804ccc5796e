// One finding: why its alerts are one, where it was seen, the raw alerts with fields that one can filter by.

import { useState } from 'preact/hooks';
import { visible } from '../../../src/base/escape/visible.ts';
import { alertFields } from '../alert-fields.ts';
import type { Alert, Finding } from '../api.generated.ts';
import { call } from '../api.ts';
import { operand, plural } from '../format.ts';
import { useLive } from '../live.ts';
import { go, linkTo, wayUp } from '../location.ts';
import { Copy, ErrorBox, PlainTitle, Skeleton, Time, Value, Verdict } from '../parts/basics.tsx';
import { DecideButtons, DecideDialog, type DecideField, OwnedBy } from '../parts/decide.tsx';
import { useShortcuts } from '../parts/keyboard.ts';
import { Page } from '../parts/page.tsx';
import { useSession } from '../session.ts';
import { useData } from '../use-data.ts';
import { History } from './history.tsx';
import { SilenceDialog } from './incident.tsx';

const ALERTS = 50;
const MAX_RAW = 100_000;

function AlertDetails({ alert, open }: { readonly alert: Alert; readonly open: boolean }) {
  const [isOpen, setOpen] = useState(open);
  const fields = isOpen ? [...alertFields(alert.raw)] : [];
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Time iso={alert.time} /> {visible(alert.hostname)}{' '}
        {alert.pod !== '' && <span class="mono">{visible(alert.pod)}</span>}
      </summary>
      {fields.length > 0 && (
        <table class="plain fields">
          <caption class="visually-hidden">Fields of the alert; a value filters the findings by it</caption>
          <tbody>
            {fields.map(([name, value]) => (
              <tr key={name}>
                <th scope="row" class="mono">
                  {visible(name)}
                </th>
                <td>
                  <a
                    title={`Findings with this ${visible(name)}`}
                    href={linkTo(['findings'], { filter: `${name} = ${operand(value)}` })}
                  >
                    <Value text={value} max={300} />
                  </a>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {isOpen && (
        <div class="code">
          <div class="bar">
            <span>As it was received</span>
            <Copy text={alert.raw} of="the alert" />
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
          <pre class="raw" tabIndex={0}>
            {visible(alert.raw.slice(0, MAX_RAW))}
          </pre>
        </div>
      )}
    </details>
  );
}

function Shape({ finding }: { readonly finding: Finding }) {
  return (
    <div class="columns">
      <section class="panel">
        <h2>Why these alerts are one finding</h2>
        <dl class="facts-list">
          {finding.fingerprint.map((part) => (
            <div key={part.name}>
              <dt>{part.name}</dt>
              <dd>
                <Value text={part.value} max={300} />
              </dd>
            </div>
          ))}
        </dl>
      </section>
      <section class="panel">
        <h2>Where it was seen</h2>
        <dl class="facts-list">
          {(['nodes', 'pods', 'images', 'users'] as const).map((kind) => {
            const { values, total, atLeast } = finding.spread[kind];
            return (
              <div key={kind}>
                <dt>
                  {kind}, {total}
                  {atLeast ? ' or more' : ''}
                </dt>
                <dd>
                  {values.length === 0
                    ? 'none known'
                    : values.map((value) => (
                        <span key={value}>
                          <Value text={value} max={100} />{' '}
                        </span>
                      ))}
                </dd>
              </div>
            );
          })}
        </dl>
      </section>
    </div>
  );
}

export function FindingPage({ id }: { readonly id: string }) {
  const params = { id };
  const { mayRespond } = useSession();
  const finding = useData(`finding ${id}`, (signal) => call('GET /api/v1/findings/{id}', { params }, signal));
  const alerts = useData(`alerts of ${id}`, (signal) =>
    call('GET /api/v1/alerts', { query: { finding: id, limit: ALERTS } }, signal),
  );
  const [deciding, setDeciding] = useState<DecideField | undefined>(undefined);
  const [silencing, setSilencing] = useState(false);
  const [turn, setTurn] = useState(0);
  const renew = (): void => {
    finding.reload();
    setTurn((n) => n + 1);
  };
  useLive((events) => {
    if (events.some((event) => event.kind === 'decided' && event.subject.id === id)) renew();
  });
  const row = finding.value;
  const items = alerts.value?.items ?? [];
  const incidents = [...new Set(items.map((alert) => alert.incidentId))];
  useShortcuts('This finding', [
    ...(mayRespond && row
      ? [
          { keys: 'd', does: 'change the state', run: () => setDeciding('state') },
          { keys: 'o', does: 'set the owner', run: () => setDeciding('owner') },
          { keys: 'n', does: 'write a note', run: () => setDeciding('note') },
          { keys: 's', does: 'silence', run: () => setSilencing(true) },
        ]
      : []),
    ...(incidents[0] === undefined
      ? []
      : [
          {
            keys: 'i',
            does: 'open its incident',
            run: () => go(linkTo(['incidents', incidents[0] as string])),
          },
        ]),
    { keys: 'u', does: 'up to the findings', run: () => go(wayUp('findings')) },
  ]);
  return (
    <Page
      title={row === undefined ? 'Finding' : visible(row.title)}
      crumb={<a href={wayUp('findings')}>Findings</a>}
      heading={
        row && (
          <>
            <Verdict word={row.verdict} /> <PlainTitle text={row.title} />
          </>
        )
      }
    >
      {finding.error && <ErrorBox error={finding.error} retry={finding.reload} />}
      {row === undefined && finding.loading && <Skeleton rows={8} />}
      {row && (
        <>
          <p class="facts">
            <span class="tag">{row.state}</span>
            {row.silenceId && <span class="tag">silenced</span>}
            <OwnedBy owner={row.owner} />
            <span>{plural(row.count, 'alert')}</span>
            <span>{row.priority}</span>
            <span>
              <Time iso={row.firstSeen} /> → <Time iso={row.lastSeen} />
            </span>
          </p>
          <div class="buttons">
            {mayRespond && <DecideButtons onDecide={setDeciding} onSilence={() => setSilencing(true)} />}
            {incidents.map((incident) => (
              <a key={incident} class="button" href={linkTo(['incidents', incident])}>
                Its incident and report {incidents.length > 1 && incident.slice(0, 8)}
              </a>
            ))}
          </div>
          <Shape finding={row} />
        </>
      )}
      {alerts.error && finding.error === undefined && <ErrorBox error={alerts.error} retry={alerts.reload} />}
      {items.length > 0 && (
        <section class="panel alerts">
          <h2>Alerts, newest first</h2>
          {items.map((alert, i) => (
            <AlertDetails key={alert.id} alert={alert} open={i === 0} />
          ))}
          {alerts.value?.next !== undefined && <p class="muted">The newest {ALERTS} are shown.</p>}
        </section>
      )}
      <History key={turn} kind="finding" id={id} />
      {deciding && row && (
        <DecideDialog
          kind="finding"
          subjects={[row]}
          start={deciding}
          onDone={renew}
          onClose={() => setDeciding(undefined)}
        />
      )}
      {silencing && <SilenceDialog of={{ finding: id }} onDone={renew} onClose={() => setSilencing(false)} />}
    </Page>
  );
}
