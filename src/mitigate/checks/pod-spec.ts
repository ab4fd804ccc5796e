// Finds the pod spec inside any workload kind.

export type Json = Record<string, unknown>;

const PATHS: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  PodTemplate: ['template', 'spec'],
  ReplicationController: ['spec', 'template', 'spec'],
  Deployment: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};

/** Where a workload of `kind` keeps its pod spec; undefined for kinds without one. */
export function podSpecPath(kind: unknown): readonly string[] | undefined {
  return typeof kind === 'string' && Object.hasOwn(PATHS, kind) ? PATHS[kind] : undefined;
}

/** The pod spec in `object`, or undefined. */
export function podSpecOf(object: unknown): Json | undefined {
  if (!isJson(object)) return undefined;
  const path = podSpecPath(object['kind']);
  if (path === undefined) return undefined;
  let at: unknown = object;
  for (const key of path) at = isJson(at) ? at[key] : undefined;
  return isJson(at) ? at : undefined;
}

/** The containers of one list of a pod spec. */
export function containersOf(
  spec: Json,
  lists: readonly string[] = ['initContainers', 'containers', 'ephemeralContainers'],
): Json[] {
  return lists.flatMap((list) => (Array.isArray(spec[list]) ? spec[list].filter(isJson) : []));
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectAt(value: unknown, key: string): Json {
  const inner = isJson(value) ? value[key] : undefined;
  return isJson(inner) ? inner : {};
}

export function listAt(value: unknown, key: string): readonly Json[] {
  const inner = isJson(value) ? value[key] : undefined;
  return Array.isArray(inner) ? inner.filter(isJson) : [];
}
