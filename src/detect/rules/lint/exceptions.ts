// Exceptions that whoever causes the event can walk into: they rest only on names that a process or a pod chooses for
// itself. A path to an executable, a user, an image or a verified parent is harder to fake.

import type { Rule, RuleException } from '../types.ts';
import { locationOf, mapValue, type YamlMap } from '../yaml.ts';
import type { LintContext, LintFinding } from './types.ts';

/** A process, a container or its creator chooses these freely. */
const SPOOFABLE: ReadonlySet<string> = new Set([
  'proc.name',
  'proc.cmdline',
  'proc.args',
  'proc.cmdnargs',
  'proc.cmdlenargs',
  'proc.exe',
  'proc.exeline',
  'proc.env',
  'proc.cwd',
  'proc.pname',
  'proc.pcmdline',
  'proc.pexe',
  'proc.aname',
  'proc.acmdline',
  'proc.aexe',
  'proc.aargs',
  'proc.sname',
  'proc.vpgid.name',
  'proc.pgid.name',
  'thread.name',
  'container.name',
  'container.label',
  'k8s.pod.name',
  'k8s.pod.label',
  'evt.args',
  'evt.arg',
  'fd.filename',
  'ka.useragent',
]);

export function* lintExceptions({ set, items }: LintContext): Generator<LintFinding> {
  const rules = new Map<string, Rule>(set.rules.map((rule) => [rule.name, rule]));
  const told = new Set<string>();
  for (const item of items.toReversed()) {
    const rule = item.kind === 'rule' ? rules.get(item.name) : undefined;
    if (rule === undefined) continue;
    for (const map of exceptionMaps(item.map)) {
      const name = mapValue(map, 'name');
      if (name?.kind !== 'scalar' || told.has(`${rule.name}\0${name.value}`)) continue;
      const exception = rule.exceptions.find((one) => one.name === name.value);
      if (exception === undefined || exception.values.length === 0) continue;
      told.add(`${rule.name}\0${name.value}`);
      const fields = fieldsOf(exception);
      if (fields.length === 0 || !fields.every((field) => SPOOFABLE.has(field.replace(/[[(].*$/s, ''))))
        continue;
      yield {
        code: 'LINT_EXCEPTION_SPOOFABLE',
        severity: 'warning',
        message: `the exception '${name.value}' rests only on ${fields.join(', ')}, which the one who causes the event chooses`,
        at: locationOf(name),
        help: 'add a field that is harder to fake: proc.exepath, proc.aexepath, user.uid, container.image.repository, k8s.ns.name',
      };
    }
  }
}

function exceptionMaps(map: YamlMap): readonly YamlMap[] {
  const node = mapValue(map, 'exceptions');
  return node?.kind === 'seq' ? node.items.filter((one) => one.kind === 'map') : [];
}

function fieldsOf({ fields }: RuleException): readonly string[] {
  return typeof fields === 'string' ? [fields] : fields;
}
