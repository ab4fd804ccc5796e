// Strict check of Kubernetes objects: a key that the API does not have, a missing required key, a wrong type or value
// fails, as `kubectl apply --validate=strict` would have it. Tables: generated/kubernetes.ts, which says where from.

import { nearest } from '../../base/nearest.ts';
import type { Check } from '../types.ts';
import { KINDS, TYPES } from './generated/kubernetes.ts';
import { ownCheck } from './toolbox.ts';

/** The versions whose fields the tables hold. 1.35 is checked with 1.36's fields: no 1.35 source was published. */
export const KUBERNETES_VERSIONS = ['1.34', '1.35', '1.36'] as const;
export type KubernetesVersion = (typeof KUBERNETES_VERSIONS)[number];
export const DEFAULT_KUBERNETES_VERSION: KubernetesVersion = '1.36';

const MAX_PROBLEMS = 20;
const MAX_DEPTH = 40;
const QUANTITY = /^[+-]?(\d+|\d+\.\d*|\.\d+)(([KMGTPE]i)|[numkMGTPE]|[eE][+-]?\d+)?$/;

/** What is wrong with `object`, one sentence each with the path of the key; empty when nothing is. */
export function validateKubernetes(
  object: unknown,
  version: KubernetesVersion = DEFAULT_KUBERNETES_VERSION,
): string[] {
  if (!isObject(object)) return ['expected an object with apiVersion and kind'];
  const { kind, apiVersion } = object;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string')
    return ['apiVersion and kind are required texts'];
  if (kind === 'List' && apiVersion === 'v1' && Array.isArray(object['items'])) {
    return object['items'].flatMap((item, i) =>
      validateKubernetes(item, version).map((p) => `items[${i}]: ${p}`),
    );
  }
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (known === undefined) {
    const guess = nearest(kind, Object.keys(KINDS));
    return [
      `kind: no schema for ${apiVersion} ${kind}${guess === undefined ? '' : `; did you mean ${guess}?`}`,
    ];
  }
  if (known[0] !== apiVersion) return [`apiVersion: ${kind} is in ${known[0]}, not in ${apiVersion}`];
  const problems: string[] = [];
  visitType(object, known[1], '', version, problems, 0);
  return problems;
}

/** Whether there is a schema for this kind at all. */
export function hasKubernetesSchema(object: unknown): boolean {
  return isObject(object) && typeof object['kind'] === 'string' && Object.hasOwn(KINDS, object['kind']);
}

/** Checks every object; passing proves `valid`. */
export function checkKubernetes(objects: readonly unknown[], version: KubernetesVersion): Check {
  const problems = objects.flatMap((object) => validateKubernetes(object, version));
  return ownCheck(
    'yarak Kubernetes schema',
    version,
    'valid',
    `Does every key, type and value exist in the Kubernetes ${version} API?`,
    problems,
    `${objects.length} object${objects.length === 1 ? '' : 's'} valid, unknown keys refused` +
      (version === '1.35' ? ' (fields of 1.36)' : ''),
  );
}

function visitType(
  value: unknown,
  typeName: string,
  path: string,
  version: KubernetesVersion,
  problems: string[],
  depth: number,
): void {
  if (problems.length >= MAX_PROBLEMS) return;
  const type = TYPES[typeName];
  if (type === undefined) throw new Error(`No Kubernetes type ${typeName} in the tables`);
  if (depth > MAX_DEPTH) {
    problems.push(`${path}: nested deeper than ${MAX_DEPTH} levels`);
    return;
  }
  if (!isObject(value)) {
    problems.push(`${path || 'document'}: expected an object, found ${describe(value)}`);
    return;
  }
  for (const key of Object.keys(value)) {
    const at = path === '' ? key : `${path}.${key}`;
    const spec = Object.hasOwn(type, key) ? parseSpec(type[key] as string) : undefined;
    if (spec === undefined || !spec.in(version)) {
      const guess = spec === undefined ? nearest(key, Object.keys(type)) : undefined;
      const why = spec === undefined ? 'unknown key' : `not in Kubernetes ${version}`;
      problems.push(`${at}: ${why}${guess === undefined ? '' : `; did you mean ${guess}?`}`);
    } else if (value[key] !== null && value[key] !== undefined) {
      visitValue(value[key], spec.type, at, version, problems, depth + 1);
    }
  }
  for (const [key, text] of Object.entries(type)) {
    const spec = parseSpec(text);
    if (spec.required && (value[key] === undefined || value[key] === null)) {
      problems.push(`${path === '' ? key : `${path}.${key}`}: required, but missing`);
    }
  }
}

function visitValue(
  value: unknown,
  type: string,
  path: string,
  version: KubernetesVersion,
  problems: string[],
  depth: number,
): void {
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) problems.push(`${path}: expected a list, found ${describe(value)}`);
    else
      for (const [i, item] of value.entries())
        visitValue(item, type.slice(0, -2), `${path}[${i}]`, version, problems, depth);
  } else if (type.startsWith('{')) {
    if (!isObject(value)) problems.push(`${path}: expected a map, found ${describe(value)}`);
    else
      for (const [key, item] of Object.entries(value))
        visitValue(item, type.slice(1, -1), `${path}.${key}`, version, problems, depth);
  } else if (type.startsWith('=')) {
    const allowed = type.slice(1).split('|');
    if (typeof value !== 'string' || !allowed.includes(value)) {
      const guess = typeof value === 'string' ? nearest(value, allowed) : undefined;
      problems.push(
        `${path}: expected one of ${allowed.join(', ')}, found ${describe(value)}${guess === undefined ? '' : `; did you mean ${guess}?`}`,
      );
    }
  } else if (/^[A-Z]/.test(type)) {
    visitType(value, type, path, version, problems, depth);
  } else {
    const expected = SCALARS[type];
    if (expected === undefined) throw new Error(`No scalar type ${type} in the tables`);
    if (!expected.accepts(value))
      problems.push(`${path}: expected ${expected.name}, found ${describe(value)}`);
  }
}

const SCALARS: Readonly<Record<string, { readonly name: string; accepts(value: unknown): boolean }>> = {
  s: { name: 'a text', accepts: (v) => typeof v === 'string' || v instanceof Date },
  b: { name: 'true or false', accepts: (v) => typeof v === 'boolean' },
  i: { name: 'a whole number', accepts: (v) => typeof v === 'bigint' || Number.isSafeInteger(v) },
  n: { name: 'a number', accepts: (v) => typeof v === 'number' && Number.isFinite(v) },
  ios: { name: 'a whole number or a text', accepts: (v) => typeof v === 'string' || Number.isSafeInteger(v) },
  q: {
    name: 'a quantity such as 500m or 1Gi',
    accepts: (v) => (typeof v === 'string' ? QUANTITY.test(v) : typeof v === 'number' && Number.isFinite(v)),
  },
  '*': { name: 'anything', accepts: () => true },
};

interface KeySpec {
  readonly type: string;
  readonly required: boolean;
  in(version: KubernetesVersion): boolean;
}

const parsed = new Map<string, KeySpec>();

/** `i!>34`: an integer, required, since a version after 1.34. */
function parseSpec(text: string): KeySpec {
  let spec = parsed.get(text);
  if (spec === undefined) {
    const m = text.match(/^(.*?)(!?)(>34|<36)?$/) as RegExpMatchArray;
    spec = {
      type: m[1] as string,
      required: m[2] === '!',
      in: (version) => (m[3] === '>34' ? version !== '1.34' : m[3] === '<36' ? version !== '1.36' : true),
    };
    parsed.set(text, spec);
  }
  return spec;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (typeof value === 'string') return value.length > 40 ? `"${value.slice(0, 40)}…"` : `"${value}"`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : String(value);
}
