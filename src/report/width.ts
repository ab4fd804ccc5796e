// How many columns a text takes on a terminal or in monospaced type. `string-width` knows, but loading it (and the
// segmenter behind it) costs tens of milliseconds at start-up, so the common case is counted here: printable ASCII,
// Latin letters, typographic punctuation and our own marks, one column each, colours none.

import { createRequire } from 'node:module';

const SIMPLE = /^[ -~\u00a1-\u00ac\u00ae-\u024f\u2010-\u2027▲◆○●✓✗−→│─█░]*$/;
const COLORS = /\x1b\[\d{1,3}m/g;

type StringWidth = (text: string) => number;
let exact: StringWidth | undefined;

/** Columns that `text` is drawn in; colours count nothing, wide characters two. */
export function drawnWidth(text: string): number {
  const shown = text.includes('\x1b') ? text.replace(COLORS, '') : text;
  if (SIMPLE.test(shown)) return shown.length;
  exact ??= (createRequire(import.meta.url)('string-width') as { default: StringWidth }).default;
  return exact(shown);
}
