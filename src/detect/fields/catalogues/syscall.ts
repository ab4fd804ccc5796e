// Falco's built-in fields: the generated table with our descriptions.

import { FIELD_ROWS } from '../generated/fields.ts';
import type { FieldDef } from '../types.ts';
import { SYSCALL_DESCRIPTIONS } from './syscall-descriptions.ts';
import { UNVERIFIED } from './unverified.ts';

/** In lookup order: class by class. */
export const SYSCALL_FIELDS: readonly FieldDef[] = FIELD_ROWS.split('\n')
  .filter((row) => row !== '')
  .map((row) => {
    const [name = '', cls = '', type = '', printFormat = '', flagText = ''] = row.split(' ');
    const flags = new Set(flagText.split('+'));
    return {
      name,
      cls,
      type,
      isList: flags.has('IS_LIST'),
      arg: flags.has('ARG_REQUIRED') ? 'required' : flags.has('ARG_ALLOWED') ? 'optional' : 'none',
      filterOnly: flags.has('FILTER_ONLY'),
      noRhs: flags.has('NO_RHS'),
      noTransformers: flags.has('NO_TRANSFORMER'),
      deprecated: flags.has('DEPRECATED'),
      printFormat,
      description: SYSCALL_DESCRIPTIONS[name] ?? '',
      ...(UNVERIFIED.has(name) && { unverified: true }),
    };
  });

/** The class whose fields every source has. */
export const GENERIC_CLASS = 'gen_event';
