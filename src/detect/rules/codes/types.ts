// What a diagnostic code's page holds.

import type { Severity } from '../../../base/diagnostic.ts';

export interface CodePage {
  readonly severity: Severity;
  /** A few words. */
  readonly title: string;
  /** What it means and what follows from it. */
  readonly text: string;
  /** A rule file that has it; absent where that would take megabytes, or a caller of the library. */
  readonly example?: string;
  /** The same file, put right. */
  readonly fixed?: string;
}

export type CodePages<C extends string> = Readonly<Record<C, CodePage>>;

/** A rule for examples: short, and clean but for what is given. */
export function exampleRule(
  condition: string,
  { name = 'Shell started', output = '', tags = '[T1059.004]', more = '' } = {},
): string {
  const text =
    output === '' ? '"command=%proc.cmdline exe=%proc.exepath parent=%proc.pname user=%user.name"' : output;
  return `- rule: ${name}
  desc: A shell was started.
  condition: ${condition}
  output: ${text}
  priority: NOTICE
  tags: ${tags}
${more}`;
}

export const CLEAN: string = exampleRule('evt.type = execve and proc.name = bash');
