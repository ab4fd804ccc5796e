// A site's own rule that fires on every shell of every container says little: entrypoints, probes, hooks and loaders
// start shells too. Narrowed to what a person or a server does, it is worth a page.

import { createEngine, recordAccess } from '../../detect/engine/index.ts';
import { eventCodes } from '../../detect/fields/index.ts';
import type { Rule } from '../../detect/rules/index.ts';
import { ownCheck } from '../checks/toolbox.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { isShell } from '../programs.ts';
import { refs } from '../references.ts';
import { toYaml } from '../yaml-text.ts';
import { loadArtefact, readersRule } from './rule-files.ts';

const OWN_RULE = 'Detect Shell in Container';
const FILE = 'yarak-narrower-shell-rule.yaml';
const SHELLS = '(ash, bash, csh, dash, fish, ksh, sh, tcsh, zsh)';
const SERVERS =
  '(apache2, gunicorn, httpd, java, mysqld, nginx, node, php-fpm, postgres, python, python3, redis-server, ruby, tomcat, uwsgi)';

export function planTooBroad(context: PlanContext): Draft | undefined {
  // A playbook that only repeats the author's description is the reader's own rule's.
  const known = context.triage.playbooks.filter(
    ({ questions, benignCauses }) => questions.length + benignCauses.length > 0,
  );
  const stock = new Set(known.map((playbook) => playbook.rule));
  // Yarak's own rule of this name asks for a terminal; what fires without one is another of the same name.
  stock.delete(OWN_RULE);
  const view = context.views.find(
    ({ alert }) =>
      alert.rule !== undefined &&
      !stock.has(alert.rule) &&
      alert.source === 'syscall' &&
      /shell|exec|command/i.test(alert.rule),
  );
  const rule = view?.alert.rule;
  if (view === undefined || rule === undefined) return undefined;
  if (!isShell(view.text('proc.name')) || view.get('yarak.exe.upper_layer') === true) return undefined;
  const terminal = Number(view.text('proc.tty') || '0');
  if (terminal !== 0 || context.hostile) return undefined;
  const name = `${rule} (someone at it)`.slice(0, 120);
  const given = readersRule(context, rule);
  const content = toYaml([
    {
      rule: name,
      desc: 'A shell starts in a container with a terminal, or below a server that has no business with one',
      condition: `evt.type in (execve, execveat) and container.id != host and container.id != "" and proc.name in ${SHELLS} and (proc.tty != 0 or proc.pname in ${SERVERS})`,
      output:
        'Shell in a container with a terminal or below a server (user=%user.name command=%proc.cmdline exepath=%proc.exepath parent=%proc.pname parent_exepath=%proc.pexepath terminal=%proc.tty image=%container.image.repository digest=%container.image.digest pod=%k8s.pod.name ns=%k8s.ns.name)',
      priority: 'WARNING',
      tags: ['container', 'shell', 'T1059.004'],
    },
  ]);
  const loaded = loadArtefact(context, name, content, FILE, true);
  return {
    id: 'falco.too-broad',
    family: 'falco',
    phase: 'tune',
    title: 'Narrow rule {0}: it is too broad',
    why:
      'It fired on {1}, a shell that ran one command and shows no terminal and no server as parent. A rule that fires on any shell fires on entrypoints, probes, lifecycle hooks and installers too, so its alerts say nothing by themselves.' +
      (given === undefined ? ' (Judged by what it fired on; its file was not given.)' : ''),
    values: [rule, view.text('proc.cmdline')],
    factIds: context.facts('rule', 'proc.cmdline', 'proc.tty'),
    artefacts: [{ kind: 'falco-rules', filename: FILE, language: 'yaml', content }],
    rollout:
      'Load the narrower rule beside the old one, compare both for a week, then lower the priority of the old one; it stays as a record. Add the servers of your images to the list.',
    effect:
      'Shells with a terminal (kubectl exec -it, a pseudo-terminal of an intruder) and shells below a server still alert; this one would not.',
    breaks:
      'A shell without a terminal below a parent that is not in the list is then only in the old, quieter rule.',
    rollback: 'Remove the file.',
    references: refs('falco-overriding'),
    effort: 'minutes',
    needsDecision: true,
    checks: [loaded.check, ...(loaded.after === undefined ? [] : [tryNarrow(loaded.after)])],
  };
}

function tryNarrow(rule: Rule) {
  const engine = createEngine([rule], recordAccess('syscall'), { generate: 'never' });
  const code = eventCodes('execve')?.at(-1) ?? 0;
  const fires = (fields: Record<string, string | number>) =>
    engine.match(
      {
        timeNs: 0n,
        fields: new Map<string, string | number>(
          Object.entries({
            'evt.type': 'execve',
            'container.id': 'f8dc2f5f2c38',
            'proc.name': 'bash',
            ...fields,
          }),
        ),
      },
      code,
    ).length > 0;
  const problems = [
    ...(fires({ 'proc.tty': 34816, 'proc.pname': 'runc' }) ? [] : ['a shell with a terminal does not fire']),
    ...(fires({ 'proc.tty': 0, 'proc.pname': 'nginx' }) ? [] : ['a shell below a server does not fire']),
    ...(fires({ 'proc.tty': 0, 'proc.pname': 'docker-entrypoi' }) ? ["an entrypoint's shell fires"] : []),
    ...(fires({ 'proc.tty': 34816, 'container.id': 'host' }) ? ['a shell on the host fires'] : []),
  ];
  return ownCheck(
    'yarak engine',
    'Falco 0.44',
    'simulated',
    'Run on made-up events, does it fire on a terminal and below a server, and not on an entrypoint or on the host?',
    problems,
    'fires on 2 of 2, silent on 2 of 2',
  );
}
