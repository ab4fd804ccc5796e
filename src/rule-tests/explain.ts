// Says why an expected rule did not fire: it does not run, another rule was first, or its condition misses; of all
// events the nearest one is told, comparison by comparison, through macros, at the author's own lines.

import type { Location } from '../base/diagnostic.ts';
import { type EngineSettings, selectRules } from '../detect/engine/index.ts';
import { EVENTS } from '../detect/fields/index.ts';
import { type Expr, type Field, type Leaf, printExpr } from '../detect/lang/index.ts';
import type { Rule, RuleSet } from '../detect/rules/index.ts';
import { authoredText } from './authored-text.ts';
import { fieldName, fieldsOf } from './condition-fields.ts';
import { constantPlace, exceptionParts } from './exception-parts.ts';
import type { Reason } from './judge.ts';
import { type Miss, nearestMiss } from './nearest-miss.ts';
import type { EventStream, EventVisitor, TakeEvent } from './streams.ts';
import type { Truth, Vantage } from './vantage.ts';

/** What explanations are made from. `textOf` gives the text of a rules file. */
export interface Explainer {
  readonly set: RuleSet;
  readonly settings: EngineSettings;
  readonly textOf: (file: string) => string | undefined;
}

/** Misses that are told one by one; of a rule that looks for something else entirely there may be many. */
const MAX_MISSES = 12;

/** Reasons why `rule` did not fire on the events of the stream; those named in `fired` are left aside. */
export async function explainSilence(
  rule: Rule,
  stream: EventStream,
  { events, fired }: { readonly events: number; readonly fired: ReadonlySet<string> },
  { set, settings, textOf }: Explainer,
): Promise<Reason[]> {
  const running = selectRules(set.rules, rule.source, settings);
  if (!running.includes(rule)) return [{ text: whyNotRunning(rule, settings), at: rule.at }];
  if (stream.source !== undefined && stream.source !== rule.source) {
    const text = `the rule is for events of source ${rule.source}, these are of source ${stream.source}`;
    return [{ text, at: rule.at }];
  }
  if (events === 0) return [{ text: 'there are no events' }];
  const others = events - fired.size;
  if (others === 0) return [];
  const before = settings.ruleMatching === 'first' ? running.slice(0, running.indexOf(rule)) : [];
  const search = new NearestEvent(rule, before, (number) => fired.has(stream.label(number)));
  await stream.visit(search);
  const { best } = search;
  if (best === undefined) {
    const types = [...new Set([...rule.eventCodes].map((code) => EVENTS[code]?.name ?? ''))];
    const shown = types.length > 8 ? `${types.slice(0, 8).join(', ')}, …` : types.join(', ');
    return [
      {
        text: `no ${fired.size > 0 ? 'other ' : ''}event is of a type that the rule looks at: ${shown}`,
        at: rule.at,
      },
    ];
  }
  const which = `${stream.label(best.number)}${others > 1 ? `, the nearest of ${others},` : ''}`;
  if (best.misses === undefined) {
    const { first } = best;
    if (first === undefined) return [{ text: `${which} matches the condition` }];
    const text = `${which} matches, but rule "${first.name}" comes before it and matches too; Falco stops at the first (rule_matching: first)`;
    return [{ text, at: first.at }];
  }
  const { misses } = best;
  const reasons = misses.slice(0, MAX_MISSES).map((miss) => describe(miss, best, rule, { set, textOf }));
  const rest = misses.length - reasons.length;
  return [
    { text: `${which} does not match:` },
    ...reasons,
    ...(rest > 0 ? [{ text: `and ${rest} more comparisons` }] : []),
  ];
}

function whyNotRunning(rule: Rule, settings: EngineSettings): string {
  const alone = { ...settings, rules: [] };
  if (selectRules([rule], rule.source, { ...alone, priority: 'Debug' }).length === 0 && !rule.enabled) {
    return 'the rule is disabled (enabled: false); a config with `rules: [{enable: {rule: …}}]` turns it on';
  }
  if (selectRules([rule], rule.source, alone).length === 0)
    return `the rule's priority ${rule.priority} is below the config's priority ${settings.priority}`;
  return "the rule is disabled by the config's `rules`";
}

interface Candidate {
  readonly number: number;
  readonly misses: readonly Miss[] | undefined;
  readonly shown: (field: Field) => string;
  /** Where nothing misses: the first rule before this one that matches too. */
  readonly first: Rule | undefined;
}

/** Keeps the event with the fewest misses. What it shows is read while the event is there: sources reuse theirs. */
class NearestEvent implements EventVisitor {
  readonly #rule: Rule;
  readonly #before: readonly Rule[];
  readonly #skip: (number: number) => boolean;
  best: Candidate | undefined;

  constructor(rule: Rule, before: readonly Rule[], skip: (number: number) => boolean) {
    this.#rule = rule;
    this.#before = before;
    this.#skip = skip;
  }

  visit<E>(vantage: Vantage<E>): TakeEvent<E> {
    const compiled = new Map<Leaf, (event: E) => Truth>();
    const truthOn = (event: E) => (leaf: Leaf) => {
      let run = compiled.get(leaf);
      if (run === undefined) {
        run = vantage.truth(leaf);
        compiled.set(leaf, run);
      }
      return run(event);
    };
    const { condition, eventCodes, source } = this.#rule;
    return (event, code, number, from) => {
      if (from !== source || (eventCodes.size > 0 && code !== undefined && !eventCodes.has(code))) return;
      if (this.#skip(number)) return;
      const truthOf = truthOn(event);
      const misses = nearestMiss(condition, truthOf);
      const { best } = this;
      if (best !== undefined && (best.misses?.length ?? 0) <= (misses?.length ?? 0)) return;
      const values = new Map<string, string>();
      for (const { leaf } of misses?.slice(0, MAX_MISSES) ?? [])
        for (const field of fieldsOf(leaf)) values.set(fieldName(field), vantage.shown(field)(event));
      const first =
        misses === undefined
          ? this.#before.find((rule) => nearestMiss(rule.condition, truthOf) === undefined)
          : undefined;
      this.best = { number, misses, shown: (field) => values.get(fieldName(field)) ?? '', first };
    };
  }
}

function describe(
  miss: Miss,
  { shown }: Candidate,
  rule: Rule,
  { set, textOf }: Pick<Explainer, 'set' | 'textOf'>,
): Reason {
  const { at, text: written } = clauseText(miss.leaf, set, textOf);
  const clause = miss.wanted ? written : `not ${written}`;
  const values = [...new Set(fieldsOf(miss.leaf).map((field) => `${fieldName(field)} is ${shown(field)}`))];
  const through = [...exceptionsOf(miss.within, rule, set), ...macrosOf(miss.within, set)];
  const within = through.length === 0 ? '' : ` (${through.join(', ')})`;
  const nearest = miss.alternatives > 1 ? ` [nearest of ${miss.alternatives} alternatives]` : '';
  const unknown = miss.truth === undefined ? 'unknown: ' : '';
  const text = `${clause}${within}${nearest}: ${unknown}${values.join(', ')}`;
  return { text, ...(at && { at }) };
}

/** The comparison in the author's words; of an exception, whose comparison nobody wrote in one piece, as Falco prints it. */
function clauseText(
  leaf: Leaf,
  set: RuleSet,
  textOf: (file: string) => string | undefined,
): { readonly text: string; readonly at: Location | undefined } {
  const at = set.placeOf(leaf)?.at;
  const constant = constantPlace(leaf, set.placeOf);
  const apart =
    at !== undefined &&
    constant !== undefined &&
    (constant.file !== at.file || constant.from < at.from || constant.to > at.to);
  if (apart) return { text: printExpr(leaf), at: constant };
  return { text: (at && authoredText(at, textOf)) ?? printExpr(leaf), at };
}

function exceptionsOf(within: readonly Expr[], rule: Rule, set: RuleSet): string[] {
  return exceptionParts(rule, set.placeOf).flatMap(({ name, expr }) =>
    within.includes(expr) ? [`exception ${name}`] : [],
  );
}

function macrosOf(within: readonly Expr[], set: RuleSet): string[] {
  return within.flatMap((expr) => {
    const macro = set.macros.find(({ condition }) => condition === expr);
    return macro === undefined ? [] : [`macro ${macro.name}`];
  });
}
