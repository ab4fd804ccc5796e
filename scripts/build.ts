// Makes dist/ from src/: JavaScript, declarations, and the files beside the sources that are read at run time. Run by
// `npm run build` and, with `npm run build:web` for the web UI, before every pack.

import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** Runs a tool of node_modules/.bin; ends the build where it fails. */
function run(tool: string, args: readonly string[]): void {
  const done = spawnSync(join(root, 'node_modules/.bin', tool), [...args], { cwd: root, stdio: 'inherit' });
  if (done.status !== 0) {
    process.stderr.write(`build: ${tool} ${args.join(' ')} failed\n`);
    process.exit(1);
  }
}

rmSync(dist, { recursive: true, force: true });
run('tsc', ['-p', 'tsconfig.build.json']);
for (const file of globSync('**/*.{css,json,sql,yaml,txt}', { cwd: join(root, 'src') })) {
  const target = join(dist, file);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(root, 'src', file), target);
}
