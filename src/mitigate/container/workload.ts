// The container's configuration: a root file system that cannot be written, no way to the host, limits, and the image
// by digest. On the reader's manifest where there is one.

import { levelOf } from '../checks/pod-security.ts';
import { containersOf, listAt, objectAt, podSpecOf } from '../checks/pod-spec.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { isKubernetes, kubeNames } from '../kube-names.ts';
import { refs } from '../references.ts';
import { changeManifest, ownerPatch, type PodEditor, patchRollout } from './workload-change.ts';
import { writableFolders } from './writable-folders.ts';

const LIMITS = { cpu: '500m', memory: '256Mi' };

/** Hardening of the matched container; undefined where the alerts speak of no container in Kubernetes. */
export function planWorkload(context: PlanContext): { draft: Draft; text?: string } | undefined {
  if (context.place === 'host' || !isKubernetes(context)) return undefined;
  const { target } = context;
  const node = isNodeComponent(context);
  const folders = writableFolders(context);
  const digest = context.text('container.image.digest');
  const pinned = /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : undefined;
  const mining = context.techniques.has('T1496');
  const common = {
    id: 'container.workload',
    family: 'container',
    phase: 'harden',
    title: 'Make the container immutable and cut its ways to the host',
    why: why(context),
    values: [context.text('proc.cmdline'), context.workload.imageRepository ?? ''],
    factIds: context.facts(
      'proc.cmdline',
      'container.image.repository',
      'container.privileged',
      'yarak.file.path',
      'fd.name',
    ),
    effect: node
      ? 'Nothing is taken from this agent of the node that it needs to load its driver: only limits and the pinned image.'
      : 'What was written or dropped below the root file system can no longer be; files in the mounted folders still can. Detection stays as it is.',
    breaks: `A program that writes elsewhere than ${folders.length === 0 ? 'nowhere' : folders.join(', ')} fails with "Read-only file system"; over the memory limit it is killed. Measure its use before you set limits.`,
    rollback: 'Apply the manifest as it was (kubectl rollout undo, or the diff in reverse: patch -p1 -R).',
    references: refs('N4.4.3', 'N4.4.4', 'pss-baseline', '5.2.2', '5.2.12', 'M1048', 'M1022', 'D3-ACH'),
    effort: 'hours',
  } as const satisfies Partial<Draft>;

  if (target !== undefined) {
    const before = levelOf(target.object)?.level ?? 'privileged';
    const wanted = node ? before : before === 'restricted' ? 'restricted' : 'baseline';
    const change = changeManifest(context, target, (pod) => editPod(pod, folders, pinned, node), wanted);
    if (!change.changed) return undefined;
    return {
      text: change.text,
      draft: {
        ...common,
        artefacts: [change.artefact],
        rollout: `The diff is for ${target.file} (matched by ${target.matchedBy.join(', ')}). Apply it with patch -p1, then kubectl diff and kubectl apply; one workload first.`,
        checks: change.checks,
        needsDecision: removesHostAccess(target.object),
      },
    };
  }
  const names = kubeNames(context);
  const volumes = folders.map((path, i) => ({ name: `writable-${i + 1}`, emptyDir: {}, path }));
  const container: Record<string, unknown> = {
    name: names.container,
    ...(node ? {} : { securityContext: { readOnlyRootFilesystem: true, privileged: false } }),
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: LIMITS },
    ...(pinned === undefined || context.workload.imageRepository === undefined
      ? {}
      : { image: `${context.workload.imageRepository}@${pinned}` }),
    ...(volumes.length === 0 || node
      ? {}
      : { volumeMounts: volumes.map(({ name, path }) => ({ name, mountPath: path })) }),
  };
  const change = ownerPatch(
    context,
    {
      ...(node ? {} : { hostNetwork: false, hostPID: false, hostIPC: false }),
      containers: [container],
      ...(volumes.length === 0 || node
        ? {}
        : { volumes: volumes.map(({ name, emptyDir }) => ({ name, emptyDir })) }),
    },
    'workload-patch.yaml',
    node ? undefined : 'baseline',
  );
  return {
    draft: {
      ...common,
      artefacts: [change.artefact],
      rollout: patchRollout(context, 'workload-patch.yaml'),
      checks: change.checks,
      unknowns: [...change.unknowns, ...(mining ? [] : ["the workload's real need of CPU and memory"])],
    },
  };
}

function why(context: PlanContext): string {
  if (context.behaviours.has('drop-and-execute') || context.is('yarak.exe.upper_layer', true))
    return 'A program was run that is not in the image: it was written into the container first ({0}).';
  if (context.techniques.has('T1611')) return 'The container reached for the host ({0}).';
  if (context.techniques.has('T1496')) return 'The container was made to compute for someone else ({0}).';
  return '{0} could run in the container of image {1}: whatever else runs there can write where it likes unless the file system is read-only.';
}

/** An agent of the node (Falco's loader, network, storage) needs the host; hardening it away would break the node. */
export function isNodeComponent(context: PlanContext): boolean {
  return context.triage.benign.some(
    ({ id }) => id === 'falco-driver-loader' || id === 'node-agent' || id === 'monitoring-agent',
  );
}

function editPod(
  pod: PodEditor,
  folders: readonly string[],
  digest: string | undefined,
  node: boolean,
): void {
  const container = pod.container;
  if (!node) {
    for (const key of ['hostNetwork', 'hostPID', 'hostIPC'])
      if (pod.get([key]) === true) pod.set([key], false);
    dropHostPaths(pod);
    if (pod.get([...container, 'securityContext', 'privileged']) === true)
      pod.set([...container, 'securityContext', 'privileged'], false);
    dropStrongCapabilities(pod);
    pod.set([...container, 'securityContext', 'readOnlyRootFilesystem'], true);
    for (const path of folders) addEmptyDir(pod, path);
  }
  const resources = pod.get([...container, 'resources']);
  if (
    resources === undefined ||
    resources === null ||
    Object.keys(objectAt({ resources }, 'resources')).length === 0
  )
    pod.set([...container, 'resources'], { requests: { cpu: '50m', memory: '64Mi' }, limits: LIMITS });
  const image = pod.get([...container, 'image']);
  if (digest !== undefined && typeof image === 'string' && !image.includes('@'))
    pod.set([...container, 'image'], `${image}@${digest}`);
}

const BASELINE = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
);

function dropStrongCapabilities(pod: PodEditor): void {
  const path = [...pod.container, 'securityContext', 'capabilities', 'add'];
  const added = pod.get(path);
  if (!Array.isArray(added) || added.every((capability) => BASELINE.has(String(capability)))) return;
  const kept = added.filter((capability) => BASELINE.has(String(capability)));
  if (kept.length === 0) pod.delete(path);
  else pod.set(path, kept);
}

/** hostPath volumes go, with every mount of them. */
function dropHostPaths(pod: PodEditor): void {
  const volumes = pod.get(['volumes']);
  if (!Array.isArray(volumes)) return;
  const gone = new Set<unknown>();
  for (let i = volumes.length - 1; i >= 0; i--) {
    if (volumes[i]?.hostPath === undefined) continue;
    gone.add(volumes[i].name);
    pod.delete(['volumes', i]);
  }
  if (gone.size === 0) return;
  if (gone.size === volumes.length) pod.delete(['volumes']);
  for (const list of ['initContainers', 'containers']) {
    const containers = pod.get([list]);
    if (!Array.isArray(containers)) continue;
    for (const [i, container] of containers.entries()) {
      const mounts: unknown[] = Array.isArray(container?.volumeMounts) ? container.volumeMounts : [];
      for (let m = mounts.length - 1; m >= 0; m--) {
        if (gone.has((mounts[m] as { name?: unknown }).name)) pod.delete([list, i, 'volumeMounts', m]);
      }
      if (mounts.length > 0 && mounts.every((mount) => gone.has((mount as { name?: unknown }).name)))
        pod.delete([list, i, 'volumeMounts']);
    }
  }
}

function addEmptyDir(pod: PodEditor, path: string): void {
  const mounts = pod.get([...pod.container, 'volumeMounts']);
  const list = Array.isArray(mounts) ? mounts : [];
  if (list.some((mount) => path === mount?.mountPath || path.startsWith(`${mount?.mountPath}/`))) return;
  const name = `writable${path.replace(/[^a-z0-9]+/g, '-')}`.slice(0, 60).replace(/-$/, '');
  if (Array.isArray(mounts))
    pod.set([...pod.container, 'volumeMounts', list.length], { name, mountPath: path });
  else pod.set([...pod.container, 'volumeMounts'], [{ name, mountPath: path }]);
  const volumes = pod.get(['volumes']);
  if (Array.isArray(volumes)) pod.set(['volumes', volumes.length], { name, emptyDir: {} });
  else pod.set(['volumes'], [{ name, emptyDir: {} }]);
}

function removesHostAccess(object: unknown): boolean {
  const spec = podSpecOf(object);
  if (spec === undefined) return false;
  return (
    ['hostNetwork', 'hostPID', 'hostIPC'].some((key) => spec[key] === true) ||
    listAt(spec, 'volumes').some((volume) => volume['hostPath'] !== undefined) ||
    containersOf(spec).some((container) => objectAt(container, 'securityContext')['privileged'] === true)
  );
}
