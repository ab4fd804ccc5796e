// `yarak report` as a user runs it: inputs of every kind, exit codes, what goes to which stream, same input same bytes.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validateOcsf, validateReport, validateSarif, validateStix } from '../support/schema.ts';

const root = resolve(import.meta.dirname, '../..');
const example = join(root, 'examples/shell-in-container.json');
const alert = readFileSync(example, 'utf8');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yarak-cli-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function yarak(
  args: readonly string[],
  input = '',
): { status: number | null; stdout: string; stderr: string } {
  const done = spawnSync(process.execPath, [join(root, 'bin/yarak.js'), ...args], {
    timeout: 60_000,
    cwd: folder,
    input,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

describe('inputs', () => {
  it('a file, standard input and gzip give one report', () => {
    writeFileSync(join(folder, 'a.json.gz'), gzipSync(alert));
    const fromFile = yarak(['report', example]);
    expect(fromFile).toMatchObject({ status: 0, stderr: 'yarak: 1 record read, 1 accepted, 0 rejected\n' });
    for (const [args, input] of [
      [['report', '-'], alert],
      [['report'], alert],
      [['report', 'a.json.gz'], ''],
    ] as const) {
      const other = yarak(args, input);
      expect(other.status).toBe(0);
      expect(other.stdout.split('\n').slice(0, 8)).toEqual(fromFile.stdout.split('\n').slice(0, 8));
    }
  });

  it('a folder is read in order of its names, other files left alone', () => {
    mkdirSync(join(folder, 'alerts'), { recursive: true });
    cpSync(example, join(folder, 'alerts/b.json'));
    writeFileSync(join(folder, 'alerts/a.jsonl'), `${alert}${alert}`);
    writeFileSync(join(folder, 'alerts/notes.md'), '{');
    expect(yarak(['report', 'alerts']).stderr).toBe('yarak: 3 records read, 3 accepted, 0 rejected\n');
  });

  it('a record that cannot be read is named with its line; the rest is reported; exit 1', () => {
    const done = yarak(['report', '-'], `${alert}{"rule": "x", "outp\n${alert}`);
    expect(done.status).toBe(1);
    expect(done.stderr).toContain('3 records read, 2 accepted, 1 rejected');
    expect(done.stdout).toMatch(/-:2:\d+: error: /);
    expect(done.stdout).toContain('undetermined');
  });

  it('a damaged gzip file is a rejected record', () => {
    writeFileSync(join(folder, 'bad.json.gz'), gzipSync(alert.repeat(100)).subarray(0, 60));
    const done = yarak(['report', 'bad.json.gz']);
    expect(done.status).toBe(1);
    expect(done.stdout).toContain('ALERT_BAD_GZIP');
  });

  it('no alerts at all is no error', () => {
    const done = yarak(['report', '-'], '');
    expect(done.status).toBe(0);
    expect(done.stdout).toContain('No incident');
  });
});

describe('exit codes', () => {
  it.each([
    [['report', 'nothing-here.json'], 3, 'no such file or directory'],
    [['report', example, '--format', 'htlm'], 2, 'did you mean "html"?'],
    [['report', example, '--format', 'html,json'], 2, '--out DIR'],
    [['report', example, '--nonsense'], 2, 'unknown option'],
    [['reprot'], 2, 'Did you mean report?'],
    [['report', example, '--out', '/proc/nowhere', '--format', 'json'], 3, 'cannot write'],
    [['report', example, '-r', 'no-rules.yaml'], 3, 'no-rules.yaml'],
    [['report', example, '-m', 'no-manifest.yaml'], 3, 'no-manifest.yaml'],
    [['report', example, '--knowledge', 'no-folder'], 3, 'no-folder'],
    [['report', example, '--kubernetes-version', '1.2'], 2, '1.34'],
  ] as const)('%j gives %i', (args, status, words) => {
    const done = yarak(args);
    expect(done.stderr).toContain(words);
    expect(done.status).toBe(status);
    expect(done.stderr).not.toMatch(/^\s+at /m);
  });
});

describe('formats', () => {
  it.each([
    ['json', validateReport],
    ['ocsf', validateOcsf],
    ['sarif', validateSarif],
    ['stix', validateStix],
  ] as const)('%s of the examples is valid and always the same', (format, validate) => {
    const args = ['report', join(root, 'examples'), '--format', format];
    const first = yarak(args);
    expect(first.status).toBe(0);
    expect(validate(first.stdout)).toEqual([]);
    expect(yarak(args).stdout).toBe(first.stdout);
  });

  it.each(['md', 'html', 'text'])('%s of the examples is always the same', (format) => {
    const args = ['report', join(root, 'examples'), '--format', format];
    const first = yarak(args);
    expect(first.status).toBe(0);
    expect(yarak(args).stdout).toBe(first.stdout);
  });

  it('--out writes the files, says so, and prints the terminal report', () => {
    const done = yarak(['report', example, '--out', 'out', '--format', 'md,html,json,ocsf,sarif,stix']);
    expect(done.status).toBe(0);
    for (const name of [
      'report.md',
      'report.html',
      'report.json',
      'report.ocsf.json',
      'report.sarif',
      'report.stix.json',
    ]) {
      expect(done.stderr).toContain(`yarak: wrote out/${name}`);
      expect(readFileSync(join(folder, 'out', name), 'utf8').length).toBeGreaterThan(200);
    }
    expect(done.stdout).toContain('undetermined');
  });
});

describe('the demo', () => {
  it('reports, writes the page and says what to type next', () => {
    const done = yarak(['report', join(root, 'examples'), '--out', 'demo', '--format', 'html', '--demo']);
    expect(done.status).toBe(0);
    expect(done.stdout).toContain('What to type next');
    expect(done.stderr).toContain('wrote demo/report.html');
  });
});
