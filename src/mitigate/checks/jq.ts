// jq programs, by jq: compiled, and run on the alert itself.

import type { Check } from '../types.ts';
import type { Toolbox } from './toolbox.ts';

/** Runs `program` on `input` (JSON values, one a line); passes when it prints at least one value. */
export function runJq(tools: Toolbox, program: string, input: string, asked: string): Promise<Check> {
  return tools.check({
    tool: 'jq',
    install: 'jq',
    versionArgs: ['--version'],
    level: 'simulated',
    asked,
    files: { program, 'input.json': input },
    runs: [['-c', '-f', 'program', 'input.json']],
    judge: ([result]) => {
      const lines = (result?.stdout ?? '').split('\n').filter((line) => line !== '');
      const failed = result?.code !== 0;
      return {
        passed: !failed && lines.length > 0,
        output: failed
          ? (result?.stderr ?? '')
          : `${lines.length} record${lines.length === 1 ? '' : 's'} selected`,
      };
    },
  });
}
