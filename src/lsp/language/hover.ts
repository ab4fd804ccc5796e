// What is shown about the thing at a place, as Markdown. Text of the files stands in code spans and fences.

import type { Diagnostic, Span } from '../../base/diagnostic.ts';
import { markdownCode } from '../../base/escape/markdown.ts';
import { catalogueFor, EVENTS, eventCodes, knownSources } from '../../detect/fields/index.ts';
import { operatorsFor } from '../../detect/lang/index.ts';
import { CODE_PAGES, type RuleSet } from '../../detect/rules/index.ts';
import { fieldAt, tokenAt } from './at.ts';
import { itemHover } from './hover-item.ts';
import { MODIFIER_TEXTS, OPERATOR_TEXTS, TRANSFORMER_TEXTS } from './operators.ts';
import type { Workspace } from './workspace.ts';

export interface Hover {
  readonly span: Span;
  readonly markdown: string;
}

/** What is known beside the workspace. */
export interface HoverContext {
  /** What was found in the file that is looked at. */
  readonly diagnostics?: readonly Diagnostic[];
  /** What the loader made of the files. */
  readonly set?: RuleSet | undefined;
}

/** What to show for an offset of a file. */
export function hoverAt(
  workspace: Workspace,
  name: string,
  offset: number,
  context: HoverContext = {},
): Hover | undefined {
  const thing = thingAt(workspace, name, offset, context);
  const codes = (context.diagnostics ?? []).filter(
    ({ at }) => at !== undefined && at.from <= offset && offset <= at.to,
  );
  const pages = [...new Set(codes.map(({ code }) => code))].flatMap(codePage);
  const parts = [...(thing === undefined ? [] : [thing.markdown]), ...pages];
  if (parts.length === 0) return undefined;
  const span = thing?.span ?? codes[0]?.at;
  if (span === undefined) return undefined;
  return { span: { from: span.from, to: span.to }, markdown: parts.join('\n\n---\n\n') };
}

function codePage(code: string): string[] {
  const page = CODE_PAGES.get(code);
  return page === undefined ? [] : [`**${code}**: ${page.title}\n\n${page.text}`];
}

function thingAt(
  workspace: Workspace,
  name: string,
  offset: number,
  { set }: HoverContext,
): Hover | undefined {
  const place = workspace.at(name, offset);
  if (place !== undefined) {
    const markdown = itemHover(workspace, place.kind, place.name, set);
    return markdown === undefined ? undefined : { span: { from: place.from, to: place.to }, markdown };
  }
  const file = workspace.file(name);
  if (file === undefined) return undefined;
  const field = fieldAt(workspace, file, offset);
  if (field !== undefined) {
    const markdown = fieldHover(field.text, field.sources);
    if (markdown !== undefined) return { span: { from: field.from, to: field.to }, markdown };
  }
  const token = tokenAt(workspace, file, offset);
  const markdown = token === undefined ? undefined : tokenHover(token.kind, token.text);
  return token === undefined || markdown === undefined
    ? undefined
    : { span: { from: token.from, to: token.to }, markdown };
}

/** What a field is: in the sources of its rule, or else in any. */
export function fieldHover(text: string, sources: readonly string[]): string | undefined {
  const has = (source: string) => {
    const catalogue = catalogueFor(source);
    const { ref } = catalogue.resolve(text);
    if (ref !== undefined) return { source, def: ref.def, type: ref.type };
    const def = catalogue.get(text.replace(/\[.*$/s, ''));
    return def === undefined ? [] : [{ source, def, type: def.type }];
  };
  const all = knownSources().flatMap(has);
  const found = all.find(({ source }) => sources.includes(source)) ?? all[0];
  if (found === undefined) return undefined;
  const { def, type } = found;
  const facts = [
    `type ${type}${def.isList ? ', a list' : ''}`,
    ...(def.arg === 'none' ? [] : [`argument ${def.arg}`]),
    `sources ${all.map(({ source }) => source).join(', ')}`,
    `operators ${[...operatorsFor(type, def.isList), 'exists'].map((op) => `\`${op}\``).join(' ')}`,
    ...(def.filterOnly ? ['in an output it prints `<NA>`'] : []),
    ...(def.noRhs ? ['not on the right of a comparison'] : []),
    ...(def.noTransformers ? ['no transformers'] : []),
    ...(def.deprecated ? ['deprecated'] : []),
  ];
  return `${markdownCode(text)}: ${def.description}\n\n${facts.map((fact) => `- ${fact}`).join('\n')}`;
}

function tokenHover(kind: string, text: string): string | undefined {
  const words: Readonly<Record<string, string>> =
    kind === 'operator'
      ? OPERATOR_TEXTS
      : kind === 'modifier'
        ? MODIFIER_TEXTS
        : kind === 'transformer'
          ? TRANSFORMER_TEXTS
          : {};
  if (Object.hasOwn(words, text)) return `\`${text}\`: ${words[text]}`;
  return kind === 'literal' ? eventHover(text) : undefined;
}

/** What an event type is: its parameters, as the engine's table has them. */
function eventHover(text: string): string | undefined {
  const codes = eventCodes(text) ?? [];
  const event = codes
    .map((code) => EVENTS[code])
    .findLast((one) => one !== undefined && one.params.length > 0);
  if (event === undefined || event.name !== text) return undefined;
  const params = event.params.map(({ name, type }) => `\`evt.arg.${name}\` (${type})`).join(', ');
  return `Event type \`${text}\`\n\n${params}`;
}
