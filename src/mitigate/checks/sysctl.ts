// Kernel settings files (sysctl.d(5)): form, and keys and values that the kernel documents.

import type { Check } from '../types.ts';
import { ownCheck } from './toolbox.ts';

/** Keys with the values that they take (Documentation/admin-guide/sysctl, Yama). */
const KEYS: Readonly<Record<string, readonly number[]>> = {
  'kernel.yama.ptrace_scope': [0, 1, 2, 3],
  'kernel.unprivileged_bpf_disabled': [0, 1, 2],
  'kernel.kptr_restrict': [0, 1, 2],
  'kernel.dmesg_restrict': [0, 1],
  'kernel.kexec_load_disabled': [0, 1],
  'kernel.modules_disabled': [0, 1],
  'kernel.perf_event_paranoid': [-1, 0, 1, 2, 3],
  'user.max_user_namespaces': [],
  'fs.protected_symlinks': [0, 1],
  'fs.protected_hardlinks': [0, 1],
  'fs.protected_fifos': [0, 1, 2],
  'fs.protected_regular': [0, 1, 2],
  'fs.suid_dumpable': [0, 1, 2],
  'net.ipv4.ip_forward': [0, 1],
};

export function validateSysctl(text: string): string[] {
  const problems: string[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (/^\s*([#;].*)?$/.test(line)) continue;
    const m = line.match(/^\s*-?([\w.-]+)\s*=\s*(-?\d+)\s*$/);
    const values = m === null ? undefined : KEYS[m[1] as string];
    if (m === null) problems.push(`line ${i + 1}: expected KEY = NUMBER`);
    else if (values === undefined) problems.push(`line ${i + 1}: unknown key ${m[1]}`);
    else if (values.length > 0 && !values.includes(Number(m[2])))
      problems.push(`line ${i + 1}: ${m[1]} takes ${values.join(', ')}, found ${m[2]}`);
  }
  return problems;
}

export function checkSysctl(text: string): Check {
  return ownCheck(
    'yarak sysctl table',
    'Linux 6',
    'valid',
    'Is each line a setting that the kernel documents, with a value that it takes?',
    validateSysctl(text),
    'every key and value known',
  );
}
