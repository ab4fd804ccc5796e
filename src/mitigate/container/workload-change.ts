// A change of a workload's pod spec, in two forms: a diff on the reader's own manifest, or, without one, a
// strategic-merge patch for the owner. Both are checked on the whole object that results.

import { checkKubernetes, hasKubernetesSchema } from '../checks/kubernetes-schema.ts';
import { checkPodSecurity, type PodSecurityLevel } from '../checks/pod-security.ts';
import { podSpecPath } from '../checks/pod-spec.ts';
import { checkDiff, unifiedDiff } from '../checks/unified-diff.ts';
import type { PlanContext } from '../context.ts';
import { apiVersionOf, kubeNames } from '../kube-names.ts';
import type { Artefact, Check } from '../types.ts';
import { toYaml } from '../yaml-text.ts';
import { type ManifestTarget, readDocuments } from './manifests.ts';
import { YamlEditor } from './yaml-editor.ts';

/** Edits a pod spec in place, by paths inside it; `container` is the path of the matched container. */
export interface PodEditor {
  get(path: readonly (string | number)[]): unknown;
  set(path: readonly (string | number)[], value: unknown): void;
  delete(path: readonly (string | number)[]): void;
  readonly container: readonly (string | number)[];
}

export interface WorkloadChange {
  readonly artefact: Artefact;
  readonly checks: readonly Check[];
  readonly unknowns: readonly string[];
  /** The object before and after, where the reader gave a manifest. */
  readonly before?: unknown;
  readonly after?: unknown;
  readonly changed: boolean;
}

/** Applies `edit` to the reader's manifest and makes the diff. `start`: the text to begin from, when stacked. */
export function changeManifest(
  context: PlanContext,
  target: ManifestTarget,
  edit: (pod: PodEditor) => void,
  wanted: PodSecurityLevel | undefined,
  start: string = target.text,
): WorkloadChange & { readonly text: string } {
  const editor = new YamlEditor(start, target.index);
  edit(podEditor(editor, target));
  const { text } = editor;
  const name = target.file.split('/').pop() ?? 'manifest.yaml';
  const diff = unifiedDiff(name, start, text);
  const object = (whole: string): unknown => readDocuments(whole)[target.index]?.toJS({ maxAliasCount: 100 });
  const before = object(start);
  const after = object(text);
  const checks: Check[] = [checkDiff(diff, start, text)];
  if (hasKubernetesSchema(after)) checks.push(checkKubernetes([after], context.version));
  if (wanted !== undefined) checks.push(checkPodSecurity(before, after, wanted));
  return {
    artefact: {
      kind: 'manifest-diff',
      filename: `${name.replace(/[^\w.-]/g, '_')}.patch`,
      language: 'diff',
      content: diff,
    },
    checks,
    unknowns: [],
    before,
    after,
    changed: text !== start,
    text,
  };
}

/** A strategic-merge patch for the owner; `spec` holds only what changes, containers by name. */
export function ownerPatch(
  context: PlanContext,
  spec: Readonly<Record<string, unknown>>,
  filename: string,
  wanted: PodSecurityLevel | undefined,
): WorkloadChange {
  const names = kubeNames(context);
  const kind = names.ownerKind === '<kind>' ? 'Deployment' : names.ownerKind;
  const path = podSpecPath(kind) ?? ['spec', 'template', 'spec'];
  const patch = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), spec) as Record<
    string,
    unknown
  >;
  // What the patch would make of the smallest workload of that kind: enough for the schema to judge every key.
  const whole = withMinimum(
    { apiVersion: apiVersionOf(kind), kind, metadata: { name: 'x' }, ...structuredClone(patch) },
    path,
  );
  const bare = withMinimum({ apiVersion: apiVersionOf(kind), kind, metadata: { name: 'x' } }, path);
  const checks: Check[] = [checkKubernetes([whole], context.version)];
  if (wanted !== undefined) checks.push(checkPodSecurity(bare, whole, wanted));
  return {
    artefact: { kind: 'kubernetes-patch', filename, language: 'yaml', content: toYaml(patch) },
    checks,
    unknowns: names.unknowns.filter((name) => name !== '<pod>'),
    changed: true,
  };
}

/** `kubectl patch` takes the patch file to the owner. */
export function patchRollout(context: PlanContext, filename: string): string {
  const { namespace, ownerKind, ownerName } = kubeNames(context);
  return (
    `kubectl --namespace ${namespace} patch ${ownerKind.toLowerCase()} ${ownerName} --type strategic --patch-file ${filename} --dry-run=server ` +
    'first, then without --dry-run; change the source of the manifest (Git, Helm values) too, or the next deployment undoes it.'
  );
}

function withMinimum(object: Record<string, unknown>, path: readonly string[]): Record<string, unknown> {
  let at = object;
  for (const key of path) {
    at[key] ??= {};
    at = at[key] as Record<string, unknown>;
  }
  const containers = (at['containers'] ??= [{ name: 'x' }]) as Record<string, unknown>[];
  for (const container of containers) container['image'] ??= 'x';
  const spec = object['spec'] as Record<string, unknown>;
  const kind = object['kind'];
  if (kind === 'CronJob') spec['schedule'] ??= '0 0 * * *';
  if (kind === 'StatefulSet') spec['serviceName'] ??= 'x';
  if (kind !== 'Pod' && kind !== 'Job' && kind !== 'CronJob')
    spec['selector'] ??= { matchLabels: { app: 'x' } };
  return object;
}

function podEditor(editor: YamlEditor, target: ManifestTarget): PodEditor {
  const at = (path: readonly (string | number)[]) => [...target.podPath, ...path];
  return {
    container: [target.list, target.position],
    get: (path) => editor.get(at(path)),
    set: (path, value) => editor.set(at(path), value),
    delete: (path) => editor.delete(at(path)),
  };
}
