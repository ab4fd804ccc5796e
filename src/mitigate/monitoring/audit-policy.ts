// A Kubernetes audit policy that keeps what the alert cannot tell: who ran exec, who changed rights, who read secrets.

import { checkAuditPolicy } from '../checks/audit-policy.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { isKubernetes } from '../kube-names.ts';
import { refs } from '../references.ts';
import { toYaml } from '../yaml-text.ts';

const POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  omitManagedFields: true,
  rules: [
    {
      level: 'None',
      users: ['system:kube-proxy', 'system:kube-scheduler', 'system:kube-controller-manager'],
      verbs: ['get', 'list', 'watch'],
    },
    { level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version'] },
    {
      level: 'RequestResponse',
      resources: [
        {
          group: '',
          resources: ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/ephemeralcontainers'],
        },
      ],
    },
    {
      level: 'Metadata',
      resources: [{ group: '', resources: ['secrets', 'configmaps', 'serviceaccounts/token'] }],
    },
    {
      level: 'RequestResponse',
      verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'],
      resources: [
        { group: 'rbac.authorization.k8s.io', resources: [] },
        { group: 'admissionregistration.k8s.io', resources: [] },
      ],
    },
    {
      level: 'Request',
      verbs: ['create', 'update', 'patch', 'delete'],
      resources: [
        { group: '', resources: ['pods'] },
        { group: 'apps', resources: [] },
        { group: 'batch', resources: [] },
      ],
    },
    { level: 'Metadata' },
  ],
};

export function planAuditPolicy(context: PlanContext): Draft | undefined {
  if (!isKubernetes(context) && context.place !== 'kubernetes-audit') return undefined;
  if (context.place === 'host') return undefined;
  const content = toYaml(POLICY);
  const user = 'someone';
  return {
    id: 'monitoring.audit-policy',
    family: 'monitoring',
    phase: 'watch',
    title: 'Record who runs exec, and who changes rights',
    why:
      context.place === 'kubernetes-audit'
        ? 'What the API server does not record, no rule can see.'
        : 'A system call shows what ran in the pod, not which person or token asked for it: that only the API server knows.',
    factIds: context.facts('k8s.pod.name', 'proc.cmdline', 'ka.verb'),
    artefacts: [{ kind: 'audit-policy', filename: 'audit-policy.yaml', language: 'yaml', content }],
    rollout:
      'On each control-plane node: --audit-policy-file and --audit-log-path (or --audit-webhook-config-file to feed Falco’s k8saudit plugin); managed clusters have a switch of their own. Join by pod, namespace and time: the exec comes within a second before the shell.',
    effect:
      'Next time the user, source address and command of a kubectl exec are known. This finding is still alerted.',
    breaks: 'More disk: exec and rights with bodies, all else as metadata. Bodies of secrets are not kept.',
    rollback: 'Put the old policy file back and restart the API server.',
    references: refs('nsa-hardening', 'M1047', 'N4.3.1'),
    effort: 'hours',
    checks: checkAuditPolicy(content, [
      {
        request: { user, verb: 'create', group: '', resource: 'pods/exec', namespace: 'app' },
        level: 'RequestResponse',
      },
      { request: { user, verb: 'get', group: '', resource: 'secrets', namespace: 'app' }, level: 'Metadata' },
      {
        request: { user, verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'rolebindings' },
        level: 'RequestResponse',
      },
      {
        request: { user: 'system:kube-scheduler', verb: 'watch', group: '', resource: 'pods' },
        level: 'None',
      },
    ]),
  };
}
