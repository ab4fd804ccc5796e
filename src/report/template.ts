// Sentences with values kept apart: `{0}` in the text stands for `values[0]`. The text is ours, the values are an
// attacker's; each renderer says how it writes either.

/** A template cut into its own words and the values between them. */
export type Part = { readonly kind: 'text' | 'value'; readonly text: string };

/** Cuts `text` at its placeholders. A placeholder without a value stays as it is written. */
export function parts(text: string, values: readonly string[]): Part[] {
  const out: Part[] = [];
  let last = 0;
  for (const match of text.matchAll(/\{(\d{1,3})\}/g)) {
    const value = values[Number(match[1])];
    if (value === undefined) continue;
    if (match.index > last) out.push({ kind: 'text', text: text.slice(last, match.index) });
    out.push({ kind: 'value', text: value });
    last = match.index + match[0].length;
  }
  if (last < text.length) out.push({ kind: 'text', text: text.slice(last) });
  return out;
}

/** The template with both kinds of parts written by the renderer. */
export function fill(
  template: { readonly text: string; readonly values: readonly string[] },
  write: (text: string) => string,
  writeValue: (value: string) => string,
): string {
  return parts(template.text, template.values)
    .map((part) => (part.kind === 'text' ? write(part.text) : writeValue(part.text)))
    .join('');
}

/** The template as plain text, values as they are: for JSON and other data formats, never for a screen. */
export function plain(template: { readonly text: string; readonly values: readonly string[] }): string {
  return parts(template.text, template.values)
    .map((part) => part.text)
    .join('');
}
