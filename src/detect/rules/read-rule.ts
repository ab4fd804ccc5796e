// Reads a `rule` item in one of its four forms: full, `append: true`, `override`, and the old `enabled` switch.

import type { Collector } from './collector.ts';
import {
  asBoolean,
  asUint32,
  optionalScalar,
  requiredScalar,
  scalarSequence,
  yamlFailure,
} from './decode.ts';
import type { Findings } from './findings.ts';
import type { ExceptionEntry, ExceptionInfo, ItemHead, RuleParts } from './items.ts';
import { MappedText } from './mapped-text.ts';
import { type Override, readOverrides } from './overrides.ts';
import type { RulePriority } from './types.ts';
import { locationOf, mapKey, mapValue, type YamlMap, type YamlNode, type YamlScalar } from './yaml.ts';

const APPENDABLE = ['condition', 'output', 'desc', 'tags', 'exceptions'] as const;
const REPLACEABLE = [
  'condition',
  'output',
  'desc',
  'priority',
  'tags',
  'exceptions',
  'enabled',
  'capture',
  'capture_duration',
  'warn_evttypes',
  'skip-if-unknown-filter',
] as const;
type PartKey = (typeof REPLACEABLE)[number];

/** Every key that a rule may have. */
export const RULE_KEYS: readonly string[] = ['rule', 'source', 'append', 'override', ...REPLACEABLE];

const PRIORITIES: Readonly<Record<string, RulePriority>> = {
  emergency: 'Emergency',
  alert: 'Alert',
  critical: 'Critical',
  error: 'Error',
  warning: 'Warning',
  notice: 'Notice',
  informational: 'Informational',
  info: 'Informational',
  debug: 'Debug',
};

/** Reads a rule; `append` tells whether it has `append: true`. */
export function readRule(
  head: ItemHead,
  append: boolean,
  appendWithOverride: string,
  collector: Collector,
  findings: Findings,
): void {
  const { node: map, at } = head;
  const overrides = readOverrides(map, APPENDABLE, REPLACEABLE);
  if (append && overrides.size > 0) throw yamlFailure(appendWithOverride, at);
  if (overrides.size > 0) readOverriding(head, overrides, collector, findings);
  else if (append) {
    const parts: Partial<RuleParts> = {};
    if (mapValue(map, 'condition') !== undefined) readPart(head, 'condition', parts, findings, true);
    if (mapValue(map, 'exceptions') !== undefined) readPart(head, 'exceptions', parts, findings, true);
    collector.appendRule({ ...head, parts });
  } else if (['condition', 'output', 'desc', 'priority'].every((key) => mapValue(map, key) === undefined)) {
    const enabled = asBoolean(requiredScalar(map, 'enabled', at));
    findings.warn(
      'LOAD_DEPRECATED_ITEM',
      "The standalone 'enabled' key usage is deprecated. The correct approach requires also a 'replace' entry under the 'override' key (i.e. 'enabled: replace').",
      locationOf(mapKey(map, 'enabled') ?? map),
    );
    collector.enableRule(head, enabled);
  } else readFull(head, collector, findings);
}

function readOverriding(
  head: ItemHead,
  overrides: ReadonlyMap<string, Override>,
  collector: Collector,
  findings: Findings,
): void {
  const expected = new Set(REPLACEABLE.filter((key) => mapValue(head.node, key) !== undefined));
  const readAll = (keys: readonly PartKey[], operation: Override): Partial<RuleParts> => {
    const parts: Partial<RuleParts> = {};
    for (const key of keys) {
      if (overrides.get(key) !== operation) continue;
      if (!expected.delete(key)) {
        throw yamlFailure(
          `An ${operation} override for '${key}' was specified but '${key}' is not defined`,
          head.at,
        );
      }
      readPart(head, key, parts, findings, operation === 'append');
    }
    return parts;
  };
  const operations = [...overrides.values()];
  if (operations.includes('append')) {
    const parts = readAll(['condition', 'exceptions', 'output', 'desc', 'tags'], 'append');
    collector.appendRule({ ...head, parts });
  }
  if (operations.includes('replace')) {
    const parts = readAll(
      [
        'condition',
        'exceptions',
        ...REPLACEABLE.filter((key) => key !== 'condition' && key !== 'exceptions'),
      ],
      'replace',
    );
    collector.replaceRule({ ...head, parts });
  }
  const [unexpected] = [...expected].sort();
  if (unexpected !== undefined) {
    throw yamlFailure(
      `Unexpected key '${unexpected}': no corresponding entry under 'override' is defined.`,
      locationOf(mapKey(head.node, unexpected) ?? head.node),
    );
  }
}

function readPart(
  head: ItemHead,
  key: PartKey,
  parts: Partial<RuleParts>,
  findings: Findings,
  append: boolean,
): void {
  const { node: map, at } = head;
  const scalar = () => requiredScalar(map, key, at);
  switch (key) {
    case 'condition':
      parts.condition = MappedText.of(scalar());
      return;
    case 'output':
      parts.output = MappedText.of(scalar());
      return;
    case 'desc':
      parts.desc = scalar().value;
      return;
    case 'priority':
      parts.priority = asPriority(scalar());
      return;
    case 'tags':
      parts.tags = new Set(scalarSequence(mapValue(map, key) as YamlNode).map((tag) => tag.value));
      return;
    case 'exceptions':
      parts.exceptions = readExceptions(map, append, findings);
      return;
    case 'enabled':
      parts.enabled = asBoolean(scalar());
      return;
    case 'capture':
      parts.capture = asBoolean(scalar());
      return;
    case 'capture_duration':
      parts.captureDurationMs = asUint32(scalar());
      return;
    case 'warn_evttypes':
      parts.warnEvttypes = asBoolean(scalar());
      return;
    case 'skip-if-unknown-filter':
      parts.skipIfUnknownFilter = asBoolean(scalar());
      return;
  }
}

function asPriority(scalar: YamlScalar): RulePriority {
  const key = scalar.value.toLowerCase();
  const priority = Object.hasOwn(PRIORITIES, key) ? PRIORITIES[key] : undefined;
  if (priority === undefined) throw yamlFailure('Invalid priority', locationOf(scalar));
  return priority;
}

function readFull(head: ItemHead, collector: Collector, findings: Findings): void {
  const { node: map, at } = head;
  const condition = MappedText.of(requiredScalar(map, 'condition', at));
  const output = MappedText.of(requiredScalar(map, 'output', at)).trim();
  const desc = requiredScalar(map, 'desc', at).value;
  const priority = asPriority(requiredScalar(map, 'priority', at));
  const source = optionalScalar(map, 'source');
  const flag = (key: string, otherwise: boolean) => {
    const scalar = optionalScalar(map, key);
    return scalar === undefined ? otherwise : asBoolean(scalar);
  };
  const enabled = flag('enabled', true);
  const capture = flag('capture', false);
  const duration = optionalScalar(map, 'capture_duration');
  const captureDurationMs = duration === undefined ? 0 : asUint32(duration);
  const warnEvttypes = flag('warn_evttypes', true);
  const skipIfUnknownFilter = flag('skip-if-unknown-filter', false);
  const tags = mapValue(map, 'tags');
  collector.defineRule(
    head,
    { name: source?.value ?? 'syscall', at: source === undefined ? at : locationOf(source) },
    {
      condition,
      output,
      desc,
      priority,
      enabled,
      capture,
      captureDurationMs,
      warnEvttypes,
      skipIfUnknownFilter,
      tags: new Set(tags === undefined ? [] : scalarSequence(tags).map((tag) => tag.value)),
      exceptions: readExceptions(map, false, findings),
    },
  );
}

function readExceptions(map: YamlMap, append: boolean, findings: Findings): ExceptionInfo[] {
  const node = mapValue(map, 'exceptions');
  if (node === undefined || (node.kind === 'scalar' && node.isNull)) return [];
  if (node.kind !== 'seq') throw yamlFailure('Rule exceptions must be a sequence', locationOf(node));
  const exceptions: ExceptionInfo[] = [];
  const names = new Set<string>();
  const budget: Budget = { left: MAX_ENTRIES };
  for (const entry of node.items) {
    if (entry.kind !== 'map') throw yamlFailure('Rule exception must be a mapping', locationOf(entry));
    const name = requiredScalar(entry, 'name', locationOf(entry));
    if (names.has(name.value)) {
      findings.warn(
        'LOAD_EXCEPTION_NAME_NOT_UNIQUE',
        `Multiple definitions of exception '${name.value}' in the same rule`,
        locationOf(name),
      );
    }
    names.add(name.value);
    exceptions.push(readException(entry, name, append, budget, findings));
  }
  return exceptions;
}

function readException(
  map: YamlMap,
  name: YamlScalar,
  append: boolean,
  budget: Budget,
  findings: Findings,
): ExceptionInfo {
  const at = locationOf(name);
  const fields = mapValue(map, 'fields');
  if (fields === undefined && !append) throw yamlFailure("Item has no mapping for key 'fields'", at);
  const comps = mapValue(map, 'comps');
  const values = mapValue(map, 'values');
  const exception: ExceptionInfo = {
    name: name.value,
    node: map,
    at,
    fields: fields && readEntry(fields, budget, 0),
    comps: comps && readEntry(comps, budget, 0),
    values: [],
  };
  if (values === undefined) {
    if (append) findings.warn('LOAD_APPEND_NO_VALUES', 'Overriding/appending exception with no values', at);
    return exception;
  }
  if (values.kind !== 'seq')
    throw yamlFailure('Rule exception values must be a sequence', locationOf(values));
  exception.values = values.items.map((value) => readEntry(value, budget, 0));
  return exception;
}

/** Aliases make small files unfold into large trees: all entries of one item are counted. */
interface Budget {
  left: number;
}
const MAX_ENTRIES = 1_000_000;
const MAX_NESTING = 16;

function readEntry(node: YamlNode, budget: Budget, depth: number): ExceptionEntry {
  if (--budget.left < 0 || depth > MAX_NESTING) {
    throw yamlFailure('Rule exception values are too many or nested too deeply', locationOf(node));
  }
  if (node.kind === 'seq') {
    return { node, items: node.items.map((item) => readEntry(item, budget, depth + 1)) };
  }
  if (node.kind === 'map' || node.isNull) return { node };
  if (node.value === '') throw yamlFailure('Value must be non-empty', locationOf(node));
  return { node, item: node.value };
}
