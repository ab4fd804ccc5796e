// Fields that the engine answers itself, for every source: times, and `static.*` of falco.yaml.

import type { FieldDef, FieldRef, Value } from '../fields/index.ts';
import { canonicalInteger } from './ops/value-class.ts';
import { TIME_NUMBERS, TIME_TEXTS } from './output/time.ts';
import type { EventAccess } from './types.ts';

/** An access that also has the engine's own fields. */
export function withBuiltinFields<E>(
  access: EventAccess<E>,
  staticFields: ReadonlyMap<string, string> = new Map(),
): EventAccess<E> {
  const own = ({ def }: FieldRef): ((event: E) => Value | undefined) | undefined => {
    const text = TIME_TEXTS[def.name];
    if (text !== undefined) return (event) => text(access.timeNs(event));
    const number = TIME_NUMBERS[def.name];
    if (number !== undefined) return (event) => canonicalInteger(number(access.timeNs(event)));
    const fixed = staticValue(def.name);
    return fixed === undefined ? undefined : () => fixed;
  };
  const staticValue = (name: string): string | undefined =>
    name.startsWith('static.') ? staticFields.get(name.slice('static.'.length)) : undefined;
  return {
    source: access.source,
    reader: (field, code) => own(field) ?? access.reader(field, code),
    outputReader: (field) => own(field) ?? access.outputReader?.(field) ?? access.reader(field),
    constant: (field, code) => staticValue(field.def.name) ?? access.constant?.(field, code),
    timeNs: (event) => access.timeNs(event),
  };
}

/** Catalogue entries of the `static.*` fields. */
export function staticFieldDefs(staticFields: ReadonlyMap<string, string>): FieldDef[] {
  return [...staticFields.keys()].map((name) => ({
    name: `static.${name}`,
    cls: 'static',
    type: 'CHARBUF',
    isList: false,
    arg: 'none',
    filterOnly: false,
    noRhs: false,
    noTransformers: false,
    deprecated: false,
    printFormat: 'NA',
    description: 'Set in falco.yaml.',
  }));
}
