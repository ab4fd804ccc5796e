// What stands at a place of a rule file: a name, or something of the condition language.

import type { Span } from '../../base/diagnostic.ts';
import { catalogueFor } from '../../detect/fields/index.ts';
import { parseFormat } from '../../detect/lang/index.ts';
import { mapValue } from '../../detect/rules/index.ts';
import { type Item, scalarsOf, type Token } from './item.ts';
import type { FileModel, Workspace } from './workspace.ts';

/** A field with its argument, as written, and where. */
export interface FieldAt extends Span {
  readonly text: string;
  readonly sources: readonly string[];
}

/** The token of a condition at an offset. */
export function tokenAt(
  workspace: Workspace,
  file: FileModel,
  offset: number,
): (Token & { readonly base: number }) | undefined {
  const found = workspace.itemAt(file, offset);
  if (found === undefined) return undefined;
  const { item, base } = found;
  const at = offset - base;
  const token = item.tokens.find(({ from, to }) => from <= at && at <= to);
  return token === undefined ? undefined : { ...token, from: base + token.from, to: base + token.to, base };
}

/** The field at an offset: in a condition, an output or an exception. */
export function fieldAt(workspace: Workspace, file: FileModel, offset: number): FieldAt | undefined {
  const found = workspace.itemAt(file, offset);
  if (found === undefined) return undefined;
  const { item, base } = found;
  const sources = [...workspace.sourcesOf(item.kind, item.name)];
  const at = offset - base;
  for (const { text, from, to } of fieldsOf(item)) {
    if (from <= at && at <= to) return { text, from: base + from, to: base + to, sources };
  }
  return undefined;
}

/** Every field that an item names, with its argument. */
export function* fieldsOf(item: Item): Generator<Span & { readonly text: string }> {
  const text = item.map.file.text;
  for (const token of item.tokens) {
    if (token.kind !== 'field') continue;
    const bracket = /^\[[^\]\n]{0,200}\]/.exec(text.slice(token.to, token.to + 202))?.[0] ?? '';
    yield { text: token.text + bracket, from: token.from, to: token.to + bracket.length };
  }
  const output = mapValue(item.map, 'output');
  if (output?.kind === 'scalar') {
    for (const source of [item.source ?? 'syscall']) {
      const { format } = parseFormat(output.value, catalogueFor(source));
      for (const part of format?.parts ?? []) {
        if (part.kind !== 'token') continue;
        const names = part.expr.kind === 'field' ? [part.text] : part.fields.map((field) => field.text);
        for (const name of names) {
          const start = output.value.indexOf(name, part.at.from);
          if (start !== -1 && start < part.at.to)
            yield { text: name, ...output.span(start, start + name.length) };
        }
      }
    }
  }
  const exceptions = mapValue(item.map, 'exceptions');
  if (exceptions?.kind !== 'seq') return;
  for (const exception of exceptions.items) {
    if (exception.kind !== 'map') continue;
    for (const scalar of scalarsOf(mapValue(exception, 'fields')))
      yield { text: scalar.value, ...scalar.span(0, scalar.value.length) };
  }
}
