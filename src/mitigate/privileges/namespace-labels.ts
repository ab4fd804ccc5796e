// Pod Security labels of the namespace: first warn and audit, then enforce.

import { checkKubernetes } from '../checks/kubernetes-schema.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { isKubernetes, kubeNames } from '../kube-names.ts';
import { refs } from '../references.ts';
import { Script } from '../script.ts';
import { toYamlDocuments } from '../yaml-text.ts';

const PREFIX = 'pod-security.kubernetes.io';

export function planNamespaceLabels(context: PlanContext): Draft | undefined {
  if (!isKubernetes(context) || context.place === 'host') return undefined;
  const { namespace, unknowns } = kubeNames(context);
  const system =
    namespace === 'kube-system' ||
    context.triage.benign.some(({ id }) => id === 'falco-driver-loader' || id === 'node-agent');
  const version = `v${context.version}`;
  const stage = (enforce: 'privileged' | 'baseline') => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: {
        [`${PREFIX}/enforce`]: enforce,
        [`${PREFIX}/enforce-version`]: version,
        [`${PREFIX}/audit`]: 'restricted',
        [`${PREFIX}/audit-version`]: version,
        [`${PREFIX}/warn`]: 'restricted',
        [`${PREFIX}/warn-version`]: version,
      },
    },
  });
  const stages = system ? [stage('privileged')] : [stage('privileged'), stage('baseline')];
  const script = new Script()
    .note('which pods would break: nothing is changed')
    .run([
      'kubectl',
      'label',
      'namespace',
      namespace,
      `${PREFIX}/enforce=${system ? 'privileged' : 'baseline'}`,
      '--overwrite',
      '--dry-run=server',
    ]);
  return {
    id: 'privileges.namespace-labels',
    family: 'privileges',
    phase: 'harden',
    title: 'Let the namespace refuse pods that reach for the host',
    why: system
      ? 'This namespace holds an agent that needs the host, so it stays privileged; labels that warn and audit show whatever else comes to live there.'
      : 'Nothing in the namespace keeps the next pod from asking for more rights than this one.',
    factIds: context.facts('k8s.ns.name', 'container.privileged'),
    artefacts: [
      {
        kind: 'kubernetes-manifest',
        filename: 'namespace-pod-security.yaml',
        language: 'yaml',
        content: toYamlDocuments(stages),
      },
      script.artefact('namespace-dry-run.sh'),
    ],
    rollout: system
      ? 'Apply the labels; move what needs no host access to a namespace of its own, and enforce there.'
      : 'Apply the first document (warn and audit only), read warnings and audit annotations for a release cycle, then the second, which enforces baseline.',
    effect: 'It does not touch running pods: new ones are judged. This finding is still alerted.',
    breaks: system
      ? 'Nothing: only warnings.'
      : 'Pods above baseline are refused when they are next created, also on a node failure.',
    rollback: `kubectl label namespace ${namespace} ${PREFIX}/enforce-`,
    references: refs('pss-baseline', 'pss-restricted', '5.2.1', '5.2.2', 'M1048', 'nsa-hardening'),
    effort: 'minutes',
    checks: [checkKubernetes(stages, context.version), ...script.checks(context.tools)],
    unknowns: unknowns.filter((name) => name === '<namespace>'),
  };
}
