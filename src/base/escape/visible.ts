// Characters that change what a reader sees without being seen themselves: controls, terminal escapes, direction
// marks, zero-width and tag characters, broken UTF-16. Every medium's escaping starts here.

/**
 * Cc, Cf, lone surrogates, line and paragraph separators, invisible fillers and joiners, variation selectors beyond
 * emoji's two, tags, non-characters.
 */
const UNSEEN =
  '\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\u{34f}\\u{115f}\\u{1160}\\u{17b4}\\u{17b5}\\u{180b}-\\u{180f}\\u{2800}\\u{3164}' +
  '\\u{fe00}-\\u{fe0d}\\u{ffa0}\\u{fdd0}-\\u{fdef}\\u{fffe}\\u{ffff}\\u{e0000}-\\u{e0fff}';
const HIDDEN = new RegExp(`[${UNSEEN}\\p{Cc}]`, 'gu');
const HIDDEN_BUT_LINES = new RegExp(`[${UNSEEN}\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f]`, 'gu');
/** Cheap first look: printable ASCII needs nothing. */
const ONLY_PLAIN = /^[ -~]*$/;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0' };

/** One character as a visible escape: `\n`, `\x1b`, `\u{202e}`. */
export function escapeOf(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** `text` on one line, every hidden character written as an escape. The result has none of them and is well-formed. */
export function visible(text: string): string {
  return ONLY_PLAIN.test(text) ? text : text.replace(HIDDEN, escapeOf);
}

/** As `visible`, but line feeds and tabs stay: for text blocks that keep their lines. */
export function visibleLines(text: string): string {
  return ONLY_PLAIN.test(text) ? text : text.replace(HIDDEN_BUT_LINES, escapeOf);
}

/** Whether `text` holds a character that a reader would not see. */
export function hasHidden(text: string): boolean {
  return !ONLY_PLAIN.test(text) && text.search(HIDDEN) !== -1;
}
