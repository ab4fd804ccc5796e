// Which operators go with which types (libs, userspace/libsinsp/filter_compare, flt_is_comparable).

import type { Modifier, Operator } from './ast.ts';
import { familyOf, type TypeFamily } from './literals.ts';

const EQUALITY: readonly Operator[] = ['=', '==', '!=', 'in', 'intersects'];
const ORDER: readonly Operator[] = ['<', '<=', '>', '>='];
const TEXT: readonly Operator[] = [
  'contains',
  'icontains',
  'startswith',
  'endswith',
  'glob',
  'iglob',
  'pmatch',
  'regex',
];

const ALLOWED: Readonly<Record<TypeFamily, ReadonlySet<Operator>>> = {
  number: new Set([...EQUALITY, ...ORDER]),
  boolean: new Set(EQUALITY),
  address: new Set(EQUALITY),
  string: new Set([...EQUALITY, ...ORDER, ...TEXT]),
  bytes: new Set([...EQUALITY, 'contains', 'startswith', 'endswith', 'bcontains', 'bstartswith']),
  other: new Set(),
};

const NAMES: Readonly<Record<TypeFamily, string>> = {
  number: 'numeric filters',
  boolean: 'numeric filters',
  address: 'ip address and network filters',
  string: 'string filters',
  bytes: 'buffer filters',
  other: 'filters of this type',
};

/** The operators that a field of this type takes, apart from `exists`. */
export function operatorsFor(type: string, isList: boolean): ReadonlySet<Operator> {
  return isList ? new Set<Operator>(['in', 'intersects']) : ALLOWED[familyOf(type)];
}

/** Falco's message if the operator does not go with the type. */
export function operatorProblem(
  type: string,
  isList: boolean,
  op: Operator,
  modifier: Modifier | undefined,
): string | undefined {
  const allowed = operatorsFor(type, isList);
  if (isList) {
    return allowed.has(op) ? undefined : `filter error: '${op}' operator not supported list filters`;
  }
  if (allowed.has(op)) return undefined;
  const family = familyOf(type);
  const what = family === 'address' && modifier !== undefined ? 'with modifier' : 'operator';
  return `filter error: '${op}' ${what} not supported for ${NAMES[family]}`;
}
