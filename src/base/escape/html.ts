// Text for HTML: element content and quoted attribute values. Never for URLs, event handlers, styles or unquoted
// attributes; data for scripts goes through json-script.ts.

import { visible, visibleLines } from './visible.ts';

const ENTITY: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function entities(text: string): string {
  return text.replace(/[&<>"'`]/g, (c) => ENTITY[c] as string);
}

/** Element content on one line. */
export function htmlText(text: string): string {
  return entities(visible(text));
}

/** Element content that keeps line breaks and tabs, for `<pre>`. */
export function htmlBlock(text: string): string {
  return entities(visibleLines(text));
}

/** The inside of a quoted attribute value (single or double quotes). Not for `href`, `src`, `style` or `on…`. */
export function htmlAttribute(text: string): string {
  return entities(visible(text));
}
