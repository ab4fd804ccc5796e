// For a finding on a host: which containers there could have reached it.

import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { refs } from '../references.ts';
import { Script } from '../script.ts';

const PROGRAM =
  '.items[] | select(.spec.hostPID or .spec.hostNetwork or .spec.hostIPC or any(.spec.volumes[]?; .hostPath) or any(.spec.containers[]; .securityContext.privileged)) | [.metadata.namespace, .metadata.name] | join("/")';

export function planHostReach(context: PlanContext): Draft | undefined {
  if (context.place !== 'host' && context.place !== 'unknown' && context.place !== 'cloud') return undefined;
  const node = context.workload.node ?? '<node>';
  const script = new Script()
    .note('on a Kubernetes node: pods that share it with the host')
    .run(
      [
        'kubectl',
        'get',
        'pods',
        '--all-namespaces',
        '--field-selector',
        `spec.nodeName=${node}`,
        '-o',
        'json',
      ],
      { pipe: [['jq', '-r', PROGRAM]] },
    )
    .note('with Docker alone: what runs, with its image')
    .run(['docker', 'ps', '--no-trunc']);
  return {
    id: 'container.host-reach',
    family: 'container',
    phase: 'harden',
    title: 'Find containers that could reach this host',
    why: 'What Falco saw on the host may have come out of a container that shares namespaces or folders with it; the alert alone cannot exclude it.',
    factIds: context.facts('container.id'),
    artefacts: [script.artefact('host-reach.sh')],
    rollout:
      'Run it, and take hostPath, host namespaces and privileged from every workload that does not need them.',
    effect: 'It shows; it changes nothing.',
    breaks: 'Nothing.',
    rollback: 'Nothing to undo.',
    references: refs('pss-baseline', '5.2.2', '5.2.3', '5.2.12', 'N4.5.5', 'M1048'),
    effort: 'minutes',
    checks: script.checks(context.tools),
    unknowns: node === '<node>' ? ['<node>'] : [],
  };
}
