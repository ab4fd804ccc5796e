// Why a condition is not what was wanted on an event: the smallest set of comparisons that would all have to come out
// otherwise. Of an `or` that means its nearest alternative.

import type { Expr, Leaf } from '../detect/lang/index.ts';
import type { Truth } from './vantage.ts';

export interface Miss {
  readonly leaf: Leaf;
  /** What the comparison should have been. */
  readonly wanted: boolean;
  readonly truth: Truth;
  /** Expressions that the comparison stands in, outermost first: macros are found by them. */
  readonly within: readonly Expr[];
  /** Alternatives of the innermost `or` that this one is the nearest of; 1: there is no other way. */
  readonly alternatives: number;
}

/** The misses; `undefined`: `expr` is what was wanted. */
export function nearestMiss(expr: Expr, truthOf: (leaf: Leaf) => Truth): readonly Miss[] | undefined {
  return new Search(truthOf).look(expr, true);
}

class Search {
  readonly #truthOf: (leaf: Leaf) => Truth;
  /** Macros stand in a condition as shared trees: each is looked at once. */
  readonly #known = [
    new Map<Expr, readonly Miss[] | undefined>(),
    new Map<Expr, readonly Miss[] | undefined>(),
  ] as const;

  constructor(truthOf: (leaf: Leaf) => Truth) {
    this.#truthOf = truthOf;
  }

  look(expr: Expr, wanted: boolean): readonly Miss[] | undefined {
    const known = this.#known[wanted ? 1 : 0];
    if (known.has(expr)) return known.get(expr);
    const found = this.#look(expr, wanted)?.map((miss) => ({ ...miss, within: [expr, ...miss.within] }));
    known.set(expr, found);
    return found;
  }

  #look(expr: Expr, wanted: boolean): readonly Miss[] | undefined {
    switch (expr.kind) {
      case 'and':
      case 'or': {
        const all = expr.items.map((item) => this.look(item, wanted));
        // An `and` is true, and an `or` false, when all of its items are; else one item is enough.
        if ((expr.kind === 'and') === wanted) {
          const misses = all.flatMap((one) => one ?? []);
          return misses.length === 0 ? undefined : unique(misses);
        }
        let best: readonly Miss[] | undefined;
        for (const one of all) {
          if (one === undefined) return undefined;
          if (best === undefined || one.length < best.length) best = one;
        }
        return best?.map((miss) => ({ ...miss, alternatives: Math.max(miss.alternatives, all.length) }));
      }
      case 'not':
        return this.look(expr.item, !wanted);
      case 'macro':
        return undefined;
      default: {
        const truth = this.#truthOf(expr);
        return truth === wanted ? undefined : [{ leaf: expr, wanted, truth, within: [], alternatives: 1 }];
      }
    }
  }
}

function unique(misses: readonly Miss[]): readonly Miss[] {
  const seen = new Set<Leaf>();
  return misses.filter(({ leaf }) => !seen.has(leaf) && seen.add(leaf));
}
