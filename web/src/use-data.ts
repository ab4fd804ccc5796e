// Reading for a page: the last good data stays while newer is on its way, errors are states, a page that is left
// takes its request with it.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiError } from './api.ts';

export interface Data<T> {
  readonly value: T | undefined;
  readonly error: ApiError | undefined;
  readonly loading: boolean;
  reload(): void;
}

/** Reads anew whenever `key` changes or `reload` is called; `turn` below is the latter. */
export function useData<T>(key: string, read: (signal: AbortSignal) => Promise<T>): Data<T> {
  const [state, set] = useState<{
    key: string;
    value: T | undefined;
    error: ApiError | undefined;
    loading: boolean;
  }>({
    key,
    value: undefined,
    error: undefined,
    loading: true,
  });
  const [turn, setTurn] = useState(0);
  const reader = useRef(read);
  reader.current = read;
  useEffect(() => {
    const abort = new AbortController();
    set((old) => ({ ...old, loading: true }));
    reader.current(abort.signal).then(
      (value) => set({ key, value, error: undefined, loading: false }),
      (error: unknown) => {
        if (!abort.signal.aborted) set((old) => ({ ...old, key, error: error as ApiError, loading: false }));
      },
    );
    return () => abort.abort();
  }, [key, turn]);
  return {
    value: state.value,
    error: state.error,
    loading: state.loading,
    reload: () => setTurn((n) => n + 1),
  };
}
