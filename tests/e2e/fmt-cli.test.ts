// `yarak fmt` as a user runs it: what it prints, checks, writes and refuses.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const MESSY = '- macro: m # why\n  condition: (proc.name=a)\n';
const NEAT = '- macro: m # why\n  condition: (proc.name = a)\n';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yarak-fmt-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function fmt(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'bin/yarak.js'), 'fmt', ...args],
    {
      timeout: 60_000,
      cwd: folder,
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

describe('yarak fmt', () => {
  it('prints, checks, writes, and then finds nothing to do', () => {
    writeFileSync(join(folder, 'a.yaml'), MESSY);
    writeFileSync(join(folder, 'b.yaml'), NEAT);
    expect(fmt('a.yaml')).toEqual({ status: 0, stdout: NEAT, stderr: '' });
    expect(fmt('.', '--check')).toEqual({ status: 1, stdout: 'a.yaml\n', stderr: '' });
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe(MESSY);
    expect(fmt('.', '--write')).toEqual({ status: 0, stdout: 'a.yaml\n', stderr: '' });
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe(NEAT);
    expect(fmt('.', '--check')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('leaves what is no YAML alone, says where, and goes on with the others', () => {
    writeFileSync(join(folder, 'a.yaml'), MESSY);
    writeFileSync(join(folder, '0.yaml'), '- macro: "m\n');
    const { status, stdout, stderr } = fmt('.', '--write');
    expect(status).toBe(1);
    expect(stdout).toBe('a.yaml\n');
    expect(stderr).toMatch(/^0\.yaml:\d+:\d+ error LOAD_ERR_YAML_PARSE /);
    expect(readFileSync(join(folder, '0.yaml'), 'utf8')).toBe('- macro: "m\n');
  });

  it('options that exclude each other are wrong usage', () => {
    expect(fmt('.', '--write', '--check').status).toBe(2);
    expect(fmt().status).toBe(2);
  });
});
