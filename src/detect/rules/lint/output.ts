// Outputs that leave out what whoever gets the alert needs first. What Falco's stock configuration appends itself
// (`suggested_output`: container and Kubernetes fields) counts as there.

import { SUGGESTED_FIELDS } from '../../fields/index.ts';
import type { Rule } from '../types.ts';
import { locationOf, mapValue } from '../yaml.ts';
import type { LintContext, LintFinding } from './types.ts';

/** What is needed, and the fields that any one of gives it. */
const NEEDS: Readonly<Record<string, readonly (readonly [need: string, fields: readonly string[]])[]>> = {
  syscall: [
    ['the command line', ['proc.cmdline', 'proc.exeline', 'proc.args']],
    ['the executable', ['proc.exepath', 'proc.exe']],
    [
      'the parent',
      ['proc.pname', 'proc.pcmdline', 'proc.pexepath', 'proc.pexe', 'proc.aname', 'proc.acmdline'],
    ],
    ['the user', ['user.name', 'user.uid', 'user.loginname', 'user.loginuid']],
    ['the container', ['container.id', 'container.name']],
    ['the image', ['container.image.repository', 'container.image']],
    ['the pod', ['k8s.pod.name']],
  ],
  k8s_audit: [
    ['the user', ['ka.user.name']],
    ['what was done', ['ka.verb', 'ka.uri']],
    ['the object', ['ka.target.name', 'ka.req.pod.containers.image', 'ka.target.resource', 'ka.uri']],
    ['the namespace', ['ka.target.namespace', 'ka.uri']],
  ],
};

export function* lintOutput({ set, items }: LintContext): Generator<LintFinding> {
  const rules = new Map<string, Rule>(set.rules.map((rule) => [rule.name, rule]));
  const told = new Set<string>();
  for (const item of items.toReversed()) {
    const node = item.kind === 'rule' ? mapValue(item.map, 'output') : undefined;
    const rule = rules.get(item.name);
    if (node === undefined || rule === undefined || told.has(rule.name)) continue;
    told.add(rule.name);
    const needs = NEEDS[rule.source];
    if (needs === undefined) continue;
    const there = new Set(
      [...rule.output.matchAll(/%(?:\w+\()*([a-z_0-9]+(?:\.[a-z_0-9]+)+)/g)].map(([, name]) => name),
    );
    if (rule.source === 'syscall') for (const name of SUGGESTED_FIELDS) there.add(name);
    const lacks = needs.filter(([, fields]) => !fields.some((field) => there.has(field)));
    if (lacks.length === 0) continue;
    yield {
      code: 'LINT_OUTPUT_LACKS',
      severity: 'hint',
      message: `the output does not tell ${lacks.map(([need]) => need).join(', ')}`,
      at: locationOf(node),
      help: `add ${lacks.map(([, [field]]) => `%${field}`).join(' ')}`,
    };
  }
}
