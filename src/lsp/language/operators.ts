// What operators, modifiers and transformers do, in a line each.

import type { Modifier, Operator, TransformerName } from '../../detect/lang/index.ts';

export const OPERATOR_TEXTS: Readonly<Record<Operator | 'exists', string>> = {
  '=': 'is',
  '==': 'is',
  '!=': 'has a value other than',
  '<': 'is less than',
  '<=': 'is at most',
  '>': 'is greater than',
  '>=': 'is at least',
  contains: 'contains the text',
  icontains: 'contains the text, in any case',
  bcontains: 'contains the bytes, in hex',
  startswith: 'starts with the text',
  bstartswith: 'starts with the bytes, in hex',
  endswith: 'ends with the text',
  glob: 'matches the pattern: `*`, `?`, `[…]`',
  iglob: 'matches the pattern, in any case',
  regex: 'matches the regular expression as a whole',
  in: 'is one of',
  intersects: 'has an element that is one of',
  pmatch: 'is a path at or below one of',
  exists: 'has a value',
};

export const MODIFIER_TEXTS: Readonly<Record<Modifier, string>> = {
  oneof: 'for exactly one of the values',
  anyof: 'for any of the values',
  allof: 'for all of the values',
};

export const TRANSFORMER_TEXTS: Readonly<Record<TransformerName | 'val', string>> = {
  tolower: 'the text in lower case',
  toupper: 'the text in upper case',
  b64: 'what the text decodes to as base64',
  basename: 'the last part of the path',
  len: 'the length',
  join: 'a list as one text, with a separator',
  concat: 'several texts as one',
  getopt: 'the value of a command-line option',
  val: 'the value of a field, to compare with',
};
