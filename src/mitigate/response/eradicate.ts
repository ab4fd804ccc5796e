// Removing what was left behind. Destructive, so last in its phase and only after the evidence is kept.

import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { isKubernetes, kubeNames } from '../kube-names.ts';
import { refs } from '../references.ts';
import { Script } from '../script.ts';
import { filesInQuestion } from './preserve.ts';

export function planEradicate(context: PlanContext): Draft | undefined {
  if (!context.hostile) return undefined;
  if (context.place === 'container') return replaceWorkload(context);
  return context.place === 'host' ? cleanHost(context) : undefined;
}

function replaceWorkload(context: PlanContext): Draft {
  const script = new Script();
  const unknowns: string[] = [];
  if (isKubernetes(context)) {
    const names = kubeNames(context);
    unknowns.push(...names.unknowns.filter((name) => name !== '<container>'));
    script
      .run(['kubectl', '--namespace', names.namespace, 'delete', 'pod', names.pod, '--wait=true'])
      .note('its owner makes a new one; watch it come up')
      .run(['kubectl', '--namespace', names.namespace, 'rollout', 'status', names.owner, '--timeout=5m']);
  } else {
    const id = context.workload.containerId ?? '<container-id>';
    if (id.startsWith('<')) unknowns.push(id);
    script.run(['docker', 'rm', '--force', id]);
  }
  return {
    id: 'response.eradicate',
    family: 'container',
    phase: 'eradicate',
    title: 'Replace the workload by a clean one',
    why: 'What was written or started in the container cannot be trusted again; a new container comes from the image.',
    factIds: context.facts('k8s.pod.name', 'container.id', 'proc.cmdline'),
    artefacts: [script.artefact('replace.sh')],
    rollout:
      'Last, after evidence is kept and the way in is closed: the new pod has the same hole. If the image or a volume was changed, replace that first.',
    effect: 'The container and everything in it is gone.',
    breaks: 'The pod serves nothing until the new one is ready; what lay in its emptyDirs is lost.',
    rollback: 'None: what was not kept before is gone.',
    references: refs('sp-800-61', '5.5.1'),
    effort: 'minutes',
    needsDecision: true,
    destructive: true,
    checks: script.checks(context.tools),
    unknowns,
  };
}

function cleanHost(context: PlanContext): Draft | undefined {
  const files = filesInQuestion(context).filter(
    (file) => !/^\/(?:etc\/(?:shadow|passwd|group|sudoers)$|var\/log\/)/.test(file),
  );
  if (files.length === 0) return undefined;
  const script = new Script().run(['install', '-d', '-m', '0700', '/var/tmp/quarantine']);
  for (const file of files) script.run(['mv', '--no-clobber', '--', file, '/var/tmp/quarantine/']);
  return {
    id: 'response.eradicate',
    family: 'privileges',
    phase: 'eradicate',
    title: 'Take the files out of service',
    why: 'The alerts name {0}; look at each one first: it may be a file of your own that was only changed.',
    values: [files.join(', ')],
    factIds: context.facts('yarak.file.path', 'fd.name', 'proc.exepath', 'evt.arg.filename'),
    artefacts: [script.artefact('quarantine-files.sh')],
    rollout: 'After copies are kept. A host on which an attacker was root is better built anew than cleaned.',
    effect: 'The files no longer work from where they were.',
    breaks: 'Whatever legitimately uses one of them (a shared authorized_keys, a cron file).',
    rollback: 'Move them back.',
    references: refs('sp-800-61', 'M1022'),
    effort: 'hours',
    needsDecision: true,
    destructive: true,
    checks: script.checks(context.tools),
  };
}
