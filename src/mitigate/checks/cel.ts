// Runs a ValidatingAdmissionPolicy on objects, as the API server would on admission: `object`, `oldObject`, `request`
// and the policy's `variables`. Kubernetes' own CEL functions (quantity, url, authorizer, …) are not there: an
// expression that needs one is an error, never a pass.

import type { CelInput } from '@bufbuild/cel';
import type { Check } from '../types.ts';
import { isJson, type Json, listAt, objectAt } from './pod-spec.ts';
import { ownCheck } from './toolbox.ts';

export interface AdmissionResult {
  readonly allowed: boolean;
  /** The messages of failed validations, or what went wrong in an expression. */
  readonly messages: readonly string[];
  readonly errors: readonly string[];
}

/** Whether the policy's resource rules name this kind of object at all. */
export function admissionMatches(
  policy: Json,
  object: Json,
  operation: 'CREATE' | 'UPDATE' = 'CREATE',
): boolean {
  const [group, version] = splitApiVersion(String(object['apiVersion']));
  const plural = `${String(object['kind']).toLowerCase()}s`;
  return listAt(objectAt(objectAt(policy, 'spec'), 'matchConstraints'), 'resourceRules').some(
    (rule) =>
      includes(rule['apiGroups'], group) &&
      includes(rule['apiVersions'], version) &&
      includes(rule['operations'], operation) &&
      includes(rule['resources'], plural),
  );
}

/** The decision on one object. Never throws: an expression that fails counts as a denial (failurePolicy Fail). */
export async function admit(policy: Json, object: Json): Promise<AdmissionResult> {
  // Loaded when a policy is run: it is the dearest module of the room.
  const [{ celEnv, isCelError, parse, plan }, { strings }] = await Promise.all([
    import('@bufbuild/cel'),
    import('@bufbuild/cel/ext'),
  ]);
  const env = celEnv({ funcs: strings });
  const spec = objectAt(policy, 'spec');
  const messages: string[] = [];
  const errors: string[] = [];
  const variables = new Map<string, CelInput>();
  const bindings: Record<string, CelInput> = {
    object: toCel(object),
    oldObject: null,
    request: toCel({ operation: 'CREATE', namespace: objectAt(object, 'metadata')['namespace'] ?? '' }),
    variables,
  };
  const evaluate = (expression: string): unknown => {
    try {
      const value = plan(env, parse(expression))(bindings);
      if (!isCelError(value)) return value;
      errors.push(`${expression}: ${String(value)}`);
    } catch (error) {
      errors.push(`${expression}: ${error instanceof Error ? error.message : String(error)}`);
    }
    return undefined;
  };
  for (const variable of listAt(spec, 'variables')) {
    const value = evaluate(String(variable['expression']));
    if (value !== undefined) variables.set(String(variable['name']), value as CelInput);
  }
  for (const condition of listAt(spec, 'matchConditions')) {
    const value = evaluate(String(condition['expression']));
    if (value === false) return { allowed: true, messages: [], errors };
  }
  for (const validation of listAt(spec, 'validations')) {
    const value = evaluate(String(validation['expression']));
    if (value !== true) messages.push(String(validation['message'] ?? validation['expression']));
  }
  return { allowed: messages.length === 0 && errors.length === 0, messages, errors };
}

/** Runs the policy on the object it must refuse and on the one it must let pass. Proves `simulated`. */
export async function checkAdmission(policy: Json, offending: Json, fixed: Json): Promise<Check> {
  const problems: string[] = [];
  if (!admissionMatches(policy, offending))
    problems.push(`no resource rule matches ${String(offending['kind'])}`);
  const bad = await admit(policy, offending);
  const good = await admit(policy, fixed);
  if (bad.allowed) problems.push('the offending object is let in');
  if (!good.allowed) problems.push(`the fixed object is refused: ${good.messages.join('; ')}`);
  problems.push(...new Set([...bad.errors, ...good.errors]));
  return ownCheck(
    '@bufbuild/cel',
    '0.6',
    'simulated',
    'Run on both objects, does the policy refuse the offending pod and let the fixed one in?',
    problems,
    `refused: ${bad.messages.join('; ')}. The fixed pod is let in.`,
  );
}

/** JSON as CEL sees it: whole numbers are int, objects are maps. */
function toCel(value: unknown): CelInput {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value;
  if (Array.isArray(value)) return value.map(toCel);
  if (isJson(value)) return new Map(Object.entries(value).map(([key, inner]) => [key, toCel(inner)]));
  return null;
}

function splitApiVersion(apiVersion: string): [string, string] {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}

function includes(list: unknown, wanted: string): boolean {
  return Array.isArray(list) && (list.includes('*') || list.includes(wanted));
}
