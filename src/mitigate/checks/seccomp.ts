// seccomp profiles of the OCI runtime specification (config-linux, "seccomp", 1.2): strict keys and values, system
// call names by libseccomp, and what the profile does to a given call.

import type { Check } from '../types.ts';
import { isJson, type Json } from './pod-spec.ts';
import { ownCheck, type Toolbox } from './toolbox.ts';

const ACTIONS = [
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
  'SCMP_ACT_NOTIFY',
];
const OPERATORS = ['NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ'].map((op) => `SCMP_CMP_${op}`);
const ARCHES = ['X86_64', 'X86', 'X32', 'AARCH64', 'ARM', 'S390X', 'S390', 'PPC64LE', 'RISCV64'].map(
  (arch) => `SCMP_ARCH_${arch}`,
);
const TOP = [
  'defaultAction',
  'defaultErrnoRet',
  'architectures',
  'flags',
  'listenerPath',
  'listenerMetadata',
  'syscalls',
];
const SYSCALL = ['names', 'action', 'errnoRet', 'args', 'comment'];
const ARG = ['index', 'value', 'valueTwo', 'op'];

/** What is wrong with the profile's form, one sentence each. */
export function validateSeccomp(profile: unknown): string[] {
  if (!isJson(profile)) return ['expected an object'];
  const problems = unknownKeys(profile, TOP, '');
  oneOf(profile['defaultAction'], ACTIONS, 'defaultAction', problems);
  for (const arch of arrayOf(profile, 'architectures', problems))
    oneOf(arch, ARCHES, 'architectures', problems);
  for (const [i, entry] of arrayOf(profile, 'syscalls', problems).entries()) {
    const at = `syscalls[${i}]`;
    if (!isJson(entry)) {
      problems.push(`${at}: expected an object`);
      continue;
    }
    problems.push(...unknownKeys(entry, SYSCALL, `${at}.`));
    oneOf(entry['action'], ACTIONS, `${at}.action`, problems);
    const names = arrayOf(entry, 'names', problems);
    if (names.length === 0) problems.push(`${at}.names: at least one name is required`);
    if (entry['errnoRet'] !== undefined && !Number.isSafeInteger(entry['errnoRet']))
      problems.push(`${at}.errnoRet: expected a whole number`);
    for (const arg of arrayOf(entry, 'args', problems)) {
      if (!isJson(arg)) problems.push(`${at}.args: expected objects`);
      else {
        problems.push(...unknownKeys(arg, ARG, `${at}.args.`));
        oneOf(arg['op'], OPERATORS, `${at}.args.op`, problems);
        if (!Number.isSafeInteger(arg['index']) || !Number.isSafeInteger(arg['value']))
          problems.push(`${at}.args: index and value are required whole numbers`);
      }
    }
  }
  return problems;
}

/** The action for a call whose arguments match no conditional entry. */
export function seccompAction(profile: Json, name: string): string {
  for (const entry of Array.isArray(profile['syscalls']) ? profile['syscalls'].filter(isJson) : []) {
    const conditional = Array.isArray(entry['args']) && entry['args'].length > 0;
    if (!conditional && Array.isArray(entry['names']) && entry['names'].includes(name))
      return String(entry['action']);
  }
  return String(profile['defaultAction']);
}

/** `blocked`: calls that the profile must refuse; `kept`: calls that every program needs and that must stay. */
export function checkSeccomp(
  tools: Toolbox,
  text: string,
  blocked: readonly string[],
  kept: readonly string[],
): (Check | Promise<Check>)[] {
  const profile: unknown = JSON.parse(text);
  const problems = validateSeccomp(profile);
  const names =
    isJson(profile) && Array.isArray(profile['syscalls'])
      ? profile['syscalls']
          .filter(isJson)
          .flatMap((e) => (Array.isArray(e['names']) ? e['names'].map(String) : []))
      : [];
  const unique = [...new Set(names)].sort();
  const wrong = isJson(profile)
    ? [
        ...blocked
          .filter((n) => !seccompAction(profile, n).startsWith('SCMP_ACT_ERRNO'))
          .map((n) => `${n} is not refused`),
        ...kept.filter((n) => seccompAction(profile, n) !== 'SCMP_ACT_ALLOW').map((n) => `${n} is refused`),
      ]
    : [];
  return [
    ownCheck(
      'yarak OCI seccomp schema',
      '1.2',
      'valid',
      'Does the profile have the form of the OCI runtime specification?',
      problems,
      `${unique.length} system calls named`,
    ),
    tools.check({
      tool: 'scmp_sys_resolver',
      install: 'seccomp',
      level: 'valid',
      asked: 'Does libseccomp know each system call by its name?',
      files: {},
      runs: unique.map((name) => ['-a', 'x86_64', name]),
      judge: (results) => {
        const unknown = unique.filter((_, i) => results[i]?.code !== 0 || results[i]?.stdout.trim() === '-1');
        return {
          passed: unknown.length === 0,
          output:
            unknown.length === 0
              ? `${unique.length} of ${unique.length} names known`
              : `unknown: ${unknown.join(', ')}`,
        };
      },
    }),
    ownCheck(
      'yarak seccomp evaluator',
      '1.2',
      'simulated',
      'Is the observed call refused, and does what every program needs stay allowed?',
      wrong,
      `refused: ${blocked.join(', ') || 'none asked'}; still allowed: ${kept.join(', ')}`,
    ),
  ];
}

function unknownKeys(object: Json, known: readonly string[], prefix: string): string[] {
  return Object.keys(object)
    .filter((key) => !known.includes(key))
    .map((key) => `${prefix}${key}: unknown key`);
}

function oneOf(value: unknown, allowed: readonly string[], path: string, problems: string[]): void {
  if (typeof value !== 'string' || !allowed.includes(value))
    problems.push(`${path}: expected one of ${allowed.join(', ')}, found ${JSON.stringify(value)}`);
}

function arrayOf(object: Json, key: string, problems: string[]): readonly unknown[] {
  const value = object[key];
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  problems.push(`${key}: expected a list`);
  return [];
}
