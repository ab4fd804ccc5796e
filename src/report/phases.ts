// Mitigations under the four headings of a report, in the order in which a responder acts.

import { type Mitigation, PHASES, type Phase } from '../mitigate/index.ts';

/** A heading with its mitigations; `phases` are those it covers. */
export interface Section {
  readonly title: string;
  readonly lead: string;
  readonly phases: readonly Phase[];
  readonly mitigations: readonly Mitigation[];
}

const SECTIONS: readonly {
  readonly title: string;
  readonly lead: string;
  readonly phases: readonly Phase[];
}[] = [
  {
    title: 'Do now',
    lead: 'In this order. Nothing destructive before the evidence is kept.',
    phases: ['preserve', 'contain', 'eradicate', 'recover'],
  },
  { title: 'Harden', lead: 'So that it cannot happen again, or harms less.', phases: ['harden'] },
  {
    title: 'Tune',
    lead: 'What Falco says about it next time. Silencing is a decision for a person.',
    phases: ['tune'],
  },
  { title: 'Watch', lead: 'What would show it next time, by another way too.', phases: ['watch'] },
];

export const PHASE_TEXT: Readonly<Record<Phase, string>> = {
  preserve: 'Preserve evidence',
  contain: 'Contain',
  eradicate: 'Eradicate',
  recover: 'Recover',
  harden: 'Harden',
  tune: 'Tune',
  watch: 'Watch',
};

/** The sections that have something in them, each in phase order; destructive steps last within their phase. */
export function sections(mitigations: readonly Mitigation[]): Section[] {
  return SECTIONS.map((section) => ({
    ...section,
    mitigations: section.phases.flatMap((phase) => {
      const ofPhase = mitigations.filter((mitigation) => mitigation.phase === phase);
      return [...ofPhase.filter((m) => !m.destructive), ...ofPhase.filter((m) => m.destructive)];
    }),
  })).filter((section) => section.mitigations.length > 0);
}

/** All mitigations in the order in which they are shown. */
export function inOrder(mitigations: readonly Mitigation[]): Mitigation[] {
  return [...mitigations].sort(
    (a, b) =>
      PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase) || Number(a.destructive) - Number(b.destructive),
  );
}
