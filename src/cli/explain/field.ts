// `yarak explain FIELD`.

import { catalogueFor, type FieldRef, knownSources } from '../../detect/fields/index.ts';
import { operatorsFor } from '../../detect/lang/index.ts';
import { Page } from './page.ts';

/** The sources that have a field, each with what it resolves to there. */
export function sourcesOf(text: string): { readonly source: string; readonly ref: FieldRef }[] {
  return knownSources().flatMap((source) => {
    const { ref } = catalogueFor(source).resolve(text);
    if (ref !== undefined) return [{ source, ref }];
    // A field that needs an argument, asked for by its bare name.
    const def = catalogueFor(source).get(text);
    return def === undefined ? [] : [{ source, ref: { def, text, type: def.type } }];
  });
}

/** The nearest field of any source. */
export function nearestField(text: string): string | undefined {
  for (const source of knownSources()) {
    const found = catalogueFor(source).nearest(text);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a field is, where it comes from and what can be done with it. */
export function explainField(text: string): string | undefined {
  const found = sourcesOf(text);
  const [first] = found;
  if (first === undefined) return undefined;
  const { def, arg, type } = first.ref;
  const page = new Page();
  page.title(`${text}: ${def.description}`);
  page.section('Facts');
  page.pair('type', `${type}${def.isList ? ', a list' : ''}`);
  page.pair('sources', found.map(({ source }) => source).join(', '));
  page.pair('class', def.cls);
  if (def.arg !== 'none') {
    const form = def.argForm === undefined || def.argForm === 'any' ? '' : `, ${def.argForm}`;
    page.pair('argument', `${def.arg}${form}${arg === undefined ? '' : `; here ${arg}`}`);
  }
  page.pair('operators', ['exists', ...operatorsFor(type, def.isList)].join(' '));
  const limits = [
    def.filterOnly ? 'Conditions only: in an output it prints <NA>.' : '',
    def.noRhs ? 'It cannot stand on the right of a comparison.' : '',
    def.noTransformers ? 'It takes no transformers.' : '',
    def.deprecated ? 'It is deprecated.' : '',
    def.unverified === true ? 'Unverified: no recording of Falco confirms how it is computed here.' : '',
  ].filter((limit) => limit !== '');
  if (limits.length > 0) page.section('Limits');
  for (const limit of limits) page.line(limit);
  return page.toString();
}
