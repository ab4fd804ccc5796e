// The rules that watch an attack by another way, each with events on which it is tried.

import type { PlanContext } from '../context.ts';

type EventFields = Readonly<Record<string, string | number | boolean>>;

export interface SecondRule {
  readonly name: string;
  readonly desc: string;
  readonly why: string;
  readonly condition: string;
  readonly output: string;
  readonly priority: 'WARNING' | 'NOTICE' | 'CRITICAL';
  readonly tags: readonly string[];
  readonly effect: string;
  readonly fires: readonly EventFields[];
  readonly silent: readonly EventFields[];
}

const CONTAINER = '(container.id != host and container.id != "")';
const WHO =
  'user=%user.name command=%proc.cmdline exepath=%proc.exepath parent=%proc.pname parent_exepath=%proc.pexepath image=%container.image.repository digest=%container.image.digest pod=%k8s.pod.name ns=%k8s.ns.name';
const inside = { 'container.id': 'f8dc2f5f2c38' };

const UPPER_LAYER: SecondRule = {
  name: 'Program from outside the image started in a container',
  desc: 'An executable that was written into the container after its image was built is started, under whatever name',
  why: 'Whoever avoids the tools that rules name brings a program along: it lies in the upper layer of the container, whatever it is called.',
  condition: `evt.type in (execve, execveat) and ${CONTAINER} and proc.is_exe_upper_layer = true`,
  output: `Program from outside the image started (${WHO})`,
  priority: 'WARNING',
  tags: ['container', 'process', 'T1105'],
  effect: 'A downloaded or copied program fires when it starts, whatever its name.',
  fires: [{ 'evt.type': 'execve', ...inside, 'proc.is_exe_upper_layer': true, 'proc.name': 'kworker' }],
  silent: [
    { 'evt.type': 'execve', ...inside, 'proc.is_exe_upper_layer': false, 'proc.name': 'nginx' },
    { 'evt.type': 'execve', 'container.id': 'host', 'proc.is_exe_upper_layer': true },
  ],
};

const SHELL_SOCKET: SecondRule = {
  name: 'Shell connects out of a container',
  desc: 'A shell itself opens a connection to another host from a container',
  why: 'A reverse shell need not be started with a known command line: that a shell itself holds a connection is what all of them share.',
  condition: `evt.type = connect and ${CONTAINER} and proc.name in (ash, bash, csh, dash, ksh, sh, zsh) and fd.l4proto in (tcp, udp) and fd.sip != "127.0.0.1"`,
  output: `Shell connects out of a container (connection=%fd.name ${WHO})`,
  priority: 'CRITICAL',
  tags: ['container', 'network', 'T1059.004'],
  effect: 'A reverse shell fires when it connects, whatever its command line.',
  fires: [
    { 'evt.type': 'connect', ...inside, 'proc.name': 'sh', 'fd.l4proto': 'tcp', 'fd.sip': '203.0.113.45' },
  ],
  silent: [
    { 'evt.type': 'connect', ...inside, 'proc.name': 'curl', 'fd.l4proto': 'tcp', 'fd.sip': '203.0.113.45' },
    { 'evt.type': 'connect', ...inside, 'proc.name': 'sh', 'fd.l4proto': 'tcp', 'fd.sip': '127.0.0.1' },
  ],
};

const MODULE: SecondRule = {
  name: 'Kernel module handed to the kernel from a container',
  desc: 'A container asks the kernel to load or unload a module, by whatever program',
  why: 'A module can be loaded without insmod or modprobe: the system call is what cannot be avoided.',
  condition: `evt.type in (init_module, finit_module, delete_module) and ${CONTAINER}`,
  output: `Kernel module loaded or unloaded from a container (call=%evt.type result=%evt.res ${WHO})`,
  priority: 'CRITICAL',
  tags: ['container', 'T1547.006'],
  effect: 'Loading a module fires whatever program does it; Falco’s own loader fires too, by its image.',
  fires: [{ 'evt.type': 'finit_module', ...inside, 'proc.name': 'python3' }],
  silent: [{ 'evt.type': 'finit_module', 'container.id': 'host', 'proc.name': 'modprobe' }],
};

const PERSISTENCE: SecondRule = {
  name: 'Startup or login file written by a program outside system folders',
  desc: 'Jobs, units, preload and key files are written by a program that no package put there, or by a shell',
  why: 'Persistence can be written with any tool; where it has to be written is what stays.',
  condition:
    'evt.type in (open, openat, openat2, creat) and evt.is_open_write = true and (fd.name startswith /etc/cron or fd.name startswith /var/spool/cron or fd.name startswith /etc/systemd/system or fd.name = /etc/ld.so.preload or fd.name endswith /.ssh/authorized_keys) and (proc.name in (ash, bash, dash, sh, tee, zsh) or not proc.exepath startswith /usr/)',
  output: `Startup or login file written (file=%fd.name ${WHO})`,
  priority: 'WARNING',
  tags: ['host', 'T1053.003', 'T1098.004'],
  effect: 'Writing such a file fires by place, not by tool.',
  fires: [
    {
      'evt.type': 'openat',
      'evt.is_open_write': true,
      'fd.name': '/etc/cron.d/x',
      'proc.name': 'x',
      'proc.exepath': '/tmp/x',
    },
    {
      'evt.type': 'openat',
      'evt.is_open_write': true,
      'fd.name': '/root/.ssh/authorized_keys',
      'proc.name': 'tee',
      'proc.exepath': '/usr/bin/tee',
    },
  ],
  silent: [
    {
      'evt.type': 'openat',
      'evt.is_open_write': true,
      'fd.name': '/etc/cron.d/x',
      'proc.name': 'dpkg',
      'proc.exepath': '/usr/bin/dpkg',
    },
    {
      'evt.type': 'openat',
      'evt.is_open_write': false,
      'fd.name': '/etc/cron.d/x',
      'proc.name': 'bash',
      'proc.exepath': '/usr/bin/bash',
    },
  ],
};

const SECRETS: SecondRule = {
  name: 'Password hashes read by a program that has no part in logins',
  desc: 'The shadow file is opened for reading by something else than the programs of the login system',
  why: 'A reader of the file can be renamed; that it is none of the login system’s programs, by path, stays.',
  condition:
    'evt.type in (open, openat, openat2) and evt.is_open_read = true and fd.name in (/etc/shadow, /etc/gshadow) and not proc.exepath in (/usr/sbin/sshd, /usr/bin/sudo, /usr/bin/su, /usr/bin/login, /usr/bin/passwd, /usr/sbin/unix_chkpwd, /usr/sbin/cron, /usr/lib/systemd/systemd, /usr/sbin/useradd, /usr/sbin/usermod, /usr/sbin/userdel, /usr/bin/chage)',
  output: `Password hashes read (file=%fd.name ${WHO})`,
  priority: 'WARNING',
  tags: ['host', 'container', 'T1003.008'],
  effect: 'Reading the file fires by the path of the reader, not by its name.',
  fires: [
    {
      'evt.type': 'openat',
      'evt.is_open_read': true,
      'fd.name': '/etc/shadow',
      'proc.name': 'sshd',
      'proc.exepath': '/tmp/sshd',
    },
  ],
  silent: [
    {
      'evt.type': 'openat',
      'evt.is_open_read': true,
      'fd.name': '/etc/shadow',
      'proc.name': 'sshd',
      'proc.exepath': '/usr/sbin/sshd',
    },
  ],
};

const TEMPORARY: SecondRule = {
  name: 'Program started from a temporary folder',
  desc: 'An executable below /tmp, /var/tmp or /dev/shm, or in memory only, is started on a host or in a container',
  why: 'Whatever an attacker brings has to lie somewhere he may write, or in memory.',
  condition:
    'evt.type in (execve, execveat) and (proc.exepath startswith /tmp/ or proc.exepath startswith /var/tmp/ or proc.exepath startswith /dev/shm/ or proc.is_exe_from_memfd = true)',
  output: `Program started from a temporary folder or from memory (${WHO})`,
  priority: 'WARNING',
  tags: ['host', 'container', 'T1059'],
  effect: 'It fires by the place of the program, not by its name.',
  fires: [
    { 'evt.type': 'execve', 'proc.exepath': '/var/tmp/.dbus-d', 'proc.is_exe_from_memfd': false },
    { 'evt.type': 'execveat', 'proc.exepath': 'memfd:x', 'proc.is_exe_from_memfd': true },
  ],
  silent: [{ 'evt.type': 'execve', 'proc.exepath': '/usr/bin/id', 'proc.is_exe_from_memfd': false }],
};

/** The rule that fits best; undefined for sources other than system calls. */
export function chooseSecondRule(context: PlanContext): SecondRule | undefined {
  const { techniques, behaviours } = context;
  if (!context.triage.incident.findings.some(({ source }) => source === 'syscall')) return undefined;
  const container = context.place === 'container';
  if (
    techniques.has('T1547.006') ||
    behaviours.has('kernel-module-labelled') ||
    context.text('proc.cmdline').includes('.ko')
  )
    return MODULE;
  if (
    container &&
    ['reverse-shell', 'shell-opens-connection', 'stdio-on-network'].some((id) => behaviours.has(id))
  )
    return SHELL_SOCKET;
  if (['T1053', 'T1098', 'T1543', 'T1574'].some((id) => techniques.has(id))) return PERSISTENCE;
  if (techniques.has('T1003') && !container) return SECRETS;
  return container ? UPPER_LAYER : TEMPORARY;
}
