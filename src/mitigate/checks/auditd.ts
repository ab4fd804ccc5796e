// Linux audit rules (audit.rules(7), auditctl(8)): own grammar, for auditctl itself reads rules only into a kernel.
// System call names are asked of ausyscall.

import type { Check } from '../types.ts';
import { ownCheck, type Toolbox } from './toolbox.ts';

const LISTS = ['task', 'exit', 'user', 'exclude', 'filesystem', 'io_uring'];
const ACTIONS = ['never', 'always'];
const FIELDS = new Set(
  (
    'a0 a1 a2 a3 arch auid devmajor devminor dir egid euid exe exit fsgid fsuid filetype gid inode key msgtype ' +
    'obj_uid obj_gid obj_user obj_role obj_type obj_lev_low obj_lev_high path perm pers pid ppid saddr_fam sessionid ' +
    'subj_user subj_role subj_type subj_sen subj_clr success sgid suid uid fstype'
  ).split(' '),
);
const CONDITION = /^([a-z0-9_]+)(=|!=|<=|>=|<|>|&=|&)(.+)$/;
const NUMBER_OPTIONS = new Set(['-b', '-e', '-f', '-r', '--backlog_wait_time', '--loginuid-immutable']);

/** What is wrong, one sentence each with the line's number. */
export function validateAuditdRules(text: string): {
  readonly problems: string[];
  readonly syscalls: string[];
} {
  const problems: string[] = [];
  const syscalls: string[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    rule(trimmed.split(/\s+/), (message) => problems.push(`line ${i + 1}: ${message}`), syscalls);
  }
  return { problems, syscalls: [...new Set(syscalls)] };
}

export function checkAuditdRules(tools: Toolbox, text: string): (Check | Promise<Check>)[] {
  const { problems, syscalls } = validateAuditdRules(text);
  const checks: (Check | Promise<Check>)[] = [
    ownCheck(
      'yarak auditd grammar',
      'audit.rules(7)',
      'valid',
      'Is each line a rule that auditctl reads?',
      problems,
      'every line read',
    ),
  ];
  if (syscalls.length > 0) {
    checks.push(
      tools.check({
        tool: 'ausyscall',
        install: 'auditd',
        level: 'valid',
        asked: 'Does the audit library know each system call?',
        files: {},
        runs: syscalls.map((name) => ['x86_64', name, '--exact']),
        judge: (results) => {
          const unknown = syscalls.filter((_, n) => !/^\d+\s*$/.test(results[n]?.stdout ?? ''));
          return {
            passed: unknown.length === 0,
            output: unknown.length === 0 ? `${syscalls.join(', ')}: known` : `unknown: ${unknown.join(', ')}`,
          };
        },
      }),
    );
  }
  return checks;
}

function rule(words: readonly string[], problem: (message: string) => void, syscalls: string[]): void {
  let watch = false;
  let append = false;
  let arch = false;
  let named = false;
  let condition = false;
  for (let i = 0; i < words.length; i++) {
    const option = words[i] as string;
    if (option === '-D' || option === '-c' || option === '-i') continue;
    const value = words[++i];
    if (value === undefined) {
      problem(`${option} needs a value`);
      return;
    }
    if (NUMBER_OPTIONS.has(option)) {
      if (!/^\d+$/.test(value)) problem(`${option}: expected a number, found ${value}`);
    } else if (option === '-a' || option === '-A') {
      append = true;
      const parts = value.split(',');
      if (
        parts.length !== 2 ||
        !parts.some((p) => LISTS.includes(p)) ||
        !parts.some((p) => ACTIONS.includes(p))
      )
        problem(`${option}: expected ACTION,LIST such as always,exit, found ${value}`);
    } else if (option === '-S') {
      if (!append) problem('-S before -a');
      for (const name of value.split(',')) if (name !== 'all' && !/^\d+$/.test(name)) syscalls.push(name);
      named = true;
    } else if (option === '-F' || option === '-C') {
      const m = value.match(CONDITION);
      if (m === null) problem(`${option}: expected FIELD=VALUE, found ${value}`);
      else if (!FIELDS.has(m[1] as string)) problem(`${option}: unknown field ${m[1]}`);
      else if (m[1] === 'arch') {
        arch = true;
        if (named) problem('-F arch must come before -S');
      } else {
        condition = true;
        if ((m[1] === 'path' || m[1] === 'dir' || m[1] === 'exe') && !(m[3] as string).startsWith('/'))
          problem(`${m[1]}: expected an absolute path, found ${m[3]}`);
        if (m[1] === 'perm' && !/^[rwxa]{1,4}$/.test(m[3] as string))
          problem(`perm: expected letters of rwxa, found ${m[3]}`);
      }
    } else if (option === '-w') {
      watch = true;
      if (!value.startsWith('/')) problem(`-w: expected an absolute path, found ${value}`);
    } else if (option === '-p') {
      if (!watch) problem('-p without -w');
      if (!/^[rwxa]{1,4}$/.test(value)) problem(`-p: expected letters of rwxa, found ${value}`);
    } else if (option === '-k') {
      if (value.length > 31) problem('-k: a key has at most 31 bytes');
    } else {
      problem(`unknown option ${option}`);
    }
  }
  if (watch && append) problem('-w and -a in one rule');
  if (append && named && !arch) problem('-S without -F arch: the call numbers differ between architectures');
  if (append && !named && !condition) problem('a rule without -S or -F matches everything');
}
