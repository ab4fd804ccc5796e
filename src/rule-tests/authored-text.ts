// The author's own words at a place, for people to recognise.

import type { Location } from '../base/diagnostic.ts';

const MAX_LENGTH = 100;

/** The text on one line, cut; `undefined` where the file's text is not there. */
export function authoredText(at: Location, textOf: (file: string) => string | undefined): string | undefined {
  const text = textOf(at.file)?.slice(at.from, at.to).replace(/\s+/g, ' ').trim();
  if (text === undefined || text === '') return undefined;
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
}
