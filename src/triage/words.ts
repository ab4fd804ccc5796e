// Words for sentences made of titles.

/** Titles that start with a name keep their capital in the middle of a sentence. */
const PROPER = /^(?:[A-Z]{2,}|Falco|Java|Kubernetes)\b/;

/** `A scheduled backup` → `a scheduled backup`; names stay as they are. */
export function lowerFirst(text: string): string {
  return PROPER.test(text) ? text : `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
