// `yarak explain RULE`, and macros and lists.

import { EVENTS } from '../../detect/fields/index.ts';
import { conditionInWords, macrosNamed, type Rule, type RuleSet } from '../../detect/rules/index.ts';
import type { Knowledge } from '../../triage/index.ts';
import { Page } from './page.ts';

function namesOf(set: RuleSet) {
  return {
    lists: new Map(set.lists.map(({ name, items }) => [name, items])),
    macros: new Map(set.macros.map(({ name, conditionText }) => [name, conditionText])),
  };
}

/** What a rule means, asks for and leads to. */
export function explainRule(rule: Rule, set: RuleSet, knowledge: Knowledge): string {
  const page = new Page();
  const names = namesOf(set);
  page.title(rule.name);
  page.line(rule.desc.trim());
  page.section('Facts');
  page.pair('priority', rule.priority);
  page.pair('source', rule.source);
  if (!rule.enabled) page.pair('enabled', 'no');
  page.pair('defined', `${rule.at.file}:${rule.at.line}`);
  const types = eventTypes(rule);
  if (types !== undefined) page.pair('events', types);
  if (rule.tags.length > 0) page.pair('tags', rule.tags.join(', '));
  techniques(page, rule, knowledge);

  page.section('It fires when');
  clauses(page, rule.conditionText, rule, names);
  const macros = macrosNamed(rule.conditionText, names.macros);
  for (const name of macros) {
    const macro = set.macros.find((one) => one.name === name);
    if (macro?.condition === undefined) continue;
    page.section(`${name} (macro, ${macro.at.file}:${macro.at.line})`);
    clauses(page, macro.conditionText, { condition: macro.condition }, names);
  }
  exceptions(page, rule);
  page.section('Output');
  page.line(rule.output.trim());
  playbook(page, rule, knowledge);
  return page.toString();
}

type Names = ReturnType<typeof namesOf>;

function clauses(page: Page, text: string, { condition }: Pick<Rule, 'condition'>, names: Names): void {
  for (const clause of conditionInWords(text, condition, names))
    page.line(clause.text, clause.depth + 1, '- ');
}

/** How many event types are named. */
const MANY_TYPES = 24;

function eventTypes({ source, eventCodes }: Rule): string | undefined {
  if (source !== 'syscall') return undefined;
  const names = [...new Set([...eventCodes].map((code) => EVENTS[code]?.name ?? String(code)))].sort();
  if (names.length === 0) return 'none: it can never fire';
  if (names.length <= MANY_TYPES) return names.join(', ');
  return `${names.length} kinds of events`;
}

function techniques(page: Page, { tags }: Rule, knowledge: Knowledge): void {
  for (const tag of tags) {
    const today = knowledge.replaced[tag] ?? tag;
    const technique = knowledge.techniques[today];
    if (technique === undefined) continue;
    const instead = today === tag ? '' : ` (in place of ${tag})`;
    page.pair('ATT&CK', `${today} ${technique.name}${instead}: ${technique.tactics.join(', ')}`);
  }
}

function exceptions(page: Page, rule: Rule): void {
  const used = rule.exceptions.filter(({ values }) => values.length > 0);
  if (used.length === 0) return;
  page.section('Except');
  for (const { name, fields, comps, values } of used) {
    const shown =
      typeof fields === 'string'
        ? `${fields} ${String(comps)}`
        : fields.map((field, i) => `${field} ${comps[i] ?? '='}`).join(', ');
    page.line(`${name}: ${shown}; ${values.length} ${values.length === 1 ? 'entry' : 'entries'}`, 1, '- ');
  }
}

function playbook(page: Page, rule: Rule, knowledge: Knowledge): void {
  const found = knowledge.playbooks.find((one) => one.rule === rule.name);
  if (found === undefined) return;
  page.section('What an alert means');
  page.line(found.meaning);
  for (const cause of found.benignCauses) page.line(`harmless if it is ${cause}`, 1, '- ');
  if (found.questions.length > 0) page.section('What to ask');
  for (const { text, command, ifSo, ifNot } of found.questions) {
    page.line(text, 1, '- ');
    if (command !== undefined) page.block(`$ ${command}`, 2);
    if (ifSo !== undefined) page.line(`if so: ${ifSo}`, 2);
    if (ifNot !== undefined) page.line(`if not: ${ifNot}`, 2);
  }
  if (found.limits.length > 0) page.section('What it does not see');
  for (const limit of found.limits) page.line(limit, 1, '- ');
}

/** A macro or a list of this name: what it says and which rules rest on it. */
export function explainPart(name: string, set: RuleSet): string | undefined {
  const names = namesOf(set);
  const page = new Page();
  const macro = set.macros.find((one) => one.name === name);
  const list = set.lists.find((one) => one.name === name);
  if (macro?.condition !== undefined) {
    page.title(`${name} (macro, ${macro.at.file}:${macro.at.line})`);
    page.section('It holds when');
    clauses(page, macro.conditionText, { condition: macro.condition }, names);
    const users = set.rules.filter((rule) => macrosNamed(rule.conditionText, names.macros).includes(name));
    page.section(`Used by ${users.length} ${users.length === 1 ? 'rule' : 'rules'}`);
    for (const rule of users) page.line(rule.name, 1, '- ');
  } else if (list !== undefined) {
    page.title(`${name} (list, ${list.at.file}:${list.at.line})`);
    page.section(`${list.items.length} ${list.items.length === 1 ? 'item' : 'items'}`);
    page.line(list.items.join(', '));
  } else return undefined;
  return page.toString();
}
