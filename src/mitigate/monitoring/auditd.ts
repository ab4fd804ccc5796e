// auditd rules for the host: the kernel's own record of what the findings are about, with the login's identity (auid).

import { checkAuditdRules } from '../checks/auditd.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { refs } from '../references.ts';
import { Script } from '../script.ts';

const KEY = 'yarak';

/** auditd reads a rule up to the blank: only plain paths can be watched. */
const PLAIN = /^\/[\w.+/-]{1,200}$/;

export function planAuditdRules(context: PlanContext): Draft | undefined {
  const host = context.place === 'host' || context.place === 'unknown';
  const module =
    context.techniques.has('T1547.006') ||
    context.behaviours.has('kernel-module-load') ||
    context.behaviours.has('kernel-module-labelled') ||
    context.text('proc.cmdline').includes('.ko');
  if (!host && !module && !context.techniques.has('T1611')) return undefined;
  const lines: string[] = [];
  const both = (rest: string) =>
    lines.push(`-a always,exit -F arch=b64 ${rest}`, `-a always,exit -F arch=b32 ${rest}`);
  if (module || context.techniques.has('T1611')) {
    lines.push('# kernel modules, from wherever they are loaded');
    both(`-S init_module,finit_module,delete_module -k ${KEY}-module`);
    both(`-S mount,umount2 -F auid>=1000 -F auid!=unset -k ${KEY}-mount`);
  }
  if (context.all('evt.type').includes('ptrace')) {
    lines.push('# attaching to other processes: PTRACE_ATTACH and PTRACE_SEIZE');
    both(`-S ptrace -F a0=0x10 -k ${KEY}-ptrace`);
    both(`-S ptrace -F a0=0x4206 -k ${KEY}-ptrace`);
  }
  if (host) {
    lines.push('# what people who logged in run as root');
    both(`-S execve,execveat -F euid=0 -F auid>=1000 -F auid!=unset -k ${KEY}-root-exec`);
    lines.push('# accounts, rights, logins, jobs');
    for (const path of [
      '/etc/passwd',
      '/etc/shadow',
      '/etc/sudoers',
      '/etc/ld.so.preload',
      '/root/.ssh/authorized_keys',
    ])
      lines.push(`-w ${path} -p wa -k ${KEY}-identity`);
    for (const path of ['/etc/sudoers.d/', '/etc/cron.d/', '/etc/systemd/system/', '/var/spool/cron/'])
      lines.push(`-w ${path} -p wa -k ${KEY}-persistence`);
    const files = context
      .all('yarak.file.path')
      .filter((path) => PLAIN.test(path) && !/^\/(?:proc|sys|dev)\//.test(path) && !path.includes('..'));
    const own = files.filter((path) => !lines.some((line) => line.includes(` ${path} `))).slice(0, 5);
    if (own.length > 0)
      lines.push('# the files of this finding', ...own.map((path) => `-w ${path} -p rwa -k ${KEY}-finding`));
  }
  const content = `${lines.join('\n')}\n`;
  const script = new Script()
    .run(['augenrules', '--load'])
    .run(['auditctl', '-l'])
    .run(['ausearch', '-k', `${KEY}-${host ? 'root-exec' : 'module'}`, '-i']);
  return {
    id: 'monitoring.auditd',
    family: 'monitoring',
    phase: 'watch',
    title: 'Let the kernel record it with the login behind it',
    why: "Falco's alert may not name the login; auditd keeps auid, which stays the same through su and sudo.",
    factIds: context.facts('user.name', 'user.loginname', 'yarak.file.path', 'evt.type'),
    artefacts: [
      { kind: 'auditd-rules', filename: '50-yarak.rules', language: 'text', content },
      script.artefact('load-audit-rules.sh'),
    ],
    rollout: 'Put the file in /etc/audit/rules.d/ and load it; ship /var/log/audit off the host.',
    effect: 'A second record that does not depend on Falco. Nothing is refused.',
    breaks: 'A few percent of CPU where root runs many short programs; watch the backlog (auditctl -s).',
    rollback: 'Remove the file and load again.',
    references: refs('M1047', 'D3-SFA'),
    effort: 'minutes',
    checks: [...checkAuditdRules(context.tools, content), ...script.checks(context.tools)],
  };
}
