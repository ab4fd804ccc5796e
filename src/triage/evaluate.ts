// Evaluates knowledge's conditions over views. Compiled once per condition, remembered.

import {
  type AlertCondition,
  anySourceResolver,
  compileThreeValued,
  type FieldResolver,
} from '../detect/engine/index.ts';
import type { FieldRef } from '../detect/fields/index.ts';
import { DERIVED } from './derived/catalogue.ts';
import type { AlertView } from './derived/view.ts';
import type { Condition } from './knowledge/types.ts';

export interface Evaluated {
  readonly truth: boolean | 'unknown';
  /** With `unknown`: Falco's fields that would decide; derived fields are named by what they are computed from. */
  readonly missing: readonly string[];
}

const derivedRefs = new Map<string, FieldRef>();

const resolve: FieldResolver = (field) => {
  const derived = DERIVED.get(field.name);
  if (derived === undefined) return anySourceResolver(field);
  let ref = derivedRefs.get(derived.name);
  if (ref === undefined) {
    const { name, type, isList, description } = derived;
    ref = {
      def: {
        name,
        cls: 'yarak',
        type,
        isList,
        arg: 'none',
        filterOnly: false,
        noRhs: false,
        noTransformers: false,
        deprecated: false,
        printFormat: 'DEC',
        description,
      },
      text: name,
      type,
    };
    derivedRefs.set(name, ref);
  }
  return ref;
};

const compiled = new WeakMap<Condition, AlertCondition>();

function compiledOf(condition: Condition): AlertCondition {
  let found = compiled.get(condition);
  if (found === undefined) {
    found = compileThreeValued(condition.expr, { resolve });
    compiled.set(condition, found);
  }
  return found;
}

/** Only the truth: the cheap question. */
export function test(condition: Condition, view: AlertView): boolean | 'unknown' {
  return compiledOf(condition).test(view.asAlert);
}

/** The truth and what is missing. */
export function evaluate(condition: Condition, view: AlertView): Evaluated {
  const { truth, missing } = compiledOf(condition).evaluate(view.asAlert);
  return { truth, missing: truth === 'unknown' ? baseFields(missing, view) : [] };
}

/** Derived fields become the Falco fields that they are computed from and that the alert does not show. */
export function baseFields(fields: readonly string[], view: AlertView): string[] {
  const found = new Set<string>();
  for (const field of fields) {
    const from = DERIVED.get(field)?.from;
    if (from === undefined) found.add(field);
    else for (const base of from) if (view.get(base) === undefined) found.add(base);
  }
  return [...found].sort();
}

/** Events of a capture that evidence names. */
const MAX_EVENTS = 3;

/** The Falco fields with a value on which a condition rests in this view: what evidence names as its source. */
export function shownFields(condition: Condition, view: AlertView): string[] {
  const found = new Set<string>();
  for (const field of condition.fields) {
    const from = DERIVED.get(field)?.from;
    if (from !== undefined && (view.get(field) === undefined || view.get(field) === null)) continue;
    const events = view.alert.capture?.around.get(field);
    if (events !== undefined) {
      for (const { event } of events.slice(0, MAX_EVENTS)) found.add(`event ${event}`);
      continue;
    }
    for (const base of from ?? [field]) {
      const value = view.get(base);
      if (base === 'rule' || base === 'output' || (value !== undefined && value !== null)) found.add(base);
    }
  }
  return [...found].sort();
}

/** Fields whose value whoever starts a process chooses freely. */
const SPOOFABLE =
  /^(?:proc\.(?:name|cmdline|args|exe|pname|pcmdline|env|sname|cwd)|proc\.a(?:name|cmdline|args|exe)(?:\[\d+\])?|container\.name|rule|output|evt\.num)$/;

/** Evidence that rests on such fields alone never suffices for a benign verdict. */
export function restsOnSpoofable(fields: readonly string[]): boolean {
  return fields.every((field) => SPOOFABLE.test(field));
}
