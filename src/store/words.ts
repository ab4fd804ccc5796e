// Free-text search by words, cut the same way for both databases, so that a search finds the same on either.

const WORD = /[\p{L}\p{N}_]+/gu;
const ASCII = /^[\0-\x7f]*$/;
const ASCII_WORD = /[a-z0-9_]+/g;
const MAX_WORD = 64;
const MAX_WORDS = 400;

/** The distinct lower-case words of `text`, in order; at most 400 of at most 64 characters. */
export function wordsOf(text: string): string[] {
  const words = new Set<string>();
  // Most text is ASCII, where a word's characters need no table of Unicode.
  const lower = ASCII.test(text) ? text.toLowerCase() : undefined;
  for (const [word] of lower?.matchAll(ASCII_WORD) ?? text.matchAll(WORD)) {
    words.add(lower === undefined ? beginning(word).toLowerCase() : word.slice(0, MAX_WORD));
    if (words.size >= MAX_WORDS) break;
  }
  return [...words];
}

/** Without half a character at the end: PostgreSQL would refuse it, and nothing after it would ever be indexed. */
const beginning = (word: string): string => word.slice(0, MAX_WORD).replace(/[\ud800-\udbff]$/, '');

/** `wordsOf` as one string with blanks around every word: what short texts are matched in by LIKE. */
export function wordLine(...texts: readonly string[]): string {
  return ` ${wordsOf(texts.join(' ')).join(' ')} `;
}

/**
 * What free-text search finds an alert by: its rule, host and output. Where the record is not the alert itself but a log
 * line around it, all of its words.
 */
export function alertWords(alert: {
  readonly rule: string;
  readonly hostname: string;
  readonly raw: string;
}): string[] {
  return wordsOf(`${alert.rule} ${outputOf(alert.raw)} ${alert.hostname}`);
}

function outputOf(raw: string): string {
  try {
    const { output } = JSON.parse(raw) as { readonly output?: unknown };
    return typeof output === 'string' ? output : raw;
  } catch {
    return raw;
  }
}
