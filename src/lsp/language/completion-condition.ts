// Completion inside conditions, outputs and exceptions: fields, macros, lists, event types, operators.

import { markdownFence } from '../../base/escape/markdown.ts';
import {
  catalogueFor,
  eventNames,
  type FieldDef,
  knownSources,
  PARAM_TYPES,
} from '../../detect/fields/index.ts';
import {
  checkFieldExpr,
  type FieldExpr,
  MODIFIERS,
  OPERATORS,
  operatorsFor,
  parseFieldExpr,
  TRANSFORMERS,
} from '../../detect/lang/index.ts';
import { type Candidates, type Completion, listNames } from './completion-items.ts';
import { conditionCursor, fieldCursor } from './condition-cursor.ts';
import { MODIFIER_TEXTS, OPERATOR_TEXTS, TRANSFORMER_TEXTS } from './operators.ts';
import { shortName } from './text.ts';
import type { Workspace } from './workspace.ts';

/** `before`: a condition up to the cursor. */
export function completeCondition(
  workspace: Workspace,
  sources: readonly string[],
  before: string,
): Candidates | undefined {
  const { expected, left, word } = conditionCursor(before);
  const inQuotes = /^["']/.test(word);
  const items: Completion[] = [];
  const isEventType = left?.kind === 'field' && left.name === 'evt.type';
  if (inQuotes) {
    const inside = word.slice(1);
    return isEventType ? { word: inside, items: events() } : undefined;
  }
  for (const what of expected) {
    switch (what) {
      case 'operand':
        items.push(...fields(sources, word), ...macros(workspace), ...transformers(false), NOT);
        break;
      case 'field':
        items.push(...fields(sources, word));
        break;
      case 'argument':
        items.push(...fields(sources, word), ...transformers(false));
        break;
      case 'operator':
        items.push(...operators(sources, left));
        break;
      case 'modifier':
        items.push(...modifiers());
        break;
      case 'number':
        items.push(...transformers(true));
        break;
      case 'value':
        items.push(...values(sources, left, isEventType), ...transformers(true));
        break;
      case 'list':
        if (!isEventType) items.push(PARENTHESES);
        else items.push({ ...PARENTHESES, documentation: 'Event types, one or more.' });
        items.push(...listNames(workspace));
        break;
      case 'item':
        items.push(...values(sources, left, isEventType), ...listNames(workspace));
        break;
      case 'connective':
        items.push(...CONNECTIVES);
        break;
      case 'field-argument':
        break;
    }
  }
  return { word, items };
}

/** `before`: an output up to the cursor; fields stand behind a `%` and digits. */
export function completeFieldExpr(sources: readonly string[], before: string): Candidates | undefined {
  const percent = before.lastIndexOf('%');
  if (percent === -1) return undefined;
  const expr = before.slice(percent + 1).replace(/^\d+/, '');
  const { expected, word } = fieldCursor(expr);
  const inside = expected.has('argument');
  if (!inside && !expected.has('field')) return undefined;
  return {
    word,
    items: [
      ...fields(sources, word).filter(({ label }) => inside || label !== 'fd.net'),
      ...transformers(false),
    ],
  };
}

/** A field alone, as exceptions name it. */
export function completeFieldName(
  sources: readonly string[],
  before: string,
  quoted: boolean,
): Candidates | undefined {
  const { expected, word } = fieldCursor(before);
  if (!expected.has('field') && !expected.has('argument')) return undefined;
  // Brackets need quotes in a YAML list.
  return { word, items: fields(sources, word).filter(({ label }) => quoted || !label.includes('[')) };
}

/** An operator alone, as exceptions name it: for one field of several, or for a single one with all its values. */
export function completeOperator(
  sources: readonly string[],
  before: string,
  { field, single }: { readonly field: string | undefined; readonly single: boolean },
  quoted: boolean,
): Candidates {
  const left = field === undefined ? undefined : parseFieldExpr(field).expr;
  const all = operators(sources, left).map(({ label, detail = '' }) => ({
    label,
    detail,
    kind: 'operator' as const,
  }));
  const offered = single ? all.filter(({ label }) => ['in', 'intersects', 'pmatch'].includes(label)) : all;
  // A lone `=` is not plain YAML for every reader.
  return {
    word: before,
    items: offered.map((item) => (quoted || /^\w/.test(item.label) ? item : { ...item, text: item.label })),
  };
}

const NOT: Completion = { label: 'not', kind: 'keyword', detail: 'what follows does not hold', text: 'not ' };
const CONNECTIVES: readonly Completion[] = [
  { label: 'and', kind: 'keyword', detail: 'both hold', text: 'and ' },
  { label: 'or', kind: 'keyword', detail: 'one of both holds', text: 'or ' },
];
const PARENTHESES: Completion = {
  label: '(…)',
  kind: 'keyword',
  detail: 'values',
  text: '(',
  snippet: '($0)',
};

/** Each field once, from the first source that has it. */
function fieldsOf(sources: readonly string[]): Map<string, readonly [field: FieldDef, sources: string[]]> {
  const found = new Map<string, readonly [FieldDef, string[]]>();
  for (const source of sources.length > 0 ? sources : knownSources()) {
    for (const field of catalogueFor(source).fields) {
      const known = found.get(field.name);
      if (known === undefined) found.set(field.name, [field, [source]]);
      else known[1].push(source);
    }
  }
  return found;
}

/** Fields whose argument stands behind a dot, and what it can be. */
const DOTTED: ReadonlyMap<string, () => Iterable<string>> = new Map([
  ['evt.arg', () => PARAM_TYPES.keys()],
  ['evt.rawarg', () => PARAM_TYPES.keys()],
  ['evt.type.is', () => eventNames()],
  ['evt.abspath', () => ['src', 'dst']],
  ['thread.cgroup', () => []],
]);

function fields(sources: readonly string[], word: string): Completion[] {
  const items: Completion[] = [];
  for (const [name, [field, from]] of fieldsOf(sources)) {
    const item: Completion = {
      label: name,
      kind: 'field',
      detail: field.isList ? `${field.type}, a list` : field.type,
      documentation: describe(field, from),
      ...(field.deprecated && { deprecated: true }),
    };
    const dotted = DOTTED.get(name);
    if (dotted !== undefined) {
      items.push({ ...item, label: `${name}.`, text: `${name}.` });
      if (word.startsWith(`${name}.`))
        for (const arg of dotted())
          items.push({ ...item, label: `${name}.${arg}`, documentation: field.description });
      continue;
    }
    if (field.arg !== 'required') items.push(item);
    if (field.arg !== 'none')
      items.push({ ...item, label: `${name}[…]`, text: `${name}[`, snippet: `${name}[$1]` });
  }
  return items;
}

function describe(field: FieldDef, sources: readonly string[]): string {
  const more = field.filterOnly ? ' In an output it prints `<NA>`.' : '';
  return `${field.description}.${more}\n\nSources: ${sources.join(', ')}`.replace('..', '.');
}

function macros(workspace: Workspace): Completion[] {
  return [...workspace.names('macro')].map(({ name, item, file }) => ({
    label: name,
    kind: 'macro',
    detail: `macro, ${shortName(file.name)}`,
    documentation: item?.condition === undefined ? '' : markdownFence(item.condition.value.trim()),
  }));
}

function transformers(withVal: boolean): Completion[] {
  return [...(withVal ? (['val'] as const) : []), ...TRANSFORMERS].map((name) => ({
    label: `${name}()`,
    kind: 'transformer',
    detail: TRANSFORMER_TEXTS[name],
    text: `${name}(`,
    snippet: `${name}($1)`,
    rank: withVal ? 3 : 2,
  }));
}

/** The type of what an operator stands behind, in the first source that knows it. */
function typeOf(sources: readonly string[], left: FieldExpr | undefined) {
  if (left === undefined) return undefined;
  for (const source of sources) {
    const checked = checkFieldExpr(left, catalogueFor(source));
    if ('operand' in checked) return checked.operand;
  }
  return undefined;
}

function operators(sources: readonly string[], left: FieldExpr | undefined): Completion[] {
  const type = typeOf(sources, left);
  const allowed = type === undefined ? new Set(OPERATORS) : operatorsFor(type.type, type.isList);
  return [...OPERATORS.filter((op) => allowed.has(op)), 'exists' as const].map((label) => {
    const listed = label === 'in' || label === 'intersects' || label === 'pmatch';
    const text = label === 'exists' ? label : `${label} `;
    return {
      label,
      kind: 'operator',
      detail: OPERATOR_TEXTS[label],
      text,
      ...(listed && { snippet: `${label} ($0)` }),
    };
  });
}

function modifiers(): Completion[] {
  return MODIFIERS.map((label) => ({
    label,
    kind: 'keyword',
    detail: MODIFIER_TEXTS[label],
    text: `${label} (`,
    snippet: `${label} ($0)`,
    rank: 2,
  }));
}

function events(): Completion[] {
  // `syscall` is a name that no event has when it happens.
  return [...eventNames()]
    .filter((name) => name !== 'syscall')
    .map((label) => ({ label, kind: 'event', detail: 'event type' }));
}

function values(sources: readonly string[], left: FieldExpr | undefined, isEventType: boolean): Completion[] {
  if (isEventType) return events();
  if (typeOf(sources, left)?.type !== 'BOOL') return [];
  return ['true', 'false'].map((label) => ({ label, kind: 'value' }));
}
