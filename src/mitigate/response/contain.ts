// Containment: the workload is cut off and kept, not deleted. Each step is a person's decision.

import { checkKubernetes } from '../checks/kubernetes-schema.ts';
import { checkNetworkPolicy } from '../checks/network-policy.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { isKubernetes, kubeNames } from '../kube-names.ts';
import { refs } from '../references.ts';
import { Script } from '../script.ts';
import { toYaml } from '../yaml-text.ts';

const LABEL = 'yarak-quarantine';

export function planContain(context: PlanContext): Draft | undefined {
  if (context.benign || context.triage.verdict.leaning === 'benign') return undefined;
  if (context.place === 'cloud' || context.place === 'unknown') return undefined;
  const common = {
    phase: 'contain',
    needsDecision: true,
    factIds: context.facts('k8s.pod.name', 'container.id', 'fd.name', 'user.name'),
    values: [context.text('yarak.net.peer')],
  } as const satisfies Partial<Draft>;
  if (context.place === 'kubernetes-audit') return containUser(context, common);
  if (context.place === 'host') return containHost(context, common);
  if (!isKubernetes(context)) return containDocker(context, common);

  const { namespace, pod, unknowns } = kubeNames(context);
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: LABEL, namespace },
    spec: { podSelector: { matchLabels: { [LABEL]: 'true' } }, policyTypes: ['Ingress', 'Egress'] },
  };
  const script = new Script()
    .run(['kubectl', 'apply', '-f', 'quarantine-policy.yaml'])
    .run(['kubectl', '--namespace', namespace, 'label', 'pod', pod, `${LABEL}=true`, '--overwrite']);
  return {
    ...common,
    id: 'response.contain',
    family: 'container',
    title: 'Cut the pod off from the network and keep it',
    why:
      context.text('yarak.net.peer') === ''
        ? 'What runs in the pod may still be at work.'
        : 'The pod talked to {0}.',
    artefacts: [
      {
        kind: 'network-policy',
        filename: 'quarantine-policy.yaml',
        language: 'yaml',
        content: toYaml(policy),
      },
      script.artefact('quarantine.sh'),
    ],
    rollout:
      'After the evidence is kept. The policy selects only pods with the label, so nothing else is cut off.',
    effect:
      'No new connection of the pod, in or out, DNS included; open connections end where the network plugin enforces policies on them. Alerts go on: processes in the pod still run.',
    breaks:
      'The pod serves nobody and fails its network probes; after failing its liveness probe the kubelet restarts it, so keep the evidence first. It needs a network plugin that enforces NetworkPolicy; hostNetwork pods are not covered.',
    rollback: `kubectl --namespace ${namespace} label pod ${pod} ${LABEL}-`,
    references: refs('D3-NI', 'D3-OTF', 'M1037', '5.3.2', 'sp-800-61'),
    effort: 'minutes',
    checks: [
      checkKubernetes([policy], context.version),
      checkNetworkPolicy(policy, context.all('yarak.net.peer')),
      ...script.checks(context.tools),
    ],
    unknowns: unknowns.filter((name) => name === '<namespace>' || name === '<pod>'),
  };
}

type Common = Pick<Draft, 'phase'> & Partial<Draft>;

function containDocker(context: PlanContext, common: Common): Draft {
  const id = context.workload.containerId ?? '<container-id>';
  const script = new Script().run(['docker', 'pause', id]);
  return {
    ...common,
    id: 'response.contain',
    family: 'container',
    title: 'Freeze the container',
    why: 'What runs in it may still be at work.',
    artefacts: [script.artefact('freeze.sh')],
    rollout: 'After the evidence is kept; with another runtime than Docker, its own pause.',
    effect: 'Its processes stop where they are; memory and files stay as they were.',
    breaks: 'Whatever the container serves.',
    rollback: `docker unpause ${id}`,
    references: refs('sp-800-61'),
    effort: 'minutes',
    checks: script.checks(context.tools),
    unknowns: id.startsWith('<') ? [id] : [],
  };
}

function containHost(context: PlanContext, common: Common): Draft {
  const user = context
    .all('user.loginname')
    .find((name) => name !== 'root' && /^[a-z_][a-z0-9_-]{0,31}$/.test(name));
  const pid = context.text('proc.pid');
  const script = new Script();
  if (/^\d{1,9}$/.test(pid))
    script
      .note('the process of the last alert, if it still lives: stopped, not killed')
      .run(['kill', '-STOP', pid]);
  script.run(['usermod', '--lock', '--expiredate', '1', user ?? '<user>']);
  return {
    ...common,
    id: 'response.contain',
    family: 'privileges',
    title: 'Stop the session and lock the account behind it',
    why:
      user === undefined
        ? 'Someone acted on the host; whose login it was the alert does not say.'
        : 'It was done in a login session.',
    artefacts: [script.artefact('lock.sh')],
    rollout:
      'After the evidence is kept, and on the host that the alerts name. Isolate the machine at its switch or security group where you can: that is surer than anything run on it.',
    effect: 'No new login of that account by password or key; running sessions go on until ended.',
    breaks: 'Everything that runs or logs in under that account.',
    rollback: `usermod --unlock --expiredate '' ${user ?? '<user>'}`,
    references: refs('D3-AL', 'M1018', 'sp-800-61'),
    effort: 'minutes',
    checks: script.checks(context.tools),
    unknowns: user === undefined ? ['<user>'] : [],
  };
}

function containUser(context: PlanContext, common: Common): Draft {
  const user = context.text('ka.user.name') || '<user>';
  const script = new Script()
    .run(['kubectl', 'auth', 'can-i', '--list', `--as=${user}`])
    .run(['kubectl', 'get', 'rolebindings,clusterrolebindings', '--all-namespaces', '-o', 'wide']);
  return {
    ...common,
    id: 'response.contain',
    family: 'privileges',
    title: 'Find and withdraw the rights of the account behind the request',
    why: 'The request came with valid credentials of {0}.',
    values: [user],
    artefacts: [script.artefact('rights.sh')],
    rollout:
      'See what it may do, then delete its bindings. A certificate cannot be revoked in Kubernetes: bindings are the only brake; a service account token dies with its ServiceAccount or Secret.',
    effect: 'The next request of that account is refused.',
    breaks: 'Everything that works under that account.',
    rollback: 'Apply the bindings again.',
    references: refs('M1018', '5.1.1', 'sp-800-61'),
    effort: 'minutes',
    checks: script.checks(context.tools),
    unknowns: user === '<user>' ? ['<user>'] : [],
  };
}
