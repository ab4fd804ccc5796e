// container.* and k8s.*: what the container plugin adds. The container is told by the process' cgroups, what is known
// of it by container events. Follows falcosecurity/plugins plugins/container in what is visible.

import type { Value } from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';
import { sanitise } from '../sanitise.ts';
import type { ContainerInfo, ContainerMount } from '../state/types.ts';
import { type Family, type FieldSource, indexOf, NEVER, ofEvent, ofThread } from './define.ts';
import { compact } from './numbers.ts';

/** Not one of the plugin's numbers. */
const HOST_TYPE = -1;

/** What the fields show for a process in no container. */
const HOST: ContainerInfo = {
  id: 'host',
  fullId: 'host',
  name: 'host',
  image: '',
  imageId: '',
  imageRepository: '',
  imageTag: '',
  imageDigest: '',
  type: HOST_TYPE,
  privileged: false,
  mounts: [],
  labels: new Map(),
  env: [],
  ip: '',
  isPodSandbox: false,
  podSandboxId: '',
  podSandboxLabels: new Map(),
  cniJson: '',
  hostPid: false,
  hostNetwork: false,
  hostIpc: false,
  createdTime: 0,
};

/** Runtimes by the plugin's number. */
const RUNTIMES: readonly string[] = [
  'docker',
  'lxc',
  'libvirt-lxc',
  'mesos',
  'rkt',
  'custom',
  'cri',
  'containerd',
  'cri-o',
  'bpm',
  'static',
  'podman',
];

/** The container that an event is about: a container event's own, else its thread's. */
function containerOf(event: ScapEvent): ContainerInfo | undefined {
  const { state, thread } = event;
  if (state.lastContainerNum === event.num) return state.lastContainer;
  if (thread === undefined) return undefined;
  const id = state.containerId(thread);
  return id === '' ? HOST : state.containers.get(id);
}

/** A field of the container's metadata; absent when none came. */
function ofContainer(read: (container: ContainerInfo) => Value | undefined): FieldSource {
  return ofEvent((event) => {
    const container = containerOf(event);
    const value = container === undefined ? undefined : read(container);
    return typeof value === 'string' ? sanitise(value) : value;
  });
}

/** A mount by its index or path; `undefined` when there is none. */
function ofMount(path: 'source' | 'destination', read: (mount: ContainerMount) => Value): FieldSource {
  return {
    reader(ref, info) {
      const { arg } = ref;
      if (arg === undefined) return undefined;
      const index = indexOf(ref);
      return ofContainer(({ mounts }) => {
        const mount = index === undefined ? mounts.find((each) => each[path] === arg) : mounts[index];
        return mount === undefined ? undefined : read(mount);
      }).reader(ref, info);
    },
  };
}

function mountText({ source, destination, mode, rdwr, propagation }: ContainerMount): string {
  return `${source}:${destination}:${mode}:${rdwr}:${propagation}`;
}

const isOwn = (key: string): boolean => !key.startsWith('annotation.') && !key.startsWith('io.kubernetes.');

/** Labels that people gave, `k:v, k:v`. */
function labelsText(labels: ReadonlyMap<string, string>): string {
  const texts: string[] = [];
  for (const [key, value] of labels) if (isOwn(key)) texts.push(`${key}:${value}`);
  return texts.join(', ');
}

function ofLabel(labelsOf: (container: ContainerInfo) => ReadonlyMap<string, string>): FieldSource {
  return {
    reader(ref, info) {
      const { arg } = ref;
      return arg === undefined
        ? undefined
        : ofContainer((container) => labelsOf(container).get(arg)).reader(ref, info);
    },
  };
}

/** A pod's fact, from a label that Kubernetes gives its containers. */
function ofPod(label: string): FieldSource {
  return ofContainer(({ labels }) => labels.get(label));
}

const podLabels = (container: ContainerInfo): ReadonlyMap<string, string> => container.podSandboxLabels;
const nonEmpty = (text: string): string | undefined => (text === '' ? undefined : text);

export const CONTAINER_FIELDS: Family = {
  'container.id': ofEvent((event) => {
    const { state, thread } = event;
    if (state.lastContainerNum === event.num) return state.lastContainer?.id;
    return thread === undefined ? undefined : state.containerId(thread) || 'host';
  }),
  'container.full_id': ofContainer((container) => container.fullId),
  'container.name': ofContainer((container) => container.name),
  'container.image': ofContainer((container) => container.image),
  'container.image.id': ofContainer((container) => container.imageId),
  'container.image.repository': ofContainer((container) => container.imageRepository),
  'container.image.tag': ofContainer((container) => container.imageTag),
  'container.image.digest': ofContainer((container) => container.imageDigest),
  'container.type': ofContainer(({ type }) => (type === HOST_TYPE ? 'host' : (RUNTIMES[type] ?? 'unknown'))),
  'container.privileged': ofContainer((container) => container.privileged),
  'container.mounts': ofContainer(({ mounts }) => mounts.map(mountText).join(',')),
  'container.mount': ofMount('source', mountText),
  'container.mount.source': ofMount('destination', (mount) => mount.source),
  'container.mount.dest': ofMount('source', (mount) => mount.destination),
  'container.mount.mode': ofMount('source', (mount) => mount.mode),
  'container.mount.rdwr': ofMount('source', (mount) => String(mount.rdwr)),
  'container.mount.propagation': ofMount('source', (mount) => mount.propagation),
  'container.start_ts': ofThread((thread, event) =>
    event.state.containerId(thread) === '' || thread.pidnsInitStartNs === 0n
      ? undefined
      : compact(thread.pidnsInitStartNs),
  ),
  'container.duration': ofThread((thread, event) =>
    event.state.containerId(thread) === '' || thread.pidnsInitStartNs === 0n
      ? undefined
      : compact(event.tsNs - thread.pidnsInitStartNs),
  ),
  'container.ip': ofContainer((container) => container.ip),
  'container.cni.json': ofContainer((container) => container.cniJson),
  'container.host_pid': ofContainer((container) => container.hostPid),
  'container.host_network': ofContainer((container) => container.hostNetwork),
  'container.host_ipc': ofContainer((container) => container.hostIpc),
  'container.label': ofLabel((container) => container.labels),
  'container.labels': ofContainer(({ labels }) => labelsText(labels)),
  'container.healthcheck': NEVER,
  'container.liveness_probe': NEVER,
  'container.readiness_probe': NEVER,
  'proc.is_container_healthcheck': NEVER,
  'proc.is_container_liveness_probe': NEVER,
  'proc.is_container_readiness_probe': NEVER,
  'k8s.pod.name': ofPod('io.kubernetes.pod.name'),
  'k8s.pod.uid': ofPod('io.kubernetes.pod.uid'),
  'k8s.pod.id': ofPod('io.kubernetes.pod.uid'),
  'k8s.ns.name': ofPod('io.kubernetes.pod.namespace'),
  'k8s.pod.sandbox_id': ofContainer(({ podSandboxId }) => nonEmpty(podSandboxId.slice(0, 12))),
  'k8s.pod.full_sandbox_id': ofContainer(({ podSandboxId }) => nonEmpty(podSandboxId)),
  'k8s.pod.label': ofLabel(podLabels),
  'k8s.pod.labels': ofContainer((container) => labelsText(podLabels(container))),
  'k8s.pod.ip': ofContainer(({ ip }) => ip),
  'k8s.pod.cni.json': ofContainer(({ cniJson }) => cniJson),
};
