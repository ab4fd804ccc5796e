// sudoers fragments, by visudo.

import type { Check } from '../types.ts';
import type { Toolbox } from './toolbox.ts';

export function checkSudoers(tools: Toolbox, fragment: string): Promise<Check> {
  return tools.check({
    tool: 'visudo',
    install: 'sudo',
    versionArgs: ['-V'],
    level: 'valid',
    asked: 'Does sudo read the fragment without a warning?',
    files: { fragment },
    runs: [['-c', '-s', '-f', 'fragment']],
  });
}
