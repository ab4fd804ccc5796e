// Puts macros in place of their names (filter_macro_resolver). Trees are shared, never copied: a macro's tree is one
// object wherever it is used, so later passes can remember what they found in it.

import type { Expr, MacroRef } from '../lang/index.ts';

/** A tree with its size, counted as if nothing were shared. */
export interface Resolved {
  readonly expr: Expr;
  readonly size: number;
  readonly depth: number;
}

/** Why macros could not be put in place; `ref` is the name in the author's text. */
export interface MacroProblem {
  readonly kind: 'undefined' | 'loop' | 'too-large';
  readonly name: string;
  readonly ref: MacroRef;
}

/** Sizes of what a rule may unfold to; Falco's own stay below a few thousand nodes and 20 levels. */
const MAX_SIZE = 500_000;
const MAX_DEPTH = 1000;

class Stop extends Error {
  readonly problem: MacroProblem;
  constructor(problem: MacroProblem) {
    super(problem.kind);
    this.problem = problem;
  }
}

/**
 * Resolves one condition. `lookUp` gives the tree of a macro that is visible from it, with macro names still in it or
 * not; `onUse` hears of every macro that gets used.
 */
export function resolveMacros(
  expr: Expr,
  lookUp: (name: string) => Expr | undefined,
  onUse: (name: string) => void,
): Resolved | MacroProblem {
  try {
    return new Resolver(lookUp, onUse).resolve(expr);
  } catch (failure) {
    if (!(failure instanceof Stop)) throw failure;
    return failure.problem;
  }
}

class Resolver {
  readonly #lookUp: (name: string) => Expr | undefined;
  readonly #onUse: (name: string) => void;
  readonly #done = new Map<string, Resolved>();
  readonly #path = new Set<string>();
  #undefined: MacroProblem | undefined;

  constructor(lookUp: (name: string) => Expr | undefined, onUse: (name: string) => void) {
    this.#lookUp = lookUp;
    this.#onUse = onUse;
  }

  resolve(expr: Expr): Resolved {
    const resolved = this.#expr(expr);
    // A loop is told before an unknown name, wherever they stand.
    if (this.#undefined !== undefined) throw new Stop(this.#undefined);
    return resolved;
  }

  #expr(expr: Expr): Resolved {
    switch (expr.kind) {
      case 'macro':
        return this.#macro(expr);
      case 'not': {
        const item = this.#expr(expr.item);
        return grown(item.expr === expr.item ? expr : { ...expr, item: item.expr }, [item], expr);
      }
      case 'and':
      case 'or': {
        const items = expr.items.map((item) => this.#expr(item));
        const same = items.every((item, i) => item.expr === expr.items[i]);
        return grown(same ? expr : { ...expr, items: items.map((item) => item.expr) }, items, expr);
      }
      default:
        return { expr, size: 1, depth: 1 };
    }
  }

  #macro(ref: MacroRef): Resolved {
    const { name } = ref;
    const known = this.#done.get(name);
    if (known !== undefined) return known;
    const tree = this.#lookUp(name);
    if (tree === undefined) {
      this.#undefined ??= { kind: 'undefined', name, ref };
      return { expr: ref, size: 1, depth: 1 };
    }
    if (this.#path.has(name)) throw new Stop({ kind: 'loop', name, ref });
    if (this.#path.size >= MAX_DEPTH) throw new Stop({ kind: 'too-large', name, ref });
    this.#path.add(name);
    const resolved = this.#expr(tree);
    this.#path.delete(name);
    if (resolved.size > MAX_SIZE || resolved.depth > MAX_DEPTH)
      throw new Stop({ kind: 'too-large', name, ref });
    this.#done.set(name, resolved);
    this.#onUse(name);
    return resolved;
  }
}

function grown(expr: Expr, items: readonly Resolved[], at: Expr): Resolved {
  let size = 1;
  let depth = 0;
  for (const item of items) {
    size += item.size;
    depth = Math.max(depth, item.depth);
  }
  if (size > MAX_SIZE || depth >= MAX_DEPTH) {
    const ref: MacroRef = { kind: 'macro', name: '', from: at.from, to: at.to };
    throw new Stop({ kind: 'too-large', name: '', ref });
  }
  return { expr, size, depth: depth + 1 };
}
