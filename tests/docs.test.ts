// The documents' examples run: code blocks marked `sh run` are executed in a copy of what a checkout has, and links
// between documents lead somewhere.

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const documents = [
  'README.md',
  'CHANGELOG.md',
  ...globSync('{docs,examples,rules}/**/*.md', { cwd: root }).sort(),
];

interface Example {
  readonly place: string;
  readonly script: string;
}

const examples: Example[] = documents.flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^```sh run\n([\s\S]*?)^```$/gm)].map((match) => ({
    place: `${file}:${text.slice(0, match.index).split('\n').length}`,
    script: match[1] as string,
  }));
});

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yarak-docs-'));
  for (const part of ['examples', 'rules']) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'tests'), join(folder, 'tests'));
  // `npx yarak` without npm's start-up: the same command, the same Node.
  const bin = join(folder, 'bin');
  cpSync(join(root, 'bin'), bin, { recursive: true });
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\nshift\nexec '${process.execPath}' '${join(root, 'bin/yarak.js')}' "$@"\n`,
    {
      mode: 0o755,
    },
  );
  symlinkSync(process.execPath, join(bin, 'node'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('documents', () => {
  it('have examples to run', () => {
    expect(examples.length).toBeGreaterThan(1);
  });

  it.each(examples)('$place runs', ({ script }) => {
    const done = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1' },
    });
    expect(done.stderr).not.toContain('Error');
    expect(done.status, done.stderr).toBe(0);
    expect(done.stdout).not.toBe('');
  });

  it.each(documents)('%s links to files that are there', (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(
      (match) => (match[1] as string).split('#')[0] as string,
    );
    const broken = links
      .filter((link) => link !== '' && !/^https?:/.test(link))
      .filter((link) => !existsSync(join(root, dirname(file), link)));
    expect(broken).toEqual([]);
  });
});
