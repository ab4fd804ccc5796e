// Falco's errors: a file with one of them is refused whole. In conditions, the finer codes say more.

import type { ErrorCode } from '../findings.ts';
import { CLEAN, type CodePages, exampleRule } from './types.ts';

export const FALCO_ERRORS: CodePages<ErrorCode> = {
  LOAD_ERR_YAML_PARSE: {
    severity: 'error',
    title: 'Not YAML',
    text: 'The file cannot be read as YAML, so none of it is loaded.',
    example: '- rule: "Shell started\n',
    fixed: CLEAN,
  },
  LOAD_ERR_YAML_VALIDATE: {
    severity: 'error',
    title: 'YAML, but not a rule file',
    text: 'A key is missing, empty or of the wrong kind, or a value such as the priority is none that Falco knows.',
    example: CLEAN.replace('NOTICE', 'SEVERE'),
    fixed: CLEAN,
  },
  LOAD_ERR_COMPILE_CONDITION: {
    severity: 'error',
    title: 'The condition does not compile',
    text: 'What Falco calls everything that is wrong in a condition. Where more is known, the finding has a finer code: CONDITION_SYNTAX, FIELD_UNKNOWN, OPERATOR_TYPE, VALUE_INVALID, REGEX_INVALID, EVENT_TYPE_UNKNOWN, EVENT_TYPE_DYNAMIC, TRANSFORMER_TYPE, RIGHT_SIDE_FIELD.',
  },
  LOAD_ERR_COMPILE_OUTPUT: {
    severity: 'error',
    title: 'The output does not compile',
    text: 'The output names a field that there is not, or ends in a lone %.',
    example: exampleRule('evt.type = execve and proc.name = bash', { output: '"command=%proc.cmdlin"' }),
    fixed: CLEAN,
  },
  LOAD_ERR_VALIDATE: {
    severity: 'error',
    title: 'Items that do not go together',
    text: 'A macro is not defined or comes too late, an append has nothing to append to, an exception does not fit its fields, or a newer engine is required.',
    example: exampleRule('spawned_process and proc.name = bash'),
    fixed: `- macro: spawned_process\n  condition: evt.type in (execve, execveat)\n${exampleRule('spawned_process and proc.name = bash')}`,
  },
};
