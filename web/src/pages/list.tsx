// Findings and incidents: the same list with other columns. Filter in the rule language, search by words, sort, narrow
// by verdict and state, decide in bulk; "12 new" instead of rows that jump.

import { useState } from 'preact/hooks';
import { call } from '../api.ts';
import { count, plural } from '../format.ts';
import { useLive } from '../live.ts';
import { go, linkTo, setQuery, useLocation } from '../location.ts';
import { Empty, ErrorBox, PlainTitle, Skeleton, Time, Verdict, type VerdictWord } from '../parts/basics.tsx';
import { DecideDialog, type State } from '../parts/decide.tsx';
import { FilterBar } from '../parts/filter-bar.tsx';
import { useSelection } from '../parts/selection.tsx';
import { VolumeChart } from '../parts/volume.tsx';
import { useData } from '../use-data.ts';
import { FirstSteps } from './first-steps.tsx';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const PAGE = 100;

interface Row {
  readonly id: string;
  readonly title: string;
  readonly verdict: VerdictWord;
  readonly priority: string;
  readonly state: State;
  readonly owner: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly count: number;
  readonly spread: string;
  readonly where: string;
  readonly silenced: boolean;
}

const SORTS = {
  'last-seen': 'last seen',
  'first-seen': 'first seen',
  count: 'count',
  priority: 'priority',
  verdict: 'verdict',
} as const;
type Sort = keyof typeof SORTS;

const VERDICTS: readonly VerdictWord[] = [
  'malicious',
  'likely-malicious',
  'undetermined',
  'likely-benign',
  'benign',
];

function spreadText(
  spread: { readonly [kind in 'nodes' | 'pods']: { readonly total: number; readonly atLeast: boolean } },
): string {
  const part = (n: { readonly total: number; readonly atLeast: boolean }, word: string): string[] =>
    n.total === 0 ? [] : [`${plural(n.total, word)}${n.atLeast ? ' or more' : ''}`];
  return [...part(spread.nodes, 'node'), ...part(spread.pods, 'pod')].join(', ');
}

async function readRows(
  kind: 'findings' | 'incidents',
  query: URLSearchParams,
  cursor: string | undefined,
  signal: AbortSignal,
) {
  const input = {
    query: {
      limit: PAGE,
      cursor,
      sort: query.get('sort') ?? undefined,
      state: query.get('state') ?? undefined,
      verdict: query.get('verdict') ?? undefined,
      rule: query.get('rule') ?? undefined,
      namespace: query.get('namespace') ?? undefined,
      search: query.get('search') ?? undefined,
      filter: query.get('filter') ?? undefined,
      since: query.get('since') ?? undefined,
      until: query.get('until') ?? undefined,
      silenced: query.get('silenced') ?? undefined,
    },
  };
  if (kind === 'findings') {
    const page = await call('GET /api/v1/findings', input as never, signal);
    return {
      next: page.next,
      rows: page.items.map(
        (f): Row => ({
          ...f,
          spread: spreadText(f.spread),
          where: [
            f.workload['namespace'],
            f.workload['containerName'] ?? f.workload['imageRepository'] ?? f.workload['node'],
          ]
            .filter(Boolean)
            .join('/'),
          silenced: f.silenceId !== undefined,
        }),
      ),
    };
  }
  const page = await call('GET /api/v1/incidents', input as never, signal);
  return {
    next: page.next,
    rows: page.items.map(
      (i): Row => ({
        ...i,
        count: i.alertCount,
        spread: plural(i.findingCount, 'finding'),
        where: i.namespace,
        silenced: false,
      }),
    ),
  };
}

export function ListPage({ kind }: { readonly kind: 'findings' | 'incidents' }) {
  const { query } = useLocation();
  const [fresh, setFresh] = useState(0);
  const [deciding, setDeciding] = useState(false);
  const [told, setTold] = useState('');
  const [more, setMore] = useState<
    { readonly key: string; readonly rows: readonly Row[]; readonly next: string | undefined } | undefined
  >(undefined);
  const key = `${kind}?${query}`;
  const list = useData(key, (signal) => readRows(kind, query, undefined, signal));
  const untilMs = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;
  const sinceMs = untilMs - 7 * DAY_MS;
  const volume = useData(`volume ${query.get('rule') ?? ''}`, (signal) =>
    call(
      'GET /api/v1/volume',
      { query: { since: new Date(sinceMs).toISOString(), limit: 200 } } as never,
      signal,
    ),
  );
  useLive((events) => {
    const stored = events.reduce((n, e) => n + (e.kind === 'alerts' ? e.stored : 0), 0);
    if (stored > 0) setFresh((n) => n + stored);
  });

  const extra = more?.key === key ? more : undefined;
  const rows = [...(list.value?.rows ?? []), ...(extra?.rows ?? [])];
  const next = extra === undefined ? list.value?.next : extra.next;
  const open = (id: string): void => go(linkTo([kind, id]));
  const selection = useSelection(
    rows.map((row) => row.id),
    open,
  );
  const refresh = (): void => {
    setFresh(0);
    setMore(undefined);
    list.reload();
    volume.reload();
  };
  const loadMore = async (): Promise<void> => {
    const page = await readRows(kind, query, next, new AbortController().signal);
    setMore({ key, rows: [...(extra?.rows ?? []), ...page.rows], next: page.next });
  };
  const toggleIn = (name: string, value: string): void => {
    const values = new Set((query.get(name) ?? '').split(',').filter((v) => v !== ''));
    if (!values.delete(value)) values.add(value);
    setQuery({ [name]: [...values].join(',') });
  };
  const filtered = ['filter', 'search', 'verdict', 'state', 'since', 'rule', 'namespace'].some((name) =>
    query.has(name),
  );
  const title = kind === 'findings' ? 'Findings' : 'Incidents';

  return (
    <main id="main">
      <header class="page-head">
        <h1>{title}</h1>
        <FilterBar
          value={query.get('filter') ?? ''}
          label="Filter in Falco's rule language"
          placeholder={'proc.name = bash and k8s.ns.name = shop'}
          onChange={(filter) => setQuery({ filter })}
        />
        <input
          type="search"
          class="search"
          aria-label="Search by words"
          placeholder="Search by words"
          value={query.get('search') ?? ''}
          onChange={(event) => setQuery({ search: event.currentTarget.value })}
        />
      </header>

      {volume.value && volume.value.length > 0 && (
        <VolumeChart
          cells={volume.value}
          sinceMs={sinceMs}
          untilMs={untilMs}
          brushed={query.has('since')}
          onBrush={(range) => setQuery({ since: range?.since, until: range?.until })}
        />
      )}

      <div class="chips" role="group" aria-label="Narrow the list">
        {VERDICTS.map((word) => (
          <button
            key={word}
            type="button"
            class="chip"
            aria-pressed={(query.get('verdict') ?? '').split(',').includes(word)}
            onClick={() => toggleIn('verdict', word)}
          >
            <Verdict word={word} />
          </button>
        ))}
        {(['open', 'acknowledged', 'closed'] as const).map((word) => (
          <button
            key={word}
            type="button"
            class="chip"
            aria-pressed={(query.get('state') ?? '').split(',').includes(word)}
            onClick={() => toggleIn('state', word)}
          >
            {word}
          </button>
        ))}
        <label class="inline">
          Sort by
          <select
            value={query.get('sort') ?? 'last-seen'}
            onChange={(event) => setQuery({ sort: event.currentTarget.value })}
          >
            {(Object.keys(SORTS) as Sort[]).map((sort) => (
              <option key={sort} value={sort}>
                {SORTS[sort]}
              </option>
            ))}
          </select>
        </label>
        {kind === 'findings' && (
          <label class="inline">
            <input
              type="checkbox"
              checked={query.get('silenced') === 'show'}
              onChange={(event) => setQuery({ silenced: event.currentTarget.checked ? 'show' : undefined })}
            />
            silenced too
          </label>
        )}
      </div>

      <div class="above-list" aria-live="polite">
        {fresh > 0 && (
          <button type="button" class="fresh" onClick={refresh}>
            {plural(fresh, 'new alert')}: show
          </button>
        )}
        {selection.selected.size > 0 && (
          <span class="bulk">
            {plural(selection.selected.size, 'row')} selected
            <button type="button" class="small" onClick={() => setDeciding(true)}>
              Decide…
            </button>
            <button type="button" class="small" onClick={selection.clear}>
              Clear
            </button>
          </span>
        )}
        {told !== '' && <span class="told">{told}</span>}
      </div>

      {list.error && <ErrorBox error={list.error} retry={list.reload} />}
      {list.value === undefined && list.loading && <Skeleton rows={12} />}
      {list.value !== undefined &&
        rows.length === 0 &&
        (filtered ? (
          <Empty title={`No ${kind} match`}>
            <p>Loosen the filter, or look at another time.</p>
          </Empty>
        ) : (
          <FirstSteps onLoaded={refresh} />
        ))}
      {rows.length > 0 && (
        <div
          class={`rows ${list.loading ? 'stale' : ''}`}
          role="table"
          aria-label={title}
          aria-rowcount={next === undefined ? rows.length : -1}
          ref={selection.listRef}
        >
          <div class="row head" role="row">
            <span role="columnheader">
              <span class="visually-hidden">selected</span>
            </span>
            <span role="columnheader">verdict</span>
            <span role="columnheader">{kind === 'findings' ? 'finding' : 'incident'}</span>
            <span role="columnheader" class="number">
              count
            </span>
            <span role="columnheader">spread</span>
            <span role="columnheader">last seen</span>
            <span role="columnheader">state</span>
          </div>
          {rows.map((row) => (
            <div
              key={row.id}
              role="row"
              class={`row ${selection.current === row.id ? 'current' : ''}`}
              data-id={row.id}
            >
              <span role="cell">
                <input
                  type="checkbox"
                  aria-label={`Select ${row.id}`}
                  checked={selection.selected.has(row.id)}
                  onChange={() => selection.toggle(row.id)}
                />
              </span>
              <span role="cell">
                <Verdict word={row.verdict} />
              </span>
              <span role="cell" class="title">
                <a href={linkTo([kind, row.id])} onFocus={() => selection.setCurrent(row.id)}>
                  <PlainTitle text={row.title} />
                </a>
                {row.where !== '' && (
                  <span class="where mono">
                    <PlainTitle text={row.where} max={60} />
                  </span>
                )}
                {row.silenced && <span class="tag">silenced</span>}
              </span>
              <span role="cell" class="number mono">
                {count(row.count)}
              </span>
              <span role="cell" class="spread">
                {row.spread}
              </span>
              <span role="cell">
                <Time iso={row.lastSeen} />
              </span>
              <span role="cell" class="decided">
                {row.state}
                {row.owner !== '' && <span class="muted"> {row.owner}</span>}
              </span>
            </div>
          ))}
        </div>
      )}
      {next !== undefined && (
        <button type="button" class="more" onClick={loadMore}>
          Show more
        </button>
      )}
      {deciding && (
        <DecideDialog
          kind={kind === 'findings' ? 'finding' : 'incident'}
          ids={[...selection.selected]}
          onClose={() => setDeciding(false)}
          onDone={(message) => {
            setTold(message);
            selection.clear();
            refresh();
          }}
        />
      )}
    </main>
  );
}
