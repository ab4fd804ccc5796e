// `--format`: names separated by commas.

import { nearest } from '../base/nearest.ts';
import { FORMATS, type FormatName, isFormat } from '../report/index.ts';
import { CliError } from './error.ts';

const NAMES = Object.keys(FORMATS);

/** `md,html` → its names, each once. Throws `CliError` 2 with the nearest right name. */
export function parseFormats(list: string): FormatName[] {
  const out: FormatName[] = [];
  for (const part of list.split(',')) {
    const word = part.trim().toLowerCase();
    const name = word === 'markdown' ? 'md' : word;
    if (name === '') continue;
    if (!isFormat(name)) {
      const close = nearest(name, NAMES);
      const hint = close === undefined ? '' : ` (did you mean "${close}"?)`;
      throw new CliError(2, `unknown format ${JSON.stringify(name)}${hint}; there are ${NAMES.join(', ')}`);
    }
    if (!out.includes(name)) out.push(name);
  }
  if (out.length === 0) throw new CliError(2, `--format needs a name: ${NAMES.join(', ')}`);
  return out;
}
