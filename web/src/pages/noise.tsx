// Where the volume is: rules by hours. Darker is more, and every cell says its number.

import { call } from '../api.ts';
import { count, exactTime, plural } from '../format.ts';
import { linkTo, setQuery, useLocation } from '../location.ts';
import { Empty, ErrorBox, PlainTitle, Skeleton } from '../parts/basics.tsx';
import { Page } from '../parts/page.tsx';
import { useData } from '../use-data.ts';

const HOUR_MS = 3_600_000;
const SPANS = { '24h': 24, '3d': 72, '7d': 168 } as const;
type Span = keyof typeof SPANS;
const SPAN_TEXT: Readonly<Record<Span, string>> = {
  '24h': 'the last 24 hours',
  '3d': 'the last 3 days',
  '7d': 'the last 7 days',
};
/** The service's most: rules past that are quiet ones. */
const RULES = 100;

interface Total {
  readonly rule: string;
  readonly hours: readonly number[];
  readonly total: number;
}

/** Alerts by rule and hour, the busiest rule first. */
function totalsOf(
  cells: readonly { readonly hour: string; readonly rule: string; readonly count: number }[],
  sinceMs: number,
  hours: number,
): readonly Total[] {
  const rules = new Map<string, number[]>();
  for (const cell of cells) {
    const row = rules.get(cell.rule) ?? new Array<number>(hours).fill(0);
    const at = Math.floor((Date.parse(cell.hour) - sinceMs) / HOUR_MS);
    if (at >= 0 && at < hours) row[at] = (row[at] as number) + cell.count;
    rules.set(cell.rule, row);
  }
  return [...rules]
    .map(([rule, row]) => ({ rule, hours: row, total: row.reduce((a, b) => a + b, 0) }))
    .sort((a, b) => b.total - a.total);
}

interface HeatProps {
  readonly hours: readonly number[];
  readonly sinceMs: number;
  /** The logarithm of the busiest hour of all rules. */
  readonly top: number;
}

function Heat({ hours, sinceMs, top }: HeatProps) {
  const most = Math.max(...hours);
  const hourText = (i: number): string => exactTime(new Date(sinceMs + i * HOUR_MS).toISOString());
  return (
    <svg
      class="heat"
      viewBox={`0 0 ${hours.length} 1`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Busiest hour: ${hourText(hours.indexOf(most))}, ${plural(most, 'alert')}`}
    >
      {hours.map((n, i) =>
        n === 0 ? null : (
          <rect key={hourText(i)} x={i} width={0.9} height={1} opacity={0.35 + 0.65 * (Math.log1p(n) / top)}>
            <title>{`${hourText(i)}: ${count(n)}`}</title>
          </rect>
        ),
      )}
    </svg>
  );
}

export function NoisePage() {
  const { query } = useLocation();
  const asked = query.get('span') ?? '';
  const span: Span = asked in SPANS ? (asked as Span) : '3d';
  const hours = SPANS[span];
  const untilMs = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;
  const sinceMs = untilMs - hours * HOUR_MS;
  const since = new Date(sinceMs).toISOString();
  const volume = useData(`noise ${span}`, (signal) =>
    call('GET /api/v1/volume', { query: { since, limit: RULES } }, signal),
  );
  const totals = totalsOf(volume.value ?? [], sinceMs, hours);
  const all = totals.reduce((sum, row) => sum + row.total, 0);
  const top = Math.log1p(Math.max(1, ...totals.flatMap((row) => row.hours)));
  return (
    <Page
      title="Noise"
      actions={
        <label class="inline">
          Time
          <select value={span} onChange={(event) => setQuery({ span: event.currentTarget.value })}>
            {(Object.keys(SPANS) as Span[]).map((name) => (
              <option key={name} value={name}>
                {SPAN_TEXT[name]}
              </option>
            ))}
          </select>
        </label>
      }
    >
      <p class="lead">
        {plural(all, 'alert')} in {SPAN_TEXT[span]}, by rule. The first rules are where tuning pays: open one,
        read what its findings say, and take the exception that the report offers, if it offers one.
      </p>
      {volume.error && <ErrorBox error={volume.error} retry={volume.reload} />}
      {volume.value === undefined && volume.loading && <Skeleton rows={10} />}
      {volume.value?.length === 0 && (
        <Empty title="No alerts in this time">
          <p>
            <a href="#/findings">All findings</a>, or another time above.
          </p>
        </Empty>
      )}
      {totals.length > 0 && (
        <table class="plain noise">
          <caption class="visually-hidden">Alerts by rule, the most first</caption>
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col" class="number" aria-sort="descending">
                Alerts
              </th>
              <th scope="col" class="number">
                Share
              </th>
              <th scope="col">By hour, {SPAN_TEXT[span]}</th>
            </tr>
          </thead>
          <tbody>
            {totals.map((row) => (
              <tr key={row.rule}>
                <th scope="row">
                  <a href={linkTo(['findings'], { rule: row.rule, sort: 'count' })}>
                    {row.rule === '' ? 'rule unknown' : <PlainTitle text={row.rule} max={90} />}
                  </a>
                </th>
                <td class="number mono">{count(row.total)}</td>
                <td class="number mono">{`${Math.round((row.total / all) * 100)} %`}</td>
                <td class="hours">
                  <Heat hours={row.hours} sinceMs={sinceMs} top={top} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Page>
  );
}
