// `regex`: RE2 in POSIX mode, anchored at both ends. re2js is an RE2 port, so time is linear in the text.

import { RE2JS } from 're2js';

type Re2 = ReturnType<RE2JS['re2']>;

// re2js exports the wrapper only; the class behind it is the one that knows POSIX mode.
const Re2Class = RE2JS.compile('').re2().constructor as unknown as { compilePOSIX(pattern: string): Re2 };

/** A function that tells whether the whole text matches, or `undefined` if the pattern is not legal there. */
export function compileRegex(pattern: string): ((text: string) => boolean) | undefined {
  try {
    const wrapper = new RE2JS(pattern, 0);
    wrapper.re2Input = Re2Class.compilePOSIX(pattern);
    return (text) => wrapper.testExact(text);
  } catch {
    return undefined;
  }
}
