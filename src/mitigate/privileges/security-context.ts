// The pod's rights in the kernel: no root, no new privileges, no capabilities, a seccomp profile, no token of the API
// server: what Pod Security level restricted asks for.

import { levelOf } from '../checks/pod-security.ts';
import { objectAt } from '../checks/pod-spec.ts';
import { isNodeComponent } from '../container/workload.ts';
import { changeManifest, ownerPatch, type PodEditor, patchRollout } from '../container/workload-change.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { isKubernetes, kubeNames } from '../kube-names.ts';
import { refs } from '../references.ts';

const UID = 10001;

/** `start`: the manifest's text after the container's own hardening, so that both diffs apply one after the other. */
export function planSecurityContext(context: PlanContext, start: string | undefined): Draft | undefined {
  if (context.place === 'host' || !isKubernetes(context) || isNodeComponent(context)) return undefined;
  const root = context.text('user.name') === 'root' || context.text('user.uid') === '0';
  const token =
    context.behaviours.has('kubernetes-api-contact') || context.behaviours.has('service-account-token-read');
  const common = {
    id: 'privileges.security-context',
    family: 'privileges',
    phase: 'harden',
    title: 'Run the pod without root and without privileges',
    why: root
      ? 'The process ran as root in its container ({0}); with a user of its own and no capabilities it could have done less.'
      : 'The process ({0}) had whatever rights the runtime gives by default.',
    values: [context.text('proc.cmdline')],
    factIds: context.facts('user.name', 'user.uid', 'proc.cmdline'),
    effect:
      'The pod then meets Pod Security level restricted. A shell can still start, so this finding is still alerted; setuid programs, mounts, raw sockets and binding ports below 1024 no longer work for it' +
      (token ? ', and no token of the API server lies in the pod.' : '.'),
    breaks: `An entrypoint that must be root, a port below 1024, files owned by root in volumes (fsGroup ${UID} helps), ping, debuggers${token ? ', calls of the Kubernetes API by the application' : ''}.`,
    rollback: 'Apply the manifest as it was.',
    references: refs(
      'pss-restricted',
      '5.2.6',
      '5.2.7',
      '5.2.9',
      '5.7.2',
      '5.7.3',
      'M1026',
      'M1038',
      'D3-ACH',
    ),
    effort: 'hours',
  } as const satisfies Partial<Draft>;

  if (context.target !== undefined) {
    const change = changeManifest(context, context.target, (pod) => edit(pod, token), undefined, start);
    if (!change.changed) return undefined;
    const level = levelOf(change.after)?.level ?? 'privileged';
    const again = changeManifest(
      context,
      context.target,
      (pod) => edit(pod, token),
      level === 'privileged' ? 'baseline' : level,
      start,
    );
    return {
      ...common,
      artefacts: [
        { ...again.artefact, filename: again.artefact.filename.replace('.patch', '-rights.patch') },
      ],
      rollout: `The diff is for ${context.target.file}${start === undefined ? '' : ', after the diff of the container family'}. ${UID} is an example: take the user that the image is built for.`,
      checks: again.checks,
      unknowns: ['the numeric user that the image is built for'],
    };
  }
  const names = kubeNames(context);
  const change = ownerPatch(
    context,
    {
      ...(token ? { automountServiceAccountToken: false } : {}),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: UID,
        fsGroup: UID,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: names.container,
          securityContext: {
            allowPrivilegeEscalation: false,
            privileged: false,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    },
    'rights-patch.yaml',
    'restricted',
  );
  return {
    ...common,
    artefacts: [change.artefact],
    rollout: patchRollout(context, 'rights-patch.yaml'),
    checks: change.checks,
    unknowns: [
      ...change.unknowns,
      'the numeric user that the image is built for',
      'other containers of the pod',
    ],
  };
}

function edit(pod: PodEditor, token: boolean): void {
  const context = objectAt({ c: pod.get(['securityContext']) }, 'c');
  if (context['runAsNonRoot'] !== true) pod.set(['securityContext', 'runAsNonRoot'], true);
  if (context['runAsUser'] === undefined || context['runAsUser'] === 0)
    pod.set(['securityContext', 'runAsUser'], UID);
  if (context['fsGroup'] === undefined) pod.set(['securityContext', 'fsGroup'], UID);
  const profile = objectAt(context, 'seccompProfile')['type'];
  if (profile !== 'RuntimeDefault' && profile !== 'Localhost')
    pod.set(['securityContext', 'seccompProfile'], { type: 'RuntimeDefault' });
  if (token && pod.get(['automountServiceAccountToken']) !== false)
    pod.set(['automountServiceAccountToken'], false);
  for (const list of ['initContainers', 'containers']) {
    const containers = pod.get([list]);
    if (!Array.isArray(containers)) continue;
    for (const [i, container] of containers.entries()) {
      const own = objectAt(container, 'securityContext');
      const at = (...keys: (string | number)[]) => [list, i, 'securityContext', ...keys];
      if (own['privileged'] === true) pod.set(at('privileged'), false);
      if (own['allowPrivilegeEscalation'] !== false) pod.set(at('allowPrivilegeEscalation'), false);
      if (own['runAsNonRoot'] === false) pod.set(at('runAsNonRoot'), true);
      if (own['runAsUser'] === 0) pod.set(at('runAsUser'), UID);
      const drop = objectAt(own, 'capabilities')['drop'];
      if (!Array.isArray(drop) || !drop.includes('ALL')) pod.set(at('capabilities', 'drop'), ['ALL']);
      const seccomp = objectAt(own, 'seccompProfile')['type'];
      if (seccomp === 'Unconfined') pod.set(at('seccompProfile', 'type'), 'RuntimeDefault');
    }
  }
}
