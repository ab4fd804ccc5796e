// What the URL of a list says: filters, time, sorting, grouping; and how that is asked of the service.

import { VERDICTS } from '../../parts/basics.tsx';
import { STATES } from '../../parts/decide.tsx';

const HOUR_MS = 3_600_000;

export type Kind = 'findings' | 'incidents';

/** The service's sort keys. */
export const SORTS = {
  'last-seen': 'last seen',
  'first-seen': 'first seen',
  count: 'count',
  priority: 'priority',
  verdict: 'verdict',
} as const;
export type Sort = keyof typeof SORTS;

const TIMES = { desc: 'newest first', asc: 'oldest first' } as const;
const GRAVITY = { desc: 'worst first', asc: 'worst last' } as const;
/** What an order is in words, by sort key; the first is the default. */
export const ORDERS = {
  'last-seen': TIMES,
  'first-seen': TIMES,
  count: { desc: 'most first', asc: 'fewest first' },
  priority: GRAVITY,
  verdict: GRAVITY,
} as const;
export type Order = keyof typeof TIMES;

export const sortOf = (query: URLSearchParams): Sort => {
  const sort = query.get('sort') ?? '';
  return sort in SORTS ? (sort as Sort) : 'last-seen';
};

export const orderOf = (query: URLSearchParams): Order => (query.get('order') === 'asc' ? 'asc' : 'desc');

/** What the URL says of the order: nothing of the default, which every sort key starts with. */
export const asOrder = (order: Order = 'desc') => ({ order: order === 'asc' ? order : undefined });

/** Spans of time that end now. */
export const RANGES = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 } as const;
export type Range = keyof typeof RANGES;
export const RANGE_TEXT: Readonly<Record<Range, string>> = {
  '1h': 'the last hour',
  '24h': 'the last 24 hours',
  '7d': 'the last 7 days',
  '30d': 'the last 30 days',
};

export const GROUPS = {
  findings: ['rule', 'verdict', 'namespace', 'state', 'owner', 'priority'],
  incidents: ['verdict', 'namespace', 'state', 'owner', 'priority'],
} as const;
export type Group = (typeof GROUPS)['findings'][number];

export function groupOf(kind: Kind, query: URLSearchParams): Group | undefined {
  const group = query.get('group') ?? '';
  return GROUPS[kind].find((one) => one === group);
}

/** Values that the service takes as they are. */
const PLAIN = ['rule', 'namespace', 'owner', 'search', 'filter'] as const;

/** Of a comma-separated value, those that are known: a stale link must not make an error. */
export function chosen<T extends string>(
  query: URLSearchParams,
  name: string,
  known: readonly T[],
): readonly T[] {
  const values = (query.get(name) ?? '').split(',');
  return known.filter((one) => values.includes(one));
}

export function timeOf(
  query: URLSearchParams,
  nowMs: number,
): { readonly since?: string; readonly until?: string } {
  const range = query.get('range') ?? '';
  if (range in RANGES) return { since: new Date(nowMs - RANGES[range as Range] * HOUR_MS).toISOString() };
  const time = (name: string) => {
    const value = query.get(name);
    return value !== null && Number.isFinite(Date.parse(value)) ? { [name]: value } : {};
  };
  return { ...time('since'), ...time('until') };
}

/** The service's query for what the URL says. */
export function apiQuery(query: URLSearchParams, nowMs: number) {
  const plain = PLAIN.flatMap((name) => {
    const value = query.get(name);
    return value === null || value === '' ? [] : [[name, value] as const];
  });
  const verdict = chosen(query, 'verdict', VERDICTS).join(',');
  const state = chosen(query, 'state', STATES).join(',');
  return {
    ...(Object.fromEntries(plain) as { readonly [name in (typeof PLAIN)[number]]?: string }),
    ...timeOf(query, nowMs),
    ...(verdict === '' ? {} : { verdict }),
    ...(state === '' ? {} : { state }),
    sort: sortOf(query),
    order: orderOf(query),
    ...(query.get('silenced') === 'show' ? { silenced: 'show' as const } : {}),
  };
}

const NARROWING = ['range', 'since', 'until', 'verdict', 'state', ...PLAIN] as const;

/** How many of the list's filters are set. */
export const narrowed = (query: URLSearchParams): number =>
  NARROWING.filter((name) => (query.get(name) ?? '') !== '').length;

export const WITHOUT_FILTERS: Readonly<Record<string, undefined>> = Object.fromEntries(
  NARROWING.map((name) => [name, undefined]),
);
