// What the tests reach in the rules: every event of every test is evaluated once more, comparison by comparison and
// in Falco's order (left to right, stopping where the outcome is clear), and what came out is kept by the author's place.
//
// Points: a rule that fired; a macro that was asked; both outcomes of each comparison; each constant of a list that was
// met by a value; each row of an exception that took an event out. Rules that do not run (disabled, below the config's
// priority) and what only they use are left out.

import type { Location } from '../base/diagnostic.ts';
import { type EngineSettings, selectRules } from '../detect/engine/index.ts';
import { type Compare, type Expr, type Leaf, type Literal, printExpr } from '../detect/lang/index.ts';
import type { Rule, RuleSet } from '../detect/rules/index.ts';
import { authoredText } from './authored-text.ts';
import { exceptionParts } from './exception-parts.ts';
import type { EventStream, EventVisitor, FiredAlert, TakeEvent } from './streams.ts';
import type { Truth, Vantage } from './vantage.ts';

export const POINT_KINDS = ['rule', 'macro', 'clause', 'list-item', 'exception'] as const;
export type PointKind = (typeof POINT_KINDS)[number];

export interface Point {
  readonly kind: PointKind;
  /** The rule, the macro, the list, or `RULE: EXCEPTION`; of a clause or a constant in a condition, whose it is. */
  readonly name: string;
  readonly text: string;
  readonly at: Location;
  /** Of clauses; for all others `reached` alone counts. */
  isTrue: boolean;
  isFalse: boolean;
  reached: boolean;
}

/** Collects over all tests of all files. */
export class Coverage {
  readonly #points = new Map<string, Point>();

  /** Adds the rules that a test file loads, and gives what its tests are recorded with. */
  plan(set: RuleSet, settings: EngineSettings, textOf: (file: string) => string | undefined): CoveragePlan {
    const plan = new CoveragePlan((point) => this.#intern(point));
    const sources = new Set(set.rules.map(({ source }) => source));
    for (const source of sources) plan.add(source, selectRules(set.rules, source, settings), set, textOf);
    return plan;
  }

  /** Points by place. */
  points(): readonly Point[] {
    return [...this.#points.values()].sort(
      (a, b) =>
        (a.at.file < b.at.file ? -1 : a.at.file > b.at.file ? 1 : a.at.from - b.at.from) ||
        POINT_KINDS.indexOf(a.kind) - POINT_KINDS.indexOf(b.kind),
    );
  }

  #intern(point: Omit<Point, 'isTrue' | 'isFalse' | 'reached'>): Point {
    const { kind, name, text, at } = point;
    // A comparison, or a list's item, is one point however many rules it got into.
    const key = JSON.stringify([kind, at.file, at.from, kind === 'rule' || kind === 'macro' ? name : text]);
    let known = this.#points.get(key);
    if (known === undefined) {
      known = { ...point, isTrue: false, isFalse: false, reached: false };
      this.#points.set(key, known);
    }
    return known;
  }
}

type Intern = (point: Omit<Point, 'isTrue' | 'isFalse' | 'reached'>) => Point;

/** A constant to be met: the comparison with it alone. */
interface Constant {
  readonly alone: Leaf;
  readonly point: Point;
}

/** The points of one test file's rules, by the parts of the conditions that reach them. */
export class CoveragePlan {
  readonly #intern: Intern;
  readonly #rules = new Map<string, Rule[]>();
  readonly #fired = new Map<string, Point>();
  readonly #macros = new Map<Expr, Point[]>();
  readonly #clauses = new Map<Leaf, Point>();
  readonly #constants = new Map<Leaf, Constant[]>();
  readonly #rows = new Map<Expr, Point>();
  /** Tests that look at their events in the same way share the compiled conditions. */
  readonly #recorders = new WeakMap<object, unknown>();

  constructor(intern: Intern) {
    this.#intern = intern;
  }

  add(
    source: string,
    rules: readonly Rule[],
    set: RuleSet,
    textOf: (file: string) => string | undefined,
  ): void {
    this.#rules.set(source, [...rules]);
    const macroOf = Map.groupBy(
      set.macros.filter(({ condition, used }) => used && condition !== undefined),
      ({ condition }) => condition as Expr,
    );
    for (const rule of rules) {
      this.#fired.set(
        rule.name,
        this.#intern({ kind: 'rule', name: rule.name, text: rule.name, at: rule.at }),
      );
      const parts = exceptionParts(rule, set.placeOf);
      const inException = new Set(parts.map(({ expr }) => expr));
      for (const part of parts) this.#addException(rule, part);
      const walk = (expr: Expr, owner: string): void => {
        if (inException.has(expr)) return;
        const macros = macroOf.get(expr);
        const name = macros?.[0]?.name ?? owner;
        if (macros !== undefined && !this.#macros.has(expr))
          this.#macros.set(
            expr,
            macros.map(({ name, at }) => this.#intern({ kind: 'macro', name, text: name, at })),
          );
        if (expr.kind === 'and' || expr.kind === 'or') for (const item of expr.items) walk(item, name);
        else if (expr.kind === 'not') walk(expr.item, name);
        else if (expr.kind !== 'macro' && !this.#clauses.has(expr)) this.#addClause(expr, name, set, textOf);
      };
      walk(rule.condition, rule.name);
    }
  }

  #addException(rule: Rule, part: ReturnType<typeof exceptionParts>[number]): void {
    for (const { text, at = rule.at, expr, literals } of part.rows) {
      const point = this.#intern({ kind: 'exception', name: `${rule.name}: ${part.name}`, text, at });
      if (literals === undefined) this.#rows.set(expr, point);
      else for (const literal of literals) this.#addConstant(expr as Compare, literal, point);
    }
  }

  #addClause(leaf: Leaf, name: string, set: RuleSet, textOf: (file: string) => string | undefined): void {
    const at = set.placeOf(leaf)?.at;
    if (at === undefined) return;
    const text = authoredText(at, textOf) ?? printExpr(leaf);
    this.#clauses.set(leaf, this.#intern({ kind: 'clause', name, text, at }));
    if (leaf.kind !== 'compare' || leaf.right.kind !== 'list' || leaf.right.items.length < 2) return;
    for (const literal of leaf.right.items) {
      const place = set.placeOf(leaf, literal);
      if (place === undefined) continue;
      const { item, at: here } = place;
      const point = this.#intern({
        kind: 'list-item',
        name: item?.list ?? name,
        text: literal.text,
        at: item?.at ?? here,
      });
      this.#addConstant(leaf, literal, point);
    }
  }

  #addConstant(leaf: Compare, literal: Literal, point: Point): void {
    // `in` wants all of a list field's values; for one constant it is enough that one of them meets it.
    const right = { kind: 'list', items: [literal], from: literal.from, to: literal.to } as const;
    const alone: Compare = { ...leaf, right };
    const constants = this.#constants.get(leaf);
    if (constants === undefined) this.#constants.set(leaf, [{ alone, point }]);
    else constants.push({ alone, point });
  }

  /** Records what a test's events reach. */
  async record(stream: EventStream, fired: readonly FiredAlert[]): Promise<void> {
    for (const { rule } of fired) {
      const point = this.#fired.get(rule.name);
      if (point !== undefined) point.reached = true;
    }
    const recorder: EventVisitor = { visit: (vantage) => this.#recorder(vantage) };
    await stream.visit(recorder);
  }

  #recorder<E>(vantage: Vantage<E>): TakeEvent<E> {
    // Made for this vantage, so it takes the vantage's events.
    const known = this.#recorders.get(vantage) as TakeEvent<E> | undefined;
    if (known !== undefined) return known;
    const made = this.#newRecorder(vantage);
    this.#recorders.set(vantage, made);
    return made;
  }

  #newRecorder<E>(vantage: Vantage<E>): TakeEvent<E> {
    const compiler = new RecordingCompiler(vantage, {
      macros: this.#macros,
      clauses: this.#clauses,
      constants: this.#constants,
      rows: this.#rows,
    });
    const bySource = new Map<string, ((event: E) => Truth)[]>();
    return (event, _code, _number, source) => {
      let conditions = bySource.get(source);
      if (conditions === undefined) {
        conditions = (this.#rules.get(source) ?? []).map(({ condition }) => compiler.compile(condition));
        bySource.set(source, conditions);
      }
      for (const condition of conditions) condition(event);
    };
  }
}

interface Marks {
  readonly macros: ReadonlyMap<Expr, readonly Point[]>;
  readonly clauses: ReadonlyMap<Leaf, Point>;
  readonly constants: ReadonlyMap<Leaf, readonly Constant[]>;
  readonly rows: ReadonlyMap<Expr, Point>;
}

/** Conditions as closures that leave marks. */
class RecordingCompiler<E> {
  readonly #vantage: Vantage<E>;
  readonly #marks: Marks;
  readonly #done = new Map<Expr, (event: E) => Truth>();

  constructor(vantage: Vantage<E>, marks: Marks) {
    this.#vantage = vantage;
    this.#marks = marks;
  }

  compile(expr: Expr): (event: E) => Truth {
    let run = this.#done.get(expr);
    if (run === undefined) {
      run = this.#marked(expr, this.#plain(expr));
      this.#done.set(expr, run);
    }
    return run;
  }

  #marked(expr: Expr, run: (event: E) => Truth): (event: E) => Truth {
    const macros = this.#marks.macros.get(expr) ?? [];
    const row = this.#marks.rows.get(expr);
    if (macros.length === 0 && row === undefined) return run;
    return (event) => {
      for (const macro of macros) macro.reached = true;
      const truth = run(event);
      if (truth === true && row !== undefined) row.reached = true;
      return truth;
    };
  }

  #plain(expr: Expr): (event: E) => Truth {
    switch (expr.kind) {
      case 'and':
      case 'or': {
        const items = expr.items.map((item) => this.compile(item));
        const decisive = expr.kind === 'or';
        return (event) => {
          let unknown = false;
          for (const item of items) {
            const truth = item(event);
            if (truth === decisive) return decisive;
            if (truth === undefined) unknown = true;
          }
          return unknown ? undefined : !decisive;
        };
      }
      case 'not': {
        const item = this.compile(expr.item);
        return (event) => {
          const truth = item(event);
          return truth === undefined ? undefined : !truth;
        };
      }
      case 'macro':
        return () => undefined;
      default:
        return this.#leaf(expr);
    }
  }

  #leaf(leaf: Leaf): (event: E) => Truth {
    const test = this.#vantage.truth(leaf);
    const clause = this.#marks.clauses.get(leaf);
    let open = (this.#marks.constants.get(leaf) ?? []).map(({ alone, point }) => ({
      test: this.#vantage.truth(alone),
      point,
    }));
    return (event) => {
      const truth = test(event);
      if (clause !== undefined && truth !== undefined) {
        if (truth) clause.isTrue = true;
        else clause.isFalse = true;
        clause.reached = true;
      }
      if (open.length > 0) {
        for (const { test, point } of open) if (test(event) === true) point.reached = true;
        if (open.some(({ point }) => point.reached)) open = open.filter(({ point }) => !point.reached);
      }
      return truth;
    };
  }
}
