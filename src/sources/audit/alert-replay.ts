// Rules over recorded alerts. An alert holds only the fields that its rule printed, so a condition may be undecided: no
// alert is made then, and it is counted by rule, with the fields that would have decided.

import type { Alert } from '../../alerts/index.ts';
import {
  type AlertCondition,
  catalogueResolver,
  compileThreeValued,
  createEngine,
  type Engine,
  type EngineSettings,
  type EventAccess,
  factsOf,
  UnsupportedCondition,
} from '../../detect/engine/index.ts';
import { catalogueFor, type FieldDef, type Value } from '../../detect/fields/index.ts';
import type { Rule } from '../../detect/rules/index.ts';

export interface AlertReplayOptions {
  readonly rules: readonly Rule[];
  readonly settings: EngineSettings;
  /** What alerts name as the host, instead of what the recorded ones say. */
  readonly hostname?: string;
  /** Fields of sources that are not built in, by source. */
  readonly extra?: ReadonlyMap<string, readonly FieldDef[]>;
  /** Called for each alert, with the line that Falco prints. */
  readonly onAlert: (line: string, rule: Rule, alert: Alert) => void;
}

/** How often, by field. */
export type FieldTally = ReadonlyMap<string, number>;

/** What one rule could not tell. */
export interface RuleGaps {
  readonly rule: string;
  /** Alerts for which it is undecided whether the rule matches. */
  readonly undecided: number;
  /** Fields that would decide. */
  readonly missing: FieldTally;
  /** Alerts that it made with `<NA>` for fields that were not recorded. */
  readonly incomplete: number;
  readonly unprinted: FieldTally;
}

interface Tally {
  undecided: number;
  readonly missing: Map<string, number>;
  incomplete: number;
  readonly unprinted: Map<string, number>;
}

interface Planned {
  readonly rule: Rule;
  readonly condition: AlertCondition;
  readonly tally: Tally;
}

/** The rules of one source, compiled. */
interface SourcePlan {
  readonly engine: Engine<Alert>;
  readonly rules: readonly Planned[];
}

/** Fields that are counted by name for one rule; attackers do not choose them, rules do. */
const MAX_FIELDS = 200;

/** Evaluates rules on alerts, three-valued. Give it one alert at a time. */
export class AlertReplay {
  readonly #options: AlertReplayOptions;
  readonly #plans = new Map<string, SourcePlan>();
  /** Fields that the output at hand asked for in vain. */
  readonly #unprinted = new Set<string>();
  /** Alerts of sources that no rule is for. */
  readonly unconcerned = new Map<string, number>();
  alerts = 0;

  constructor(options: AlertReplayOptions) {
    this.#options = options;
  }

  /** Evaluates the rules of the alert's source. `timeNs` is the alert's. */
  play(alert: Alert): void {
    this.alerts++;
    const { source } = alert;
    const plan = this.#plan(source);
    if (plan.rules.length === 0) {
      if (this.unconcerned.has(source) || this.unconcerned.size < MAX_FIELDS)
        this.unconcerned.set(source, (this.unconcerned.get(source) ?? 0) + 1);
      return;
    }
    for (const [position, { rule, condition, tally }] of plan.rules.entries()) {
      const { truth, missing } = condition.evaluate(alert);
      if (truth === false) continue;
      if (truth === 'unknown') {
        tally.undecided++;
        count(tally.missing, missing);
        continue;
      }
      this.#unprinted.clear();
      const line = plan.engine.write(position, alert);
      if (this.#unprinted.size > 0) {
        tally.incomplete++;
        count(tally.unprinted, this.#unprinted);
      }
      this.#options.onAlert(this.#withHost(line, alert), rule, alert);
      if (this.#options.settings.ruleMatching === 'first') return;
    }
  }

  /** Rules that were undecided, or printed `<NA>` for what was not recorded, on any alert. */
  gaps(): RuleGaps[] {
    return [...this.#plans.values()].flatMap(({ rules }) =>
      rules
        .filter(({ tally }) => tally.undecided > 0 || tally.incomplete > 0)
        .map(({ rule, tally }) => ({ rule: rule.name, ...tally })),
    );
  }

  #plan(source: string): SourcePlan {
    let plan = this.#plans.get(source);
    if (plan === undefined) {
      plan = this.#createPlan(source);
      if (this.#plans.size < MAX_FIELDS) this.#plans.set(source, plan);
    }
    return plan;
  }

  #createPlan(source: string): SourcePlan {
    const { rules, settings, extra } = this.#options;
    const defs = extra?.get(source) ?? [];
    const resolve = catalogueResolver(catalogueFor(source, { extra: defs }));
    const compiled = new Map<Rule, AlertCondition>();
    for (const rule of rules.filter((one) => one.source === source)) {
      try {
        compiled.set(rule, compileThreeValued(rule.condition, { resolve }));
      } catch (error) {
        // The loader has said so.
        if (!(error instanceof UnsupportedCondition)) throw error;
      }
    }
    const engine = createEngine([...compiled.keys()], this.#access(source), { settings, extra: defs });
    return {
      engine,
      rules: engine.rules.map((rule) => ({
        rule,
        condition: compiled.get(rule) as AlertCondition,
        tally: { undecided: 0, missing: new Map(), incomplete: 0, unprinted: new Map() },
      })),
    };
  }

  /** Reads what outputs print; conditions are not asked of it. */
  #access(source: string): EventAccess<Alert> {
    return {
      source,
      timeNs: (alert) => alert.timeNs ?? 0n,
      reader: (ref) => (alert) => {
        const printed = alert.fields.get(ref.text);
        if (printed === null) return undefined;
        const knowledge = factsOf(alert).about(ref);
        if (knowledge?.kind === 'value') return knowledge.value;
        if (typeof printed === 'string') return printed;
        if (Array.isArray(printed) && printed.every((item) => typeof item === 'string'))
          return printed as Value;
        this.#unprinted.add(ref.text);
        return undefined;
      },
    };
  }

  /** The line with the host of the alert. All lines are written for a host without a name. */
  #withHost(line: string, alert: Alert): string {
    const hostname = this.#options.hostname ?? alert.hostname ?? '';
    return line.startsWith(NO_HOST)
      ? `{"hostname":${JSON.stringify(hostname)}${line.slice(NO_HOST.length)}`
      : line;
  }
}

const NO_HOST = '{"hostname":""';

function count(tally: Map<string, number>, names: Iterable<string>): void {
  for (const name of names) {
    if (tally.has(name) || tally.size < MAX_FIELDS) tally.set(name, (tally.get(name) ?? 0) + 1);
  }
}
