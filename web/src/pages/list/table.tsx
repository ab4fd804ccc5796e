// The list as a real table, of which a window is in the page: every row says its number, the table how many there are.
// Narrow, CSS makes cards of the rows, with the same facts in the same order.

import type { RefObject } from 'preact';
import { visible } from '../../../../src/base/escape/visible.ts';
import { count, plural } from '../../format.ts';
import { linkTo, setQuery } from '../../location.ts';
import { PlainTitle, Time, Verdict } from '../../parts/basics.tsx';
import { type Kind, SORTS, type Sort } from './query.ts';
import type { Line, Row } from './rows.ts';
import type { Cursor } from './use-cursor.ts';
import type { Window } from './use-window.ts';

const COLUMNS = 8;

export interface TableProps {
  readonly kind: Kind;
  readonly lines: readonly Line[];
  /** All rows in the order of the lines. */
  readonly ids: readonly string[];
  /** More can be read. */
  readonly open: boolean;
  readonly sort: Sort;
  readonly busy: boolean;
  readonly table: RefObject<HTMLTableElement | null>;
  readonly cursor: Cursor;
  readonly window: Window;
  readonly selectable: boolean;
}

function SortHead({
  by,
  now,
  children,
}: {
  readonly by: Sort;
  readonly now: Sort;
  readonly children: string;
}) {
  const isNow = by === now;
  return (
    <th scope="col" aria-sort={isNow ? 'descending' : undefined} class={by === 'count' ? 'number' : ''}>
      <button type="button" class="sort" onClick={() => setQuery({ sort: by })}>
        {children}
        <span aria-hidden="true">{isNow ? ' ↓' : ''}</span>
      </button>
    </th>
  );
}

function Head({ kind, ids, sort, cursor, selectable }: TableProps) {
  const { size } = cursor.selected;
  const all = size > 0 && size === ids.length;
  return (
    <thead>
      <tr aria-rowindex={1}>
        <th scope="col" class="check">
          {selectable && (
            <label class="hit">
              <input
                type="checkbox"
                aria-label={all ? 'Select none' : `Select all ${plural(ids.length, 'loaded row')}`}
                checked={all}
                ref={(box) => {
                  if (box !== null) box.indeterminate = size > 0 && !all;
                }}
                onChange={() => cursor.select(all ? [] : ids)}
              />
            </label>
          )}
        </th>
        <SortHead by="verdict" now={sort}>
          verdict
        </SortHead>
        <th scope="col">{kind === 'findings' ? 'finding' : 'incident'}</th>
        <SortHead by="priority" now={sort}>
          priority
        </SortHead>
        <SortHead by="count" now={sort}>
          alerts
        </SortHead>
        <th scope="col">spread</th>
        <SortHead by={sort === 'first-seen' ? 'first-seen' : 'last-seen'} now={sort}>
          {SORTS[sort === 'first-seen' ? 'first-seen' : 'last-seen']}
        </SortHead>
        <th scope="col">state</th>
      </tr>
    </thead>
  );
}

/** Characters that stay at the end of a title that does not fit: they say where. */
const TAIL = 26;

/** Cut in the middle by CSS, to what fits; whole to screen readers. */
function MiddleCut({ text }: { readonly text: string }) {
  const at = text.length <= 2 * TAIL ? text.length : text.length - TAIL;
  return (
    <bdi class="middle-cut">
      <span class="head">{text.slice(0, at)}</span>
      <span class="tail">{text.slice(at)}</span>
    </bdi>
  );
}

interface RowLineProps {
  readonly kind: Kind;
  readonly row: Row;
  readonly index: number;
  readonly first: boolean;
  readonly current: boolean;
  readonly selected: boolean;
  readonly selectable: boolean;
  readonly cursor: Cursor;
}

function RowLine({ kind, row, index, first, current, selected, selectable, cursor }: RowLineProps) {
  const title = visible(row.title);
  return (
    <tr aria-rowindex={index + 2} data-id={row.id} class={current ? 'current' : ''}>
      <td class="check">
        {selectable && (
          <label class="hit">
            <input
              type="checkbox"
              aria-label={`Select ${title}`}
              checked={selected}
              onChange={() => cursor.toggle(row.id)}
            />
          </label>
        )}
      </td>
      <td class="verdict-cell">
        <Verdict word={row.verdict} />
      </td>
      <th scope="row" class="title">
        <a href={linkTo([kind, row.id])} title={title} onFocus={() => cursor.note(row.id)}>
          <MiddleCut text={title} />
        </a>
        {row.where !== '' && (
          <span class="where mono">
            <PlainTitle text={row.where} max={60} />
          </span>
        )}
        {row.silenced && <span class="tag">silenced</span>}
      </th>
      <td class="priority">{row.priority}</td>
      <td class="number mono">
        {count(row.count)}
        <span class="unit"> {row.count === 1 ? 'alert' : 'alerts'}</span>
      </td>
      <td class="spread">{row.spread}</td>
      <td class="seen">
        <Time iso={first ? row.firstSeen : row.lastSeen} column />
      </td>
      <td class="decided">
        {row.state}
        {row.owner !== '' && (
          <>
            {' '}
            <bdi class="owner">{visible(row.owner)}</bdi>
          </>
        )}
      </td>
    </tr>
  );
}

export function ListTable(props: TableProps) {
  const { kind, lines, ids, open, sort, busy, table, cursor, window, selectable } = props;
  const rows = [];
  let before = -1;
  const addGap = (index: number): void => {
    const height = window.gap(before, index);
    if (height > 0)
      rows.push(
        // biome-ignore lint/a11y/noAriaHiddenOnFocusable: it stands for the rows that are left out, and nothing in it takes focus
        <tr key={`gap ${before}`} class="gap" aria-hidden="true">
          <td colSpan={COLUMNS} style={{ height: `${height}px` }} />
        </tr>,
      );
  };
  for (const at of window.shown) {
    addGap(at);
    before = at;
    const line = lines[at] as Line;
    rows.push(
      line.kind === 'group' ? (
        <tr key={`group ${line.name}`} class="group">
          <th colSpan={COLUMNS} scope="colgroup">
            <PlainTitle text={line.name} max={120} />{' '}
            <span class="muted">
              {plural(line.size, kind === 'findings' ? 'finding' : 'incident')},{' '}
              {plural(line.alerts, 'alert')}
            </span>
          </th>
        </tr>
      ) : (
        <RowLine
          key={line.row.id}
          kind={kind}
          row={line.row}
          index={line.index}
          first={sort === 'first-seen'}
          current={cursor.current === line.row.id}
          selected={cursor.selected.has(line.row.id)}
          selectable={selectable}
          cursor={cursor}
        />
      ),
    );
  }
  addGap(lines.length);
  return (
    <table
      class={`rows ${busy ? 'stale' : ''}`}
      aria-busy={busy}
      aria-rowcount={open ? -1 : ids.length + 1}
      ref={table}
    >
      <caption class="visually-hidden">{kind === 'findings' ? 'Findings' : 'Incidents'}</caption>
      <Head {...props} />
      <tbody>{rows}</tbody>
    </table>
  );
}
