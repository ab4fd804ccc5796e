// Plugins declare few things about a field, so their catalogues are written as text, a field a line:
//
//   NAME TYPE[ARG] DESCRIPTION
//
// TYPE: str, u64, bool, reltime, abstime, with `[]` behind it for a list. ARG: `!key` a required key, `!index` a
// required index, `?index` an optional index, `?any` an optional index or key.

import type { FieldDef } from '../types.ts';

const TYPES: Readonly<Record<string, string>> = {
  str: 'CHARBUF',
  u64: 'UINT64',
  bool: 'BOOL',
  reltime: 'RELTIME',
  abstime: 'ABSTIME',
};

/** Fields of class `cls`, in the order of the lines. */
export function parseFieldRows(cls: string, text: string): readonly FieldDef[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const match = /^\s*(\S+) ([a-z0-9]+)(\[\])?(?:([!?])(key|index|any))? (\S.*)$/.exec(line);
      const type = TYPES[match?.[2] ?? ''];
      if (match === null || type === undefined) throw new Error(`Malformed field row: ${line}`);
      const [, name = '', , list, need, form, description = ''] = match;
      return {
        name,
        cls,
        type,
        isList: list !== undefined,
        arg: need === '!' ? 'required' : need === '?' ? 'optional' : 'none',
        ...(form !== undefined && { argForm: form as 'key' | 'index' | 'any' }),
        filterOnly: false,
        noRhs: false,
        noTransformers: false,
        deprecated: false,
        printFormat: type === 'UINT64' ? 'DEC' : 'NA',
        description,
      };
    });
}
