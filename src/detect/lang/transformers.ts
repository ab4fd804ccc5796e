// What transformers take and give (libs, userspace/libsinsp/sinsp_filter_transformer).

import type { TransformerName } from './ast.ts';

/** The type of an operand, and the field it comes from (`NA`: several, or none). */
export interface Typed {
  readonly type: string;
  readonly isList: boolean;
  readonly field: string;
}

const STRINGS: ReadonlySet<string> = new Set(['CHARBUF', 'FSPATH', 'FSRELPATH']);

const SUPPORTED: Readonly<
  Record<'tolower' | 'toupper' | 'basename' | 'b64' | 'len', (input: Typed) => boolean>
> = {
  tolower: ({ type }) => STRINGS.has(type),
  toupper: ({ type }) => STRINGS.has(type),
  basename: ({ type }) => STRINGS.has(type),
  b64: ({ type }) => type === 'CHARBUF' || type === 'BYTEBUF',
  len: ({ type, isList }) => isList || STRINGS.has(type) || type === 'BYTEBUF',
};

/** The result of a transformer, or Falco's message. */
export function transformed(
  name: TransformerName,
  args: readonly Typed[],
  arg: string | undefined,
): Typed | string {
  const [first, second] = args;
  if (name === 'join' || name === 'concat' || name === 'getopt') {
    // The misspelling is Falco's.
    if (first === undefined || second === undefined) return `unknown field transfomer '${name}'`;
    if (arg !== undefined && name !== 'getopt') return argumentProblem(name);
    return several(name, args, first, second, arg);
  }
  if (first === undefined || args.length !== 1) return `unknown field transfomer '${name}'`;
  if (arg !== undefined) return argumentProblem(name);
  if (!SUPPORTED[name](first)) {
    return `can't add field transformer: type '${first.type}' is not supported by '${name}' transformer applied on field '${first.field}'`;
  }
  if (name === 'len') return { type: 'UINT64', isList: false, field: first.field };
  return first;
}

function argumentProblem(name: TransformerName): string {
  return `'${name}' transformer does not take an argument in brackets`;
}

function several(
  name: 'join' | 'concat' | 'getopt',
  args: readonly Typed[],
  first: Typed,
  second: Typed,
  arg: string | undefined,
): Typed | string {
  const isString = (typed: Typed) => typed.type === 'CHARBUF' && !typed.isList;
  switch (name) {
    case 'join':
      if (args.length !== 2) return 'join() takes two arguments: a separator and a list';
      if (!isString(first)) return 'join() first argument must be a string';
      if (!second.isList) return 'join() second argument must be a list';
      return { type: 'CHARBUF', isList: false, field: 'NA' };
    case 'concat':
      if (!args.every(isString)) return 'concat() arguments must be strings';
      return { type: 'CHARBUF', isList: false, field: 'NA' };
    case 'getopt':
      if (args.length !== 2) return 'getopt() takes two arguments: a list and its options';
      if (!first.isList || first.type !== 'CHARBUF') return 'getopt() first argument must be a list';
      if (!isString(second)) return 'getopt() second argument must be a string';
      return { type: 'CHARBUF', isList: arg === undefined, field: 'NA' };
  }
}
