// An exception, or the upstream hook macro where the rule has one, for a benign finding: as narrow as the alert allows,
// re-run on this alert and on near misses. Refused wherever it would rest only on what an attacker chooses.

import type { Alert } from '../../alerts/index.ts';
import type { Rule } from '../../detect/rules/index.ts';
import { ownCheck } from '../checks/toolbox.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { refs } from '../references.ts';
import type { Check } from '../types.ts';
import { toYaml } from '../yaml-text.ts';
import { chooseFields, type ExceptionField } from './exception-fields.ts';
import { nearMisses } from './near-misses.ts';
import { loadArtefact, readersSet, sampleOf, truthOf } from './rule-files.ts';

const NAME = 'yarak_reviewed';
const FILE = 'yarak-exceptions.yaml';

/** One draft for each rule of a benign incident; one refusal for every other. */
export function planExceptions(context: PlanContext): Draft[] {
  const rules = [...new Set(context.triage.incident.findings.flatMap(({ rule }) => rule ?? []))];
  if (rules.length === 0) return [];
  if (!context.benign) return [refusal(context, rules, reasonForVerdict(context))];
  return rules.slice(0, 6).map((rule, i) => exceptionFor(context, rule, i));
}

function reasonForVerdict(context: PlanContext): string {
  if (context.hostile) return 'The finding looks like an attack: silencing it would hide the next one.';
  return 'The alert alone cannot tell benign from hostile; answer the deciding question first. An exception that rests on what is known now would hide an attacker who uses the same names.';
}

function exceptionFor(context: PlanContext, rule: string, index: number): Draft {
  const alert = sampleOf(context, rule);
  const findings = context.triage.incident.findings.filter((finding) => finding.rule === rule);
  if (alert === undefined)
    return refusal(context, [rule], 'No sample of the rule is there to write it from.', index);
  const chosen = chooseFields(
    alert,
    findings.flatMap((finding) => finding.samples),
  );
  if (typeof chosen === 'string') return refusal(context, [rule], chosen, index);
  const hook = hookMacro(context, rule);
  const content = hook === undefined ? exceptionText(rule, chosen) : macroText(hook, chosen);
  const loaded = loadArtefact(context, rule, content, FILE);
  const count = findings.reduce((sum, finding) => sum + finding.count, 0);
  const checks: Check[] = [loaded.check];
  if (loaded.before !== undefined && loaded.after !== undefined)
    checks.push(
      simulate(
        loaded.before,
        loaded.after,
        findings.flatMap((finding) => finding.samples),
        alert,
        chosen,
      ),
    );
  return {
    id: index === 0 ? 'falco.exception' : `falco.exception-${index + 1}`,
    family: 'falco',
    phase: 'tune',
    title: 'Except exactly this from rule {0}',
    why: 'The finding is judged {1}; {2} alert(s) of it were read.',
    values: [rule, context.verdict, String(count)],
    factIds: context.facts(...chosen.map((field) => field.name)),
    artefacts: [{ kind: 'falco-rules', filename: FILE, language: 'yaml', content }],
    rollout: `A file that Falco loads after the rule's own (rules.d, or customRules of the Helm chart). Put an owner and an expiry date in a comment, and count afterwards what it silenced.${loaded.standIn ? ' The rule file was not given: run again with -r to check it against the real rule.' : ''}`,
    effect: 'This alert no longer fires; see the check for the near misses that still do.',
    breaks: `What it cannot tell apart: an attacker who does exactly the same ${chosen.map((field) => field.name).join(', ')}.`,
    rollback: 'Remove the file; Falco reloads its rules.',
    references: refs('falco-overriding'),
    effort: 'minutes',
    needsDecision: true,
    checks,
  };
}

function refusal(context: PlanContext, rules: readonly string[], reason: string, index = 0): Draft {
  return {
    id: index === 0 ? 'falco.exception' : `falco.exception-${index + 1}`,
    family: 'falco',
    phase: 'tune',
    title: 'No exception for {0}',
    why: 'An exception silences every alert that looks the same.',
    values: [rules.join(', ')],
    factIds: context.facts('rule'),
    artefacts: [],
    rollout: 'None.',
    effect: 'The rule keeps firing.',
    breaks: 'Nothing.',
    rollback: 'Nothing to undo.',
    references: refs('falco-overriding'),
    effort: 'minutes',
    checks: [],
    refused: reason,
  };
}

function exceptionText(rule: string, chosen: readonly ExceptionField[]): string {
  return toYaml([
    {
      rule,
      exceptions: [
        {
          name: NAME,
          fields: chosen.map((field) => field.name),
          comps: chosen.map((field) => field.comparison),
          // Falco puts values into the condition as text and escapes nothing: they are quoted here.
          values: [chosen.map((field) => quoted(field.value))],
        },
      ],
      override: { exceptions: 'append' },
    },
  ]);
}

function macroText(macro: string, chosen: readonly ExceptionField[]): string {
  const condition = chosen
    .map((field) => `${field.name} ${field.comparison} ${quoted(field.value)}`)
    .join(' and ');
  return toYaml([{ macro, condition: `(${condition})`, override: { condition: 'replace' } }]);
}

/** A string in Falco's condition language: double quotes, with `\` and `"` escaped. */
function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** The rule's own hook, still empty: a macro named user_known_… that never holds. */
function hookMacro(context: PlanContext, name: string): string | undefined {
  const set = readersSet(context);
  const rule = set?.rules.find((one) => one.name === name);
  if (set === undefined || rule === undefined) return undefined;
  const names = rule.conditionText.match(/\buser_known_\w+/g) ?? [];
  return names.find((one) => {
    const macro = set.macros.find((candidate) => candidate.name === one);
    return (
      macro !== undefined && /^\(?\s*(?:never_true|evt\.num\s*=\s*0)\s*\)?$/.test(macro.conditionText.trim())
    );
  });
}

/** The rule as changed must be silent on this finding's alerts and must speak on every near miss. */
function simulate(
  before: Rule,
  after: Rule,
  samples: readonly Alert[],
  alert: Alert,
  chosen: readonly ExceptionField[],
): Check {
  const problems: string[] = [];
  const silenced = samples.filter((sample) => truthOf(after, sample) === false).length;
  if (truthOf(after, alert) !== false) problems.push('this alert would still fire');
  const misses = nearMisses(
    alert,
    chosen.map((field) => field.name),
  );
  const kept: string[] = [];
  for (const { title, alert: miss } of misses) {
    const was = truthOf(before, miss);
    const is = truthOf(after, miss);
    if (is === false && was !== false) problems.push(`near miss is silenced: ${title}`);
    else if (is !== false) kept.push(title);
  }
  return ownCheck(
    'yarak three-valued evaluator',
    'Falco 0.44',
    'simulated',
    'Re-run on this alert, is the rule silent, and does it still speak on near misses?',
    problems,
    `${silenced} of ${samples.length} sample alert(s) silenced; still alerted: ${kept.join('; ') || 'none could be made'}`,
  );
}
