// Makes src/mitigate/checks/generated/kubernetes.ts: for each Kubernetes type that manifests of ours or the user's
// can hold, its keys, their types, which are required, which values are allowed, and since which version.
//
//   npm pack @kubernetes/client-node@1.4.0 && npm pack @kubernetes/client-node@2.0.1   (unpack each in a folder)
//   node scripts/generate-kubernetes-schemas.ts FOLDER_OF_1.4.0 FOLDER_OF_2.0.1
//
// Sources, both generated from Kubernetes' own OpenAPI document: @kubernetes/client-node (keys, types, required; each
// file names the version of the document: v1.34.0 and release-1.36; no release of it speaks 1.35) and
// kubernetes-models 5.1.0, a dev dependency (allowed values, quantities).

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const [oldFolder, newFolder] = process.argv.slice(2);
if (oldFolder === undefined || newFolder === undefined) {
  console.error('usage: generate-kubernetes-schemas.ts FOLDER_OF_1.4.0 FOLDER_OF_2.0.1');
  process.exit(2);
}

/** Kind → [API group and version, client-node model, kubernetes-models folder]. */
const KINDS: Readonly<Record<string, readonly [string, string, string]>> = {
  Pod: ['v1', 'V1Pod', 'v1'],
  PodTemplate: ['v1', 'V1PodTemplate', 'v1'],
  ReplicationController: ['v1', 'V1ReplicationController', 'v1'],
  Namespace: ['v1', 'V1Namespace', 'v1'],
  ConfigMap: ['v1', 'V1ConfigMap', 'v1'],
  Secret: ['v1', 'V1Secret', 'v1'],
  Service: ['v1', 'V1Service', 'v1'],
  ServiceAccount: ['v1', 'V1ServiceAccount', 'v1'],
  LimitRange: ['v1', 'V1LimitRange', 'v1'],
  ResourceQuota: ['v1', 'V1ResourceQuota', 'v1'],
  PersistentVolumeClaim: ['v1', 'V1PersistentVolumeClaim', 'v1'],
  Deployment: ['apps/v1', 'V1Deployment', 'apps/v1'],
  ReplicaSet: ['apps/v1', 'V1ReplicaSet', 'apps/v1'],
  StatefulSet: ['apps/v1', 'V1StatefulSet', 'apps/v1'],
  DaemonSet: ['apps/v1', 'V1DaemonSet', 'apps/v1'],
  Job: ['batch/v1', 'V1Job', 'batch/v1'],
  CronJob: ['batch/v1', 'V1CronJob', 'batch/v1'],
  NetworkPolicy: ['networking.k8s.io/v1', 'V1NetworkPolicy', 'networking.k8s.io/v1'],
  Ingress: ['networking.k8s.io/v1', 'V1Ingress', 'networking.k8s.io/v1'],
  Role: ['rbac.authorization.k8s.io/v1', 'V1Role', 'rbac.authorization.k8s.io/v1'],
  ClusterRole: ['rbac.authorization.k8s.io/v1', 'V1ClusterRole', 'rbac.authorization.k8s.io/v1'],
  RoleBinding: ['rbac.authorization.k8s.io/v1', 'V1RoleBinding', 'rbac.authorization.k8s.io/v1'],
  ClusterRoleBinding: [
    'rbac.authorization.k8s.io/v1',
    'V1ClusterRoleBinding',
    'rbac.authorization.k8s.io/v1',
  ],
  PodDisruptionBudget: ['policy/v1', 'V1PodDisruptionBudget', 'policy/v1'],
  HorizontalPodAutoscaler: ['autoscaling/v2', 'V2HorizontalPodAutoscaler', 'autoscaling/v2'],
  ValidatingAdmissionPolicy: [
    'admissionregistration.k8s.io/v1',
    'V1ValidatingAdmissionPolicy',
    'admissionregistration.k8s.io/v1',
  ],
  ValidatingAdmissionPolicyBinding: [
    'admissionregistration.k8s.io/v1',
    'V1ValidatingAdmissionPolicyBinding',
    'admissionregistration.k8s.io/v1',
  ],
};

interface Field {
  readonly type: string;
  readonly required: boolean;
}
type Model = Map<string, Field>;

/** Reads one generated model: keys and types from the JavaScript, required keys from the declaration. */
function readModel(folder: string, name: string): Model | undefined {
  const base = join(folder, 'dist/gen/models', name);
  if (!existsSync(`${base}.js`)) return undefined;
  const js = readFileSync(`${base}.js`, 'utf8');
  const declaration = readFileSync(`${base}.d.ts`, 'utf8');
  const optional = new Set([...declaration.matchAll(/^\s+'([^']+)'\?:/gm)].map((m) => m[1]));
  const model: Model = new Map();
  for (const m of js.matchAll(
    /"name": "([^"]+)",\s*"baseName": "([^"]+)",\s*"type": "([^"]+)",\s*"format": "([^"]*)"/g,
  )) {
    const [, property, key, type, format] = m as unknown as [string, string, string, string, string];
    model.set(key, { type: shortType(type, format), required: !optional.has(property) });
  }
  return model;
}

/** s n i b *: string, number, integer, boolean, anything; `X[]` list; `{X}` map; a name: that type; ios: int or string. */
function shortType(type: string, format: string): string {
  const list = type.match(/^Array<(.*)>$/);
  if (list) return `${shortType(list[1] as string, format)}[]`;
  const map = type.match(/^\{ \[key: string\]: (.*); \}$/);
  if (map) return `{${shortType(map[1] as string, format)}}`;
  if (type === 'string' || type === 'Date' || type === 'V1MicroTime') return 's';
  if (type === 'boolean') return 'b';
  if (type === 'number') return format === 'int32' || format === 'int64' ? 'i' : 'n';
  if (type === 'IntOrString') return 'ios';
  if (type === 'any' || type === 'object') return '*';
  return type;
}

/** Allowed values and quantities, by key, from kubernetes-models' declaration of the same type. */
function readHints(folders: readonly string[], name: string): Map<string, string> {
  const hints = new Map<string, string>();
  const short = name.replace(/^(Core|Rbac)?V\d+/, '');
  for (const folder of folders) {
    const file = join(root, 'node_modules/kubernetes-models', folder, `${short}.d.ts`);
    if (!existsSync(file)) continue;
    const text = readFileSync(file, 'utf8').replace(/\/\*\*[\s\S]*?\*\//g, '');
    for (const m of text.matchAll(/^\s+"([^"]+)"\??: ((?:Array<)?"[^"]*"(?: \| "[^"]*")*>?);/gm)) {
      const values = [...(m[2] as string).matchAll(/"([^"]*)"/g)].map((v) => v[1]);
      hints.set(
        m[1] as string,
        (m[2] as string).startsWith('Array<') ? `=${values.join('|')}[]` : `=${values.join('|')}`,
      );
    }
    for (const m of text.matchAll(/^\s+"([^"]+)"\??: (?:IIo\w+ResourceQuantity|\w*Quantity);/gm))
      hints.set(m[1] as string, 'q');
    for (const m of text.matchAll(/^\s+"([^"]+)"\??: \{\s*\[key: string\]: \w*Quantity;\s*\};/gm))
      hints.set(m[1] as string, '{q}');
    return hints;
  }
  return hints;
}

const types = new Map<string, Record<string, string>>();
const pending = Object.values(KINDS).map(([, model, folder]) => [model, folder] as const);
while (pending.length > 0) {
  const [name, folder] = pending.pop() as readonly [string, string];
  if (types.has(name)) continue;
  const before = readModel(oldFolder, name);
  const after = readModel(newFolder, name);
  if (before === undefined && after === undefined) throw new Error(`no model ${name}`);
  const hints = readHints([folder, 'v1', 'apimachinery'], name);
  const fields: Record<string, string> = {};
  for (const key of [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].sort()) {
    const old = before?.get(key);
    const now = after?.get(key);
    const field = (now ?? old) as Field;
    const since = old === undefined && before !== undefined ? '>34' : now === undefined ? '<36' : '';
    const hint = hints.get(key);
    const type = hint ?? (['V1ListMeta'].includes(field.type) ? '*' : field.type);
    fields[key] = `${type}${field.required && old?.required !== false ? '!' : ''}${since}`;
    const inner = type.replace(/^\{(.*)\}$/, '$1').replace(/(\[\])+$/, '');
    if (/^[A-Z]/.test(inner)) pending.push([inner, folder]);
  }
  types.set(name, fields);
}

const kinds = Object.fromEntries(Object.entries(KINDS).map(([kind, [api, model]]) => [kind, [api, model]]));
const sorted = Object.fromEntries([...types].sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(
  join(root, 'src/mitigate/checks/generated/kubernetes.ts'),
  `// Generated by scripts/generate-kubernetes-schemas.ts from @kubernetes/client-node 1.4.0 (OpenAPI v1.34.0) and 2.0.1
// (release-1.36), with allowed values from kubernetes-models 5.1.0. Do not edit.

export const KINDS: Readonly<Record<string, readonly [string, string]>> = ${JSON.stringify(kinds)};
export const TYPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
${Object.entries(sorted)
  .map(([name, fields]) => `  ${name}: ${JSON.stringify(fields)},`)
  .join('\n')}
};
`,
);
console.log(`${types.size} types`);
