// Completion in rule files: keys of items, priorities, and in conditions and outputs fields, operators, macros, lists
// and event types. Names come from the catalogue and from what the loader made of the files.

import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { catalogueFor, eventNames } from '../../../src/detect/fields/index.ts';
import { operatorsFor, TRANSFORMERS } from '../../../src/detect/lang/index.ts';
import type { Checked } from './rule-check.ts';

type Names = Pick<Checked, 'macros' | 'lists'>;

const ITEMS: readonly Completion[] = [
  {
    label: 'rule',
    apply: 'rule: \n  desc: \n  condition: \n  output: \n  priority: WARNING\n  tags: []\n',
    detail: 'what raises an alert',
    type: 'keyword',
  },
  { label: 'macro', apply: 'macro: \n  condition: \n', detail: 'a condition with a name', type: 'keyword' },
  { label: 'list', apply: 'list: \n  items: []\n', detail: 'values with a name', type: 'keyword' },
];
const KEYS = [
  'desc',
  'condition',
  'output',
  'priority',
  'tags',
  'source',
  'enabled',
  'exceptions',
  'override',
]
  .concat('items', 'append', 'skip-if-unknown-filter', 'warn_evttypes')
  .map((label): Completion => ({ label, apply: `${label}: `, type: 'property' }));
const PRIORITIES = [
  'EMERGENCY',
  'ALERT',
  'CRITICAL',
  'ERROR',
  'WARNING',
  'NOTICE',
  'INFORMATIONAL',
  'DEBUG',
].map((label): Completion => ({ label, type: 'enum' }));
const SOURCES = ['syscall', 'k8s_audit'].map((label): Completion => ({ label, type: 'enum' }));
const WORDS = ['and', 'or', 'not'].map((label): Completion => ({ label, type: 'keyword' }));

interface Place {
  /** The key whose value the cursor is in; empty before any. */
  readonly key: string;
  /** The item's source. */
  readonly source: string;
}

const LOOK_BACK_LINES = 400;

/** Where the cursor is, from the lines above it: values may go over many lines. */
function placeOf({ state, pos }: CompletionContext): Place {
  const line = state.doc.lineAt(pos);
  let key = '';
  let source = 'syscall';
  for (let n = line.number; n >= Math.max(1, line.number - LOOK_BACK_LINES); n--) {
    const text = n === line.number ? line.text.slice(0, pos - line.from) : state.doc.line(n).text;
    const found = /^\s*(-\s+)?([a-z_-]+):(\s|$)/.exec(text);
    if (found === null) continue;
    if (key === '') key = found[2] as string;
    if (found[2] === 'source') source = text.slice(found[0].length).trim();
    if (found[1] !== undefined) break;
  }
  return { key, source };
}

function fields(source: string): readonly Completion[] {
  return catalogueFor(source).fields.map((field) => ({
    label: field.name,
    info: field.description,
    detail: field.type,
    type: 'property',
  }));
}

function inCondition(
  context: CompletionContext,
  source: string,
  set: Names | undefined,
): CompletionResult | null {
  const word = context.matchBefore(/[A-Za-z_][\w.]*/);
  if (word === null && !context.explicit) return null;
  const from = word?.from ?? context.pos;
  const before = context.state.sliceDoc(Math.max(0, from - 200), from);
  const isEvent = /evt\.type\s*(=|!=|in\s*\([^)]*)\s*$/.test(before);
  const isIn = /\bin\s*\(?[^()]*$/.test(before);
  const left = /([a-z_]+\.[\w.[\]]*)\s+$/.exec(before)?.[1];
  const field = left === undefined ? undefined : catalogueFor(source).get(left.replace(/\[.*$/, ''));
  const lists = (set?.lists ?? []).map(({ name, size }) => ({
    label: name,
    detail: `list of ${size}`,
    type: 'variable',
  }));
  const options: readonly Completion[] = isEvent
    ? [...[...eventNames()].map((label) => ({ label, type: 'constant' })), ...lists]
    : isIn
      ? lists
      : field !== undefined
        ? [...operatorsFor(field.type, field.isList), 'exists'].map((label) => ({ label, type: 'keyword' }))
        : [
            ...fields(source),
            ...(set?.macros ?? []).map(({ name, condition }) => ({
              label: name,
              info: condition,
              detail: 'macro',
              type: 'function',
            })),
            ...WORDS,
            ...TRANSFORMERS.map((label) => ({
              label,
              apply: `${label}(`,
              detail: 'transformer',
              type: 'function',
            })),
          ];
  return { from, options, validFor: /^[\w.]*$/ };
}

/** A completion source; `set` gives what the loader made of the files last. */
export function completeRules(set: () => Names | undefined) {
  return (context: CompletionContext): CompletionResult | null => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const item = /^-\s+([a-z]*)$/.exec(before);
    if (item !== null) return { from: context.pos - (item[1] as string).length, options: ITEMS };
    const key = /^\s+([a-z_-]*)$/.exec(before);
    const { key: place, source } = placeOf(context);
    if (key !== null && (key[1] !== '' || context.explicit) && !/^(condition|output|desc)$/.test(place))
      return { from: context.pos - (key[1] as string).length, options: KEYS };
    const value = /:\s+([A-Za-z_]*)$/.exec(before)?.[1] ?? '';
    if (place === 'priority') return { from: context.pos - value.length, options: PRIORITIES };
    if (place === 'source') return { from: context.pos - value.length, options: SOURCES };
    if (place === 'output') {
      const field = context.matchBefore(/%[\w.]*/);
      return field === null ? null : { from: field.from + 1, options: fields(source), validFor: /^[\w.]*$/ };
    }
    if (place === 'condition') {
      // A new key is begun on a line of its own, as well as the condition's next line.
      const result = inCondition(context, source, set());
      if (result === null || key === null) return result;
      return { ...result, options: [...result.options, ...KEYS] };
    }
    return null;
  };
}
