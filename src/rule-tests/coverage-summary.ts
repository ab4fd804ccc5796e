// Coverage in numbers, by rules file and kind, and what was missed.

import type { Location } from '../base/diagnostic.ts';
import { type Coverage, POINT_KINDS, type Point, type PointKind } from './coverage.ts';

export interface Count {
  readonly reached: number;
  readonly total: number;
}

export interface Missed {
  readonly kind: PointKind;
  readonly name: string;
  readonly text: string;
  readonly at: Location;
  /** Of clauses: the outcomes that never were. Else `reached`. */
  readonly never: readonly ('true' | 'false' | 'reached')[];
}

export interface FileCoverage extends Count {
  readonly file: string;
  readonly kinds: Readonly<Record<PointKind, Count>>;
  readonly missed: readonly Missed[];
}

export interface CoverageSummary extends Count {
  readonly files: readonly FileCoverage[];
}

/** A comparison counts twice, for its two outcomes; everything else once. */
export function summarise(coverage: Coverage): CoverageSummary {
  const files = [...Map.groupBy(coverage.points(), ({ at }) => at.file)].map(([file, points]) => ({
    file,
    ...countOf(points),
    kinds: Object.fromEntries(
      POINT_KINDS.map((kind) => [kind, countOf(points.filter((point) => point.kind === kind))]),
    ) as Record<PointKind, Count>,
    missed: points.flatMap(missedOf),
  }));
  return { reached: sum(files, 'reached'), total: sum(files, 'total'), files };
}

/** 0 to 100; 100 where there is nothing to reach. */
export function percent({ reached, total }: Count): number {
  return total === 0 ? 100 : (reached / total) * 100;
}

/** Cut, never rounded up: 100 % is everything. */
export function percentText(count: Count): string {
  return `${(Math.floor(percent(count) * 10) / 10).toFixed(1)} %`;
}

function countOf(points: readonly Point[]): Count {
  let reached = 0;
  let total = 0;
  for (const point of points) {
    total += point.kind === 'clause' ? 2 : 1;
    if (point.kind === 'clause') reached += Number(point.isTrue) + Number(point.isFalse);
    else if (point.reached) reached++;
  }
  return { reached, total };
}

function missedOf({ kind, name, text, at, isTrue, isFalse, reached }: Point): Missed[] {
  if (kind !== 'clause') return reached ? [] : [{ kind, name, text, at, never: ['reached'] }];
  if (isTrue && isFalse) return [];
  const never = [...(isTrue ? [] : ['true' as const]), ...(isFalse ? [] : ['false' as const])];
  return [{ kind, name, text, at, never }];
}

function sum(counts: readonly Count[], key: keyof Count): number {
  return counts.reduce((all, one) => all + one[key], 0);
}
