// The rows of a list, kept while newer are on their way. What changes on the server is patched into the rows where they
// stand; rows that are new wait until the reader asks for them, so that nothing moves under the pointer.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiError } from '../../api.ts';
import { useLive } from '../../live.ts';
import type { Kind } from './query.ts';
import { type Row, type RowPage, readRow, readRows } from './rows.ts';

/** A screen or two first, then more at a time. */
const FIRST = 100;
const MORE = 500;
/** Changes are gathered for this long before the list looks for itself. */
const GATHER_MS = 700;
/** Rows read one by one; of more, only those at the top are renewed. */
const MAX_RENEWED = 50;

export interface Rows {
  readonly rows: readonly Row[];
  readonly next: string | undefined;
  readonly loading: boolean;
  /** Nothing was read yet. */
  readonly first: boolean;
  readonly error: ApiError | undefined;
  /** New rows that wait to be shown. */
  readonly fresh: number;
  /** Reads from the top again. */
  reload(): void;
  loadMore(): void;
  /** Reads these rows again, where they stand. */
  renew(ids: readonly string[]): void;
}

interface State extends RowPage {
  readonly key: string;
  readonly error: ApiError | undefined;
  readonly loading: boolean;
  readonly first: boolean;
  readonly fresh: number;
}

const NOTHING: State = {
  key: '',
  rows: [],
  next: undefined,
  error: undefined,
  loading: true,
  first: true,
  fresh: 0,
};

/**
 * `newer` rows in the place of those with the same id; how many have no place yet. Where the list goes on after `rows`,
 * those at the end of `newer` have moved up from there and are not new.
 */
function patch(
  rows: readonly Row[],
  newer: readonly Row[],
  goesOn: boolean,
): { rows: readonly Row[]; fresh: number } {
  const byId = new Map(newer.map((row) => [row.id, row]));
  const known = new Set(rows.map((row) => row.id));
  const last = goesOn ? newer.findLastIndex((row) => known.has(row.id)) : -1;
  const placed = last < 0 ? newer : newer.slice(0, last);
  return {
    rows: rows.map((row) => byId.get(row.id) ?? row),
    fresh: placed.filter((row) => !known.has(row.id)).length,
  };
}

export function useRows(kind: Kind, query: URLSearchParams): Rows {
  const key = `${kind}?${query}`;
  const [state, set] = useState<State>(NOTHING);
  const [turn, setTurn] = useState(0);
  const now = useRef({ state, key, query, busy: false });
  now.current = { ...now.current, state, key, query };

  useEffect(() => {
    const abort = new AbortController();
    set((old) => ({ ...old, loading: true }));
    readRows(kind, now.current.query, { limit: FIRST, signal: abort.signal }).then(
      (page) => set({ ...NOTHING, ...page, key, loading: false, first: false }),
      (error: unknown) => {
        if (!abort.signal.aborted)
          set((old) => ({ ...old, key, error: error as ApiError, loading: false, first: false }));
      },
    );
    return () => abort.abort();
  }, [kind, key, turn]);

  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const look = async (): Promise<void> => {
    const { key: asked, query: its } = now.current;
    const page = await readRows(kind, its, { limit: FIRST }).catch(() => undefined);
    if (page === undefined || now.current.key !== asked) return;
    set((old) => {
      if (old.key !== asked || old.loading) return old;
      if (old.rows.length === 0) return { ...old, ...page };
      return { ...old, ...patch(old.rows, page.rows, old.next !== undefined) };
    });
  };
  const renew = (ids: readonly string[]): void => {
    const { key: asked } = now.current;
    const reads = ids.slice(0, MAX_RENEWED).map((id) => readRow(kind, id).catch(() => undefined));
    void Promise.all(reads).then((read) => {
      const newer = read.filter((row) => row !== undefined);
      set((old) => (old.key === asked ? { ...old, rows: patch(old.rows, newer, false).rows } : old));
    });
  };
  useLive((events) => {
    const shown = new Set(now.current.state.rows.map((row) => row.id));
    const decided = events.flatMap((event) =>
      event.kind === 'decided' && shown.has(event.subject.id) ? [event.subject.id] : [],
    );
    if (decided.length > 0) renew([...new Set(decided)]);
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void look();
    }, GATHER_MS);
  });

  const loadMore = async (): Promise<void> => {
    const { state: at, busy } = now.current;
    if (at.next === undefined || busy || at.loading) return;
    now.current.busy = true;
    try {
      const page = await readRows(kind, now.current.query, { limit: MORE, cursor: at.next });
      set((old) => {
        if (old.key !== at.key || old.next !== at.next) return old;
        // A row that moved while the pages were read may come twice.
        const known = new Set(old.rows.map((row) => row.id));
        const rows = [...old.rows, ...page.rows.filter((row) => !known.has(row.id))];
        return { ...old, rows, next: page.next, error: undefined };
      });
    } catch (error) {
      set((old) => ({ ...old, error: error as ApiError }));
    }
    now.current.busy = false;
  };
  return {
    rows: state.rows,
    next: state.next,
    loading: state.loading || state.key !== key,
    first: state.first,
    error: state.error,
    fresh: state.fresh,
    reload: () => setTurn((n) => n + 1),
    loadMore: () => void loadMore(),
    renew,
  };
}
