// The incident in one line.

import type { MatchedBehaviour, Matches } from './match.ts';
import type { Triage } from './types.ts';
import type { FindingViews } from './views.ts';

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

/** The heaviest behaviour, what showed it, and where. */
export function titleOf(findings: readonly FindingViews[], matches: Matches): Triage['title'] {
  const heaviest = matches.behaviours.toSorted(
    (a: MatchedBehaviour, b: MatchedBehaviour) => b.behaviour.weight - a.behaviour.weight,
  )[0];
  const view = heaviest?.view ?? findings[0]?.views[0];
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
    heaviest === undefined
      ? slot(findings[0]?.finding.rule ?? 'An alert whose rule is unknown')
      : heaviest.behaviour.title;
  const shown = what === '' ? '' : `: ${slot(what)}`;
  return {
    text: `${head}${shown}${where === undefined || where === '' ? '' : ` in ${slot(where)}`}`,
    values,
  };
}
