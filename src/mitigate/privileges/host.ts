// Hardening of a host: kernel settings, sudo rules and a service's sandbox, each only where the findings call for it.

import { checkSudoers } from '../checks/sudoers.ts';
import { checkSysctl } from '../checks/sysctl.ts';
import { checkSystemdDropIn } from '../checks/systemd.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { refs } from '../references.ts';

export function planSysctl(context: PlanContext): Draft | undefined {
  const module = context.techniques.has('T1547.006') || context.behaviours.has('kernel-module-load');
  const ptrace = context.techniques.has('T1055') || context.all('evt.type').includes('ptrace');
  if (context.place !== 'host' && !module && !context.techniques.has('T1611')) return undefined;
  const lines = [
    '# ptrace: only a parent may attach to its child',
    `kernel.yama.ptrace_scope = ${ptrace ? 2 : 1}`,
    '# BPF programs only for root, and no way back until the next boot',
    'kernel.unprivileged_bpf_disabled = 1',
    '# kernel addresses are hidden; dmesg is for root',
    'kernel.kptr_restrict = 2',
    'kernel.dmesg_restrict = 1',
    '# links and FIFOs in shared folders cannot be used against their owners',
    'fs.protected_symlinks = 1',
    'fs.protected_hardlinks = 1',
    'fs.protected_fifos = 2',
    'fs.protected_regular = 2',
    '# setuid programs leave no core',
    'fs.suid_dumpable = 0',
    ...(module ? ['# no kernel other than the booted one', 'kernel.kexec_load_disabled = 1'] : []),
  ];
  const content = `${lines.join('\n')}\n`;
  return {
    id: 'privileges.sysctl',
    family: 'privileges',
    phase: 'harden',
    title: "Tighten the node's kernel settings",
    why: ptrace
      ? 'A process was attached to with ptrace ({0}).'
      : module
        ? 'A kernel module was handled ({0}); the kernel is what all containers share.'
        : 'Something ran on the host itself ({0}).',
    values: [context.text('proc.cmdline')],
    factIds: context.facts('proc.cmdline', 'evt.type'),
    artefacts: [{ kind: 'sysctl', filename: '90-hardening.conf', language: 'ini', content }],
    rollout:
      'Put it in /etc/sysctl.d/ and run sysctl --system; one node first.' +
      (module
        ? ' Where no module is loaded after boot, kernel.modules_disabled = 1 set by hand closes that door until the next boot; a Falco kernel module then has to be loaded before.'
        : ''),
    effect: ptrace
      ? 'ptrace by anyone but root fails; root can still attach.'
      : 'It narrows what a local user can do next; the finding itself is still alerted.',
    breaks: ptrace
      ? 'Debuggers and profilers of ordinary users (gdb -p, strace -p).'
      : 'Debuggers that attach to running processes; crash dumps of setuid programs.',
    rollback:
      'Remove the file and reboot: unprivileged_bpf_disabled = 1 and kexec_load_disabled cannot be undone without one.',
    references: refs('M1028', 'D3-PH', 'N4.5.5'),
    effort: 'minutes',
    checks: [checkSysctl(content)],
  };
}

export function planSudoers(context: PlanContext): Draft | undefined {
  if (context.place !== 'host') return undefined;
  const sudo =
    context.all('yarak.anc.names').includes('sudo') ||
    context.all('yarak.cmd.names').includes('sudo') ||
    context.all('yarak.file.kind').includes('sudoers');
  if (!sudo && !context.techniques.has('T1548')) return undefined;
  const content = `# Every sudo session is recorded, bound to a terminal, and asked for again.
Defaults use_pty
Defaults log_input, log_output
Defaults iolog_dir="/var/log/sudo-io/%{user}"
Defaults timestamp_timeout=5
Defaults passwd_tries=3
Defaults env_reset
Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
`;
  return {
    id: 'privileges.sudoers',
    family: 'privileges',
    phase: 'harden',
    title: 'Record what is done through sudo',
    why: 'Root rights were used by way of sudo or setuid ({0}).',
    values: [context.text('proc.cmdline')],
    factIds: context.facts('proc.cmdline', 'proc.pcmdline', 'user.loginname'),
    artefacts: [{ kind: 'sudoers', filename: '90-recording', language: 'text', content }],
    rollout:
      'Install it as /etc/sudoers.d/90-recording with mode 0440 through visudo -f, keep a root shell open until a second login works.',
    effect:
      'Nothing is refused; next time the session can be replayed (sudoreplay), and a stolen session lasts five minutes.',
    breaks:
      'Scripts that call sudo without a terminal keep working with NOPASSWD rules; disk space for recordings is needed.',
    rollback: 'Remove the file.',
    references: refs('M1026', 'M1018', 'M1047'),
    effort: 'minutes',
    checks: [checkSudoers(context.tools, content)],
  };
}

/** systemd's own units are no place for a sandbox drop-in; sessions and cron jobs neither. */
export function planSystemdSandbox(context: PlanContext): Draft | undefined {
  if (context.place !== 'host' || !context.hostile) return undefined;
  const content = `[Service]
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictNamespaces=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
`;
  return {
    id: 'privileges.systemd-sandbox',
    family: 'privileges',
    phase: 'harden',
    title: 'Sandbox the service that was the way in',
    why: 'Code ran on the host as {0}; a service that faces the network should not be able to write the system, load modules or make setuid files.',
    values: [context.text('user.name')],
    factIds: context.facts('user.name', 'proc.pname'),
    artefacts: [{ kind: 'systemd-unit', filename: '90-sandbox.conf', language: 'ini', content }],
    rollout:
      'systemctl edit <service> and paste it, then systemctl restart <service>. Add ReadWritePaths= for its data and the capabilities it needs; systemd-analyze security <service> shows what is left.',
    effect:
      'What comes through that service can no longer write outside its folders, see home folders, load modules or gain rights. Logins over SSH are not touched.',
    breaks:
      'Services that need devices, capabilities, just-in-time compilers (MemoryDenyWriteExecute) or write outside ReadWritePaths.',
    rollback: 'systemctl revert <service>',
    references: refs('M1048', 'M1022', 'D3-SCF', 'D3-LFP'),
    effort: 'hours',
    checks: checkSystemdDropIn(context.tools, content),
    unknowns: ['<service>'],
  };
}
