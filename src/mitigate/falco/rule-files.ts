// Falco artefacts, loaded by Yarak's own loader together with the reader's rule files. Where the reader gave none, or
// none holds the rule, a stand-in of the same name takes its place: the syntax and the fields are then checked, the
// interplay with the real rule is not, and the check says so.

import type { Alert } from '../../alerts/index.ts';
import { compileThreeValued, type Truth, UnsupportedCondition } from '../../detect/engine/index.ts';
import { loadRules, type Rule, type RuleSet } from '../../detect/rules/index.ts';
import { ownCheck } from '../checks/toolbox.ts';
import type { PlanContext } from '../context.ts';
import type { Check } from '../types.ts';
import { toYaml } from '../yaml-text.ts';

export const LOADER = 'yarak rules loader';
export const ENGINE = 'Falco 0.44';

export interface Loaded {
  readonly check: Check;
  readonly before: Rule | undefined;
  readonly after: Rule | undefined;
  readonly standIn: boolean;
  readonly set: RuleSet;
}

/** Whether the reader's files define the rule. */
export function readersRule(context: PlanContext, name: string): Rule | undefined {
  return readersSet(context)?.rules.find((rule) => rule.name === name);
}

const sets = new WeakMap<object, RuleSet>();

/** The reader's rules, loaded once for a list of files. */
export function readersSet(context: PlanContext): RuleSet | undefined {
  const files = context.options.rules;
  if (files === undefined || files.length === 0) return undefined;
  let set = sets.get(files);
  if (set === undefined) {
    set = loadRules(files);
    sets.set(files, set);
  }
  return set;
}

/** Loads the artefact behind the reader's rules or a stand-in. `name`: the rule that it changes or brings. */
export function loadArtefact(
  context: PlanContext,
  name: string,
  content: string,
  file: string,
  fresh = false,
): Loaded {
  const known = readersRule(context, name);
  const standIn = known === undefined && !fresh;
  const base =
    standIn || context.options.rules === undefined
      ? fresh
        ? []
        : [{ name: 'stand-in.yaml', content: standInRule(context, name) }]
      : [...context.options.rules];
  const before = standIn ? loadRules(base).rules.find((rule) => rule.name === name) : known;
  const set = loadRules([...base, { name: file, content }]);
  const result = set.results.at(-1);
  const findings = [...(result?.errors ?? []), ...(result?.warnings ?? [])];
  const after = set.rules.find((rule) => rule.name === name);
  const problems = findings.map(({ code, message }) => `${code}: ${message}`);
  if (after === undefined) problems.push(`rule "${name}" is not there afterwards`);
  return {
    before,
    after,
    standIn,
    set,
    check: ownCheck(
      LOADER,
      ENGINE,
      'valid',
      standIn
        ? 'Does Falco load it, behind a stand-in for the rule (give the rule files with -r for the real one)?'
        : fresh
          ? 'Does Falco load it without error or warning?'
          : 'Does Falco load it behind your rule files, without error or warning?',
      problems,
      'loaded, no warning',
    ),
  };
}

/** A rule of that name which fires on what the alert shows: the sample's type, program and place. */
function standInRule(context: PlanContext, name: string): string {
  const alert = sampleOf(context, name);
  const source = alert?.source ?? 'syscall';
  const output = [...(alert?.fields.keys() ?? [])].filter(
    (field) => field.startsWith('proc.') || field.startsWith('container.') || field.startsWith('user.'),
  );
  const condition =
    source === 'syscall'
      ? 'evt.type in (execve, execveat, open, openat, openat2, connect, creat)'
      : 'ka.verb exists';
  return toYaml([
    {
      rule: name,
      desc: 'Stand-in for a rule whose file was not given',
      condition,
      output: `stand-in ${output
        .slice(0, 3)
        .map((field) => `%${field}`)
        .join(' ')}`,
      priority: 'NOTICE',
      source,
    },
  ]);
}

/** The fullest sample alert of a rule. */
export function sampleOf(context: PlanContext, rule: string): Alert | undefined {
  return context.views
    .map((view) => view.alert)
    .filter((alert) => alert.rule === rule)
    .sort((a, b) => b.fields.size - a.fields.size)[0];
}

/** What a rule says of an alert; `unknown` also where the condition cannot be evaluated over alerts. */
export function truthOf(rule: Rule, alert: Alert): Truth {
  try {
    return compileThreeValued(rule.condition).evaluate(alert).truth;
  } catch (error) {
    if (error instanceof UnsupportedCondition) return 'unknown';
    throw error;
  }
}
