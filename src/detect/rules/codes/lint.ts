// The linter's codes: what loads and is probably not meant.

import type { LintCode } from '../lint/types.ts';
import { CLEAN, type CodePages, exampleRule } from './types.ts';

const SHELLS = '- list: shells\n  items: [sh, bash]\n';
const inExec = (condition: string) => exampleRule(`evt.type = execve and ${condition}`);

export const LINT_CODES: CodePages<LintCode> = {
  LINT_LIST_NAME_QUOTED: {
    severity: 'warning',
    title: 'A list name in quotes',
    text: 'In quotes the name is a plain string: the list is not put in its place, and the comparison is with its name.',
    example: `${SHELLS}${inExec('(proc.name in ("shells") or proc.pname in (shells))')}`,
    fixed: `${SHELLS}${inExec('(proc.name in (shells) or proc.pname in (shells))')}`,
  },
  LINT_LIST_IN_STRING: {
    severity: 'warning',
    title: 'A list name inside a string',
    text: 'Falco puts lists in place in the text of a condition before it parses it, also inside quotes wherever blanks, commas or parentheses stand around the name. The string is then another one than it reads.',
    example: `- list: shells\n  items: [bash]\n${inExec('proc.name in (shells) and proc.cmdline contains "run shells now"')}`,
    fixed: `- list: shell_names\n  items: [bash]\n${inExec('proc.name in (shell_names) and proc.cmdline contains "run shells now"')}`,
  },
  LINT_NET_FIRST_ONLY: {
    severity: 'warning',
    title: 'Only the first network is looked at',
    text: '`fd.net in (…)` compares with the first network of the list and forgets the others. fd.cnet, fd.snet, fd.lnet and fd.rnet look at all.',
    example: exampleRule('evt.type = connect and fd.net in (10.0.0.0/8, 192.168.0.0/16)'),
    fixed: exampleRule('evt.type = connect and fd.snet in (10.0.0.0/8, 192.168.0.0/16)'),
  },
  LINT_NA_COMPARE: {
    severity: 'hint',
    title: 'Comparison with the text <NA>',
    text: '<NA> is how outputs show that a field has no value. In conditions most such fields are absent, and every check on an absent field is false, != too.',
    example: inExec('proc.name != "<NA>"'),
    fixed: inExec('proc.name exists'),
  },
  LINT_NEVER_FIRES: {
    severity: 'warning',
    title: 'The rule can never fire',
    text: 'Parts that must hold together exclude each other: two event types, two values of one field, an empty list, or `evt.num = 0`.',
    example: exampleRule('evt.type = execve and evt.type = open'),
    fixed: exampleRule('evt.type in (execve, open) and proc.name = bash'),
  },
  LINT_ALWAYS_FIRES: {
    severity: 'warning',
    title: 'The rule fires for every event',
    text: 'The condition holds whatever happens, by `evt.num >= 0` or the like in the wrong place.',
    example: exampleRule('evt.type = execve or evt.num >= 0'),
    fixed: CLEAN,
  },
  LINT_SAME_CONDITION: {
    severity: 'warning',
    title: 'Two rules with one condition',
    text: "With `rule_matching: first`, Falco's default, only the first rule that matches an event fires; the second never does.",
    example: `${CLEAN}${exampleRule('evt.type = execve and proc.name = bash', { name: 'Shell started again' })}`,
    fixed: `${CLEAN}${exampleRule('evt.type = execve and proc.name = zsh', { name: 'Shell started again' })}`,
  },
  LINT_REDEFINED: {
    severity: 'warning',
    title: 'Defined twice',
    text: 'The same name again replaces the whole item, without a word, and keeps the place of the first. Across files this is how rules are adapted, and reported as information; what says exactly the same is not reported.',
    example: `${SHELLS}- list: shells\n  items: [zsh]\n${inExec('proc.name in (shells)')}`,
    fixed: `${SHELLS}- list: shells\n  items: [zsh]\n  override:\n    items: append\n${inExec('proc.name in (shells)')}`,
  },
  LINT_DUPLICATE_ITEM: {
    severity: 'hint',
    title: 'A value stands in a list twice',
    text: 'The second one does nothing; perhaps another value was meant.',
    example: `- list: shells\n  items: [sh, bash, sh]\n${inExec('proc.name in (shells)')}`,
    fixed: `${SHELLS}${inExec('proc.name in (shells)')}`,
  },
  LINT_DUPLICATE_CONDITION: {
    severity: 'hint',
    title: 'A part of the condition stands there twice',
    text: 'The second one does nothing; perhaps another field was meant.',
    example: inExec('(proc.name = sh or proc.name = sh)'),
    fixed: inExec('(proc.name = sh or proc.pname = sh)'),
  },
  LINT_EXPENSIVE_FIRST: {
    severity: 'hint',
    title: 'An expensive check before the event type',
    text: 'Conditions are evaluated from left to right. Regular expressions, glob patterns and the search through a process’s ancestors cost far more than the event type, which rules most events out.',
    example: exampleRule('proc.cmdline glob "*base64*" and evt.type = execve'),
    fixed: exampleRule('evt.type = execve and proc.cmdline glob "*base64*"'),
  },
  LINT_EXCEPTION_SPOOFABLE: {
    severity: 'warning',
    title: 'An exception that an attacker can meet',
    text: 'Names of processes, command lines and names of containers and pods are chosen by whoever starts them. An exception that rests on nothing else lets everyone through who knows it.',
    example: `${CLEAN}  exceptions:\n    - name: known\n      fields: [proc.pname]\n      values: [[backup]]\n`,
    fixed: `${CLEAN}  exceptions:\n    - name: known\n      fields: [proc.pname, proc.aexepath]\n      values: [[backup, /usr/bin/backup]]\n`,
  },
  LINT_OUTPUT_LACKS: {
    severity: 'hint',
    title: 'The output leaves out what triage needs',
    text: 'Whoever gets the alert first asks for the command line, the executable, the parent, the user, and for what container and pod it was. What Falco appends by itself (container and Kubernetes fields, since 0.41) counts as there.',
    example: exampleRule('evt.type = execve and proc.name = bash', { output: '"A shell: %proc.cmdline"' }),
    fixed: CLEAN,
  },
  LINT_TAG_RETIRED: {
    severity: 'info',
    title: 'A retired ATT&CK technique',
    text: 'ATT&CK has renumbered the technique. The old id still works as a tag, but tools that look techniques up do not find it.',
    example: exampleRule('evt.type = execve and proc.name = bash', { tags: '[T1562.001]' }),
    fixed: exampleRule('evt.type = execve and proc.name = bash', { tags: '[T1685]' }),
  },
  LINT_TAG_MALFORMED: {
    severity: 'warning',
    title: 'Almost an ATT&CK technique',
    text: 'ATT&CK writes techniques as T1059 and T1059.004.',
    example: exampleRule('evt.type = execve and proc.name = bash', { tags: '[t1059.4]' }),
    fixed: CLEAN,
  },
  LINT_TAG_UNKNOWN: {
    severity: 'warning',
    title: 'No such ATT&CK technique',
    text: 'The tag is written as a technique, but the Enterprise matrix has none of that number: a slip of the pen, or an id of the Mobile or ICS matrix.',
    example: exampleRule('evt.type = execve and proc.name = bash', { tags: '[T1059.044]' }),
    fixed: CLEAN,
  },
  LINT_TAG_MISSING: {
    severity: 'hint',
    title: 'No ATT&CK technique',
    text: 'No tag names the technique that the rule detects; reports and coverage maps then leave it out.',
    example: exampleRule('evt.type = execve and proc.name = bash', { tags: '[shell]' }),
    fixed: CLEAN,
  },
  LINT_REGEX_SIMPLER: {
    severity: 'hint',
    title: 'A regular expression that an operator does better',
    text: 'Falco matches the whole value, so a choice of words is `in`, and `.*` at an end is `startswith`, `endswith` or `contains`.',
    example: inExec('proc.name regex "^(bash|zsh)$"'),
    fixed: inExec('proc.name in (bash, zsh)'),
  },
};
