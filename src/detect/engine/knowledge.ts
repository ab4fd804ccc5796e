// What a past alert tells about a field: its value, that it had none, a few possible values, a range, some of its
// candidates, or nothing. The three-valued evaluator asks for knowledge, never for a value.

import type { Alert, FieldValue } from '../../alerts/index.ts';
import type { FieldRef, Value } from '../fields/index.ts';
import { derive } from './derive.ts';
import { candidatesOf } from './operand.ts';
import { valueClass } from './ops/value-class.ts';

export type Knowledge =
  /** The value; `undefined`: the event did not have the field. */
  | { readonly kind: 'value'; readonly value: Value | undefined }
  /** One of these, nobody knows which. */
  | { readonly kind: 'one-of'; readonly values: readonly (Value | undefined)[] }
  /** An integer, extracted, within these bounds. */
  | { readonly kind: 'range'; readonly min?: number; readonly max?: number }
  /** Some of a field's candidates; there may be more. */
  | { readonly kind: 'some-of'; readonly values: readonly (string | number)[] };

export const ABSENT: Knowledge = { kind: 'value', value: undefined };

export function known(value: Value): Knowledge {
  return { kind: 'value', value };
}

/** Knowledge about one alert's fields, worked out on demand and remembered. */
export class AlertFacts {
  readonly alert: Alert;
  readonly #memo = new Map<string, Knowledge | undefined>();

  constructor(alert: Alert) {
    this.alert = alert;
  }

  /** `undefined`: nothing is known. */
  about(ref: FieldRef): Knowledge | undefined {
    const key = ref.text;
    const found = this.#memo.get(key);
    if (found !== undefined || this.#memo.has(key)) return found;
    // Derivations may ask for each other's fields; while one runs, it counts as unknown.
    this.#memo.set(key, undefined);
    const knowledge = this.#work(ref);
    this.#memo.set(key, knowledge);
    return knowledge;
  }

  /** The printed text of another field, where it is certain: what derivations build on. */
  text(name: string): string | undefined {
    const value = this.alert.fields.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  #work(ref: FieldRef): Knowledge | undefined {
    if (!sourceHas(ref.def.name, this.alert.source)) return ABSENT;
    const printed = this.alert.fields.get(ref.text);
    // What these print is not what conditions on them compare.
    const comparable = !ref.def.filterOnly && candidatesOf(ref) === 'none';
    if (printed !== undefined && comparable) {
      const knowledge = fromPrinted(printed, ref);
      if (knowledge !== undefined) return knowledge;
    }
    return derive(ref, this);
  }
}

const facts = new WeakMap<Alert, AlertFacts>();

/** The alert's facts; the same object each time, so that many conditions share the work. */
export function factsOf(alert: Alert): AlertFacts {
  let known = facts.get(alert);
  if (known === undefined) {
    known = new AlertFacts(alert);
    facts.set(alert, known);
  }
  return known;
}

const SYSCALL_CLASSES = new Set([
  'container',
  'evt',
  'fd',
  'fdlist',
  'fs',
  'group',
  'k8s',
  'proc',
  'syscall',
  'thread',
  'user',
  'util',
]);
/** `yarak`: what triage derives from an alert, whatever its source. */
const EVERYWHERE = new Set(['evt', 'static', 'yarak']);

/** A source never has another source's fields, so conditions on them are false, not unknown. */
function sourceHas(name: string, source: string): boolean {
  const head = name.slice(0, name.indexOf('.'));
  if (EVERYWHERE.has(head)) return true;
  return SYSCALL_CLASSES.has(head) === (source === 'syscall');
}

/** A printed value as the engine compares it; `undefined`: the print lost it. */
function fromPrinted(printed: FieldValue, ref: FieldRef): Knowledge | undefined {
  if (printed === null) return ABSENT;
  if (ref.def.isList) {
    const items =
      typeof printed === 'string' ? splitList(printed) : Array.isArray(printed) ? printed : undefined;
    if (items === undefined) return undefined;
    const values = items.map((item) => scalar(item, ref));
    return values.some((value) => value === undefined) ? undefined : known(values as string[]);
  }
  if (Array.isArray(printed)) return undefined;
  const value = scalar(printed as FieldValue, ref);
  return value === undefined ? undefined : known(value);
}

/** `(a,b)`: how older versions print lists. Elements with a comma of their own cannot be told apart. */
function splitList(text: string): string[] | undefined {
  if (!text.startsWith('(') || !text.endsWith(')')) return undefined;
  return text.slice(1, -1).split(',');
}

const BASES: Readonly<Record<string, number>> = { HEX: 16, OCT: 8 };

function scalar(printed: FieldValue, ref: FieldRef): Value | undefined {
  const cls = valueClass(ref.type);
  switch (cls) {
    case 'text':
      // Times are texts to conditions and nanoseconds in `output_fields`.
      if (/^evt\.(?:time|datetime|outputtime)/.test(ref.def.name)) return undefined;
      return typeof printed === 'object' || printed === null ? undefined : String(printed);
    case 'ip':
      return typeof printed === 'string' ? printed : undefined;
    case 'bool':
      if (typeof printed === 'boolean') return printed;
      return printed === 'true' ? true : printed === 'false' ? false : undefined;
    case 'int':
    case 'int64': {
      if (typeof printed === 'number' || typeof printed === 'bigint') return printed;
      if (typeof printed !== 'string') return undefined;
      const base = BASES[ref.def.printFormat] ?? 10;
      if (base === 10 ? !/^-?[0-9]{1,19}$/.test(printed) : !/^[0-9A-Fa-f]{1,16}$/.test(printed))
        return undefined;
      const value = Number.parseInt(printed, base);
      return Number.isSafeInteger(value) ? value : base === 10 ? BigInt(printed) : undefined;
    }
    case 'double': {
      // Printed with one decimal.
      return undefined;
    }
    case 'dynamic':
      return typeof printed === 'object' || printed === null ? undefined : printed;
    default:
      return undefined;
  }
}
