// JSON for the inside of a `<script type="application/json">` or a script's literal: nothing in it ends the element,
// opens a comment, or breaks a line of JavaScript. The values stay exact.

import { stringifyJson } from '../json.ts';

/** `value` as JSON that is inert inside a script element. Takes what `stringifyJson` takes. */
export function jsonForScript(value: unknown): string {
  return stringifyJson(value).replace(/[<>&\x7f-\x9f\u2028\u2029\p{Cf}]/gu, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
