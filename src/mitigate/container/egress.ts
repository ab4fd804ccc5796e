// A NetworkPolicy for the workload: nothing in or out but DNS and what the reader names; the metadata service refused.

import ipaddr from 'ipaddr.js';
import { checkKubernetes } from '../checks/kubernetes-schema.ts';
import { checkNetworkPolicy } from '../checks/network-policy.ts';
import { objectAt } from '../checks/pod-spec.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { isKubernetes, kubeNames } from '../kube-names.ts';
import { refs } from '../references.ts';
import { toYaml } from '../yaml-text.ts';

export function planEgress(context: PlanContext): Draft | undefined {
  if (context.place !== 'container' || !isKubernetes(context)) return undefined;
  const peers = context.all('yarak.net.peer').filter((peer) => ipaddr.isValid(peer));
  const network =
    peers.length > 0 ||
    ['T1105', 'T1071', 'T1041', 'T1496', 'T1552.005', 'T1095'].some((id) => context.techniques.has(id)) ||
    [
      'reverse-shell',
      'download-in-container',
      'network-tool-in-container',
      'upload',
      'public-connection',
    ].some((id) => context.behaviours.has(id));
  if (!network || context.benign) return undefined;
  const { namespace, ownerName, unknowns } = kubeNames(context);
  const labels = labelsOf(context);
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: ownerName === '<owner>' ? 'limit-egress' : `${ownerName}-egress`.slice(0, 63),
      namespace,
    },
    spec: {
      podSelector: { matchLabels: labels ?? { '<label>': '<value>' } },
      policyTypes: ['Egress'],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
              podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
            },
          ],
          ports: [
            { protocol: 'UDP', port: 53 },
            { protocol: 'TCP', port: 53 },
          ],
        },
      ],
    },
  };
  return {
    id: 'container.egress',
    family: 'container',
    phase: 'harden',
    title: 'Let the workload reach only what it must',
    why:
      peers.length > 0
        ? 'It connected to {0}, which its work does not need.'
        : 'It fetched from or talked to other hosts ({1}).',
    values: [peers.join(', '), context.text('proc.cmdline')],
    factIds: context.facts('fd.name', 'yarak.net.peer', 'yarak.cmd.hosts', 'yarak.cmd.urls', 'proc.cmdline'),
    artefacts: [
      { kind: 'network-policy', filename: 'egress-policy.yaml', language: 'yaml', content: toYaml(policy) },
    ],
    rollout:
      'Add one egress rule for each service that the workload calls (by namespaceSelector and podSelector, or ipBlock), apply it in a test namespace, then here.',
    effect: `The observed ${peers.length > 0 ? 'connection is' : 'kind of connection would be'} refused by the network plugin. The program that tries it still runs and is still alerted.`,
    breaks:
      'Every outside service that is not named in the policy. DNS is let through to kube-dns in kube-system: check the labels of yours. It needs a network plugin that enforces NetworkPolicy.',
    rollback: `kubectl --namespace ${namespace} delete networkpolicy ${String(policy.metadata.name)}`,
    references: refs('5.3.2', 'N4.4.2', 'M1037', 'M1030', 'D3-OTF', 'nsa-hardening'),
    effort: 'hours',
    needsDecision: true,
    checks: [checkKubernetes([policy], context.version), checkNetworkPolicy(policy, peers)],
    unknowns: [
      ...unknowns.filter((name) => name === '<namespace>'),
      ...(labels === undefined ? ["<label> and <value>: the pod's labels"] : []),
      'the services that the workload calls',
    ],
  };
}

/** The pod template's labels from the reader's manifest. */
function labelsOf(context: PlanContext): Record<string, unknown> | undefined {
  const object = context.target?.object;
  if (object === undefined) return undefined;
  const selector = objectAt(objectAt(objectAt(object, 'spec'), 'selector'), 'matchLabels');
  const own = object['kind'] === 'Pod' ? objectAt(objectAt(object, 'metadata'), 'labels') : selector;
  return Object.keys(own).length > 0 ? own : undefined;
}
