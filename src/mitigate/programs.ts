// The programs that the alerts show running and that a workload can be denied: shells, package managers, network and
// download tools, and whatever was put into the container. The workload's own first process is not among them.

import type { PlanContext } from './context.ts';

export interface ProgramSeen {
  readonly name: string;
  /** The executable, where the alert prints it and it can be written in a profile. */
  readonly path?: string;
}

const SHELLS = 'sh bash dash ash zsh ksh csh tcsh fish busybox'.split(' ');
const PACKAGES = 'apt apt-get dpkg apk yum dnf microdnf rpm zypper pip pip3 npm gem'.split(' ');
const NETWORK =
  'curl wget nc ncat netcat nc.openbsd nc.traditional socat telnet nmap ssh scp sftp rsync tftp ftp'.split(
    ' ',
  );
const TOOLS =
  'insmod modprobe rmmod kmod mount umount nsenter unshare chroot gdb strace base64 chmod chcon gcc cc make'.split(
    ' ',
  );
const DENIABLE = new Set([...SHELLS, ...PACKAGES, ...NETWORK, ...TOOLS]);
/** A path that means the same in a profile as it does to the kernel: no globs, no blanks, no quotes. */
const PLAIN_PATH = /^\/[\w.+/-]{1,200}$/;
const PLAIN_NAME = /^[\w.+-]{1,64}$/;

export function isShell(name: string): boolean {
  return SHELLS.includes(name);
}

export function isPackageManager(name: string): boolean {
  return PACKAGES.includes(name);
}

export function isNetworkTool(name: string): boolean {
  return NETWORK.includes(name);
}

/** In order of appearance, bounded. */
export function programsSeen(context: PlanContext): ProgramSeen[] {
  const seen = new Map<string, ProgramSeen>();
  for (const view of context.views) {
    const path = view.text('proc.exepath');
    const file = path.slice(path.lastIndexOf('/') + 1);
    const added = view.get('yarak.exe.upper_layer') === true;
    if (PLAIN_PATH.test(path) && !path.includes('..') && (DENIABLE.has(file) || added))
      seen.set(path, { name: file, path });
    const names = view.get('yarak.cmd.names');
    for (const name of Array.isArray(names) ? names.map(String) : []) {
      if (!DENIABLE.has(name) || !PLAIN_NAME.test(name)) continue;
      if (![...seen.values()].some((program) => program.name === name)) seen.set(name, { name });
    }
    if (seen.size >= 20) break;
  }
  return [...seen.values()];
}
