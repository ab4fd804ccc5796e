// Filters in Falco's condition language over stored alerts. The database narrows by what it has columns for; the
// condition itself is evaluated here, three-valued: an alert matches when the condition is true on what it printed.

import { type AlertCondition, compileThreeValued, UnsupportedCondition } from '../detect/engine/index.ts';
import { parseCondition } from '../detect/lang/index.ts';
import type { AlertRow, Page, Store } from '../store/index.ts';
import { badRequest } from './problem.ts';
import { readStoredAlert } from './stored-alert.ts';

/** Rows looked at for one page; past that the page ends early, with a cursor to go on from. */
const SCAN_ROWS = 20_000;
const SCAN_MS = 400;
const PAGE_ROWS = 500;
/** Alerts of a finding or incident that are tried against a filter: the newest. */
const SAMPLE = 20;

export interface Filter {
  matches(row: AlertRow): boolean;
  matchesFinding(store: Store, id: string): Promise<boolean>;
  matchesIncident(store: Store, id: string): Promise<boolean>;
  /** A page of what matches. Without a filter, the store's own page. */
  page<Q extends { readonly limit: number; readonly cursor?: string }, T>(
    query: Q,
    read: (query: Q) => Promise<Page<T>>,
    matches: (row: T) => Promise<boolean>,
  ): Promise<Page<T>>;
}

/** Compiles the text of a condition; a `HttpProblem` with the place of the error when it cannot. */
export function compileCondition(text: string): AlertCondition {
  const parsed = parseCondition(text);
  if (parsed.expr === undefined) {
    const { error } = parsed;
    throw badRequest(`The filter is not a condition: ${error.message} (at character ${error.index + 1}).`, [
      error,
    ]);
  }
  try {
    return compileThreeValued(parsed.expr);
  } catch (error) {
    if (error instanceof UnsupportedCondition)
      throw badRequest(`The filter cannot be evaluated: ${error.message}`);
    throw error;
  }
}

/** `true` when any of the newest alerts of the finding or incident satisfies `condition`. */
async function sampleMatches(
  store: Store,
  query: { readonly findingId: string } | { readonly incidentId: string },
  matches: (row: AlertRow) => boolean,
): Promise<boolean> {
  const { items } = await store.listAlerts({ limit: SAMPLE, ...query });
  return items.some(matches);
}

export function compileFilter(text: string | undefined): Filter {
  const condition = text === undefined || text.trim() === '' ? undefined : compileCondition(text);
  const matches = (row: AlertRow): boolean => {
    if (condition === undefined) return true;
    const alert = readStoredAlert(row.raw, row.id);
    return alert !== undefined && condition.test(alert) === true;
  };
  return {
    matches,
    matchesFinding: (store, findingId) => sampleMatches(store, { findingId }, matches),
    matchesIncident: (store, incidentId) => sampleMatches(store, { incidentId }, matches),
    async page(query, read, test) {
      if (condition === undefined) return read(query);
      const items: Awaited<ReturnType<typeof read>>['items'][number][] = [];
      let cursor = query.cursor;
      let scanned = 0;
      const until = performance.now() + SCAN_MS;
      for (;;) {
        // Small steps: the cursor of a page names its last row, so a page is either used whole or read again.
        const page = await read({
          ...query,
          limit: Math.min(PAGE_ROWS, query.limit - items.length),
          ...(cursor === undefined ? {} : { cursor }),
        });
        for (const row of page.items) if (await test(row)) items.push(row);
        scanned += page.items.length;
        cursor = page.next;
        if (
          cursor === undefined ||
          items.length >= query.limit ||
          scanned >= SCAN_ROWS ||
          performance.now() > until
        ) {
          return { items, next: cursor };
        }
      }
    },
  };
}
