// What the alerts do not show, and the questions that would.

import { fieldText, type HealthReport } from '../../alerts/index.ts';
import type { Question, Triage } from '../../triage/index.ts';
import { plural } from '../format.ts';
import type { Sentence } from '../model.ts';
import { captureGaps } from './capture.ts';

const MAX_GAPS = 12;
const MAX_QUESTIONS = 6;
/** Drops this long before or after an incident may hide parts of it. */
const NEAR_NS = 300_000_000_000n;

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'];

function sentence(text: string, values: readonly string[], fields: readonly string[]): Sentence {
  return { text, values, fields };
}

/** Blind spots of the sensor around the incident. */
function drops(triage: Triage, health: readonly HealthReport[]): Sentence[] {
  const { firstSeenNs, lastSeenNs } = triage.incident;
  if (firstSeenNs === undefined || lastSeenNs === undefined) return [];
  const near = health.filter((item) => {
    const at = item.alert.timeNs;
    const blind = item.kind === 'drops' || item.kind === 'output-queue';
    return blind && at !== undefined && at >= firstSeenNs - NEAR_NS && at <= lastSeenNs + NEAR_NS;
  });
  if (near.length === 0) return [];
  return [
    sentence(
      `Falco lost events within five minutes of this (${plural(near.length, 'report')}): what else happened may not have been seen.`,
      [],
      ['time'],
    ),
  ];
}

/** What is not shown: missing fields, behaviours that cannot be ruled out, damaged input, dropped events. */
export function gaps(triage: Triage, health: readonly HealthReport[]): Sentence[] {
  const out: Sentence[] = [];
  const samples = triage.incident.findings.flatMap((finding) => finding.samples);
  for (const item of triage.verdict.missing) {
    const why = item.why.replace(/\.$/, '');
    out.push(sentence(`{0} is not shown: ${why}.`, [item.field], [item.field]));
  }
  const unsure = triage.behaviours
    .filter((behaviour) => behaviour.truth === 'unknown')
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  for (const behaviour of unsure.slice(0, 4)) {
    const places = behaviour.missing.map((_, index) => `{${index}}`).join(', ');
    out.push(
      sentence(
        `Not ruled out: ${behaviour.title} (it needs ${places}).`,
        behaviour.missing,
        behaviour.missing,
      ),
    );
  }
  out.push(...captureGaps(triage), ...drops(triage, health));
  const fromText = samples.filter((alert) => alert.fieldsFrom === 'text').length;
  if (fromText > 0)
    out.push(
      sentence(
        'Fields were read from output text, where the end of a value is a guess: json_output gives them exactly.',
        [],
        ['output'],
      ),
    );
  if (samples.some((alert) => alert.timeNs === undefined))
    out.push(sentence('Some records carry no date: their order is that of the input.', [], ['time']));
  if (samples.some((alert) => alert.rule === undefined))
    out.push(
      sentence(
        'Text lines do not name their rule: give the rule files with -r, or set json_output.',
        [],
        ['rule'],
      ),
    );
  const noImage = samples.some((alert) => {
    const id = fieldText(alert, 'container.id');
    return id !== undefined && id !== 'host' && fieldText(alert, 'container.image.repository') === undefined;
  });
  const said = triage.verdict.missing.some((item) => item.field.startsWith('container.image'));
  if (noImage && !said)
    out.push(
      sentence(
        'The container has an id but no image: its metadata had not arrived, or Falco could not ask the runtime.',
        [],
        ['container.image.repository'],
      ),
    );
  for (const playbook of triage.playbooks.slice(0, 3)) {
    for (const limit of playbook.limits.slice(0, 1))
      out.push(sentence(`Rule {0}: ${limit}`, [playbook.rule], ['rule']));
  }
  return out.slice(0, MAX_GAPS);
}

/** Processes that a capture shows ending: nothing can be asked of them any more. */
function endedPids({ processes }: Triage): ReadonlySet<string> {
  const ended = new Set<string>();
  const stack = [...processes];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.endNs !== undefined && node.pid !== undefined) ended.add(String(node.pid));
    stack.push(...node.children);
  }
  return ended;
}

function asksOfEnded({ command }: Question, ended: ReadonlySet<string>): boolean {
  const pid = command === undefined ? null : /\/proc\/(\d+)\//.exec(command);
  return pid !== null && ended.has(pid[1] as string);
}

/** The deciding question first, then those of the worst behaviours, then the playbooks'; each once. */
export function questions(triage: Triage): Question[] {
  const behaviours = [...triage.behaviours].sort(
    (a, b) =>
      Number(a.truth === 'unknown') - Number(b.truth === 'unknown') ||
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity),
  );
  const all = [
    ...(triage.verdict.decides === undefined ? [] : [triage.verdict.decides]),
    ...behaviours.flatMap((behaviour) => behaviour.questions),
    ...triage.playbooks.flatMap((playbook) => playbook.questions),
  ];
  const seen = new Set<string>();
  const ended = endedPids(triage);
  return all
    .filter((question) => {
      if (seen.has(question.text) || asksOfEnded(question, ended)) return false;
      seen.add(question.text);
      return true;
    })
    .slice(0, MAX_QUESTIONS);
}
