// A check's right-hand side after preparation, as plain data: what the interpreter runs (`testFunction`) and the
// generated code inlines (`codegen/emit.ts`). Constants are parsed once, here nothing is parsed.

/** One element of a field's value. */
export type Scalar = string | number | bigint | boolean | Uint8Array;

export type Test =
  /** The value was extracted, whatever it is: `exists`. */
  | { readonly op: 'true' }
  | { readonly op: 'false' }
  /** `===`: strings, booleans, numbers that are never bigint. */
  | { readonly op: 'eq' | 'ne'; readonly value: string | number | boolean }
  /** `==` between number and bigint: 64-bit integers come as either. */
  | { readonly op: 'int-eq' | 'int-ne'; readonly value: number | bigint }
  | { readonly op: 'lt' | 'le' | 'gt' | 'ge'; readonly value: number | bigint }
  | { readonly op: 'in'; readonly values: ReadonlySet<string | number | boolean> }
  | { readonly op: 'contains' | 'startswith' | 'endswith'; readonly value: string }
  /** Everything that is not worth inlining: globs, regular expressions, path prefixes, networks, byte strings. */
  | { readonly op: 'call'; readonly run: (value: Scalar) => boolean }
  | { readonly op: 'not'; readonly item: Test }
  | { readonly op: 'and' | 'or'; readonly items: readonly Test[] }
  /** Exactly one holds: `oneof`. */
  | { readonly op: 'one'; readonly items: readonly Test[] };

export const ALWAYS: Test = { op: 'true' };
export const NEVER: Test = { op: 'false' };

/** A constant set's test; the shortest form that means the same. */
export function inSet(values: Iterable<string | number | boolean>): Test {
  const set = new Set(values);
  if (set.size === 0) return NEVER;
  const [only] = set;
  return set.size === 1 ? { op: 'eq', value: only as string } : { op: 'in', values: set };
}

export function negate(item: Test): Test {
  if (item.op === 'eq') return { op: 'ne', value: item.value };
  if (item.op === 'int-eq') return { op: 'int-ne', value: item.value };
  return { op: 'not', item };
}

/** What a test means. The value has the test's type; comparing other types is the planner's bug, not the user's. */
export function testFunction(test: Test): (value: Scalar) => boolean {
  switch (test.op) {
    case 'true':
      return () => true;
    case 'false':
      return () => false;
    case 'eq': {
      const { value } = test;
      return (v) => v === value;
    }
    case 'ne': {
      const { value } = test;
      return (v) => v !== value;
    }
    case 'int-eq': {
      const { value } = test;
      // biome-ignore lint/suspicious/noDoubleEquals: number and bigint of the same value must be equal.
      return (v) => v == value;
    }
    case 'int-ne': {
      const { value } = test;
      // biome-ignore lint/suspicious/noDoubleEquals: as above.
      return (v) => v != value;
    }
    case 'lt': {
      const { value } = test;
      return (v) => (v as number) < value;
    }
    case 'le': {
      const { value } = test;
      return (v) => (v as number) <= value;
    }
    case 'gt': {
      const { value } = test;
      return (v) => (v as number) > value;
    }
    case 'ge': {
      const { value } = test;
      return (v) => (v as number) >= value;
    }
    case 'in': {
      const { values } = test;
      return (v) => values.has(v as string);
    }
    case 'contains': {
      const { value } = test;
      return (v) => (v as string).includes(value);
    }
    case 'startswith': {
      const { value } = test;
      return (v) => (v as string).startsWith(value);
    }
    case 'endswith': {
      const { value } = test;
      return (v) => (v as string).endsWith(value);
    }
    case 'call':
      return test.run;
    case 'not': {
      const run = testFunction(test.item);
      return (v) => !run(v);
    }
    case 'and': {
      const runs = test.items.map(testFunction);
      return (v) => runs.every((run) => run(v));
    }
    case 'or': {
      const runs = test.items.map(testFunction);
      return (v) => runs.some((run) => run(v));
    }
    case 'one': {
      const runs = test.items.map(testFunction);
      return (v) => runs.reduce((n, run) => n + (run(v) ? 1 : 0), 0) === 1;
    }
  }
}
