// Which behaviours and benign causes an incident's alerts show.

import { askQuestion } from './commands.ts';
import type { AlertView } from './derived/view.ts';
import { evaluate, shownFields, test } from './evaluate.ts';
import type { Behaviour, BenignCause, Knowledge } from './knowledge/types.ts';
import type { BehaviourMatch, BenignCauseMatch } from './types.ts';
import type { FindingViews } from './views.ts';

/** A behaviour that is true of some findings. */
export interface MatchedBehaviour {
  readonly behaviour: Behaviour;
  readonly findingIds: readonly string[];
  readonly fields: readonly string[];
  /** The view whose values the evidence shows. */
  readonly view: AlertView;
}

/** A behaviour that a missing field decides. */
export interface OpenBehaviour {
  readonly behaviour: Behaviour;
  readonly findingIds: readonly string[];
  readonly missing: readonly string[];
  readonly view: AlertView;
}

export interface MatchedCause {
  readonly cause: BenignCause;
  readonly confirmed: ReadonlySet<string>;
  /** Findings for which `prove` held too. */
  readonly proved: ReadonlySet<string>;
  readonly claimed: ReadonlySet<string>;
  readonly held: readonly string[];
  readonly notShown: readonly string[];
  /** Falco fields that would confirm it. */
  readonly missing: readonly string[];
  readonly fields: readonly string[];
  readonly view: AlertView;
}

export interface Matches {
  readonly behaviours: readonly MatchedBehaviour[];
  readonly open: readonly OpenBehaviour[];
  readonly causes: readonly MatchedCause[];
}

/** The cause that covers most findings: confirmed before claimed, what fields can confirm before what only a person can. */
export function bestCause(causes: readonly MatchedCause[]): MatchedCause | undefined {
  const personal = ({ cause }: MatchedCause): number => (cause.person === undefined ? 0 : 1);
  return causes.toSorted(
    (a, b) =>
      personal(a) - personal(b) || b.confirmed.size - a.confirmed.size || b.claimed.size - a.claimed.size,
  )[0];
}

export function matchKnowledge(findings: readonly FindingViews[], knowledge: Knowledge): Matches {
  const behaviours: MatchedBehaviour[] = [];
  const open: OpenBehaviour[] = [];
  for (const behaviour of knowledge.behaviours) {
    const matched = matchBehaviour(behaviour, findings);
    if (matched === undefined) continue;
    if ('missing' in matched) open.push(matched);
    else behaviours.push(matched);
  }
  const causes = knowledge.causes.flatMap((cause) => matchCause(cause, findings) ?? []);
  return { behaviours, open, causes };
}

function matchBehaviour(
  behaviour: Behaviour,
  findings: readonly FindingViews[],
): MatchedBehaviour | OpenBehaviour | undefined {
  const holds: string[] = [];
  const undecided: string[] = [];
  let shown: AlertView | undefined;
  let unsure: AlertView | undefined;
  for (const { finding, views } of findings) {
    const truths = views.map((view) => ({ view, truth: test(behaviour.when, view) }));
    const found = truths.find(({ truth }) => truth === true);
    if (found !== undefined) {
      holds.push(finding.id);
      shown ??= found.view;
      continue;
    }
    const doubt = truths.find(({ truth }) => truth === 'unknown');
    if (doubt === undefined) continue;
    undecided.push(finding.id);
    unsure ??= doubt.view;
  }
  if (shown !== undefined) {
    return { behaviour, findingIds: holds, fields: shownFields(behaviour.when, shown), view: shown };
  }
  if (unsure === undefined || behaviour.weight < 20) return undefined;
  const { missing } = evaluate(behaviour.when, unsure);
  // Only worth a line where the alert speaks of the matter at all and one or two fields would settle it.
  const near = missing.length > 0 && missing.length <= 2 && missing.every((field) => DECIDING.has(field));
  return near ? { behaviour, findingIds: undecided, missing, view: unsure } : undefined;
}

/** Fields that rules can print and often do not; a behaviour that hangs on others is not mentioned. */
const DECIDING = new Set(['proc.is_exe_upper_layer', 'proc.exepath']);

function matchCause(cause: BenignCause, findings: readonly FindingViews[]): MatchedCause | undefined {
  const confirmed = new Set<string>();
  const proved = new Set<string>();
  const claimed = new Set<string>();
  const held = new Set<string>();
  const notShown = new Set<string>();
  const missing = new Set<string>();
  const fields = new Set<string>();
  let shown: AlertView | undefined;
  for (const { finding, views } of findings) {
    const looks = views.filter((view) => test(cause.when, view) === true);
    const { unless } = cause;
    if (looks.length === 0 || (unless !== undefined && views.some((view) => test(unless, view) === true)))
      continue;
    if (cause.person !== undefined) {
      shown ??= looks[0];
      notShown.add(cause.person);
      for (const field of shownFields(cause.when, looks[0] as AlertView)) fields.add(field);
      claimed.add(finding.id);
      continue;
    }
    const results = looks.map((view) => ({
      view,
      holdings: cause.confirm.map((holding) => evaluate(holding.when, view)),
    }));
    if (results.some(({ holdings }) => holdings.some(({ truth }) => truth === false))) continue;
    const best = results.find(({ holdings }) => holdings.every(({ truth }) => truth === true)) ?? results[0];
    if (best === undefined) continue;
    shown ??= best.view;
    for (const field of shownFields(cause.when, best.view)) fields.add(field);
    best.holdings.forEach(({ truth, missing: lacking }, i) => {
      const holding = cause.confirm[i];
      if (holding === undefined) return;
      if (truth === true) {
        held.add(holding.text);
        for (const field of shownFields(holding.when, best.view)) fields.add(field);
      } else {
        notShown.add(holding.text);
        for (const field of lacking) missing.add(field);
      }
    });
    if (best.holdings.every(({ truth }) => truth === true)) {
      confirmed.add(finding.id);
      if (cause.prove.length > 0 && provedBy(cause, looks, held, fields)) proved.add(finding.id);
    } else claimed.add(finding.id);
  }
  if (shown === undefined) return undefined;
  return {
    cause,
    confirmed,
    proved,
    claimed,
    held: [...held],
    notShown: [...notShown].filter((text) => !held.has(text)),
    missing: [...missing].sort(),
    fields: [...fields].sort(),
    view: shown,
  };
}

function provedBy(
  cause: BenignCause,
  views: readonly AlertView[],
  held: Set<string>,
  fields: Set<string>,
): boolean {
  const view = views.find((candidate) =>
    cause.prove.every((holding) => test(holding.when, candidate) === true),
  );
  if (view === undefined) return false;
  for (const holding of cause.prove) {
    held.add(holding.text);
    for (const field of shownFields(holding.when, view)) fields.add(field);
  }
  return true;
}

export function behaviourMatches(matches: Matches, findings: readonly FindingViews[]): BehaviourMatch[] {
  const viewsFor = (ids: readonly string[]) =>
    findings.filter(({ finding }) => ids.includes(finding.id)).flatMap(({ views }) => views);
  const common = ({ behaviour, findingIds }: MatchedBehaviour | OpenBehaviour) => ({
    id: behaviour.id,
    title: behaviour.title,
    severity: behaviour.severity,
    techniques: behaviour.techniques,
    findingIds,
    questions: behaviour.questions.map((question) => askQuestion(question, viewsFor(findingIds))),
  });
  return [
    ...matches.behaviours
      .toSorted((a, b) => b.behaviour.weight - a.behaviour.weight)
      .map((match) => ({ ...common(match), truth: 'true' as const, fields: match.fields, missing: [] })),
    ...matches.open.map((match) => ({
      ...common(match),
      truth: 'unknown' as const,
      fields: [],
      missing: match.missing,
    })),
  ];
}

export function causeMatches(matches: Matches): BenignCauseMatch[] {
  return matches.causes.map(({ cause, confirmed, claimed, held, notShown }) => ({
    id: cause.id,
    title: cause.title,
    strength: confirmed.size > 0 && claimed.size === 0 ? 'confirmed' : 'claimed',
    held,
    notShown,
    findingIds: [...new Set([...confirmed, ...claimed])],
  }));
}
