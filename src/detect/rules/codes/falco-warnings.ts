// Falco's warnings: the file loads all the same.

import type { WarningCode } from '../findings.ts';
import { CLEAN, type CodePages, exampleRule } from './types.ts';

const IS_BASH = 'evt.type = execve and proc.name = bash';
const exception = (values: string, name = 'known') =>
  `    - name: ${name}\n      fields: [proc.exepath]\n${values}`;

export const FALCO_WARNINGS: CodePages<WarningCode> = {
  LOAD_UNKNOWN_SOURCE: {
    severity: 'warning',
    title: 'Unknown source',
    text: 'No source of events has this name, so the rule is skipped; its condition is not even looked at.',
    example: exampleRule(IS_BASH, { more: '  source: syscalls\n' }),
    fixed: exampleRule(IS_BASH, { more: '  source: syscall\n' }),
  },
  LOAD_UNSAFE_NA_CHECK: {
    severity: 'warning',
    title: 'Comparison with <NA> of a field that is absent instead',
    text: 'Fields of the Kubernetes audit and JSON plugins have no value where there is none; the text <NA> never stands in them. A check on an absent field is false, whatever its operator.',
    example: exampleRule('ka.verb = create and ka.target.name != "<NA>"', {
      output: '"%ka.user.name %ka.verb %ka.target.name %ka.target.namespace"',
      more: '  source: k8s_audit\n',
    }),
    fixed: exampleRule('ka.verb = create and ka.target.name exists', {
      output: '"%ka.user.name %ka.verb %ka.target.name %ka.target.namespace"',
      more: '  source: k8s_audit\n',
    }),
  },
  LOAD_NO_EVTTYPE: {
    severity: 'warning',
    title: 'No event type',
    text: 'The condition can match more than a hundred event types, so it is evaluated for nearly every event. Begin it with the types that it is about.',
    example: exampleRule('proc.name = bash'),
    fixed: CLEAN,
  },
  LOAD_UNKNOWN_FILTER: {
    severity: 'warning',
    title: 'Rule skipped for an unknown field or event type',
    text: 'The rule says `skip-if-unknown-filter: true` and uses something that this engine does not have.',
    example: exampleRule('evt.type = execve and proc.nam = bash', {
      more: '  skip-if-unknown-filter: true\n',
    }),
    fixed: CLEAN,
  },
  LOAD_UNUSED_MACRO: {
    severity: 'warning',
    title: 'Unused macro',
    text: 'No rule and no other macro names it.',
    example: `- macro: is_bash\n  condition: proc.name = bash\n${CLEAN}`,
    fixed: CLEAN,
  },
  LOAD_UNUSED_LIST: {
    severity: 'warning',
    title: 'Unused list',
    text: 'No condition and no other list names it.',
    example: `- list: shells\n  items: [sh, bash]\n${CLEAN}`,
    fixed: `- list: shells\n  items: [sh, bash]\n${exampleRule('evt.type = execve and proc.name in (shells)')}`,
  },
  LOAD_UNKNOWN_ITEM: {
    severity: 'warning',
    title: 'Unknown item',
    text: 'An entry of the file is no rule, macro, list or required version; it is passed over.',
    example: `- rules: Shell started\n${CLEAN}`,
    fixed: CLEAN,
  },
  LOAD_DEPRECATED_ITEM: {
    severity: 'warning',
    title: 'Deprecated',
    text: '`append: true` and a lone `enabled` have given way to `override`; the fields evt.dir and evt.latency and the output %container.info will go.',
    example: `${CLEAN}- rule: Shell started\n  append: true\n  condition: and proc.tty != 0\n`,
    fixed: `${CLEAN}- rule: Shell started\n  condition: and proc.tty != 0\n  override:\n    condition: append\n`,
  },
  LOAD_APPEND_NO_VALUES: {
    severity: 'warning',
    title: 'Appended exception without values',
    text: 'Appending to an exception adds values; without any, nothing changes.',
    example: `${CLEAN}  exceptions:\n${exception('')}- rule: Shell started\n  exceptions:\n    - name: known\n  override:\n    exceptions: append\n`,
    fixed: `${CLEAN}  exceptions:\n${exception('')}- rule: Shell started\n  exceptions:\n    - name: known\n      values: [[/usr/bin/ssh]]\n  override:\n    exceptions: append\n`,
  },
  LOAD_EXCEPTION_NAME_NOT_UNIQUE: {
    severity: 'warning',
    title: 'Exceptions with the same name',
    text: 'Both are kept, but what is appended later goes to one of them only.',
    example: `${CLEAN}  exceptions:\n${exception('')}${exception('')}`,
    fixed: `${CLEAN}  exceptions:\n${exception('')}${exception('', 'also_known')}`,
  },
  LOAD_INVALID_MACRO_NAME: {
    severity: 'warning',
    title: 'Invalid macro name',
    text: 'A condition can only name macros of letters, digits and underscores that begin with a letter.',
    example: `- macro: is-bash\n  condition: proc.name = bash\n${CLEAN}`,
    fixed: `- macro: is_bash\n  condition: proc.name = bash\n${exampleRule('evt.type = execve and is_bash')}`,
  },
  LOAD_INVALID_LIST_NAME: {
    severity: 'warning',
    title: 'Invalid list name',
    text: 'A name with blanks, quotes, parentheses, commas or = cannot be told from the text around it.',
    example: `- list: the shells\n  items: [sh, bash]\n${CLEAN}`,
    fixed: `- list: the_shells\n  items: [sh, bash]\n${exampleRule('evt.type = execve and proc.name in (the_shells)')}`,
  },
  LOAD_COMPILE_CONDITION: {
    severity: 'warning',
    title: 'Compiles, and is probably not meant',
    text: 'A regular expression without any special character, or a plain string that looks like a field or a transformer. To compare with a field, write val(FIELD).',
    example: exampleRule('evt.type = execve and proc.name = proc.pname'),
    fixed: exampleRule('evt.type = execve and proc.name = val(proc.pname)'),
  },
  LOAD_UNKNOWN_KEY: {
    severity: 'warning',
    title: 'Unknown key',
    text: 'The key is none of the item; it is ignored.',
    example: `${CLEAN}  tag: [shell]\n`,
    fixed: CLEAN,
  },
};
