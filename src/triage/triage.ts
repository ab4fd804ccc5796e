// Triage of one incident: facts, behaviours, benign causes, verdict, process tree, timeline, playbooks.

import type { Alert, FieldValue } from '../alerts/index.ts';
import type { Rule } from '../detect/rules/index.ts';
import { askQuestion } from './commands.ts';
import { factsOf } from './facts.ts';
import type { Knowledge, PlaybookTemplate } from './knowledge/index.ts';
import { behaviourMatches, causeMatches, matchKnowledge } from './match.ts';
import { processTrees } from './processes.ts';
import { timelineOf } from './timeline.ts';
import { titleOf } from './title.ts';
import type { Fact, Incident, Playbook, ProcessNode, TimelineEntry, Triage } from './types.ts';
import { reachVerdict } from './verdict.ts';
import { type FindingViews, viewsOf } from './views.ts';

/** What a capture adds to what the alerts show. */
export interface TriageOptions {
  /** The user's loaded rules: where no playbook knows a rule, its author's description stands in. */
  readonly rules?: readonly Pick<Rule, 'name' | 'desc'>[];
  /** Fields of the alert's process that the alert did not print. */
  readonly fields?: (alert: Alert) => ReadonlyMap<string, FieldValue> | undefined;
  readonly facts?: readonly Fact[];
  /** Replaces the tree made from the alerts. */
  readonly processes?: readonly ProcessNode[];
  readonly timeline?: readonly TimelineEntry[];
}

/** Everything that triage says about an incident. The same input gives the same answer. */
export function triageIncident(
  incident: Incident,
  knowledge: Knowledge,
  options: TriageOptions = {},
): Triage {
  const findings = viewsOf(incident, options.fields);
  const matches = matchKnowledge(findings, knowledge);
  const verdict = reachVerdict(findings, matches);
  return {
    incident,
    title: titleOf(findings, matches, verdict),
    facts: [...factsOf(findings), ...(options.facts ?? [])],
    behaviours: behaviourMatches(matches, findings),
    benign: causeMatches(matches),
    verdict,
    processes: options.processes ?? processTrees(findings),
    timeline: timelineOf(findings, options.timeline),
    playbooks: playbooksFor(findings, knowledge.playbooks, options.rules ?? []),
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
