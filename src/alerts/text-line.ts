// Falco's text lines: `TIME: Priority OUTPUT`, bare or behind what a log collector put in front.

import { type FieldValue, PRIORITIES, type Priority } from './alert.ts';
import type { RuleOutput, RuleTemplates } from './rule-templates.ts';
import { readPairs } from './text-pairs.ts';
import { parseIsoNs } from './time.ts';

const PRIORITY_WORD = 'Emergency|Alert|Critical|Error|Warning|Notice|Informational|Info|Debug';
const HEAD = new RegExp(
  `(?:(\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d\\.\\d{1,9} ?(?:Z|[+-]\\d\\d:?\\d\\d)?)|\\d\\d:\\d\\d:\\d\\d\\.\\d{1,9}): (${PRIORITY_WORD}) `,
);
/** A prefix longer than this is not a log collector's. */
const MAX_PREFIX = 512;

export interface TextLine {
  /** From the time on. */
  readonly output: string;
  /** Behind `TIME: Priority `. */
  readonly body: string;
  readonly priority: Priority;
  /** Only if the output itself has a date. */
  readonly timeNs: bigint | undefined;
  /** What stands before the output. */
  readonly prefix: string;
}

/** Finds Falco's line in a log line; `undefined` if it has none. */
export function findTextLine(line: string): TextLine | undefined {
  const match = HEAD.exec(line.length > 2 * MAX_PREFIX ? line.slice(0, 2 * MAX_PREFIX) : line);
  if (match === null || match.index > MAX_PREFIX) return undefined;
  const before = line[match.index - 1];
  if (before !== undefined && /[\w.:]/.test(before)) return undefined;
  return {
    output: line.slice(match.index),
    body: line.slice(match.index + match[0].length),
    priority: readPriority(match[2] as string),
    timeNs: match[1] === undefined ? undefined : parseIsoNs(match[1].trim()),
    prefix: line.slice(0, match.index),
  };
}

/** A priority in any of the spellings in use; `unknown` otherwise. */
export function readPriority(text: string): Priority {
  const known = BY_NAME.get(text);
  if (known !== undefined) return known;
  return BY_NAME.get(text.toLowerCase()) ?? 'unknown';
}

const BY_NAME: ReadonlyMap<string, Priority> = new Map([
  ...PRIORITIES.flatMap((name): [string, Priority][] => [
    [name, name],
    [name.toLowerCase(), name],
  ]),
  ['info', 'Informational'],
  ['information', 'Informational'],
  ['warn', 'Warning'],
  ['err', 'Error'],
  ['crit', 'Critical'],
  ['emerg', 'Emergency'],
]);

export interface OutputReading {
  readonly rule: RuleOutput | undefined;
  readonly fields: Map<string, FieldValue>;
  readonly custom: Map<string, FieldValue>;
  readonly ambiguous: readonly string[];
  readonly audit: boolean;
}

/** Reads the fields of an output's body, by the rule's own template where `templates` knows it. */
export function readOutput(
  body: string,
  priority: Priority,
  templates: RuleTemplates | undefined,
): OutputReading {
  const match = templates?.match(body, priority);
  if (match === undefined) return { rule: undefined, ...readPairs(body) };
  const audit = match.rule.source === 'k8s_audit';
  const pairs = readPairs(body, audit, match.keys);
  const fields = new Map(match.fields);
  const templated = new Set([...match.fields.keys(), ...match.ambiguous]);
  for (const [field, value] of pairs.fields) if (!templated.has(field)) fields.set(field, value);
  return {
    rule: match.rule,
    fields,
    custom: pairs.custom,
    ambiguous: [
      ...new Set([...match.ambiguous, ...pairs.ambiguous.filter((field) => !templated.has(field))]),
    ],
    audit,
  };
}

/**
 * Text outputs escape controls, quotes and backslashes as JSON does. Undone only if every backslash starts such an
 * escape: older versions wrote them raw.
 */
export function unescapeOutput(text: string): string {
  if (!text.includes('\\') || text.replace(ESCAPE, '').includes('\\')) return text;
  return text.replace(ESCAPE, (_, plain: string | undefined, hex: string | undefined) => {
    return plain === undefined
      ? String.fromCharCode(Number.parseInt(hex as string, 16))
      : (PLAIN[plain] as string);
  });
}

const ESCAPE = /\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4}))/g;
const PLAIN: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
