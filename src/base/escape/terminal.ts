// Text for a terminal: no byte of it moves the cursor, changes colours or the title, or reorders what is read.

import { visible, visibleLines } from './visible.ts';

/** One line of terminal text; line breaks and tabs become `\n`, `\t`. */
export function terminalText(text: string): string {
  return visible(text);
}

/** Terminal text that keeps its line breaks and tabs; every line begins with `indent`. */
export function terminalBlock(text: string, indent = ''): string {
  return visibleLines(text)
    .split('\n')
    .map((line) => indent + line)
    .join('\n');
}
