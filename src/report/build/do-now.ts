// The one thing to do now. Evidence before anything else where it looks like an attack; the deciding question where
// it is open; nothing urgent where it is benign.

import type { Mitigation, Phase } from '../../mitigate/index.ts';
import type { Triage } from '../../triage/index.ts';
import type { IncidentReport } from '../model.ts';
import { inOrder } from '../phases.ts';

type DoNow = IncidentReport['doNow'];

function firstOf(mitigations: readonly Mitigation[], phase: Phase): Mitigation | undefined {
  return inOrder(mitigations).find(
    (one) => one.phase === phase && one.status !== 'refused' && !one.destructive,
  );
}

function commandOf(mitigation: Mitigation): string | undefined {
  return mitigation.artefacts.find((artefact) => artefact.kind === 'command')?.content.trimEnd();
}

function act(mitigation: Mitigation, after: string): DoNow {
  const command = commandOf(mitigation);
  const title = mitigation.title.replace(/\.$/, '');
  return {
    text: `${title}${after}`,
    values: mitigation.values,
    ...(command === undefined ? {} : { command }),
  };
}

/** What to do first, from the verdict, its deciding question and what was planned. */
export function doNow(triage: Triage, mitigations: readonly Mitigation[]): DoNow {
  const { verdict } = triage;
  const hostile = verdict.word === 'malicious' || verdict.word === 'likely-malicious';
  if (hostile) {
    const preserve = firstOf(mitigations, 'preserve');
    if (preserve !== undefined)
      return act(preserve, ', before anything restarts or deletes the workload; then contain it.');
    const contain = firstOf(mitigations, 'contain');
    if (contain !== undefined) return act(contain, '. Keep what shows the attack first.');
  }
  if (verdict.decides !== undefined) {
    const { decides } = verdict;
    const lead = hostile
      ? ''
      : verdict.word === 'undetermined'
        ? 'Answer the one question that settles it: '
        : 'Nothing urgent. To be sure: ';
    return {
      text: `${lead}${decides.text}`,
      values: [],
      ...(decides.command === undefined ? {} : { command: decides.command }),
    };
  }
  if (hostile)
    return {
      text: 'Keep the workload and its logs as they are, and hand this to whoever answers for incidents.',
      values: [],
    };
  if (verdict.word === 'undetermined') {
    const process = triage.incident.findings.some(({ source }) => source === 'syscall');
    return {
      text: `Find out who ${process ? 'or what started the process' : 'asked for it, and whether they were meant to'}: the alerts alone cannot tell.`,
      values: [],
    };
  }
  const tune = firstOf(mitigations, 'tune');
  return tune === undefined
    ? { text: 'Nothing: no action is needed for this.', values: [] }
    : {
        text: 'Nothing urgent. Decide whether Falco should stay silent about it; the exception below was tried on this alert and on near misses.',
        values: [],
      };
}
