// Triage of one incident: facts, behaviours, benign causes, verdict, process tree, timeline, playbooks.

import type { Rule } from '../detect/rules/index.ts';
import type { CaptureStory } from './capture/types.ts';
import { askQuestion } from './commands.ts';
import { factsOf } from './facts.ts';
import type { Knowledge, PlaybookTemplate } from './knowledge/index.ts';
import { behaviourMatches, causeMatches, matchKnowledge } from './match.ts';
import { processTrees } from './processes.ts';
import { timelineOf } from './timeline.ts';
import { titleOf } from './title.ts';
import type { Incident, Playbook, Triage } from './types.ts';
import { reachVerdict } from './verdict.ts';
import { type FindingViews, viewsOf } from './views.ts';

export interface TriageOptions {
  /** The user's loaded rules: where no playbook knows a rule, its author's description stands in. */
  readonly rules?: readonly Pick<Rule, 'name' | 'desc'>[];
  /** What captures hold of the incident; its process tree replaces the one made from the alerts. */
  readonly capture?: CaptureStory;
}

/** Everything that triage says about an incident. The same input gives the same answer. */
export function triageIncident(
  incident: Incident,
  knowledge: Knowledge,
  options: TriageOptions = {},
): Triage {
  const { capture } = options;
  const findings = viewsOf(incident);
  const seen = capture !== undefined && capture.located.length > 0;
  const matches = matchKnowledge(findings, knowledge);
  const verdict = reachVerdict(findings, matches);
  return {
    incident,
    title: titleOf(findings, matches, verdict),
    facts: [...factsOf(findings), ...(capture?.facts ?? [])],
    behaviours: behaviourMatches(matches, findings),
    benign: causeMatches(matches),
    verdict,
    processes: seen ? capture.processes : processTrees(findings),
    timeline: timelineOf(findings, capture?.timeline),
    playbooks: playbooksFor(findings, knowledge.playbooks, options.rules ?? []),
    ...(capture === undefined ? {} : { capture }),
  };
}

function playbooksFor(
  findings: readonly FindingViews[],
  templates: readonly PlaybookTemplate[],
  rules: NonNullable<TriageOptions['rules']>,
): Playbook[] {
  const byRule = new Map(templates.map((template) => [template.rule, template]));
  const seen = new Set<string>();
  return findings.flatMap(({ finding: { rule }, views }): Playbook[] => {
    if (rule === undefined || seen.has(rule)) return [];
    seen.add(rule);
    const template = byRule.get(rule);
    if (template !== undefined) {
      return [{ ...template, questions: template.questions.map((question) => askQuestion(question, views)) }];
    }
    const own = rules.find(({ name }) => name === rule);
    if (own === undefined || own.desc === '') return [];
    const meaning = own.desc.replace(/\s+/g, ' ').trim();
    return [{ rule, meaning, benignCauses: [], questions: [], limits: [] }];
  });
}
