// Names for Kubernetes commands and objects: from the alert where it tells, else in angle brackets, with a note of what
// only the reader knows.

import type { PlanContext } from './context.ts';

export interface KubeNames {
  readonly namespace: string;
  readonly pod: string;
  /** `deployment/checkout`. */
  readonly owner: string;
  readonly ownerKind: string;
  readonly ownerName: string;
  readonly container: string;
  readonly unknowns: readonly string[];
}

const LABEL = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

export function kubeNames(context: PlanContext): KubeNames {
  const { workload, target } = context;
  const unknowns: string[] = [];
  const known = (value: string | undefined, placeholder: string): string => {
    if (value !== undefined && LABEL.test(value)) return value;
    unknowns.push(placeholder);
    return placeholder;
  };
  const kind =
    typeof target?.object['kind'] === 'string'
      ? target.object['kind']
      : workload.owner === undefined || workload.owner.kind === 'unknown'
        ? undefined
        : workload.owner.kind;
  const ownerKind = kind ?? '<kind>';
  if (kind === undefined) unknowns.push('<kind>');
  const namespace = known(workload.namespace, '<namespace>');
  const pod = known(workload.pod, '<pod>');
  const ownerName = known(workload.owner?.name, '<owner>');
  const container = known(
    typeof target?.container['name'] === 'string'
      ? target.container['name']
      : containerName(workload.containerName),
    '<container>',
  );
  return {
    namespace,
    pod,
    owner: `${ownerKind.toLowerCase()}/${ownerName}`,
    ownerKind,
    ownerName,
    container,
    unknowns: [...new Set(unknowns)],
  };
}

/** dockershim and CRI names look like `k8s_app_pod_ns_uid_0`; the container's own name is the second part. */
function containerName(name: string | undefined): string | undefined {
  const parts = name?.split('_');
  return parts?.[0] === 'k8s' && parts.length >= 4 ? parts[1] : name;
}

/** Whether the alerts speak of a pod. */
export function isKubernetes(context: PlanContext): boolean {
  const { namespace, pod } = context.workload;
  return namespace !== undefined || pod !== undefined || context.target !== undefined;
}

/** API group and version of a workload kind. */
export function apiVersionOf(kind: string): string {
  if (['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'].includes(kind)) return 'apps/v1';
  return kind === 'Job' || kind === 'CronJob' ? 'batch/v1' : 'v1';
}
