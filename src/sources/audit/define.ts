// The public way to add a source of JSON events: a definition, which is plain data (a YAML file can hold it, see
// define-file.ts) or data with functions where data cannot say it.

import { parseIsoNs } from '../../alerts/index.ts';
import { catalogueFor, type FieldDef, knownSources } from '../../detect/fields/index.ts';
import { compact, isRecord, type Json, type JsonEvent, type JsonRecord, own, parseRecord } from './event.ts';
import {
  compileExtraction,
  compileTest,
  type Extraction,
  type FieldTypeName,
  type Test,
  templatePaths,
  testPath,
} from './extract.ts';
import { follow, pathProblem, pointerSteps } from './pointer.ts';
import type { JsonField, JsonSource } from './source.ts';

/** Units of times that are numbers. */
export const TIME_UNITS = ['s', 'ms', 'us', 'ns'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

/** A path to the event's time: RFC 3339 text, or a number (or digits) in `unit`; default `s`, as Unix time is. */
export type TimePath = string | { readonly path: string; readonly unit: TimeUnit };

/** One field. Without a `type` it is a text. */
export interface JsonFieldDefinition extends Extraction {
  readonly name: string;
  readonly type?: FieldTypeName;
  readonly list?: boolean;
  /** What stands in brackets behind the name, if anything may. An index picks one element of the path's `*`. */
  readonly arg?: { readonly kind: 'key' | 'index'; readonly required?: boolean };
  readonly description?: string;
  /** Instead of a path: code. */
  readonly read?: JsonField;
}

/** A record that wraps an event: at `path` there is an object, or a text that is JSON. */
export interface Wrapper {
  readonly path: string;
  /** Keys that the event gets from the wrapper, with where they are in it; the event's own are kept. */
  readonly add?: Readonly<Record<string, string>>;
}

export interface JsonSourceDefinition {
  /** The source's name, as rules give it: `source: nginx`. */
  readonly name: string;
  /** Default: the name. */
  readonly plugin?: string;
  /** Of the plugin; what `required_plugin_versions` is checked against. Default 0.0.0. */
  readonly version?: string;
  readonly description?: string;
  /** What makes a record one of this source's events: one of the alternatives, with all its tests. Default: anything. */
  readonly accept?: readonly (Test | readonly Test[])[];
  /** Paths to lists of events in a wrapper: `/Records`. */
  readonly lists?: readonly string[];
  readonly unwrap?: readonly Wrapper[];
  /** Paths to the event's time; the first that can be read counts. */
  readonly time: readonly TimePath[];
  readonly fields: readonly JsonFieldDefinition[];
  readonly observe?: (event: JsonEvent) => void;
  readonly info?: (event: JsonEvent) => string;
}

/** One mistake in a definition: where (keys and positions in lists) and what. */
export interface DefinitionProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)+$/;

/** Checks what the types do not say: names, paths, fields given twice. */
export function definitionProblems(definition: JsonSourceDefinition): DefinitionProblem[] {
  const problems: DefinitionProblem[] = [];
  const say = (message: string, ...path: (string | number)[]): void => void problems.push({ path, message });
  const path = (text: string, ...at: (string | number)[]): void => {
    const problem = pathProblem(text);
    if (problem !== undefined) say(problem, ...at);
  };
  if (!NAME.test(definition.name)) say('a source is named by letters, digits and `_`', 'name');
  if (definition.name === 'syscall' || definition.name === 'alerts')
    say(`\`${definition.name}\` is no source of JSON events`, 'name');
  if (definition.time.length === 0) say('an event needs a time: at least one path', 'time');
  for (const [i, one] of definition.time.entries()) path(typeof one === 'string' ? one : one.path, 'time', i);
  for (const [i, one] of (definition.lists ?? []).entries()) path(one, 'lists', i);
  for (const [i, one] of (definition.unwrap ?? []).entries()) {
    path(one.path, 'unwrap', i, 'path');
    for (const [key, from] of Object.entries(one.add ?? {})) path(from, 'unwrap', i, 'add', key);
  }
  for (const [i, one] of (definition.accept ?? []).entries()) {
    if (isTest(one)) path(testPath(one), 'accept', i);
    else for (const [k, test] of one.entries()) path(testPath(test), 'accept', i, k);
  }
  const names = new Set<string>();
  for (const [i, field] of definition.fields.entries()) {
    if (!FIELD_NAME.test(field.name))
      say(
        'a field is named by words of letters, digits and `_` with dots between them: `nginx.status`',
        'fields',
        i,
        'name',
      );
    if (/^(?:evt|json|jevt|static)\./.test(field.name))
      say('every source has fields that begin like this one already', 'fields', i, 'name');
    if (names.has(field.name)) say(`the field \`${field.name}\` is defined twice`, 'fields', i, 'name');
    names.add(field.name);
    extractionProblems(field, (message, ...at) => say(message, 'fields', i, ...at), field.read !== undefined);
  }
  return problems;
}

function extractionProblems(
  extraction: Extraction,
  say: (message: string, ...path: (string | number)[]) => void,
  optional: boolean,
): void {
  const { path, value, template, sum, cases, otherwise } = extraction;
  const ways = [path, value, template, sum, cases].filter((way) => way !== undefined).length;
  if (ways > 1) say('only one of path, value, template, sum and cases can say where the value is');
  if (ways === 0 && otherwise === undefined && !optional)
    say('nothing says where the value is: expected path, value, template, sum or cases');
  const check = (text: string, ...at: (string | number)[]): void => {
    const problem = pathProblem(text);
    if (problem !== undefined) say(problem, ...at);
  };
  if (typeof path === 'string') check(path, 'path');
  else for (const [i, one] of (path ?? []).entries()) check(one, 'path', i);
  for (const [i, one] of (sum ?? []).entries()) check(one, 'sum', i);
  for (const one of templatePaths(template ?? '')) check(one, 'template');
  for (const [i, one] of (cases ?? []).entries()) {
    if (one.when !== undefined) check(testPath(one.when), 'cases', i, 'when');
    extractionProblems(one, (message, ...at) => say(message, 'cases', i, ...at), false);
  }
}

function isTest(one: Test | readonly Test[]): one is Test {
  return typeof one === 'string' || !Array.isArray(one);
}

/** Makes a source. Throws `RangeError` for a definition with problems: use `definitionProblems` on a user's text. */
export function defineJsonSource(definition: JsonSourceDefinition): JsonSource {
  const [problem] = definitionProblems(definition);
  if (problem !== undefined)
    throw new RangeError(`The source ${definition.name}: ${problem.path.join('.')}: ${problem.message}`);
  const {
    name,
    plugin = name,
    version = '0.0.0',
    description = '',
    fields,
    lists = [],
    unwrap = [],
  } = definition;
  const times = definition.time.map(compileTime);
  return {
    name,
    plugin,
    version,
    description,
    extra: knownSources().includes(name) ? [] : fields.map((field) => fieldDef(name, field)),
    fields: new Map(fields.map((field) => [field.name, fieldReader(field)])),
    lists: lists.map(pointerSteps),
    unwrap: compileUnwrap(unwrap),
    time: (record) => {
      for (const time of times) {
        const ns = time(record);
        if (ns !== undefined) return ns;
      }
      return undefined;
    },
    timePaths: definition.time.map((one) => (typeof one === 'string' ? one : one.path)),
    accepts: compileAccept(definition.accept),
    ...(definition.observe !== undefined && { observe: definition.observe }),
    info: definition.info ?? ((event) => compact(event.record)),
  };
}

/**
 * The definitions of a built-in source's fields: names, types and descriptions are the catalogue's, `ways` says how
 * each is read. Throws if the two do not name the same fields.
 */
export function builtInFields(
  source: string,
  ways: Readonly<Record<string, Extraction | JsonField>>,
): JsonFieldDefinition[] {
  const plugin = catalogueFor(source).fields.filter(
    ({ cls }) => cls !== 'gen_event' && cls !== 'json' && cls !== 'static',
  );
  const names = new Set(plugin.map(({ name }) => name));
  const stray = Object.keys(ways).find((name) => !names.has(name));
  if (stray !== undefined) throw new RangeError(`${source} has no field ${stray}`);
  return plugin.map(({ name, type, isList, description }) => {
    const way = ways[name];
    if (way === undefined) throw new RangeError(`Nothing says how ${name} is read`);
    return {
      name,
      type: type === 'UINT64' ? 'uint64' : 'string',
      list: isList,
      description,
      ...(typeof way === 'function' ? { read: way } : way),
    };
  });
}

function fieldReader(field: JsonFieldDefinition): JsonField {
  const { read, type = 'string', list = false, otherwise } = field;
  if (read === undefined) return compileExtraction(field, { type, list });
  return otherwise === undefined ? read : (record, arg, event) => read(record, arg, event) ?? otherwise;
}

const TYPES: Readonly<Record<FieldTypeName, string>> = { string: 'CHARBUF', uint64: 'UINT64', bool: 'BOOL' };

function fieldDef(
  source: string,
  { name, type = 'string', list = false, arg, description = '' }: JsonFieldDefinition,
): FieldDef {
  return {
    name,
    cls: source,
    type: TYPES[type],
    isList: list,
    arg: arg === undefined ? 'none' : arg.required === true ? 'required' : 'optional',
    ...(arg !== undefined && { argForm: arg.kind }),
    filterOnly: false,
    noRhs: false,
    noTransformers: false,
    deprecated: false,
    printFormat: type === 'uint64' ? 'DEC' : 'NA',
    description,
  };
}

function compileAccept(accept: JsonSourceDefinition['accept']): (record: JsonRecord) => boolean {
  if (accept === undefined || accept.length === 0) return () => true;
  const alternatives = accept.map((one) => (isTest(one) ? [one] : one).map(compileTest));
  return (record) => alternatives.some((tests) => tests.every((test) => test(record)));
}

const NS: Readonly<Record<TimeUnit, bigint>> = { s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, ns: 1n };
/** Times are unsigned 64-bit nanoseconds. */
const MAX_NS = 0xffff_ffff_ffff_ffffn;

function compileTime(time: TimePath): (record: JsonRecord) => bigint | undefined {
  const { path, unit } = typeof time === 'string' ? { path: time, unit: 's' as const } : time;
  const steps = pointerSteps(path);
  return (record) => {
    const value = follow(record, steps);
    const ns =
      typeof value === 'string' ? (parseIsoNs(value) ?? numberNs(value, unit)) : numberNs(value, unit);
    return ns !== undefined && ns >= 0n && ns <= MAX_NS ? ns : undefined;
  };
}

/** A number of `unit`, with its fraction, as nanoseconds. */
function numberNs(value: Json | undefined, unit: TimeUnit): bigint | undefined {
  if (typeof value === 'bigint') return value * NS[unit];
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined;
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const match = /^([0-9]{1,20})(?:\.([0-9]{1,9})[0-9]*)?$/.exec(String(value));
  if (match === null) return undefined;
  const [, whole = '', fraction = ''] = match;
  const scale = NS[unit];
  return BigInt(whole) * scale + (BigInt(fraction.padEnd(9, '0')) * scale) / 1_000_000_000n;
}

function compileUnwrap(wrappers: readonly Wrapper[]): JsonSource['unwrap'] {
  const compiled = wrappers.map(({ path, add = {} }) => ({
    steps: pointerSteps(path),
    add: Object.entries(add).map(([key, from]) => [key, pointerSteps(from)] as const),
  }));
  return (record) => {
    for (const { steps, add } of compiled) {
      const found = follow(record, steps);
      const inner = typeof found === 'string' && found.startsWith('{') ? parseRecord(found) : found;
      if (!isRecord(inner)) continue;
      if (add.length === 0) return inner;
      const out: Record<string, Json> = Object.assign(Object.create(null), inner);
      for (const [key, from] of add) {
        const value = follow(record, from);
        if (own(inner, key) === undefined && value !== undefined) out[key] = value;
      }
      return out;
    }
    return undefined;
  };
}
