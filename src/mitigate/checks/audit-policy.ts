// Kubernetes audit policies (audit.k8s.io/v1): strict form, and the level that the policy gives to an event. Keys as
// documented in reference/config-api/apiserver-audit.v1; rules are tried in order, the first match decides.

import { parse } from 'yaml';
import { nearest } from '../../base/nearest.ts';
import type { Check } from '../types.ts';
import { isJson, type Json, listAt } from './pod-spec.ts';
import { ownCheck } from './toolbox.ts';

const AUDIT_LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'];
const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];
const POLICY_KEYS = ['apiVersion', 'kind', 'metadata', 'omitStages', 'omitManagedFields', 'rules'];
const RULE_KEYS = [
  'level',
  'users',
  'userGroups',
  'verbs',
  'resources',
  'namespaces',
  'nonResourceURLs',
  'omitStages',
  'omitManagedFields',
];

/** A request as the audit policy sees it. */
export interface AuditRequest {
  readonly user: string;
  readonly groups?: readonly string[];
  readonly verb: string;
  readonly group: string;
  /** `pods`, or `pods/exec` with its subresource. */
  readonly resource: string;
  readonly namespace?: string;
}

export function validateAuditPolicy(policy: unknown): string[] {
  if (!isJson(policy)) return ['expected an object'];
  const problems = keysOf(policy, POLICY_KEYS, '');
  if (policy['apiVersion'] !== 'audit.k8s.io/v1') problems.push('apiVersion: expected audit.k8s.io/v1');
  if (policy['kind'] !== 'Policy') problems.push('kind: expected Policy');
  words(policy['omitStages'], STAGES, 'omitStages', problems);
  if (!Array.isArray(policy['rules']) || policy['rules'].length === 0)
    problems.push('rules: at least one is required');
  for (const [i, rule] of listAt(policy, 'rules').entries()) {
    const at = `rules[${i}].`;
    problems.push(...keysOf(rule, RULE_KEYS, at));
    if (!AUDIT_LEVELS.includes(String(rule['level'])))
      problems.push(`${at}level: expected one of ${AUDIT_LEVELS.join(', ')}, found ${String(rule['level'])}`);
    words(rule['omitStages'], STAGES, `${at}omitStages`, problems);
    for (const key of ['users', 'userGroups', 'verbs', 'namespaces', 'nonResourceURLs'])
      words(rule[key], undefined, `${at}${key}`, problems);
    if (rule['resources'] !== undefined && rule['nonResourceURLs'] !== undefined)
      problems.push(`${at.slice(0, -1)}: resources and nonResourceURLs exclude each other`);
    for (const resource of listAt(rule, 'resources')) {
      problems.push(...keysOf(resource, ['group', 'resources', 'resourceNames'], `${at}resources.`));
      words(resource['resources'], undefined, `${at}resources.resources`, problems);
    }
  }
  return problems;
}

/** The level that the policy gives to a request; `None` when no rule matches. */
export function auditLevel(policy: Json, request: AuditRequest): string {
  for (const rule of listAt(policy, 'rules')) {
    if (rule['nonResourceURLs'] !== undefined) continue;
    if (!matches(rule['users'], [request.user])) continue;
    if (!matches(rule['userGroups'], request.groups ?? [])) continue;
    if (!matches(rule['verbs'], [request.verb])) continue;
    if (!matches(rule['namespaces'], [request.namespace ?? ''])) continue;
    const resources = listAt(rule, 'resources');
    if (resources.length > 0 && !resources.some((r) => resourceMatches(r, request))) continue;
    return String(rule['level']);
  }
  return 'None';
}

/** `expected`: requests and the level each must be kept at. */
export function checkAuditPolicy(
  text: string,
  expected: readonly { readonly request: AuditRequest; readonly level: string }[],
): Check[] {
  const policy: unknown = parse(text);
  const problems = validateAuditPolicy(policy);
  const wrong = isJson(policy)
    ? expected
        .map(({ request, level }) => ({ request, level, got: auditLevel(policy, request) }))
        .filter(({ level, got }) => level !== got)
        .map(({ request, level, got }) => `${request.verb} ${request.resource}: ${got}, expected ${level}`)
    : problems;
  return [
    ownCheck(
      'yarak audit policy schema',
      'audit.k8s.io/v1',
      'valid',
      'Does the policy have only keys and values that the API server knows?',
      problems,
      'valid, unknown keys refused',
    ),
    ownCheck(
      'yarak audit policy evaluator',
      'audit.k8s.io/v1',
      'simulated',
      'Is each of these requests kept at the level that it needs?',
      wrong,
      expected.map(({ request, level }) => `${request.verb} ${request.resource}: ${level}`).join('; '),
    ),
  ];
}

function resourceMatches(resource: Json, request: AuditRequest): boolean {
  if ((resource['group'] ?? '') !== request.group) return false;
  const names = resource['resources'];
  if (!Array.isArray(names) || names.length === 0) return true;
  const slash = request.resource.indexOf('/');
  const parent = slash === -1 ? request.resource : request.resource.slice(0, slash);
  const sub = slash === -1 ? '' : request.resource.slice(slash + 1);
  return names.some(
    (name) =>
      name === request.resource ||
      name === '*' ||
      (sub !== '' && (name === `${parent}/*` || name === `*/${sub}`)),
  );
}

function matches(list: unknown, values: readonly string[]): boolean {
  if (!Array.isArray(list) || list.length === 0) return true;
  return values.some((value) => list.includes(value));
}

function keysOf(object: Json, known: readonly string[], prefix: string): string[] {
  return Object.keys(object)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const guess = nearest(key, known);
      return `${prefix}${key}: unknown key${guess === undefined ? '' : `; did you mean ${guess}?`}`;
    });
}

function words(
  list: unknown,
  allowed: readonly string[] | undefined,
  path: string,
  problems: string[],
): void {
  if (list === undefined) return;
  if (!Array.isArray(list)) problems.push(`${path}: expected a list`);
  else
    for (const word of list) {
      if (typeof word !== 'string' || (allowed !== undefined && !allowed.includes(word)))
        problems.push(
          `${path}: ${String(word)} is not ${allowed === undefined ? 'a text' : `one of ${allowed.join(', ')}`}`,
        );
    }
}
