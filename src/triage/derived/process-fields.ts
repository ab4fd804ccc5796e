// Where a process comes from: its shown ancestors, and the first of them that says who started the work (cron, systemd,
// sshd, a login, a container runtime). Names can be chosen by whoever starts a program; executable paths cannot, unless
// the file itself was put there, so it is kept which of the two the answer rests on.

import type { AlertView } from './view.ts';

export type Origin = 'cron' | 'systemd' | 'ssh' | 'login' | 'runtime' | 'kubelet';

export interface Ancestor {
  /** 1 is the parent. */
  readonly level: number;
  readonly name?: string;
  readonly exepath?: string;
  readonly cmdline?: string;
  readonly pid?: number;
}

const LEVELS = [1, 2, 3, 4, 5, 6, 7] as const;

/** The ancestors that the alert shows, parent first; gaps are left out. */
export function ancestors(view: AlertView): Ancestor[] {
  const found: Ancestor[] = [];
  for (const level of LEVELS) {
    const parent = level === 1;
    const name = (parent && view.text('proc.pname')) || view.text(`proc.aname[${level}]`);
    const exepath = (parent && view.text('proc.pexepath')) || view.text(`proc.aexepath[${level}]`);
    const cmdline = (parent && view.text('proc.pcmdline')) || view.text(`proc.acmdline[${level}]`);
    const pid = Number((parent && view.text('proc.ppid')) || view.text(`proc.apid[${level}]`));
    if (name === '' && exepath === '' && cmdline === '') continue;
    found.push({
      level,
      ...(name !== '' || cmdline !== ''
        ? { name: name !== '' ? name : (cmdline.split(' ', 1)[0] as string) }
        : {}),
      ...(exepath !== '' ? { exepath } : {}),
      ...(cmdline !== '' ? { cmdline } : {}),
      ...(Number.isInteger(pid) && pid > 0 ? { pid } : {}),
    });
  }
  return found;
}

const ORIGINS: readonly (readonly [Origin, ReadonlySet<string>])[] = [
  ['ssh', new Set(['sshd', 'sshd-session', 'sshd-auth', 'dropbear'])],
  ['cron', new Set(['cron', 'crond', 'anacron', 'atd', 'fcron', 'busybox-crond', 'cronie'])],
  [
    'login',
    new Set(['login', 'agetty', 'getty', 'gdm-session-wor', 'gdm-session-worker', 'sddm-helper', 'lightdm']),
  ],
  ['kubelet', new Set(['kubelet'])],
  [
    'runtime',
    new Set([
      'containerd-shim',
      'containerd-shim-runc-v2',
      'containerd-shim-runc-v1',
      'containerd',
      'runc',
      'crun',
      'conmon',
      'dockerd',
      'docker-init',
      'docker-containerd-shim',
      'docker-containe',
      'crio',
      'kata-runtime',
      'buildkitd',
      'buildkit-runc',
      'youki',
    ]),
  ],
  ['systemd', new Set(['systemd', 'init', 'systemd-executor'])],
];

/** What started the work, from the nearest ancestor upward, and what the answer rests on. */
export function originOf(
  view: AlertView,
): { origin: Origin; by: 'exepath' | 'name'; level: number } | undefined {
  for (const ancestor of ancestors(view)) {
    const path = ancestor.exepath;
    const base = path === undefined ? undefined : path.slice(path.lastIndexOf('/') + 1);
    for (const [origin, names] of ORIGINS) {
      // An executable of that name counts only where the system keeps its programs.
      if (path !== undefined && base !== undefined) {
        if (names.has(base) && /^\/(?:usr|s?bin|lib|opt|snap|nix|var\/lib\/rancher|run\/k3s)\b/.test(path)) {
          return { origin, by: 'exepath', level: ancestor.level };
        }
      } else if (
        ancestor.name !== undefined &&
        (names.has(ancestor.name) ||
          (/^(?:runc|containerd-shim|docker-runc)\b/.test(ancestor.name) && origin === 'runtime'))
      ) {
        return { origin, by: 'name', level: ancestor.level };
      }
    }
  }
  return undefined;
}

/** Names that imitate kernel threads or system services while the program is a file. */
export function masquerades(view: AlertView): boolean | undefined {
  const path = view.text('proc.exepath');
  const name = view.text('proc.name');
  if (path === '' && name === '') return undefined;
  if (
    /^(?:memfd:)?\[?(?:kworker|kthread|ksoftirqd|migration|rcu_|kdevtmpfs|kswapd|watchdogd|kintegrityd|kinsing|khelper)/.test(
      path === '' ? name : path.slice(path.lastIndexOf('/') + 1),
    )
  ) {
    return true;
  }
  if (/\s\(deleted\)$/.test(path)) return undefined;
  return path === ''
    ? undefined
    : /^\/(?:tmp|var\/tmp|dev\/shm|run|home|root)\/.*\/?\.[^/]+$/.test(path) &&
        !path.includes('/.local/') &&
        !path.includes('/.cargo/');
}
