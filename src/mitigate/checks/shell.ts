// Commands that advice tells people to run: read by bash (-n runs nothing) and by shellcheck.

import type { Check } from '../types.ts';
import type { Toolbox } from './toolbox.ts';

export function checkShell(tools: Toolbox, script: string): Promise<Check>[] {
  const files = { 'script.sh': `#!/bin/sh\n${script}\n` };
  return [
    tools.check({
      tool: 'bash',
      install: 'bash',
      versionArgs: ['--version'],
      level: 'parsed',
      asked: 'Is it a shell command as written?',
      files,
      runs: [['--norc', '-n', 'script.sh']],
    }),
    tools.check({
      tool: 'shellcheck',
      install: 'shellcheck',
      versionArgs: ['--version'],
      level: 'parsed',
      asked: 'Does shellcheck find a mistake in it?',
      files,
      runs: [['--norc', '--severity=warning', '--format=gcc', 'script.sh']],
    }),
  ];
}
