// Recovery: credentials that were in reach are changed, and the host or image is compared with its source.

import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { isKubernetes, kubeNames } from '../kube-names.ts';
import { refs } from '../references.ts';
import { Script } from '../script.ts';

export function planRecover(context: PlanContext): Draft | undefined {
  if (!context.hostile || context.place === 'cloud') return undefined;
  const script = new Script();
  const unknowns: string[] = [];
  if (context.place === 'host') {
    script
      .note('files that differ from their packages (Debian; rpm -Va on others)')
      .run(['dpkg', '--verify'])
      .note('files changed in the last day outside of package management')
      .run(['find', '/etc', '/root', '/home', '/usr/local', '-xdev', '-type', 'f', '-mmin', '-1440', '-ls'])
      .note('setuid files')
      .run(['find', '/', '-xdev', '-type', 'f', '-perm', '-4000', '-ls']);
  } else if (isKubernetes(context)) {
    const { namespace, pod, owner, unknowns: missing } = kubeNames(context);
    unknowns.push(...missing.filter((name) => name !== '<container>'));
    script
      .note('what lay in reach: mounted secrets, the service account, environment')
      .run([
        'kubectl',
        '--namespace',
        namespace,
        'get',
        'pod',
        pod,
        '-o',
        'jsonpath={.spec.serviceAccountName}{"\\n"}{.spec.volumes[*].secret.secretName}{"\\n"}{.spec.containers[*].envFrom[*].secretRef.name}{"\\n"}',
      ])
      .note('after the secrets are changed at their source: let the workload take them up')
      .run(['kubectl', '--namespace', namespace, 'rollout', 'restart', owner]);
  } else return undefined;
  return {
    id: 'response.recover',
    family: context.place === 'host' ? 'privileges' : 'container',
    phase: 'recover',
    title: 'Change what could have been read, and prove the rest',
    why: 'Whoever ran {0} could read every credential that lay in reach of that process.',
    values: [context.text('proc.cmdline')],
    factIds: context.facts('proc.cmdline', 'user.name', 'yarak.file.path'),
    artefacts: [script.artefact('recover.sh')],
    rollout:
      'Change secrets at their source (database, cloud account, API), old ones revoked, not only in Kubernetes; then restart. Cloud credentials of the node count if the metadata service was in reach.',
    effect: 'What was stolen no longer opens anything.',
    breaks: 'Clients that still use the old credentials.',
    rollback: 'None for a revoked credential; kubectl rollout undo for the restart.',
    references: refs('sp-800-61', 'M1018', '5.1.2'),
    effort: 'hours',
    needsDecision: true,
    checks: script.checks(context.tools),
    unknowns,
  };
}
