// A JSON record to an alert: Falco's own output of every version, falcosidekick's payload, exports of the gRPC era.

import { type JsonObject, type JsonValue, stringifyJson } from '../base/json.ts';
import type { Alert, AlertRef, FieldValue } from './alert.ts';
import type { RuleTemplates } from './rule-templates.ts';
import { findTextLine, readOutput, readPriority } from './text-line.ts';
import { envelopeTime, fieldTime } from './time.ts';

export interface EnvelopeContext {
  readonly ref: AlertRef;
  /** The record's text on one line; called only for records that become alerts. */
  readonly raw: string;
  readonly templates: RuleTemplates | undefined;
  /** Where the record does not say: from a log prefix. */
  readonly hostname?: string;
  readonly timeNs?: bigint;
}

export interface EnvelopeReading {
  readonly alert: Alert;
  /** Fields that the output text gives two values for. */
  readonly ambiguous: readonly string[];
}

const NO_FIELDS: ReadonlyMap<string, FieldValue> = new Map();

/** Whether the object has what only an alert has. */
export function isEnvelope(record: JsonObject): boolean {
  if (record.get('output_fields') instanceof Map) return true;
  const has = (name: string): boolean => typeof record.get(name) === 'string';
  if (has('rule') && (has('output') || has('priority') || has('message'))) return true;
  return has('output') && has('priority');
}

/** Reads an object for which `isEnvelope` holds. Values of the wrong type are treated as absent. */
export function readEnvelope(record: JsonObject, context: EnvelopeContext): EnvelopeReading {
  let rule: string | undefined;
  let output = '';
  let message = '';
  let source: string | undefined;
  let hostname = context.hostname;
  let uuid: string | undefined;
  let priority = readPriority('');
  let tags: readonly string[] = [];
  let given: JsonObject | undefined;
  let custom: Map<string, FieldValue> | undefined;
  for (const [key, value] of record) {
    switch (key) {
      case 'rule':
        if (typeof value === 'string' && value !== '') rule = value;
        break;
      case 'output':
        if (typeof value === 'string') output = value;
        break;
      case 'message':
        if (typeof value === 'string') message = value;
        break;
      case 'priority':
        if (typeof value === 'string') priority = readPriority(value);
        break;
      case 'source':
        if (typeof value === 'string' && value !== '') source = value;
        break;
      case 'hostname':
        if (typeof value === 'string' && value !== '') hostname = value;
        break;
      case 'uuid':
        if (typeof value === 'string') uuid = value;
        break;
      case 'tags':
        tags = readTags(value);
        break;
      case 'output_fields':
        if (value instanceof Map) given = value;
        break;
      case 'time':
        break;
      default:
        custom ??= new Map();
        custom.set(key, asFieldValue(value));
    }
  }
  let fields: ReadonlyMap<string, FieldValue> = NO_FIELDS;
  let fieldsFrom: Alert['fieldsFrom'] = 'json';
  let ambiguous: readonly string[] = [];
  const internal = source === 'internal' || rule?.startsWith('Falco internal:') === true;
  if (given !== undefined && given.size > 0) {
    const split = splitFields(given, internal);
    fields = split.fields;
    if (split.custom !== undefined) custom = new Map([...(custom ?? []), ...split.custom]);
  } else if (output !== '' || message !== '') {
    const line = findTextLine(output);
    const reading = readOutput(line?.body ?? (output || message), priority, context.templates);
    fields = internal ? new Map([...reading.custom, ...reading.fields]) : reading.fields;
    if (!internal && reading.custom.size > 0) custom = new Map([...reading.custom, ...(custom ?? [])]);
    ambiguous = reading.ambiguous;
    fieldsFrom = 'text';
    rule ??= reading.rule?.name;
    source ??= reading.rule?.source;
    if (line !== undefined && priority === 'unknown') priority = line.priority;
  }
  const timeNs =
    envelopeTime(record.get('time')) ?? fieldTime(fields) ?? findTextLine(output)?.timeNs ?? context.timeNs;
  const alert: Alert = {
    ref: context.ref,
    rule,
    priority,
    source: sourceName(source) ?? sourceOf(fields),
    timeNs,
    hostname,
    tags,
    output: output === '' ? message : output,
    fields,
    fieldsFrom,
    ...(uuid === undefined ? undefined : { uuid }),
    ...(custom === undefined ? undefined : { custom }),
    raw: context.raw,
  };
  return { alert, ambiguous };
}

/** gRPC exports write `SYSCALL`. */
function sourceName(source: string | undefined): string | undefined {
  return source !== undefined && /^[A-Z0-9_]+$/.test(source) ? source.toLowerCase() : source;
}

const SOURCE_OF_CLASS: ReadonlyMap<string, string> = new Map([
  ['ka', 'k8s_audit'],
  ['ct', 'aws_cloudtrail'],
  ['gcp', 'gcp_auditlog'],
  ['okta', 'okta'],
  ['github', 'github'],
]);

/** The source that the fields betray; `syscall` otherwise. */
export function sourceOf(fields: ReadonlyMap<string, FieldValue>): string {
  for (const name of fields.keys()) {
    const dot = name.indexOf('.');
    if (dot > 0 && dot <= 6) {
      const source = SOURCE_OF_CLASS.get(name.slice(0, dot));
      if (source !== undefined) return source;
    }
  }
  return 'syscall';
}

function readTags(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : value.split(/\s*,\s*/);
  if (!Array.isArray(value)) return [];
  return value.filter((tag): tag is string => typeof tag === 'string');
}

/** Falco's field names have a dot; falcosidekick puts a site's custom and templated fields beside them, without one. */
function splitFields(
  given: JsonObject,
  internal: boolean,
): { fields: ReadonlyMap<string, FieldValue>; custom: Map<string, FieldValue> | undefined } {
  let plain = true;
  for (const [name, value] of given) {
    if ((!internal && !name.includes('.')) || (typeof value === 'object' && value !== null)) {
      plain = false;
      break;
    }
  }
  if (plain) return { fields: given as ReadonlyMap<string, FieldValue>, custom: undefined };
  const fields = new Map<string, FieldValue>();
  let custom: Map<string, FieldValue> | undefined;
  for (const [name, value] of given) {
    if (internal || name.includes('.')) fields.set(name, asFieldValue(value));
    else {
      custom ??= new Map();
      custom.set(name, asFieldValue(value));
    }
  }
  return { fields, custom };
}

/** Objects, which Falco never prints as a value, become their JSON text. */
function asFieldValue(value: JsonValue): FieldValue {
  if (value instanceof Map) return stringifyJson(value);
  if (Array.isArray(value)) return value.map(asFieldValue);
  return value as FieldValue;
}
