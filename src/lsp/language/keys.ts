// The keys that items may have, as an editor offers them: what each is for and what it is followed by. Which of them a
// rule may append to or replace is Falco's (rule_loader_reader).

import type { ItemKind } from './item.ts';

export interface KeyInfo {
  readonly name: string;
  readonly text: string;
  /** What stands behind the colon, as a snippet. */
  readonly body?: string;
  /** May stand under `override` with these operations. */
  readonly override?: readonly ('append' | 'replace')[];
}

const BOTH = ['append', 'replace'] as const;
const REPLACE = ['replace'] as const;

const CONDITION: KeyInfo = {
  name: 'condition',
  text: 'When it holds, in the condition language.',
  override: BOTH,
};
const OVERRIDE: KeyInfo = {
  name: 'override',
  text: 'Which of the keys here append to, and which replace, those of the item of this name that is there already.',
  body: '\n  $0',
};
const APPEND: KeyInfo = {
  name: 'append',
  text: 'Deprecated: `override` with `append` says the same for single keys.',
  body: 'true',
};

export const ITEM_KEYS: Readonly<Record<ItemKind, readonly KeyInfo[]>> = {
  list: [
    { name: 'list', text: "The list's name." },
    {
      name: 'items',
      text: 'Its items: values, or names of other lists.',
      body: '[$0]',
      override: BOTH,
    },
    OVERRIDE,
    APPEND,
  ],
  macro: [{ name: 'macro', text: "The macro's name." }, CONDITION, OVERRIDE, APPEND],
  rule: [
    { name: 'rule', text: "The rule's name, which its alerts carry." },
    { name: 'desc', text: 'What it detects, in a sentence or more.', override: BOTH },
    CONDITION,
    {
      name: 'output',
      text: 'What an alert says; `%field` stands for the value of a field.',
      body: '"$0"',
      override: BOTH,
    },
    { name: 'priority', text: 'How severe an alert is.', override: REPLACE },
    {
      name: 'tags',
      text: 'Words to select rules by, among them ATT&CK techniques.',
      body: '[$0]',
      override: BOTH,
    },
    { name: 'source', text: 'Where its events come from; `syscall` if it is not said.' },
    {
      name: 'enabled',
      text: 'Whether it is on. It is, if nothing is said.',
      body: 'false',
      override: REPLACE,
    },
    {
      name: 'exceptions',
      text: 'What the rule is not to fire for: fields, how they compare, and values.',
      body: '\n  - name: $1\n    fields: [$2]\n    comps: [$3]\n    values:\n      - [$0]',
      override: BOTH,
    },
    OVERRIDE,
    APPEND,
    {
      name: 'capture',
      text: 'Whether Falco records system calls when it fires.',
      body: 'true',
      override: REPLACE,
    },
    { name: 'capture_duration', text: 'For how long it records, in milliseconds.', override: REPLACE },
    {
      name: 'warn_evttypes',
      text: 'Whether Falco warns if the condition names no event type.',
      body: 'false',
      override: REPLACE,
    },
    {
      name: 'skip-if-unknown-filter',
      text: 'Whether a Falco that does not know one of its fields leaves the rule out, instead of refusing the file.',
      body: 'true',
      override: REPLACE,
    },
  ],
};

export const EXCEPTION_KEYS: readonly KeyInfo[] = [
  { name: 'name', text: "The exception's name; with it, values can be added later." },
  { name: 'fields', text: 'A field, or a list of fields that are looked at together.', body: '[$0]' },
  {
    name: 'comps',
    text: 'How they compare: an operator each; `=` (`in` for a single field) if it is not said.',
    body: '[$0]',
  },
  {
    name: 'values',
    text: 'One entry each time: a value for each field, or single values.',
    body: '\n  - [$0]',
  },
];

export const PLUGIN_KEYS: readonly KeyInfo[] = [
  { name: 'name', text: "The plugin's name." },
  { name: 'version', text: 'The lowest version that will do, as x.y.z.' },
  {
    name: 'alternatives',
    text: 'Plugins that will do as well, each with name and version.',
    body: '\n  - $0',
  },
];

/** What a file's items begin with, as snippets behind the dash. */
export const ITEM_STARTS: readonly KeyInfo[] = [
  {
    name: 'rule',
    text: 'A rule: when its condition holds for an event, there is an alert.',
    body: '$1\n  desc: $2\n  condition: $3\n  output: "$4"\n  priority: NOTICE\n  tags: [$0]',
  },
  {
    name: 'macro',
    text: 'A condition with a name, for rules and other macros.',
    body: '$1\n  condition: $0',
  },
  {
    name: 'list',
    text: 'Values with a name, for conditions and other lists.',
    body: '$1\n  items: [$0]',
  },
  { name: 'required_engine_version', text: 'The lowest engine version that can load the file.' },
  {
    name: 'required_plugin_versions',
    text: 'The plugins that the file needs.',
    body: '\n  - name: $1\n    version: $0',
  },
];

export const PRIORITIES: readonly string[] = [
  'EMERGENCY',
  'ALERT',
  'CRITICAL',
  'ERROR',
  'WARNING',
  'NOTICE',
  'INFORMATIONAL',
  'DEBUG',
];
