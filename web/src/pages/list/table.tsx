// The list as a real table, of which a window is in the page: every row says its number, the table how many there are.
// Narrow, CSS makes cards of the rows, with the same facts in the same order.

import { Component, type RefObject } from 'preact';
import { visible } from '../../../../src/base/escape/visible.ts';
import { count, exactTime, middleCut, plural } from '../../format.ts';
import { linkTo, setQuery } from '../../location.ts';
import { PlainTitle, timeText, useNow, Verdict } from '../../parts/basics.tsx';
import { useSetting } from '../../settings.ts';
import { asOrder, type Kind, type Order, SORTS, type Sort } from './query.ts';
import type { Line, Row } from './rows.ts';
import type { Cursor } from './use-cursor.ts';
import { useWindow } from './use-window.ts';

const COLUMNS = 8;
const MAX_WHERE = 60;

export interface TableProps {
  readonly kind: Kind;
  readonly lines: readonly Line[];
  /** All rows in the order of the lines. */
  readonly ids: readonly string[];
  /** More can be read. */
  readonly open: boolean;
  readonly sort: Sort;
  readonly order: Order;
  readonly busy: boolean;
  readonly table: RefObject<HTMLTableElement | null>;
  /** Gets how to bring a line onto the screen. */
  readonly reveal: { current: (line: number) => void };
  readonly cursor: Cursor;
  /** The line with the focus; -1: none. */
  readonly kept: number;
  readonly onNearEnd: () => void;
  readonly selectable: boolean;
}

interface SortHeadProps {
  readonly by: Sort;
  readonly now: Sort;
  readonly order: Order;
  readonly children: string;
}

/** Sorts by its column; pressed again, the other way round. */
function SortHead({ by, now, order, children }: SortHeadProps) {
  const isNow = by === now;
  const isUp = order === 'asc';
  const sorted = isUp ? 'ascending' : 'descending';
  return (
    <th scope="col" aria-sort={isNow ? sorted : undefined} class={by === 'count' ? 'number' : ''}>
      <button
        type="button"
        class="sort"
        onClick={() => setQuery({ sort: by, ...asOrder(isNow && !isUp ? 'asc' : 'desc') })}
      >
        {children}
        {isNow && <span aria-hidden="true">{isUp ? ' ↑' : ' ↓'}</span>}
      </button>
    </th>
  );
}

function Head({ kind, ids, sort, order, cursor, selectable }: TableProps) {
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
        <SortHead by="verdict" now={sort} order={order}>
          verdict
        </SortHead>
        <th scope="col">{kind === 'findings' ? 'finding' : 'incident'}</th>
        <SortHead by="priority" now={sort} order={order}>
          priority
        </SortHead>
        <SortHead by="count" now={sort} order={order}>
          alerts
        </SortHead>
        <th scope="col">spread</th>
        <SortHead by={sort === 'first-seen' ? 'first-seen' : 'last-seen'} now={sort} order={order}>
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
  /** When it was seen, in words, and exactly. */
  readonly seen: string;
  readonly seenIso: string;
  readonly current: boolean;
  readonly selected: boolean;
  readonly selectable: boolean;
  readonly cursor: Cursor;
}

/** Drawn again only when something that it shows is another: scrolling passes thousands of rows. */
class RowLine extends Component<RowLineProps> {
  override shouldComponentUpdate(next: RowLineProps): boolean {
    const { row, index, seen, current, selected, selectable } = this.props;
    return (
      row !== next.row ||
      index !== next.index ||
      seen !== next.seen ||
      current !== next.current ||
      selected !== next.selected ||
      selectable !== next.selectable
    );
  }

  override render({ kind, row, index, seen, seenIso, current, selected, selectable, cursor }: RowLineProps) {
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
          {row.where !== '' && <bdi class="where mono">{middleCut(row.where, MAX_WHERE)}</bdi>}
          {row.silenced && <span class="tag">silenced</span>}
        </th>
        <td class="priority">{row.priority}</td>
        <td class="number mono">
          {count(row.count)}
          <span class="unit"> {row.count === 1 ? 'alert' : 'alerts'}</span>
        </td>
        <td class="spread">{row.spread}</td>
        <td class="seen">
          <time dateTime={seenIso} title={exactTime(seenIso)}>
            {seen}
          </time>
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
}

export function ListTable(props: TableProps) {
  const { kind, lines, ids, open, sort, busy, table, cursor, kept, onNearEnd, selectable } = props;
  const window = useWindow({ lines, table, kept, onNearEnd });
  props.reveal.current = window.reveal;
  const style = useSetting('times');
  const now = useNow();
  const rows = [];
  let before = -1;
  let gaps = 0;
  const addGap = (index: number): void => {
    const height = window.gap(before, index);
    if (height > 0)
      rows.push(
        // biome-ignore lint/a11y/noAriaHiddenOnFocusable: it stands for the rows that are left out, and nothing in it takes focus
        <tr key={`gap ${gaps++}`} class="gap" aria-hidden="true">
          <td colSpan={COLUMNS} style={{ height: `${height}px` }} />
        </tr>,
      );
  };
  for (const at of window.shown) {
    addGap(at);
    before = at;
    const line = lines[at] as Line;
    if (line.kind === 'group') {
      rows.push(
        <tr key={`group ${line.name}`} class="group">
          <th colSpan={COLUMNS} scope="rowgroup">
            <PlainTitle text={line.name} max={120} />{' '}
            <span class="muted">
              {plural(line.size, kind === 'findings' ? 'finding' : 'incident')},{' '}
              {plural(line.alerts, 'alert')}
            </span>
          </th>
        </tr>,
      );
    } else {
      const seenIso = sort === 'first-seen' ? line.row.firstSeen : line.row.lastSeen;
      rows.push(
        <RowLine
          key={line.row.id}
          kind={kind}
          row={line.row}
          index={line.index}
          seen={timeText(seenIso, style, now)}
          seenIso={seenIso}
          current={cursor.current === line.row.id}
          selected={cursor.selected.has(line.row.id)}
          selectable={selectable}
          cursor={cursor}
        />,
      );
    }
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
