// Who may open a shell in a pod: the question for the cluster, and a role for those who only need to look.

import { checkKubernetes } from '../checks/kubernetes-schema.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { isKubernetes, kubeNames } from '../kube-names.ts';
import { refs } from '../references.ts';
import { Script } from '../script.ts';
import { toYamlDocuments } from '../yaml-text.ts';

export function planExecRights(context: PlanContext): Draft | undefined {
  const audit = context.place === 'kubernetes-audit';
  if (!audit && (!isKubernetes(context) || context.place === 'host')) return undefined;
  const shell = [...context.behaviours].some((id) => /shell|exec|port-forward/.test(id));
  if (!audit && !shell) return undefined;
  const namespace = audit
    ? context.text('ka.target.namespace') || '<namespace>'
    : kubeNames(context).namespace;
  const user = context.text('ka.user.name');
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'pod-reader', namespace },
    rules: [{ apiGroups: [''], resources: ['pods', 'pods/log', 'events'], verbs: ['get', 'list', 'watch'] }],
  };
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'pod-readers', namespace },
    subjects: [{ kind: 'Group', name: '<group>', apiGroup: 'rbac.authorization.k8s.io' }],
    roleRef: { kind: 'Role', name: 'pod-reader', apiGroup: 'rbac.authorization.k8s.io' },
  };
  const script = new Script().note(
    'may all logged-in users, or this one, open a shell in the pods of the namespace?',
  );
  script.run([
    'kubectl',
    '--namespace',
    namespace,
    'auth',
    'can-i',
    'create',
    'pods',
    '--subresource=exec',
    '--as=<user>',
    '--as-group=system:authenticated',
  ]);
  if (user !== '')
    script.run(['kubectl', '--namespace', namespace, 'auth', 'can-i', '--list', `--as=${user}`]);
  script
    .note('bindings to read: who is in them, and which roles hold pods/exec')
    .run(['kubectl', 'get', 'rolebindings,clusterrolebindings', '--all-namespaces', '-o', 'wide']);
  return {
    id: 'privileges.exec-rights',
    family: 'privileges',
    phase: 'harden',
    title: 'Let only those open shells in pods who must',
    why:
      user !== ''
        ? 'The user {0} asked the API server for it.'
        : 'A shell ran in a pod; who opened it the alert does not say, and every subject with pods/exec could have.',
    values: [user],
    factIds: context.facts('ka.user.name', 'ka.verb', 'ka.target.subresource', 'proc.cmdline', 'proc.tty'),
    artefacts: [
      script.artefact('who-can-exec.sh'),
      {
        kind: 'kubernetes-manifest',
        filename: 'pod-reader.yaml',
        language: 'yaml',
        content: toYamlDocuments([role, binding]),
      },
    ],
    rollout:
      'Answer the questions first. Then bind people who only read to the role, take pods/exec (verbs create and get), pods/attach and pods/ephemeralcontainers from their old roles, and give them for an hour where they are needed.',
    effect:
      'kubectl exec of everyone else is refused by the API server; a shell that an attacker opens from inside is not touched, and still alerted.',
    breaks: 'Debugging by kubectl exec, cp and port-forward for those who lose it.',
    rollback: 'Restore the old RoleBinding.',
    references: refs('5.1.1', '5.1.3', 'M1018', 'M1026', 'M1035', 'N4.3.1', 'nsa-hardening'),
    effort: 'hours',
    needsDecision: true,
    checks: [checkKubernetes([role, binding], context.version), ...script.checks(context.tools)],
    unknowns: ['<group>', '<user>', ...(namespace === '<namespace>' ? ['<namespace>'] : [])],
  };
}
