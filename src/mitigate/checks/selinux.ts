// SELinux policy modules, by the compiler that makes them. The module's name must equal the file's.

import type { Check } from '../types.ts';
import type { Toolbox } from './toolbox.ts';

export function checkSelinux(tools: Toolbox, name: string, source: string): Promise<Check> {
  return tools.check({
    tool: 'checkmodule',
    install: 'checkpolicy',
    versionArgs: ['-V'],
    level: 'valid',
    asked: 'Does the module compile with the types, classes and permissions that it requires?',
    files: { [`${name}.te`]: source },
    runs: [['-M', '-m', '-o', `${name}.mod`, `${name}.te`]],
    judge: ([result]) => ({
      passed: result?.code === 0,
      output: `${result?.stdout ?? ''}\n${result?.stderr ?? ''}`.trim() || 'compiled',
    }),
  });
}
