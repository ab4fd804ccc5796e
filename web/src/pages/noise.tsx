// Where the volume is: rules by hours. Darker is more, and every cell says its number.

import { call } from '../api.ts';
import { count, exactTime } from '../format.ts';
import { linkTo } from '../location.ts';
import { Empty, ErrorBox, PlainTitle, Skeleton } from '../parts/basics.tsx';
import { useData } from '../use-data.ts';

const HOUR_MS = 3_600_000;
const HOURS = 72;

export function NoisePage() {
  const untilMs = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;
  const sinceMs = untilMs - HOURS * HOUR_MS;
  const volume = useData('noise', (signal) =>
    call(
      'GET /api/v1/volume',
      { query: { since: new Date(sinceMs).toISOString(), limit: 100 } } as never,
      signal,
    ),
  );
  const rules = new Map<string, number[]>();
  for (const cell of volume.value ?? []) {
    const hours = rules.get(cell.rule) ?? new Array<number>(HOURS).fill(0);
    const at = Math.floor((Date.parse(cell.hour) - sinceMs) / HOUR_MS);
    if (at >= 0 && at < HOURS) hours[at] = (hours[at] as number) + cell.count;
    rules.set(cell.rule, hours);
  }
  const totals = [...rules]
    .map(([rule, hours]) => ({ rule, hours, total: hours.reduce((a, b) => a + b, 0) }))
    .sort((a, b) => b.total - a.total);
  const all = totals.reduce((n, row) => n + row.total, 0);
  const top = Math.log1p(Math.max(1, ...totals.flatMap((row) => row.hours)));
  return (
    <main id="main">
      <h1>Noise</h1>
      <p class="lead">
        {count(all)} alerts in {HOURS} hours, by rule. The first rules are where tuning pays: open one, read
        what its findings say, and take the exception that the report offers, if it offers one.
      </p>
      {volume.error && <ErrorBox error={volume.error} retry={volume.reload} />}
      {volume.value === undefined && volume.loading && <Skeleton rows={10} />}
      {volume.value?.length === 0 && <Empty title="No alerts in this time" />}
      <table class="noise">
        <thead class={totals.length === 0 ? 'visually-hidden' : ''}>
          <tr>
            <th scope="col">rule</th>
            <th scope="col" class="number">
              alerts
            </th>
            <th scope="col" class="number">
              share
            </th>
            <th scope="col">the last {HOURS} hours</th>
          </tr>
        </thead>
        <tbody>
          {totals.map((row) => (
            <tr key={row.rule}>
              <th scope="row">
                <a href={linkTo(['findings'], { rule: row.rule, sort: 'count' })}>
                  <PlainTitle text={row.rule} max={70} />
                </a>
              </th>
              <td class="number mono">{count(row.total)}</td>
              <td class="number mono">{all === 0 ? '–' : `${Math.round((row.total / all) * 100)} %`}</td>
              <td>
                <svg
                  class="heat"
                  viewBox={`0 0 ${HOURS} 1`}
                  preserveAspectRatio="none"
                  role="img"
                  aria-label={`Busiest hour: ${count(Math.max(...row.hours))} alerts`}
                >
                  {row.hours.map((n, i) =>
                    n === 0 ? null : (
                      <rect
                        key={i}
                        x={i}
                        width={0.9}
                        height={1}
                        opacity={0.25 + 0.75 * (Math.log1p(n) / top)}
                      >
                        <title>{`${exactTime(new Date(sinceMs + i * HOUR_MS).toISOString())}: ${count(n)}`}</title>
                      </rect>
                    ),
                  )}
                </svg>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </main>
  );
}
