// capture: true on the rule: next time the system calls around the alert are kept in a .scap file.

import { ownCheck } from '../checks/toolbox.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { refs } from '../references.ts';
import { toYaml } from '../yaml-text.ts';
import { loadArtefact } from './rule-files.ts';

const FILE = 'yarak-capture.yaml';
const DURATION_MS = 10_000;

export function planCapture(context: PlanContext): Draft | undefined {
  if (context.benign) return undefined;
  const finding = context.triage.incident.findings.find(
    ({ rule, source }) => rule !== undefined && source === 'syscall',
  );
  if (finding?.rule === undefined) return undefined;
  const content = toYaml([
    {
      rule: finding.rule,
      capture: true,
      capture_duration: DURATION_MS,
      override: { capture: 'replace', capture_duration: 'replace' },
    },
  ]);
  const loaded = loadArtefact(context, finding.rule, content, FILE);
  return {
    id: 'falco.capture',
    family: 'falco',
    phase: 'watch',
    title: 'Keep the system calls around the next alert of rule {0}',
    why: 'What came before and after this alert was not recorded.',
    values: [finding.rule],
    factIds: context.facts('rule'),
    artefacts: [{ kind: 'falco-rules', filename: FILE, language: 'yaml', content }],
    rollout:
      "A file that Falco loads after the rule's own; in falco.yaml capture.enabled: true with capture.mode: rules and a path_prefix on a disk with room.",
    effect:
      'The alert fires as before; a capture of the next ten seconds lies beside it, which yarak replay reads.',
    breaks:
      'Disk and CPU while it records, and captures hold what programs read and write: keep them as you keep secrets.',
    rollback: 'Remove the file.',
    references: refs('falco-overriding', 'sp-800-61'),
    effort: 'minutes',
    checks: [
      loaded.check,
      ownCheck(
        'yarak rules loader',
        'Falco 0.44',
        'simulated',
        'Does the rule ask for a capture afterwards?',
        loaded.after?.capture === true && loaded.after.captureDurationMs === DURATION_MS
          ? []
          : ['it does not'],
        `capture of ${DURATION_MS / 1000} s, condition unchanged`,
      ),
    ],
  };
}
