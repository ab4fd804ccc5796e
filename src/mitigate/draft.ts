// What a planner writes, and how it becomes a mitigation: its checks are awaited, and they alone decide its level.

import { type Check, LEVELS, type Level, type Mitigation } from './types.ts';

type Decided = 'checks' | 'level' | 'status' | 'reason';
type Optional = 'values' | 'factIds' | 'needsDecision' | 'destructive' | 'unknowns';

export interface Draft extends Omit<Mitigation, Decided | Optional>, Partial<Pick<Mitigation, Optional>> {
  readonly checks: readonly (Check | Promise<Check>)[];
  /** Why no safe one can be written. */
  readonly refused?: string;
}

/** A draft with its checks made. */
export async function finishDraft(draft: Draft): Promise<Mitigation> {
  const { refused, ...rest } = draft;
  const checks = await Promise.all(draft.checks);
  const level = levelOfChecks(checks);
  const offered = LEVELS.indexOf(level) >= LEVELS.indexOf('valid');
  return {
    ...rest,
    values: draft.values ?? [],
    factIds: draft.factIds ?? [],
    needsDecision: draft.needsDecision ?? false,
    destructive: draft.destructive ?? false,
    unknowns: draft.unknowns ?? [],
    checks,
    level,
    status: refused !== undefined ? 'refused' : offered ? 'offered' : 'proposal',
    ...(refused === undefined ? {} : { reason: refused }),
  };
}

/** The highest level that a check passed; `none` as soon as one failed. */
export function levelOfChecks(checks: readonly Check[]): Level {
  if (checks.some((check) => check.result === 'failed')) return 'none';
  let best = 0;
  for (const check of checks) {
    if (check.result === 'passed') best = Math.max(best, LEVELS.indexOf(check.level));
  }
  return LEVELS[best] ?? 'none';
}
