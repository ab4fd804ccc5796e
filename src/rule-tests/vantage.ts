// How single comparisons come out on events, and what the fields in them hold: the common ground of explanations and
// coverage, for live events and for recorded alerts.

import type { Alert } from '../alerts/index.ts';
import {
  catalogueResolver,
  compileThreeValued,
  type EventAccess,
  type FieldResolver,
  interpret,
  UnsupportedCondition,
  withBuiltinFields,
} from '../detect/engine/index.ts';
import { type FieldCatalogue, resolveField, type Value } from '../detect/fields/index.ts';
import type { Field, Leaf } from '../detect/lang/index.ts';
import { fieldName } from './condition-fields.ts';

/** `undefined`: unknown, which only recorded alerts have. */
export type Truth = boolean | undefined;

export interface Vantage<E> {
  truth(leaf: Leaf): (event: E) => Truth;
  /** What a field holds, in words: `"bash"`, `not set`. */
  shown(field: Field): (event: E) => string;
  /** Whether a field holds anything. */
  isSet(field: Field): (event: E) => boolean;
}

export interface EventVantageOptions {
  readonly catalogue: FieldCatalogue;
  readonly staticFields: ReadonlyMap<string, string>;
  /** What a field without value is called. */
  readonly absent: string;
}

/** Events as the engine reads them. */
export function eventVantage<E>(
  access: EventAccess<E>,
  { catalogue, staticFields, absent }: EventVantageOptions,
): Vantage<E> {
  const full = withBuiltinFields(access, staticFields);
  const resolve = catalogueResolver(catalogue);
  const readerOf = (field: Field) => {
    const { ref } = resolveField(catalogue, field);
    return ref && full.reader(ref);
  };
  return {
    truth(leaf) {
      try {
        return interpret(leaf, full, resolve);
      } catch (error) {
        // The engine has said that it cannot run this rule.
        if (error instanceof UnsupportedCondition) return () => undefined;
        throw error;
      }
    },
    shown(field) {
      const read = readerOf(field);
      return (event) => {
        const value = read?.(event);
        return value === undefined ? absent : shownValue(value);
      };
    },
    isSet(field) {
      const read = readerOf(field);
      return (event) => read?.(event) !== undefined;
    },
  };
}

/** Recorded alerts, of which only the printed fields are known. */
export function alertVantage(resolve: FieldResolver): Vantage<Alert> {
  return {
    truth(leaf) {
      const condition = compileThreeValued(leaf, { resolve });
      return (alert) => {
        const truth = condition.test(alert);
        return truth === 'unknown' ? undefined : truth;
      };
    },
    shown(field) {
      const name = fieldName(field);
      return (alert) => {
        const value = alert.fields.get(name);
        if (value === undefined) return 'not in the alert';
        return value === null ? 'null' : shownValue(value as Value);
      };
    },
    isSet(field) {
      const name = fieldName(field);
      return (alert) => (alert.fields.get(name) ?? null) !== null;
    },
  };
}

const MAX_SHOWN = 80;

function shownValue(value: Value): string {
  let text: string;
  if (value instanceof Uint8Array)
    text = JSON.stringify(Buffer.from(value.subarray(0, MAX_SHOWN)).toString());
  else if (Array.isArray(value)) text = `(${value.map(one).join(', ')})`;
  else text = one(value as string);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text;
}

function one(value: string | number | bigint | boolean): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
