// Rules over a stream of events of one source: which match, and what Falco would print for them.

import type { Diagnostic } from '../../base/diagnostic.ts';
import { catalogueFor, type FieldCatalogue, type FieldDef, type FieldRef } from '../fields/index.ts';
import type { Rule } from '../rules/index.ts';
import { staticFieldDefs, withBuiltinFields } from './builtin-fields.ts';
import { catalogueResolver, UnsupportedCondition } from './operand.ts';
import { type AlertWriter, createAlertWriter } from './output/alert-writer.ts';
import { type Generate, Plan, type PlanRule } from './plan.ts';
import { selectRules } from './selection.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from './settings.ts';
import { type Node, TreeBuilder } from './tree.ts';
import type { EventAccess } from './types.ts';

export interface EngineOptions {
  readonly settings?: EngineSettings;
  /** The source's fields; by default those of `catalogueFor(access.source)` and the settings' static ones. */
  readonly catalogue?: FieldCatalogue;
  /** Fields of a source that is not built in. */
  readonly extra?: readonly FieldDef[];
  /** What `hostname` says in alerts: Falco's host, or the capture's; a function is asked at each alert. */
  readonly hostname?: string | (() => string);
  /** `auto` (default): generate code for kinds of events that are seen often. `never`, `always`: for tests. */
  readonly generate?: Generate;
}

/** One alert, complete: the event may be reused at once. */
export interface EmittedAlert {
  readonly rule: Rule;
  /** Position in `Engine.rules`. */
  readonly position: number;
  readonly timeNs: bigint;
  /** The line that Falco prints, without its newline: JSON, or text if the settings say so. */
  readonly line: string;
}

export interface Engine<E> {
  /** The rules that run, in firing order. */
  readonly rules: readonly Rule[];
  /** Rules that cannot run, and why: the loader has usually said so already. */
  readonly diagnostics: readonly Diagnostic[];
  /**
   * Positions of the rules that match, in order; only the first with `rule_matching: first`. `code` is the event code;
   * sources without event codes pass any number. The array may be shared: do not keep or change it.
   */
  match(event: E, code: number): readonly number[];
  /** Whether an event of this code can match any rule: what a source need not decode. */
  concerns(code: number): boolean;
  /** Matches, and writes the alerts. */
  alerts(event: E, code: number): readonly EmittedAlert[];
  /** The line that Falco would print if the rule at `position` fired on this event. */
  write(position: number, event: E): string;
  /** The generated JavaScript for one event code; `''` if no rule concerns it. */
  source(code: number): string;
}

const NO_ALERTS: readonly EmittedAlert[] = [];

/** Plans the rules of the access's source. Never throws for what a rule says: such a rule is left out and reported. */
export function createEngine<E>(
  rules: readonly Rule[],
  access: EventAccess<E>,
  options: EngineOptions = {},
): Engine<E> {
  const { settings = DEFAULT_SETTINGS, hostname = '', generate = 'auto' } = options;
  const catalogue =
    options.catalogue ??
    catalogueFor(access.source, {
      extra: [...(options.extra ?? []), ...staticFieldDefs(settings.staticFields)],
    });
  const full = withBuiltinFields(access, settings.staticFields);
  const builder = new TreeBuilder(catalogueResolver(catalogue));
  const context = {
    catalogue,
    settings,
    hostname: typeof hostname === 'function' ? hostname : () => hostname,
    base64: settings.bufferBase64,
    read: (ref: FieldRef) => full.outputReader?.(ref),
    timeNs: (event: E) => access.timeNs(event),
  };
  const planned: Rule[] = [];
  const planRules: PlanRule[] = [];
  const writers: AlertWriter<E>[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const rule of selectRules(rules, access.source, settings)) {
    const node = buildTree(rule, builder);
    const { write, diagnostic } = createAlertWriter(rule, context);
    if (node instanceof UnsupportedCondition) diagnostics.push(conditionProblem(rule, node));
    else if (write === undefined) diagnostics.push(diagnostic);
    else {
      planned.push(rule);
      planRules.push({ node, codes: rule.eventCodes });
      writers.push(write);
    }
  }
  const plan = new Plan(full, builder, planRules, { firstOnly: settings.ruleMatching === 'first', generate });
  return {
    rules: planned,
    diagnostics,
    match: (event, code) => plan.match(event, code),
    concerns: (code) => plan.concerns(code),
    source: (code) => plan.source(code),
    write: (position, event) => (writers[position] as AlertWriter<E>)(event),
    alerts(event, code) {
      const matched = plan.match(event, code);
      if (matched.length === 0) return NO_ALERTS;
      const timeNs = access.timeNs(event);
      return matched.map((position) => ({
        rule: planned[position] as Rule,
        position,
        timeNs,
        line: (writers[position] as AlertWriter<E>)(event),
      }));
    },
  };
}

function buildTree(rule: Rule, builder: TreeBuilder): Node | UnsupportedCondition {
  try {
    return builder.build(rule.condition);
  } catch (error) {
    if (error instanceof UnsupportedCondition) return error;
    throw error;
  }
}

function conditionProblem(rule: Rule, error: UnsupportedCondition): Diagnostic {
  return {
    code: 'LOAD_ERR_COMPILE_CONDITION',
    severity: 'error',
    message: `Rule \`${rule.name}\`: ${error.message}`,
    at: rule.at,
  };
}
