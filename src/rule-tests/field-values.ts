// Values of an event's fields as people write them, in the shapes that the engine reads (detect/engine/types.ts).

import { candidatesOf } from '../detect/engine/index.ts';
import type { FieldRef, Value } from '../detect/fields/index.ts';
import { familyOf, parseConstant } from '../detect/lang/index.ts';

type Scalar = string | number | bigint | boolean;

/** What is wrong with a value: what was found and what the field takes. */
export interface ValueProblem {
  readonly problem: string;
}

/**
 * `raw` is what the YAML reader made of the value, `plain` the author's own characters where they were not quoted: a
 * container's id of `12345678e901` is no number.
 */
export function fieldValue(
  ref: FieldRef,
  raw: unknown,
  plain: (index?: number) => string | undefined,
): Value | ValueProblem {
  const several = isSeveral(ref);
  if (!Array.isArray(raw)) {
    const value = scalarValue(ref, raw, plain());
    return several && !isProblem(value) ? [value as Scalar] : value;
  }
  if (!several) return { problem: `${ref.text} has one value, found a list` };
  const out: Scalar[] = [];
  for (const [index, item] of raw.entries()) {
    const value = scalarValue(ref, item, plain(index));
    if (isProblem(value)) return value;
    out.push(value as Scalar);
  }
  if (out.length === 0 && ref.def.isList)
    return { problem: `${ref.text} has no empty list; leave it out where the event has none` };
  return out;
}

export function isProblem(value: Value | ValueProblem): value is ValueProblem {
  return typeof value === 'object' && 'problem' in value;
}

/** Whether the field's value is a list: of its own, or of candidates (`proc.aname`: the ancestors). */
function isSeveral(ref: FieldRef): boolean {
  const oneOfList = ref.arg !== undefined && ref.def.argForm === 'index';
  return (ref.def.isList && !oneOfList) || candidatesOf(ref) !== 'none';
}

function scalarValue(
  ref: FieldRef,
  raw: unknown,
  plain: string | undefined,
): Exclude<Value, readonly unknown[]> | ValueProblem {
  if (
    typeof raw !== 'string' &&
    typeof raw !== 'number' &&
    typeof raw !== 'boolean' &&
    typeof raw !== 'bigint'
  )
    return { problem: `${ref.text} is ${article(ref.type)}, found ${nameOf(raw)}` };
  const text = typeof raw === 'string' ? raw : (plain ?? String(raw));
  const wrong = { problem: `${ref.text} is ${article(ref.type)}, found ${JSON.stringify(text)}` };
  switch (familyOf(ref.type)) {
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : wrong;
    case 'bytes':
      return Buffer.from(text);
    case 'address':
      return parseConstant('IPADDR', text).kind === 'address' ? text : wrong;
    case 'number':
      return typeof raw === 'boolean' ? wrong : (numberValue(ref, text) ?? wrong);
    default:
      return ref.type === 'DYN' && typeof raw !== 'string' ? raw : text;
  }
}

function numberValue(ref: FieldRef, text: string): number | bigint | undefined {
  if (ref.type === 'DOUBLE') return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
  const decimal = /^0[xo][0-9a-fA-F]+$/.test(text) ? BigInt(text).toString() : text;
  const constant = parseConstant(ref.type, decimal);
  if (constant.kind !== 'integer') return undefined;
  // A constant that does not fit is cut as Falco cuts it; no event has such a value.
  if (/^-?\d+$/.test(decimal) && BigInt(decimal) !== constant.value) return undefined;
  const small = Number(constant.value);
  return Number.isSafeInteger(small) ? small : constant.value;
}

function nameOf(raw: unknown): string {
  if (Array.isArray(raw)) return 'a list';
  return raw === null ? 'null' : typeof raw === 'object' ? 'a mapping' : typeof raw;
}

function article(type: string): string {
  switch (familyOf(type)) {
    case 'boolean':
      return 'true or false';
    case 'address':
      return 'an IP address';
    case 'number':
      return type === 'DOUBLE' ? 'a number' : type === 'PORT' ? 'a port' : `an integer (${type})`;
    default:
      return 'a text';
  }
}
