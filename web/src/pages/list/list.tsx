// Findings and incidents: the same list with other columns. Search, filter, sort and group by the URL; decide in bulk;
// "12 new" instead of rows that jump.

import { useMemo, useRef, useState } from 'preact/hooks';
import { call } from '../../api.ts';
import { count, plural } from '../../format.ts';
import { setQuery, useLocation } from '../../location.ts';
import { Empty, ErrorBox, Key, PlainTitle, Skeleton, Time, Verdict } from '../../parts/basics.tsx';
import { DecideDialog } from '../../parts/decide.tsx';
import { Page } from '../../parts/page.tsx';
import { VolumeChart } from '../../parts/volume.tsx';
import { useSession } from '../../session.ts';
import { useData } from '../../use-data.ts';
import { FirstSteps } from '../first-steps.tsx';
import { groupOf, type Kind, narrowed, orderOf, sortOf, WITHOUT_FILTERS } from './query.ts';
import { linesOf, type Row } from './rows.ts';
import { ListTable } from './table.tsx';
import { Toolbar } from './toolbar.tsx';
import { useCursor } from './use-cursor.ts';
import { useRows } from './use-rows.ts';

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

export function ListPage({ kind }: { readonly kind: Kind }) {
  const { query } = useLocation();
  const { mayRespond } = useSession();
  /** The rows that are being decided on. */
  const [deciding, setDeciding] = useState<readonly Row[]>([]);
  const list = useRows(kind, query);
  const { rows, next } = list;
  const untilMs = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;
  const sinceMs = untilMs - WEEK_MS;
  const volume = useData('volume', (signal) =>
    call('GET /api/v1/volume', { query: { since: new Date(sinceMs).toISOString(), limit: 200 } }, signal),
  );
  const group = groupOf(kind, query);
  const lines = useMemo(() => linesOf(rows, group), [rows, group]);
  const ids = useMemo(() => lines.flatMap((line) => (line.kind === 'row' ? [line.row.id] : [])), [lines]);
  const places = useMemo(
    () => new Map(lines.map((line, at) => [line.kind === 'row' ? line.row.id : `group ${at}`, at])),
    [lines],
  );
  const table = useRef<HTMLTableElement>(null);
  const reveal = useRef((_: number): void => {});
  const cursor = useCursor({
    name: `${kind}?${query}`,
    ids,
    table,
    reveal: (id) => reveal.current(places.get(id) ?? 0),
    shortcuts: [
      { keys: '/', does: 'search', run: () => document.getElementById('search')?.focus() },
      {
        keys: 'f',
        does: 'filter with a condition',
        run: () => document.querySelector<HTMLElement>('[data-filter]')?.focus(),
      },
      ...(list.fresh > 0 ? [{ keys: 'r', does: 'show what is new', run: () => refresh() }] : []),
      ...(mayRespond ? [{ keys: 'd', does: 'decide on the selected', run: () => decide() }] : []),
    ],
  });
  const refresh = (): void => {
    list.reload();
    volume.reload();
  };
  const currentAt = places.get(cursor.current ?? '') ?? -1;
  const currentLine = lines[currentAt];
  const currentRow = currentLine?.kind === 'row' ? currentLine.row : undefined;
  const decide = (): void => {
    const { selected } = cursor;
    const chosen = selected.size > 0 ? rows.filter(({ id }) => selected.has(id)) : [currentRow];
    setDeciding(chosen.filter((row) => row !== undefined));
  };
  const word = kind === 'findings' ? 'finding' : 'incident';
  const title = kind === 'findings' ? 'Findings' : 'Incidents';
  const isEmpty = !list.first && list.error === undefined && rows.length === 0;

  return (
    <Page title={title} class="list-page">
      <Toolbar kind={kind} onEnter={cursor.focus} />
      {volume.value && volume.value.length > 0 && (
        <VolumeChart
          cells={volume.value}
          sinceMs={sinceMs}
          untilMs={untilMs}
          brushed={query.has('since')}
          onBrush={(range) => setQuery({ since: range?.since, until: range?.until, range: undefined })}
        />
      )}
      <div class="above-list">
        <p class="muted" role="status">
          {list.first || isEmpty || list.error !== undefined
            ? ''
            : `${count(rows.length)}${next === undefined ? '' : ' or more'} ${rows.length === 1 ? word : `${word}s`}`}
          {group !== undefined && next !== undefined && '; groups hold what is loaded so far'}
        </p>
        {list.fresh > 0 && (
          <button type="button" class="small fresh" onClick={refresh}>
            {plural(list.fresh, `new ${word}`)}: show
          </button>
        )}
        {cursor.selected.size > 0 && (
          <div class="bulk">
            <span role="status">{plural(cursor.selected.size, 'row')} selected</span>
            <button type="button" class="small" onClick={decide}>
              Decide… <Key keys="d" />
            </button>
            <button type="button" class="small" onClick={() => cursor.select([])}>
              Clear
            </button>
          </div>
        )}
      </div>
      {list.error && <ErrorBox error={list.error} retry={list.reload} />}
      {list.first && list.loading && <Skeleton rows={12} />}
      {isEmpty &&
        (narrowed(query) > 0 ? (
          <Empty title={`No ${word} matches`}>
            <p>Nothing that is stored passes all of the filters.</p>
            <button type="button" onClick={() => setQuery(WITHOUT_FILTERS)}>
              Clear the filters
            </button>
          </Empty>
        ) : (
          <FirstSteps onLoaded={refresh} />
        ))}
      {rows.length > 0 && (
        <ListTable
          kind={kind}
          lines={lines}
          ids={ids}
          open={next !== undefined}
          sort={sortOf(query)}
          order={orderOf(query)}
          busy={list.loading}
          table={table}
          reveal={reveal}
          cursor={cursor}
          kept={currentAt}
          onNearEnd={() => {
            if (list.error === undefined) list.loadMore();
          }}
          selectable={mayRespond}
        />
      )}
      {next !== undefined && (
        <button type="button" class="more" onClick={list.loadMore}>
          Show more
        </button>
      )}
      {currentRow && (
        <p class="preview-line" aria-hidden="true">
          <Verdict word={currentRow.verdict} /> <PlainTitle text={currentRow.title} />{' '}
          <span class="muted">
            <Time iso={currentRow.firstSeen} /> → <Time iso={currentRow.lastSeen} />
          </span>
        </p>
      )}
      {deciding.length > 0 && (
        <DecideDialog
          kind={word}
          subjects={deciding}
          onClose={() => setDeciding([])}
          onDone={() => {
            cursor.select([]);
            list.renew(deciding.map(({ id }) => id));
          }}
        />
      )}
    </Page>
  );
}
