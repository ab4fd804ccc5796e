// What is wrong in a condition, finer than Falco's LOAD_ERR_COMPILE_CONDITION, and limits.

import type { CheckCode } from '../../lang/index.ts';
import { CLEAN, type CodePages, exampleRule } from './types.ts';

export type ConditionCode =
  | CheckCode
  | 'CONDITION_SYNTAX'
  | 'PLUGIN_VERSION'
  | 'RULES_TOO_LARGE'
  | 'FORMAT_REFUSED';

export const CONDITION_CODES: CodePages<ConditionCode> = {
  CONDITION_SYNTAX: {
    severity: 'error',
    title: 'The condition cannot be parsed',
    text: 'A parenthesis, an operator or a value is missing, or a value that needs quotes has none.',
    example: exampleRule('evt.type = execve and (proc.name = bash'),
    fixed: CLEAN,
  },
  FIELD_UNKNOWN: {
    severity: 'error',
    title: 'No such field',
    text: "The rule's source has no field of this name, or the field takes another argument in brackets. `yarak explain FIELD` tells what a field is.",
    example: exampleRule('evt.type = execve and proc.nam = bash'),
    fixed: CLEAN,
  },
  OPERATOR_TYPE: {
    severity: 'error',
    title: "The operator does not go with the field's type",
    text: 'Numbers and addresses are not searched in, and texts are not networks.',
    example: exampleRule('evt.type = execve and proc.pid contains 12'),
    fixed: exampleRule('evt.type = execve and proc.pid = 12'),
  },
  VALUE_INVALID: {
    severity: 'error',
    title: "The value is none of the field's type",
    text: 'Numbers are decimal, booleans are true or false, networks have a prefix length, and durations are plain nanoseconds.',
    example: exampleRule('evt.type = execve and proc.pid = 0x10'),
    fixed: exampleRule('evt.type = execve and proc.pid = 16'),
  },
  REGEX_INVALID: {
    severity: 'error',
    title: 'Invalid regular expression',
    text: 'Falco takes POSIX extended regular expressions as RE2 reads them: no \\d, \\w or \\b, no (?i), no look-around. They match the whole value.',
    example: exampleRule('evt.type = execve and proc.name regex "ba(sh"'),
    fixed: exampleRule('evt.type = execve and proc.name regex "(ba|z)?sh"'),
  },
  EVENT_TYPE_UNKNOWN: {
    severity: 'error',
    title: 'No such event type',
    text: 'Whatever the operator, each value that evt.type is compared with must be the name of an event or a system call.',
    example: exampleRule('evt.type = exec and proc.name = bash'),
    fixed: CLEAN,
  },
  EVENT_TYPE_DYNAMIC: {
    severity: 'error',
    title: 'The event type must be compared with constants',
    text: 'A transformer around evt.type, or val() beside it, makes Falco itself end with an exception instead of an error.',
    example: exampleRule('toupper(evt.type) = EXECVE and proc.name = bash'),
    fixed: CLEAN,
  },
  TRANSFORMER_TYPE: {
    severity: 'error',
    title: 'The transformer does not take this',
    text: 'tolower, toupper and basename take texts, b64 texts and bytes, len texts, bytes and lists; join, concat and getopt take two arguments or more.',
    example: exampleRule('evt.type = execve and tolower(proc.pid) = a'),
    fixed: exampleRule('evt.type = execve and tolower(proc.name) = bash'),
  },
  RIGHT_SIDE_FIELD: {
    severity: 'error',
    title: 'These two cannot be compared',
    text: 'Fields of different types, operators that need constants (regex, pmatch), and some fields of their own accord cannot stand on both sides.',
    example: exampleRule('evt.type = execve and proc.name = val(proc.pid)'),
    fixed: exampleRule('evt.type = execve and proc.name = val(proc.pname)'),
  },
  MACRO_UNDEFINED: {
    severity: 'error',
    title: 'A bare word is no condition',
    text: 'A condition that was checked outside a rule file names a macro; there are none there. In rule files this is LOAD_ERR_VALIDATE.',
  },
  PLUGIN_VERSION: {
    severity: 'error',
    title: 'A required plugin is not built in',
    text: 'The file requires a plugin, or a version of it, whose fields Yarak does not have.',
    example: `- required_plugin_versions:\n    - name: container\n      version: 99.0.0\n${CLEAN}`,
    fixed: CLEAN,
  },
  RULES_TOO_LARGE: {
    severity: 'error',
    title: 'Too large',
    text: 'The file has more than 32 MiB of text, or lists, macros and exceptions unfold to a condition that no engine could hold.',
  },
  FORMAT_REFUSED: {
    severity: 'error',
    title: 'The file was not formatted',
    text: '`yarak fmt` could not prove that the formatted file holds the same items and comments and loads the same, so it left the file alone.',
  },
};
