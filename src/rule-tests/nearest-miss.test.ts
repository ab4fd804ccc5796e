import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Expr, type Leaf, parseCondition, printExpr } from '../detect/lang/index.ts';
import { leavesOf } from './condition-fields.ts';
import { nearestMiss } from './nearest-miss.ts';
import type { Truth } from './vantage.ts';

function parse(text: string): Expr {
  const { expr } = parseCondition(text);
  if (expr === undefined) throw new Error(text);
  return expr;
}

/** `f.a exists` is true where `a` is among the names. */
const among = (names: string) => (leaf: Leaf) => names.split(' ').includes(printExpr(leaf).slice(2, 3));

describe('nearest miss', () => {
  it.each([
    // condition; true leaves; what would have to change
    ['f.a exists and f.b exists and f.c exists', 'b', ['a', 'c']],
    ['f.a exists or f.b exists', 'b', undefined],
    ['f.a exists or f.b exists', '', ['a/2']],
    ['(f.a exists and f.b exists) or (f.c exists and f.d exists)', 'c', ['d/2']],
    ['f.a exists and not f.b exists', 'a b', ['not b']],
    ['not (f.a exists and f.b exists)', 'a b', ['not a/2']],
    ['not (f.a exists or f.b exists)', 'a b', ['not a', 'not b']],
    ['not (f.a exists or f.b exists)', 'c', undefined],
    ['f.a exists and (f.b exists or (f.c exists and f.d exists)) and f.e exists', 'a', ['b/2', 'e']],
  ])('%s with %s', (condition, truths, expected) => {
    const misses = nearestMiss(parse(condition), among(truths));
    expect(
      misses?.map(({ leaf, wanted, alternatives }) => {
        const name = printExpr(leaf).slice(2, 3);
        return `${wanted ? '' : 'not '}${name}${alternatives > 1 ? `/${alternatives}` : ''}`;
      }),
    ).toEqual(expected);
  });

  it('unknown is not what was wanted, and is told as unknown', () => {
    const misses = nearestMiss(parse('f.a exists and not f.b exists'), () => undefined);
    expect(misses?.map(({ wanted, truth }) => [wanted, truth])).toEqual([
      [true, undefined],
      [false, undefined],
    ]);
  });

  it('a macro that stands in many places is looked at once', () => {
    let expr: Expr = parse('f.a exists and f.b exists');
    for (let level = 0; level < 40; level++) expr = { kind: 'or', items: [expr, expr], from: 0, to: 0 };
    expect(nearestMiss(expr, () => false)?.length).toBe(2);
  });

  it('names a smallest set of comparisons that decides, whatever the condition', () => {
    let next = 0;
    const leaf = fc.constant(null).map(
      (): Expr => ({
        kind: 'exists',
        left: { kind: 'field', name: `f.${next++}`, from: 0, to: 0 },
        from: 0,
        to: 0,
      }),
    );
    const span = { from: 0, to: 0 };
    const { tree } = fc.letrec<{ tree: Expr }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        leaf,
        fc
          .array(tie('tree'), { minLength: 2, maxLength: 3 })
          .map((items): Expr => ({ kind: 'and', items, ...span })),
        fc
          .array(tie('tree'), { minLength: 2, maxLength: 3 })
          .map((items): Expr => ({ kind: 'or', items, ...span })),
        tie('tree').map((item): Expr => ({ kind: 'not', item, ...span })),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.infiniteStream(fc.boolean()), (expr, stream) => {
        const leaves = leavesOf(expr);
        fc.pre(leaves.length <= 10);
        const truths = new Map<Leaf, boolean>();
        for (const one of leaves) truths.set(one, stream.next().value as boolean);
        const misses = nearestMiss(expr, (one) => truths.get(one) as Truth);
        if (misses === undefined) {
          expect(evaluate(expr, truths)).toBe(true);
          return;
        }
        expect(evaluate(expr, truths)).toBe(false);
        const mended = new Map(truths);
        for (const { leaf: one, wanted } of misses) mended.set(one, wanted);
        expect(evaluate(expr, mended)).toBe(true);
        expect(misses.length).toBe(fewestFlips(expr, truths, leaves));
      }),
      { numRuns: 300 },
    );
  });
});

function evaluate(expr: Expr, truths: ReadonlyMap<Leaf, boolean>): boolean {
  if (expr.kind === 'and') return expr.items.every((item) => evaluate(item, truths));
  if (expr.kind === 'or') return expr.items.some((item) => evaluate(item, truths));
  if (expr.kind === 'not') return !evaluate(expr.item, truths);
  return expr.kind !== 'macro' && truths.get(expr) === true;
}

/** By trying all sets. */
function fewestFlips(expr: Expr, truths: ReadonlyMap<Leaf, boolean>, leaves: readonly Leaf[]): number {
  let best = leaves.length;
  for (let set = 0; set < 1 << leaves.length; set++) {
    const flipped = leaves.filter((_, i) => (set & (1 << i)) !== 0);
    if (flipped.length >= best) continue;
    const tried = new Map(truths);
    for (const leaf of flipped) tried.set(leaf, truths.get(leaf) !== true);
    if (evaluate(expr, tried)) best = flipped.length;
  }
  return best;
}
