// Where knowledge comes from: the compiled packs that ship with the project, and the user's folders. The compiled file
// is JSON with conditions as trees, so that a start loads neither the YAML reader nor the condition parser.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { Knowledge } from './types.ts';

/** `src/triage/knowledge` and `dist/triage/knowledge` lie equally deep. */
const COMPILED = join(import.meta.dirname, '../../../knowledge/compiled.json');

let shipped: Knowledge | undefined;

/** The knowledge that ships with the project; read once. */
export function shippedKnowledge(): Knowledge {
  shipped ??= JSON.parse(readFileSync(COMPILED, 'utf8')) as Knowledge;
  return shipped;
}

/**
 * The shipped knowledge with the packs of `folders` added, in order. Never throws for what is in a pack (diagnostics
 * say what is wrong); a folder that cannot be read throws as Node does.
 */
export async function loadKnowledge(
  folders: readonly string[] = [],
): Promise<{ readonly knowledge: Knowledge; readonly diagnostics: readonly Diagnostic[] }> {
  const base = shippedKnowledge();
  if (folders.length === 0) return { knowledge: base, diagnostics: [] };
  const [{ readPack }, { compilePacks }] = await Promise.all([import('./pack.ts'), import('./compile.ts')]);
  const packs = folders.flatMap((folder) =>
    packFiles(folder).map((file) => readPack(file, readFileSync(file, 'utf8'))),
  );
  return compilePacks(packs, base);
}

/** The pack files of a folder, subfolders included, in a stable order. */
export function packFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}
