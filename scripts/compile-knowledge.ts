// Compiles knowledge/**/*.yaml to knowledge/compiled.json. Run after changing a pack:
//   node scripts/compile-knowledge.ts
// `--check` compares instead of writing, and fails when the compiled file is stale.

import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { compilePacks, packFiles, readPack } from '../src/triage/knowledge/index.ts';

const root = join(import.meta.dirname, '..');
const target = join(root, 'knowledge/compiled.json');

/** The compiled packs as text, and what is wrong with the packs. */
export function compileKnowledge(): { text: string; problems: string[] } {
  const packs = packFiles(join(root, 'knowledge')).map((file) =>
    readPack(relative(root, file), readFileSync(file, 'utf8')),
  );
  const { knowledge, diagnostics } = compilePacks(packs);
  const problems = diagnostics.map(
    ({ at, message, help }) =>
      `${at?.file}:${at?.line}:${at?.column}: ${message}${help === undefined ? '' : ` ${help}`}`,
  );
  // Positions in conditions serve no one once they are compiled.
  const text = JSON.stringify(knowledge, (key, value: unknown) =>
    key === 'from' || key === 'to' ? undefined : value,
  );
  return { text: `${text}\n`, problems };
}

if (process.argv[1] === import.meta.filename) {
  const { text, problems } = compileKnowledge();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else if (!process.argv.includes('--check')) writeFileSync(target, text);
  else if (readFileSync(target, 'utf8') !== text) {
    console.error('knowledge/compiled.json is stale: run node scripts/compile-knowledge.ts');
    process.exitCode = 1;
  }
}
