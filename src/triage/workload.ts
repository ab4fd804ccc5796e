// The workload that an alert speaks of, and its owner as far as a pod's name shows it.

import { type Alert, fieldText, type StableWorkload } from '../alerts/index.ts';
import type { Workload } from './types.ts';

/** What Kubernetes makes random names of (apimachinery, util/rand): no vowels, no 0, 1, 3. */
const RANDOM = '[bcdfghjklmnpqrstvwxz2456789]';
const DEPLOYMENT = new RegExp(`^(.+)-${RANDOM}{8,10}-${RANDOM}{5}$`);
/** A CronJob's Job is named after its time in minutes. */
const CRON_JOB = new RegExp(`^(.+)-\\d{8}-${RANDOM}{5}$`);
const ONE_SUFFIX = new RegExp(`^(.+)-${RANDOM}{5}$`);
const STATEFUL_SET = /^(.+)-\d{1,4}$/;

/** The owner of a pod, from its name; a pod that nothing made is its own owner. */
export function ownerOfPod(pod: string): NonNullable<Workload['owner']> {
  const job = CRON_JOB.exec(pod);
  if (job) return { name: job[1] as string, kind: 'Job' };
  const deployment = DEPLOYMENT.exec(pod);
  if (deployment) return { name: deployment[1] as string, kind: 'Deployment' };
  const stateful = STATEFUL_SET.exec(pod);
  if (stateful) return { name: stateful[1] as string, kind: 'StatefulSet' };
  // A DaemonSet's pod, a Job's or a bare ReplicaSet's: the name alone does not say.
  const one = ONE_SUFFIX.exec(pod);
  if (one) return { name: one[1] as string, kind: 'unknown' };
  return { name: pod, kind: 'Pod' };
}

const CLOUD_SOURCES = new Set(['aws_cloudtrail', 'gcp_auditlog', 'okta', 'github', 'azure_platformlogs']);

function kindOf(alert: Alert, containerId: string | undefined): Workload['kind'] {
  if (alert.source === 'k8s_audit') return 'kubernetes-audit';
  if (CLOUD_SOURCES.has(alert.source)) return 'cloud';
  if (containerId === 'host' || fieldText(alert, 'container.name') === 'host') return 'host';
  const names = ['container.name', 'container.image.repository', 'k8s.pod.name'];
  return containerId !== undefined || names.some((field) => fieldText(alert, field) !== undefined)
    ? 'container'
    : 'unknown';
}

/** Reads the workload from the alert's fields; what is not printed, or has no value, is left out. */
export function workloadOf(alert: Alert): Workload {
  const text = (field: string): string | undefined => fieldText(alert, field);
  const containerId = text('container.id');
  const kind = kindOf(alert, containerId);
  const audit = kind === 'kubernetes-audit';
  const pod =
    text('k8s.pod.name') ??
    (audit && text('ka.target.resource') === 'pods' ? text('ka.target.name') : undefined);
  const namespace = text('k8s.ns.name') ?? (audit ? text('ka.target.namespace') : undefined);
  const inContainer = kind === 'container';
  const workload: { -readonly [K in keyof Workload]: Workload[K] } = { kind };
  const set = <K extends keyof Workload>(key: K, value: Workload[K] | undefined): void => {
    if (value !== undefined) workload[key] = value;
  };
  if (inContainer) {
    set('containerId', containerId);
    set('containerName', text('container.name'));
    set('imageRepository', imageOf(text('container.image.repository') ?? text('container.image')));
    set('imageTag', text('container.image.tag'));
    set('imageDigest', text('container.image.digest'));
  }
  set('namespace', namespace);
  set('pod', pod);
  if (pod !== undefined) set('owner', ownerOfPod(pod));
  set('node', alert.hostname);
  return workload;
}

/** An image without tag and digest; a registry's port is no tag. */
function imageOf(image: string | undefined): string | undefined {
  if (image === undefined) return undefined;
  const bare = image.split('@', 1)[0] as string;
  const colon = bare.lastIndexOf(':');
  return colon > bare.lastIndexOf('/') ? bare.slice(0, colon) : bare;
}

/** What of a workload stays when its pods are made anew. */
export function stableWorkload(workload: Workload): StableWorkload {
  // Where no image is known, the container's own name is the next best thing that an orchestrator repeats.
  const image = workload.imageRepository ?? workload.containerName;
  return {
    kind: workload.kind,
    ...(image === undefined ? {} : { image }),
    ...(workload.namespace === undefined ? {} : { namespace: workload.namespace }),
    ...(workload.owner === undefined ? {} : { owner: workload.owner.name }),
  };
}
