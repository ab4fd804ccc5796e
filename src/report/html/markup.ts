// HTML by tagged template: every string that goes in is escaped, only `Markup` stays markup. So "an alert's text
// became a tag" would have to be written on purpose.

import { htmlBlock, htmlText } from '../../base/escape/html.ts';
import { bounded } from '../bounded.ts';
import { parts } from '../template.ts';

/** Text that is HTML already; made only by `html`, `block` and `trusted`. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

type Interpolation = string | number | Markup | readonly Markup[] | undefined;

/** Escapes what is interpolated: for element content and quoted attributes. `undefined` is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Interpolation[]): Markup {
  let out = strings[0] as string;
  for (let i = 0; i < values.length; i++) out += write(values[i]) + (strings[i + 1] as string);
  return new Markup(out);
}

function write(value: Interpolation): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return htmlText(value);
  if (typeof value === 'number') return String(value);
  if (value instanceof Markup) return value.toString();
  return value.join('');
}

/** Text that keeps its lines, for `<pre>`. */
export function block(text: string): Markup {
  return new Markup(htmlBlock(text));
}

/** Our own files (style sheets, the script), written as they are. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/** Longest value that is shown whole, in characters. */
const MAX_VALUE = 2000;

/** Somebody else's text in its monospaced box. */
export function value(text: string, max = MAX_VALUE): Markup {
  return html`<code class="value">${bounded(text, max)}</code>`;
}

/** A sentence of ours with the values in it boxed. */
export function sentence(template: { readonly text: string; readonly values: readonly string[] }): Markup {
  return html`${parts(template.text, template.values).map((part) =>
    part.kind === 'text' ? html`${part.text}` : value(part.text, 400),
  )}`;
}

/** A name as a fragment and an id: letters, digits, `-` and `_` only. */
export function slug(text: string): string {
  return text.replace(/[^\w-]+/g, '-').slice(0, 80);
}
