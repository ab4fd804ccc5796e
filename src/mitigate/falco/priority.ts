// The rule's priority: lower for what is benign and noisy, higher for what was an attack.

import { PRIORITIES } from '../../alerts/index.ts';
import { ownCheck } from '../checks/toolbox.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { refs } from '../references.ts';
import { toYaml } from '../yaml-text.ts';
import { loadArtefact } from './rule-files.ts';

const FILE = 'yarak-priority.yaml';
export function planPriority(context: PlanContext): Draft | undefined {
  if (context.verdict === 'undetermined') return undefined;
  const wanted = context.hostile ? 'Critical' : 'Informational';
  const finding = context.triage.incident.findings.find(({ rule, priority }) => {
    const now = PRIORITIES.findIndex((one) => one === priority);
    if (rule === undefined || now < 0) return false;
    return context.hostile ? now > PRIORITIES.indexOf('Critical') : now < PRIORITIES.indexOf('Informational');
  });
  if (finding?.rule === undefined) return undefined;
  const content = toYaml([
    { rule: finding.rule, priority: wanted.toUpperCase(), override: { priority: 'replace' } },
  ]);
  const loaded = loadArtefact(context, finding.rule, content, FILE);
  const got = loaded.after?.priority;
  return {
    id: 'falco.priority',
    family: 'falco',
    phase: 'tune',
    title: 'Set the priority of rule {0} to {1}',
    why: context.hostile
      ? 'An attack came in as {2}: it belongs with what someone is woken for.'
      : 'A benign finding came in as {2}; a lower priority keeps the record without a page.',
    values: [finding.rule, wanted, finding.priority],
    factIds: context.facts('rule'),
    artefacts: [{ kind: 'falco-rules', filename: FILE, language: 'yaml', content }],
    rollout:
      "A file that Falco loads after the rule's own. It changes the rule everywhere, not only for this workload.",
    effect:
      'The rule fires as before, with another priority; what is below minimumpriority of an output is not sent there.',
    breaks: context.hostile
      ? 'More pages from this rule: tune it first where it is noisy.'
      : 'Attacks that only this rule sees become quiet too: prefer a narrow exception.',
    rollback: 'Remove the file.',
    references: refs('falco-overriding'),
    effort: 'minutes',
    needsDecision: true,
    checks: [
      loaded.check,
      ownCheck(
        'yarak rules loader',
        'Falco 0.44',
        'simulated',
        `Does the rule have priority ${wanted} afterwards?`,
        got === wanted ? [] : [`it has ${String(got)}`],
        `priority ${String(got)}, condition unchanged`,
      ),
    ],
  };
}
