// hostUsers: false: root in the container is nobody on the node.

import { isNodeComponent } from '../container/workload.ts';
import { ownerPatch, patchRollout } from '../container/workload-change.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { isKubernetes } from '../kube-names.ts';
import { refs } from '../references.ts';
import { Script } from '../script.ts';

export function planUserNamespace(context: PlanContext): Draft | undefined {
  if (context.place === 'host' || !isKubernetes(context) || isNodeComponent(context)) return undefined;
  if (context.text('user.name') !== 'root' && context.text('user.uid') !== '0') return undefined;
  const change = ownerPatch(context, { hostUsers: false }, 'user-namespace-patch.yaml', undefined);
  const script = new Script()
    .note('on the node: Linux 6.3 or newer?')
    .run(['uname', '-r'])
    .note('containerd 2.0 or newer (1.6 and older ignore the setting silently), or CRI-O?')
    .run(['kubectl', 'get', 'nodes', '-o', 'wide']);
  return {
    id: 'privileges.user-namespace',
    family: 'privileges',
    phase: 'harden',
    title: 'Give the pod a user namespace of its own',
    why: 'The process was root in its container ({0}): without a user namespace it is root on the node too, once it gets out.',
    values: [context.text('proc.cmdline')],
    factIds: context.facts('user.name', 'user.uid'),
    artefacts: [change.artefact, script.artefact('user-namespace-conditions.sh')],
    rollout: `Only where all conditions hold: Kubernetes 1.36 (stable; on by default since 1.33 as beta), Linux 6.3, file systems of all volumes with idmapped mounts, containerd 2.0 or CRI-O, runc 1.2 or crun 1.9. ${patchRollout(context, 'user-namespace-patch.yaml')}`,
    effect:
      'An escape ends as an unprivileged user of the node. What happens inside the container is the same, and still alerted.',
    breaks:
      'hostNetwork, hostPID and hostIPC cannot be combined with it; volumes on file systems without idmapped mounts (NFS among them).',
    rollback: 'Remove hostUsers and restart the pod.',
    references: refs('user-namespaces', 'M1048', 'N4.4.3'),
    effort: 'hours',
    checks: [...change.checks, ...script.checks(context.tools)],
    unknowns: [...change.unknowns, "the nodes' kernel and runtime versions"],
  };
}
