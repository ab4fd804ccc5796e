// What the loader makes of rule files: items with their final text, resolved conditions, and a result per file.

import type { Priority } from '../../alerts/index.ts';
import type { Diagnostic, Location, Span } from '../../base/diagnostic.ts';
import type { Expr } from '../lang/index.ts';
import type { Place } from './mapped-text.ts';

export type RulePriority = Exclude<Priority, 'unknown'>;

/** One rule after overrides, exceptions, macros and lists: what the engine plans from. */
export interface Rule {
  /** Position of the first definition over all files; rules fire in this order. */
  readonly index: number;
  readonly name: string;
  readonly source: string;
  readonly priority: RulePriority;
  readonly desc: string;
  /** Sorted bytewise. */
  readonly tags: readonly string[];
  /** The output format, after overrides (not `append_output`, which the engine applies). */
  readonly output: string;
  readonly enabled: boolean;
  readonly capture: boolean;
  readonly captureDurationMs: number;
  /** The condition with macros put in place and exceptions added. */
  readonly condition: Expr;
  /** Falco's printed form of `condition`. */
  readonly compiled: string;
  /** The author's condition text, before lists, macros and exceptions. */
  readonly conditionText: string;
  readonly exceptions: readonly RuleException[];
  /** Event codes that the condition can match; empty for sources other than syscall. */
  readonly eventCodes: ReadonlySet<number>;
  readonly at: Location;
}

export interface RuleException {
  readonly name: string;
  readonly fields: string | readonly string[];
  readonly comps: string | readonly string[];
  readonly values: readonly unknown[];
}

export interface MacroItem {
  readonly name: string;
  readonly conditionText: string;
  readonly condition: Expr | undefined;
  readonly used: boolean;
  readonly at: Location;
}

export interface ListItem {
  readonly name: string;
  readonly items: readonly string[];
  readonly used: boolean;
  readonly at: Location;
}

/** One entry of Falco's own JSON result; `diagnostic` is ours for the same finding, with the author's position. */
export interface LoadFinding {
  readonly code: string;
  readonly message: string;
  readonly diagnostic: Diagnostic;
}

/** Falco's result for one file in the company of those before it. */
export interface LoadResult {
  readonly name: string;
  readonly successful: boolean;
  readonly errors: readonly LoadFinding[];
  readonly warnings: readonly LoadFinding[];
  /** What we found behind Falco's first error, where Falco stops. */
  readonly later: readonly LoadFinding[];
}

/**
 * The author's place of a comparison in a resolved condition, or of a part of it (a constant: the exception's value, or
 * the list's item, that it came from). A comparison is one object in every condition that it got into through macros.
 */
export type PlaceOf = (leaf: Expr, part?: Span) => Place | undefined;

export interface RuleSet {
  readonly results: readonly LoadResult[];
  readonly rules: readonly Rule[];
  readonly macros: readonly MacroItem[];
  readonly lists: readonly ListItem[];
  readonly placeOf: PlaceOf;
  /** Required plugins that are not built in, or not in that version. */
  readonly pluginProblems: readonly Diagnostic[];
}
