// The incident in one line.

import { bestCause, type MatchedBehaviour, type Matches } from './match.ts';
import type { Triage, Verdict } from './types.ts';
import type { FindingViews } from './views.ts';
import { lowerFirst } from './words.ts';

const MAX_VALUE = 160;

function place(findings: readonly FindingViews[]): string | undefined {
  for (const { finding } of findings) {
    const { namespace, owner, imageRepository, containerName, kind, node } = finding.workload;
    const name = owner?.name ?? imageRepository?.split('/').at(-1) ?? containerName;
    if (name !== undefined) return namespace === undefined ? name : `${namespace}/${name}`;
    if (kind === 'host' && node !== undefined) return node;
  }
  return findings[0]?.finding.workload.node;
}

/** What it is (a benign cause that the verdict rests on, else the heaviest behaviour), what showed it, and where. */
export function titleOf(
  findings: readonly FindingViews[],
  matches: Matches,
  { word, leaning }: Pick<Verdict, 'word' | 'leaning'>,
): Triage['title'] {
  const heaviest = matches.behaviours.toSorted(
    (a: MatchedBehaviour, b: MatchedBehaviour) => b.behaviour.weight - a.behaviour.weight,
  )[0];
  const rests =
    word === 'benign' || word === 'likely-benign' || (word === 'undetermined' && leaning === 'benign');
  const cause = rests ? bestCause(matches.causes) : undefined;
  const view = cause?.view ?? heaviest?.view ?? findings[0]?.views[0];
  const what = (
    view?.text('proc.cmdline') ||
    view?.text('proc.name') ||
    view?.text('ka.target.name') ||
    ''
  ).slice(0, MAX_VALUE);
  const where = place(findings);
  const values: string[] = [];
  const slot = (value: string): string => {
    values.push(value);
    return `{${values.length - 1}}`;
  };
  const head =
    cause !== undefined
      ? word === 'undetermined'
        ? `Looks like ${lowerFirst(cause.cause.title)}`
        : cause.cause.title
      : heaviest === undefined
        ? slot(findings[0]?.finding.rule ?? 'An alert whose rule is unknown')
        : heaviest.behaviour.title;
  const shown = what === '' ? '' : `: ${slot(what)}`;
  return {
    text: `${head}${shown}${where === undefined || where === '' ? '' : ` in ${slot(where)}`}`,
    values,
  };
}
