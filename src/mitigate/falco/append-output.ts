// falco.yaml: print next time what this alert did not show, and what decides.

import { readFalcoConfig } from '../../detect/engine/index.ts';
import { catalogueFor } from '../../detect/fields/index.ts';
import { ownCheck } from '../checks/toolbox.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import type { Check } from '../types.ts';
import { toYaml } from '../yaml-text.ts';

const FILE = 'append-output.yaml';
const USEFUL = [
  'container.image.digest',
  'container.image.repository',
  'container.privileged',
  'proc.exepath',
  'proc.pexepath',
  'proc.aexepath[2]',
  'proc.aexepath[3]',
  'proc.pcmdline',
  'proc.acmdline[2]',
  'proc.is_exe_upper_layer',
  'proc.cwd',
  'proc.tty',
  'proc.pid',
  'proc.ppid',
  'user.loginname',
  'user.loginuid',
  'k8s.ns.name',
  'k8s.pod.name',
];

export function planAppendOutput(context: PlanContext): Draft | undefined {
  const asked = context.triage.verdict.missing.filter((one) => one.askFor).map((one) => one.field);
  const sources = new Set(context.triage.incident.findings.map((finding) => finding.source));
  if (!sources.has('syscall')) return undefined;
  const known = catalogueFor('syscall', { plugins: true });
  const missing = [...new Set([...asked, ...USEFUL])].filter(
    (field) =>
      !field.startsWith('yarak.') &&
      known.resolve(field).ref !== undefined &&
      !context.views.every((view) => view.alert.fields.has(field)),
  );
  if (missing.length === 0) return undefined;
  const rules = [...new Set(context.triage.incident.findings.flatMap(({ rule }) => rule ?? []))].slice(0, 8);
  const config = {
    append_output:
      rules.length > 0
        ? rules.map((rule) => ({ match: { rule }, extra_fields: missing }))
        : [{ match: { source: 'syscall' }, extra_fields: missing }],
  };
  const content = toYaml(config);
  return {
    id: 'falco.append-output',
    family: 'falco',
    phase: 'watch',
    title: 'Let Falco print what was missing',
    why: 'The alert does not show {0}; with them the verdict would rest on what an attacker does not choose.',
    values: [missing.slice(0, 6).join(', ')],
    factIds: context.facts('rule'),
    artefacts: [{ kind: 'falco-config', filename: FILE, language: 'yaml', content }],
    rollout:
      'A file in /etc/falco/config.d (or falco.append_output in the Helm values); Falco reloads its configuration. Without match it applies to every rule.',
    effect: 'The same alert fires with these fields in output_fields; nothing is silenced.',
    breaks: 'Alerts get longer, and command lines of ancestors can hold secrets: mind who reads them.',
    rollback: 'Remove the file.',
    references: [{ id: 'Falco: append_output', url: 'https://falco.org/docs/concepts/outputs/formatting/' }],
    effort: 'minutes',
    checks: [
      readAsConfig(content),
      ownCheck(
        'yarak field catalogue',
        'Falco 0.44',
        'valid',
        'Does every field exist for the source?',
        missing.filter((field) => known.resolve(field).ref === undefined),
        `${missing.length} fields known`,
      ),
    ],
  };
}

async function readAsConfig(content: string): Promise<Check> {
  const { diagnostics } = await readFalcoConfig(content, FILE);
  return ownCheck(
    'yarak falco.yaml reader',
    'Falco 0.44',
    'parsed',
    'Does Falco read the setting?',
    diagnostics.map((diagnostic) => diagnostic.message),
    'read',
  );
}
