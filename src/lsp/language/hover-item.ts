// What is shown about a rule, a macro or a list: what it says, in words, and where its parts stand.

import { markdownCode, markdownFence, markdownText } from '../../base/escape/markdown.ts';
import { EVENTS } from '../../detect/fields/index.ts';
import { parseCondition } from '../../detect/lang/index.ts';
import { conditionInWords, mapValue, type Rule, type RuleSet } from '../../detect/rules/index.ts';
import { type ItemKind, scalarsOf, scalarText } from './item.ts';
import { count, shortName } from './text.ts';
import type { Occurrence, Workspace } from './workspace.ts';

/** More of a list or a condition is cut. */
const MAX_ITEMS = 40;
const MAX_TEXT = 4000;
const MANY_TYPES = 24;

/** Markdown about a name; `undefined` if nothing defines it. */
export function itemHover(
  workspace: Workspace,
  kind: ItemKind,
  name: string,
  set: RuleSet | undefined,
): string | undefined {
  const parts = workspace.parts(kind, name);
  if (parts.length === 0) return undefined;
  const body =
    kind === 'list'
      ? listBody(parts)
      : kind === 'macro'
        ? conditionBody(workspace, parts, 'It holds when')
        : ruleBody(
            workspace,
            parts,
            set?.rules.find((rule) => rule.name === name),
          );
  const uses = workspace.occurrences(kind, name).length - parts.length;
  const where = parts.map(
    (part) => `- ${VERBS[part.role]} in ${markdownCode(`${shortName(part.file.name)}:${lineOf(part)}`)}`,
  );
  const used = kind === 'rule' ? [] : [`- named ${count(uses, 'time')}`];
  return [`${kind} ${markdownCode(name)}`, ...body, [...where, ...used].join('\n')].join('\n\n');
}

const VERBS: Readonly<Record<Occurrence['role'], string>> = {
  defines: 'defined',
  appends: 'appended to',
  overrides: 'overridden',
  switches: 'switched on or off',
  uses: 'named',
};

function lineOf({ file, from }: Occurrence): number {
  let line = 1;
  for (let at = file.content.indexOf('\n'); at !== -1 && at < from; at = file.content.indexOf('\n', at + 1))
    line++;
  return line;
}

/** The parts from the last full definition on. */
function effective(parts: readonly Occurrence[]): readonly Occurrence[] {
  const start = parts.findLastIndex(({ role }) => role === 'defines');
  return start === -1 ? parts : parts.slice(start);
}

/** The items that the parts of a list add up to. */
function listItems(parts: readonly Occurrence[]): readonly string[] {
  let items: string[] = [];
  for (const { item, role } of effective(parts)) {
    const here =
      item === undefined ? [] : [...scalarsOf(mapValue(item.map, 'items'))].map(({ value }) => value);
    items = role === 'appends' ? items.concat(here) : here;
  }
  return items;
}

function listBody(parts: readonly Occurrence[]): string[] {
  const items = listItems(parts);
  const more = items.length > MAX_ITEMS ? `, … ${items.length} in all` : '';
  return [items.length === 0 ? 'It is empty.' : markdownFence(items.slice(0, MAX_ITEMS).join(', ') + more)];
}

/** The condition that the parts add up to, as text and in words. */
function conditionBody(workspace: Workspace, parts: readonly Occurrence[], title: string): string[] {
  let text = '';
  for (const { item, role } of effective(parts)) {
    if (item?.condition === undefined) continue;
    text = role === 'appends' ? `${text} ${item.condition.value}` : item.condition.value;
  }
  if (text.trim() === '') return [];
  const shown = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text.trim();
  const { expr } = text.length > MAX_TEXT ? {} : parseCondition(text);
  if (expr === undefined) return [markdownFence(shown)];
  const clauses = conditionInWords(text, expr, namesOf(workspace));
  const words = clauses.map((clause) => `${'  '.repeat(clause.depth)}- ${markdownText(clause.text)}`);
  return [markdownFence(shown), `${title}\n\n${words.join('\n')}`];
}

/** Lists and macros as far as words need them. */
function namesOf(workspace: Workspace) {
  const lists = new Map<string, readonly string[]>();
  for (const { name } of workspace.names('list')) lists.set(name, listItems(workspace.parts('list', name)));
  const macros = new Map<string, string>();
  for (const { name } of workspace.names('macro')) macros.set(name, '');
  return { lists, macros };
}

function ruleBody(workspace: Workspace, parts: readonly Occurrence[], rule: Rule | undefined): string[] {
  const map = effective(parts)[0]?.item?.map;
  const text = (key: string) => (map === undefined ? undefined : scalarText(mapValue(map, key)));
  const desc = rule?.desc ?? text('desc');
  const priority = rule?.priority ?? text('priority');
  const output = rule?.output ?? text('output');
  const facts = [
    ...(priority === undefined ? [] : [`priority ${markdownCode(priority)}`]),
    `source ${markdownCode(rule?.source ?? text('source') ?? 'syscall')}`,
    ...(rule?.enabled === false ? ['not enabled'] : []),
    ...(rule === undefined ? [] : eventTypes(rule)),
    ...(rule === undefined || rule.tags.length === 0 ? [] : [`tags ${markdownCode(rule.tags.join(', '))}`]),
    ...(rule === undefined ? [] : exceptions(rule)),
  ];
  return [
    ...(desc === undefined ? [] : [markdownText(desc.trim())]),
    facts.map((fact) => `- ${fact}`).join('\n'),
    ...conditionBody(workspace, parts, 'It fires when'),
    ...(output === undefined ? [] : [`It says\n\n${markdownFence(output.trim())}`]),
  ];
}

function eventTypes({ source, eventCodes }: Rule): string[] {
  if (source !== 'syscall') return [];
  const names = [...new Set([...eventCodes].map((code) => EVENTS[code]?.name ?? String(code)))].sort();
  if (names.length === 0) return ['no events: it can never fire'];
  return [
    names.length > MANY_TYPES
      ? `${names.length} kinds of events`
      : `events ${markdownCode(names.join(', '))}`,
  ];
}

function exceptions(rule: Rule): string[] {
  return rule.exceptions
    .filter(({ values }) => values.length > 0)
    .map(
      ({ name, fields, values }) =>
        `except ${markdownCode(name)}: ${markdownCode([fields].flat().join(', '))}, ${values.length} ${values.length === 1 ? 'entry' : 'entries'}`,
    );
}
