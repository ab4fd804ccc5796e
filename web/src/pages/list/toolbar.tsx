// Above a list: words to search for, a condition, and what narrows, sorts and groups. All of it is in the URL.

import { useEffect, useState } from 'preact/hooks';
import { exactTime } from '../../format.ts';
import { setQuery, useLocation } from '../../location.ts';
import { VERDICTS, Verdict } from '../../parts/basics.tsx';
import { STATES } from '../../parts/decide.tsx';
import { FilterBar } from '../../parts/filter-bar.tsx';
import {
  asOrder,
  chosen,
  GROUPS,
  groupOf,
  type Kind,
  narrowed,
  ORDERS,
  type Order,
  orderOf,
  RANGE_TEXT,
  RANGES,
  type Range,
  SORTS,
  type Sort,
  sortOf,
  WITHOUT_FILTERS,
} from './query.ts';

const SETTLE_MS = 300;

function toggleIn<T extends string>(
  query: URLSearchParams,
  name: string,
  known: readonly T[],
  value: T,
): void {
  const now = chosen(query, name, known);
  const next = now.includes(value) ? now.filter((one) => one !== value) : [...now, value];
  setQuery({ [name]: next.join(',') });
}

/** Filters that other pages set; each can be taken off. */
function Tokens({ query }: { readonly query: URLSearchParams }) {
  const tokens = [
    ...(['rule', 'namespace', 'owner'] as const).flatMap((name) => {
      const value = query.get(name);
      return value === null ? [] : [{ label: `${name}: ${value}`, without: { [name]: undefined } }];
    }),
    ...(query.has('since') || query.has('until')
      ? [
          {
            label: `from ${exactTime(query.get('since') ?? '')} to ${query.has('until') ? exactTime(query.get('until') ?? '') : 'now'}`,
            without: { since: undefined, until: undefined },
          },
        ]
      : []),
  ];
  return tokens.map(({ label, without }) => (
    <button key={label} type="button" class="chip token" onClick={() => setQuery(without)}>
      <span class="visually-hidden">Without </span>
      <bdi>{label}</bdi> <span aria-hidden="true">✕</span>
    </button>
  ));
}

interface SearchBoxProps {
  readonly value: string;
  readonly onEnter: () => void;
}

/** Words; taken over when typing pauses, on Enter and on leaving. */
function SearchBox({ value, onEnter }: SearchBoxProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const words = text.trim();
  const take = (): void => {
    if (words !== value) setQuery({ search: words });
  };
  useEffect(() => {
    if (words === value) return;
    const timer = setTimeout(() => setQuery({ search: words }), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [words, value]);
  return (
    <div class="field-box">
      <label for="search">Search for words</label>
      <input
        id="search"
        type="text"
        inputMode="search"
        autocomplete="off"
        value={text}
        placeholder="bash checkout"
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' && event.key !== 'Escape') return;
          take();
          onEnter();
        }}
      />
    </div>
  );
}

export interface ToolbarProps {
  readonly kind: Kind;
  /** From the fields down into the list. */
  readonly onEnter: () => void;
}

export function Toolbar({ kind, onEnter }: ToolbarProps) {
  const { query } = useLocation();
  const [open, setOpen] = useState(false);
  const set = narrowed(query);
  const range = query.get('range') ?? '';
  const sort = sortOf(query);
  return (
    <search class="toolbar" data-open={open}>
      <div class="toolbar-fields">
        <SearchBox value={query.get('search') ?? ''} onEnter={onEnter} />
        <FilterBar
          value={query.get('filter') ?? ''}
          label="Filter with a condition, in Falco’s language"
          placeholder="proc.name = bash and k8s.ns.name = shop"
          onChange={(filter) => setQuery({ filter })}
          onEnter={onEnter}
        />
        <button
          type="button"
          class="filters-button"
          aria-expanded={open}
          aria-controls="filters"
          onClick={() => setOpen(!open)}
        >
          Filters{set > 0 && ` (${set})`}
        </button>
      </div>
      <div id="filters" class="filters">
        <fieldset class="chips">
          <legend class="visually-hidden">Verdicts</legend>
          {VERDICTS.map((word) => (
            <button
              key={word}
              type="button"
              class="chip"
              aria-pressed={chosen(query, 'verdict', VERDICTS).includes(word)}
              onClick={() => toggleIn(query, 'verdict', VERDICTS, word)}
            >
              <Verdict word={word} />
            </button>
          ))}
        </fieldset>
        <fieldset class="chips">
          <legend class="visually-hidden">States</legend>
          {STATES.map((word) => (
            <button
              key={word}
              type="button"
              class="chip"
              aria-pressed={chosen(query, 'state', STATES).includes(word)}
              onClick={() => toggleIn(query, 'state', STATES, word)}
            >
              {word}
            </button>
          ))}
        </fieldset>
        <div class="chips">
          <label class="inline">
            Seen in
            <select
              value={range}
              onChange={(event) =>
                setQuery({ range: event.currentTarget.value, since: undefined, until: undefined })
              }
            >
              <option value="">all time</option>
              {(Object.keys(RANGES) as Range[]).map((name) => (
                <option key={name} value={name}>
                  {RANGE_TEXT[name]}
                </option>
              ))}
            </select>
          </label>
          <label class="inline">
            Sort by
            <select
              value={sort}
              onChange={(event) => setQuery({ sort: event.currentTarget.value, ...asOrder() })}
            >
              {(Object.keys(SORTS) as Sort[]).map((name) => (
                <option key={name} value={name}>
                  {SORTS[name]}
                </option>
              ))}
            </select>
          </label>
          <label class="inline">
            <span class="visually-hidden">Order</span>
            <select
              value={orderOf(query)}
              onChange={(event) => setQuery(asOrder(event.currentTarget.value as Order))}
            >
              {(Object.keys(ORDERS[sort]) as Order[]).map((order) => (
                <option key={order} value={order}>
                  {ORDERS[sort][order]}
                </option>
              ))}
            </select>
          </label>
          <label class="inline">
            Group by
            <select
              value={groupOf(kind, query) ?? ''}
              onChange={(event) => setQuery({ group: event.currentTarget.value })}
            >
              <option value="">nothing</option>
              {GROUPS[kind].map((group) => (
                <option key={group}>{group}</option>
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
              Silenced too
            </label>
          )}
          <Tokens query={query} />
          {set > 0 && (
            <button type="button" class="small" onClick={() => setQuery(WITHOUT_FILTERS)}>
              Clear the filters
            </button>
          )}
        </div>
      </div>
    </search>
  );
}
