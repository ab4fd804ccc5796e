// Finds the vectors of Falco's engine: `YARAK_CONFORMANCE`, or those that come with the project.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env['YARAK_CONFORMANCE'] ?? join(import.meta.dirname, 'vectors');

/** The rows of `NAME.jsonl`; `undefined` if the folder has none. */
export function vectors<T>(name: string): readonly T[] | undefined {
  const file = join(folder, `${name}.jsonl`);
  if (!existsSync(file)) return undefined;
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
