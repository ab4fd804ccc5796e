// A Falco rule of our own that shows the same attack by another way, in case the first rule is avoided. Each is loaded
// and run on events made for it: what must fire, and what must not.

import { createEngine, recordAccess } from '../../detect/engine/index.ts';
import { eventCodes } from '../../detect/fields/index.ts';
import type { Rule } from '../../detect/rules/index.ts';
import { ownCheck } from '../checks/toolbox.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { loadArtefact } from '../falco/rule-files.ts';
import { refs } from '../references.ts';
import { toYaml } from '../yaml-text.ts';
import { chooseSecondRule, type SecondRule } from './second-rules.ts';

const FILE = 'yarak-second-rule.yaml';

export function planSecondRule(context: PlanContext): Draft | undefined {
  const second = chooseSecondRule(context);
  if (second === undefined) return undefined;
  const content = toYaml([
    {
      rule: second.name,
      desc: second.desc,
      condition: second.condition,
      output: second.output,
      priority: second.priority,
      tags: second.tags,
    },
  ]);
  const loaded = loadArtefact(context, second.name, content, FILE, true);
  return {
    id: 'monitoring.second-rule',
    family: 'monitoring',
    phase: 'watch',
    title: 'Watch the same attack by another way',
    why: second.why,
    factIds: context.facts('rule', 'proc.cmdline', 'fd.name', 'evt.type'),
    artefacts: [{ kind: 'falco-rules', filename: FILE, language: 'yaml', content }],
    rollout:
      'Load it beside your rules and let it run quietly (priority NOTICE) for a week before it pages anyone.',
    effect: second.effect,
    breaks:
      'Alerts of its own on workloads that do this on purpose: except them by image digest and executable path.',
    rollback: 'Remove the file.',
    references: refs('M1047'),
    effort: 'minutes',
    checks: [loaded.check, ...(loaded.after === undefined ? [] : [run(loaded.after, second)])],
  };
}

function run(rule: Rule, second: SecondRule) {
  const engine = createEngine([rule], recordAccess('syscall'), { generate: 'never' });
  const fires = (fields: SecondRule['fires'][number]) => {
    const type = String(fields['evt.type']);
    const code = eventCodes(type)?.at(-1) ?? 0;
    return engine.match({ timeNs: 0n, fields: new Map(Object.entries(fields)) }, code).length > 0;
  };
  const problems = [
    ...engine.diagnostics.map((diagnostic) => diagnostic.message),
    ...second.fires.flatMap((fields, i) => (fires(fields) ? [] : [`attack ${i + 1} does not fire`])),
    ...second.silent.flatMap((fields, i) => (fires(fields) ? [`ordinary event ${i + 1} fires`] : [])),
  ];
  return ownCheck(
    'yarak engine',
    'Falco 0.44',
    'simulated',
    'Run on made-up events, does it fire on the attack and stay silent on the ordinary?',
    problems,
    `fires on ${second.fires.length} of ${second.fires.length}, silent on ${second.silent.length} of ${second.silent.length}`,
  );
}
