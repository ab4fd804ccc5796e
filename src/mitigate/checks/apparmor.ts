// AppArmor profiles, by the parser that loads them: -Q reads and compiles without touching the kernel.

import type { Check } from '../types.ts';
import type { Toolbox } from './toolbox.ts';

export function checkAppArmor(tools: Toolbox, profile: string): Promise<Check> {
  return tools.check({
    tool: 'apparmor_parser',
    install: 'apparmor',
    versionArgs: ['--version'],
    level: 'valid',
    asked: 'Does the profile compile for the kernel?',
    files: { profile },
    runs: [['-Q', '-K', '-T', '--base', '/etc/apparmor.d', '-I', '/etc/apparmor.d', 'profile']],
    judge: ([result]) => ({
      passed: result?.code === 0,
      output: `${result?.stdout ?? ''}\n${result?.stderr ?? ''}`.trim() || 'compiled, nothing loaded',
    }),
  });
}
