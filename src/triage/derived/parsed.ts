// Parsed command lines, remembered: many alerts and ancestors share one. Bounded, oldest out first.

import { parseCommandLine } from '../shell/parse.ts';
import type { ParsedCommandLine } from '../shell/types.ts';

const CAPACITY = 512;
const remembered = new Map<string, ParsedCommandLine>();

export function parsedCommandLine(line: string): ParsedCommandLine {
  const known = remembered.get(line);
  if (known !== undefined) return known;
  const parsed = parseCommandLine(line);
  if (line.length > 16_384) return parsed;
  if (remembered.size >= CAPACITY) remembered.delete(remembered.keys().next().value as string);
  remembered.set(line, parsed);
  return parsed;
}
