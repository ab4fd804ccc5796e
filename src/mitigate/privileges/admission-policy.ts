// A ValidatingAdmissionPolicy against what the finding is about, run by a CEL evaluator on the offending pod and on the
// fixed one. One expression per thing that the evidence shows; bound in the namespace only, with Audit and Warn first.

import { checkAdmission } from '../checks/cel.ts';
import { checkKubernetes } from '../checks/kubernetes-schema.ts';
import { levelOf } from '../checks/pod-security.ts';
import { type Json, podSpecOf } from '../checks/pod-spec.ts';
import { isNodeComponent } from '../container/workload.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { isKubernetes, kubeNames } from '../kube-names.ts';
import { refs } from '../references.ts';
import { toYamlDocuments } from '../yaml-text.ts';

interface Rule {
  readonly expression: string;
  readonly message: string;
  /** Makes a minimal pod offend. */
  readonly offend: (spec: Json, container: Json) => void;
}

const CONTAINERS = 'variables.containers';
const PRIVILEGED: Rule = {
  expression: `${CONTAINERS}.all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || !c.securityContext.privileged)`,
  message: 'privileged containers are not allowed',
  offend: (_spec, container) => Object.assign(container, { securityContext: { privileged: true } }),
};
const HOST_NAMESPACES: Rule = {
  expression:
    '(!has(object.spec.hostPID) || !object.spec.hostPID) && (!has(object.spec.hostIPC) || !object.spec.hostIPC) && (!has(object.spec.hostNetwork) || !object.spec.hostNetwork)',
  message: "the host's namespaces are not allowed",
  offend: (spec) => Object.assign(spec, { hostPID: true }),
};
const HOST_PATH: Rule = {
  expression: '!has(object.spec.volumes) || object.spec.volumes.all(v, !has(v.hostPath))',
  message: 'hostPath volumes are not allowed',
  offend: (spec) => Object.assign(spec, { volumes: [{ name: 'host', hostPath: { path: '/' } }] }),
};
const READ_ONLY: Rule = {
  expression: `${CONTAINERS}.all(c, has(c.securityContext) && has(c.securityContext.readOnlyRootFilesystem) && c.securityContext.readOnlyRootFilesystem)`,
  message: 'containers must have a read-only root file system',
  offend: (_spec, container) =>
    Object.assign(container, { securityContext: { readOnlyRootFilesystem: false } }),
};
const NON_ROOT: Rule = {
  expression: `${CONTAINERS}.all(c, has(c.securityContext) && has(c.securityContext.allowPrivilegeEscalation) && !c.securityContext.allowPrivilegeEscalation)`,
  message: 'containers must set allowPrivilegeEscalation: false',
  offend: (_spec, container) =>
    Object.assign(container, { securityContext: { allowPrivilegeEscalation: true } }),
};

export function planAdmissionPolicy(context: PlanContext): Draft | undefined {
  if (context.place === 'host' || (!isKubernetes(context) && context.place !== 'kubernetes-audit'))
    return undefined;
  if (isNodeComponent(context)) return undefined;
  const rules = rulesFor(context);
  const names = kubeNames(context);
  const namespace = context.text('ka.target.namespace') || names.namespace;
  const name = 'yarak-refuse-what-was-seen';
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['pods'] },
        ],
      },
      variables: [
        {
          name: 'containers',
          expression:
            'object.spec.containers + (has(object.spec.initContainers) ? object.spec.initContainers : [])',
        },
      ],
      validations: rules.map(({ expression, message }) => ({ expression, message })),
    },
  };
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: ['Audit', 'Warn'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
    },
  };
  const fixed = pod(() => {});
  // Each rule must refuse on its own; the fixed pod passes all of them.
  const runs = rules.map((rule) => checkAdmission(policy, pod(rule.offend), fixed));
  return {
    id: 'privileges.admission-policy',
    family: 'privileges',
    phase: 'harden',
    title: 'Refuse such pods at the door with an admission policy',
    why: 'What the evidence shows can be written as a rule for new pods: {0}.',
    values: [rules.map((rule) => rule.message).join('; ')],
    factIds: context.facts(
      'container.privileged',
      'container.mounts',
      'yarak.exe.upper_layer',
      'ka.verb',
      'ka.target.resource',
    ),
    artefacts: [
      {
        kind: 'kubernetes-manifest',
        filename: 'admission-policy.yaml',
        language: 'yaml',
        content: toYamlDocuments([policy, binding]),
      },
    ],
    rollout:
      'It starts with Audit and Warn. When the audit log shows no own workload any more, replace validationActions by [Deny]. A policy in the API server needs no webhook.',
    effect:
      'New pods of that kind are refused once it denies; running ones stay. This finding is still alerted.',
    breaks: 'Every workload in the namespace that needs what it refuses, when it is next created.',
    rollback: `kubectl delete validatingadmissionpolicybinding ${name}`,
    references: refs(
      '5.2.1',
      ...(rules.includes(PRIVILEGED) ? ['5.2.2'] : []),
      ...(rules.includes(HOST_PATH) ? ['5.2.12'] : []),
      'M1048',
      'pss-baseline',
    ),
    effort: 'hours',
    checks: [checkKubernetes([policy, binding], context.version), ...runs],
    unknowns: namespace === '<namespace>' ? ['<namespace>'] : [],
  };
}

function rulesFor(context: PlanContext): Rule[] {
  const rules: Rule[] = [];
  const has = (...ids: string[]) => ids.some((id) => context.behaviours.has(id));
  const level = context.target === undefined ? undefined : levelOf(context.target.object);
  const spec = podSpecOf(context.target?.object);
  if (
    context.is('container.privileged', true) ||
    has(
      'privileged-container',
      'audit-privileged-pod',
      'mount-in-container',
      'kernel-module-load-in-container',
    )
  )
    rules.push(PRIVILEGED);
  if (
    has('audit-host-namespaces', 'enters-host-namespaces') ||
    spec?.['hostPID'] === true ||
    spec?.['hostNetwork'] === true
  )
    rules.push(HOST_NAMESPACES);
  if (
    has(
      'host-mounts',
      'audit-sensitive-mount',
      'host-path-access',
      'host-sensitive-path-access',
      'runtime-socket-use',
    ) ||
    level?.baseline.some((text) => text.includes('hostPath'))
  )
    rules.push(HOST_PATH);
  if (
    context.is('yarak.exe.upper_layer', true) ||
    has('drop-and-execute', 'runs-download', 'package-manager-in-container', 'program-folder-change')
  )
    rules.push(READ_ONLY);
  return rules.length > 0 ? rules : [NON_ROOT];
}

/** A pod that meets every rule, then made to offend. */
function pod(offend: (spec: Json, container: Json) => void): Json {
  const container: Json = {
    name: 'app',
    image: 'registry.example/app',
    securityContext: { privileged: false, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
  };
  const spec: Json = { containers: [container] };
  offend(spec, container);
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod', namespace: 'namespace' }, spec };
}
