// The URL holds the whole state of a page, behind `#`: `#/findings?search=bash&sort=count`. Back and forward work, a
// link can be sent to a colleague.

import { useEffect, useMemo, useState } from 'preact/hooks';

export interface Location {
  /** Path segments: `['incidents', 'e0…']`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export function readLocation(hash: string): Location {
  const text = hash.replace(/^#\/?/, '');
  const mark = text.indexOf('?');
  const path = (mark < 0 ? text : text.slice(0, mark)).split('/').filter((part) => part !== '');
  return { path: path.map(decode), query: new URLSearchParams(mark < 0 ? '' : text.slice(mark + 1)) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A link's target. Empty values are left out. */
export function linkTo(
  path: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(key, value);
  const text = search.toString();
  return `#/${path.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
}

export function go(target: string, replace = false): void {
  if (replace) {
    history.replaceState(null, '', target);
    dispatchEvent(new HashChangeEvent('hashchange'));
  } else location.hash = target;
}

let lastPath = readLocation(location.hash).path.join('/');
let arrived = false;

addEventListener('hashchange', () => {
  const path = readLocation(location.hash).path.join('/');
  if (path !== lastPath) arrived = true;
  lastPath = path;
});

/** Whether the reader has just come to another page, and nobody has put the focus there yet. Asking takes it. */
export function takeArrival(): boolean {
  const was = arrived;
  arrived = false;
  return was;
}

/** By first segment: where the reader last was on a page of one segment, with its filters. */
const lists = new Map<string, string>();

function remember(): void {
  const { path, query } = readLocation(location.hash);
  const [name] = path;
  if (name !== undefined && path.length === 1) lists.set(name, linkTo([name], Object.fromEntries(query)));
}
remember();
addEventListener('hashchange', remember);

/** The way up from one row to its list, as it was left. */
export const wayUp = (list: string): string => lists.get(list) ?? linkTo([list]);

/** The page's location, followed. */
export function useLocation(): Location {
  const [hash, set] = useState(location.hash);
  useEffect(() => {
    const follow = (): void => set(location.hash);
    addEventListener('hashchange', follow);
    // Between the first drawing and now somebody may have gone elsewhere.
    follow();
    return () => removeEventListener('hashchange', follow);
  }, []);
  return useMemo(() => readLocation(hash), [hash]);
}

/** Changes some of the query's values, keeping the rest; replaces, so that typing does not fill the history. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { path, query } = readLocation(location.hash);
  go(linkTo(path, { ...Object.fromEntries(query), ...changes }), true);
}
