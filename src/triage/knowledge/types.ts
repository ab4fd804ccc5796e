// Knowledge as triage uses it: packs read, conditions parsed, names resolved. Made from YAML by compile.ts, kept as
// JSON beside the packs (knowledge/compiled.json) so that a start needs neither the YAML nor the condition parser.

import type { Expr } from '../../detect/lang/index.ts';
import type { BehaviourMatch, Technique } from '../types.ts';

export type Severity = BehaviourMatch['severity'];

/** A condition in Falco's language, parsed, with the pack's macros and lists put in place. */
export interface Condition {
  readonly text: string;
  readonly expr: Expr;
  /** Fields it asks for, sorted. */
  readonly fields: readonly string[];
}

/** A question; `command` still holds placeholders such as `{container.id}`. */
export interface QuestionTemplate {
  readonly text: string;
  readonly command?: string;
  readonly ifSo?: string;
  readonly ifNot?: string;
}

export interface Behaviour {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  /** What it adds to a verdict; by default from the severity. */
  readonly weight: number;
  readonly techniques: readonly Technique[];
  readonly when: Condition;
  /** Fields whose values the evidence shows, in order; the first two that are known. */
  readonly show: readonly string[];
  /** No benign cause ever explains it. */
  readonly inexcusable: boolean;
  readonly questions: readonly QuestionTemplate[];
}

/** Something that must hold for a benign cause. */
export interface Holding {
  readonly text: string;
  readonly when: Condition;
}

export interface BenignCause {
  readonly id: string;
  readonly title: string;
  /** The alert looks like it. */
  readonly when: Condition;
  /** Refutes it when true; unknown does not. */
  readonly unless?: Condition;
  /** What only a person can confirm: then it is never more than claimed, and `confirm` is empty. */
  readonly person?: string;
  /** All must be true before the cause counts as confirmed (`likely-benign`). */
  readonly confirm: readonly Holding[];
  /** All must be true, beyond `confirm`, before it may lead to `benign`. Empty: it never does. */
  readonly prove: readonly Holding[];
  /** Behaviours that it accounts for; `*`: all but the inexcusable ones. */
  readonly explains: readonly string[];
  readonly settle?: QuestionTemplate;
}

export interface PlaybookTemplate {
  readonly rule: string;
  readonly meaning: string;
  readonly benignCauses: readonly string[];
  readonly questions: readonly QuestionTemplate[];
  readonly limits: readonly string[];
}

export interface Knowledge {
  readonly attackVersion: string;
  /** By id, in the version named. */
  readonly techniques: Readonly<Record<string, Technique>>;
  /** Older ids to the current ones. */
  readonly replaced: Readonly<Record<string, string>>;
  readonly behaviours: readonly Behaviour[];
  readonly causes: readonly BenignCause[];
  readonly playbooks: readonly PlaybookTemplate[];
}

/** What a severity weighs when the pack does not say. */
export const SEVERITY_WEIGHT: Readonly<Record<Severity, number>> = {
  info: 0,
  low: 5,
  medium: 20,
  high: 45,
  critical: 80,
};
