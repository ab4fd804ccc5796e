// `yarak check` as a user runs it: what it says where, in every format, exit codes, fixes in the files.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validateSarif } from '../support/schema.ts';

const root = resolve(import.meta.dirname, '../..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yarak-check-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function yarak(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin/yarak.js'), ...args], {
    timeout: 60_000,
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

const rule = (condition: string, name = 'R') => `- rule: ${name}
  desc: d
  condition: ${condition}
  output: "%proc.cmdline %proc.exepath %proc.pname %user.name"
  priority: NOTICE
  tags: [T1059.004]
`;

const BROKEN = rule('evt.type = execve and proc.nam = sh');

describe('text', () => {
  it('draws the place under the line, with the nearest name', () => {
    const { status, stdout, stderr } = yarak('check', write('broken.yaml', BROKEN));
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(
      stdout,
    ).toBe(`broken.yaml:3:36 error FIELD_UNKNOWN filter_check called with nonexistent field proc.nam
  3 │   condition: evt.type = execve and proc.nam = sh
    │                                    ^^^^^^^^
  help: did you mean 'proc.name'?

1 file, 0 rules: 1 error, 0 warnings
`);
  });

  it('escapes what the author wrote', () => {
    const text = rule('evt.type = execve and proc.nam\u202e = \u001b[31m');
    const { stdout } = yarak('check', write('hostile.yaml', text));
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
    expect(stdout).toContain('error');
  });

  it('carets stand under wide characters', () => {
    const { stdout } = yarak(
      'check',
      write('wide.yaml', rule('evt.type = execve and proc.name = "漢字" and proc.nam = sh')),
    );
    expect(stdout).toContain(`  3 │   condition: evt.type = execve and proc.name = "漢字" and proc.nam = sh
    │ ${' '.repeat(58)}^^^^^^^^
`);
  });

  it('a clean file says so', () => {
    const { status, stdout } = yarak(
      'check',
      write('clean.yaml', rule('evt.type = execve and proc.name = sh')),
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: '1 file, 1 rule: 0 errors, 0 warnings\n' });
  });
});

describe('files', () => {
  it('a folder is its .yaml and .yml files by the bytes of their names, not what lies deeper', () => {
    mkdirSync(join(folder, 'set/deeper'), { recursive: true });
    write('set/b.yml', rule('my_macro and evt.type = execve'));
    write('set/B.yaml', '- macro: my_macro\n  condition: proc.name = sh\n');
    write('set/notes.txt', '{');
    write('set/deeper/c.yaml', '{');
    const { status, stdout } = yarak('check', 'set', '--format', 'json');
    expect(status).toBe(0);
    const { falco_load_results } = JSON.parse(stdout) as { falco_load_results: { name: string }[] };
    expect(falco_load_results.map(({ name }) => name)).toEqual(['set/B.yaml', 'set/b.yml']);
  });

  it('what is not there is said, with exit code 3; an empty folder is 2', () => {
    mkdirSync(join(folder, 'empty'));
    expect(yarak('check', 'nowhere.yaml')).toMatchObject({
      status: 3,
      stderr: 'yarak: cannot read nowhere.yaml: no such file or directory\n',
    });
    expect(yarak('check', 'empty').status).toBe(2);
    expect(yarak('check').status).toBe(2);
    expect(yarak('check', 'empty', '--format', 'jsn')).toMatchObject({
      status: 2,
      stderr: 'yarak: unknown format "jsn" (did you mean "json"?); there are text, json, sarif\n',
    });
  });
});

describe('strict and ignore', () => {
  const warned = rule('fd.net in (10.0.0.0/8, 192.168.0.0/16) and evt.type = connect');
  it('warnings fail with --strict only, and not when ignored', () => {
    write('warned.yaml', warned);
    expect(yarak('check', 'warned.yaml').status).toBe(0);
    expect(yarak('check', 'warned.yaml', '--strict').status).toBe(1);
    expect(yarak('check', 'warned.yaml', '--strict', '--ignore', 'LINT_NET_FIRST_ONLY')).toMatchObject({
      status: 0,
      stdout: '1 file, 1 rule: 0 errors, 0 warnings\n',
    });
    expect(yarak('check', 'warned.yaml', '--strict', '--no-lint').status).toBe(0);
  });

  it('errors cannot be ignored', () => {
    const { status } = yarak('check', 'broken.yaml', '--ignore', 'FIELD_UNKNOWN,LOAD_ERR_COMPILE_CONDITION');
    expect(status).toBe(1);
  });
});

describe('data formats', () => {
  it("json has Falco's own shape and our diagnostics", () => {
    const { stdout } = yarak('check', 'broken.yaml', '-f', 'json');
    const { falco_load_results, diagnostics } = JSON.parse(stdout);
    expect(falco_load_results[0]).toMatchObject({
      name: 'broken.yaml',
      successful: false,
      errors: [
        {
          code: 'LOAD_ERR_COMPILE_CONDITION',
          codedesc: 'Error compiling condition',
          message: 'filter_check called with nonexistent field proc.nam',
          context: { locations: [{ position: { name: 'broken.yaml', line: 2, column: 35 } }] },
        },
      ],
    });
    expect(diagnostics).toMatchObject([
      {
        code: 'FIELD_UNKNOWN',
        severity: 'error',
        at: { line: 3, column: 36 },
        help: "did you mean 'proc.name'?",
      },
    ]);
  });

  it('sarif is valid and names place, code and level', () => {
    const { status, stdout } = yarak('check', 'broken.yaml', 'warned.yaml', '-f', 'sarif');
    expect(status).toBe(1);
    expect(validateSarif(stdout)).toEqual([]);
    const { results } = JSON.parse(stdout).runs[0];
    expect(results[0]).toMatchObject({
      ruleId: 'FIELD_UNKNOWN',
      level: 'error',
      locations: [
        { physicalLocation: { artifactLocation: { uri: 'broken.yaml' }, region: { startLine: 3 } } },
      ],
    });
    expect(results.map((one: { ruleId: string }) => one.ruleId)).toContain('LINT_NET_FIRST_ONLY');
  });
});

describe('--fix', () => {
  it('makes safe fixes, keeps comments, and says what it did', () => {
    const before = `# ours
- list: shells
  items: [sh, bash, sh] # the usual
- rule: R # two
  desc: d
  condition: proc.cmdline glob "*x*" and evt.type = execve and proc.name in (shells)
  output: "%proc.cmdline %proc.exepath %proc.pname %user.name"
  priority: NOTICE
  tags: [T1059.004]
`;
    write('fixed.yaml', before);
    const { status, stderr } = yarak('check', 'fixed.yaml', '--fix');
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'yarak: 1 file changed, 2 findings fixed\n' });
    expect(readFileSync(join(folder, 'fixed.yaml'), 'utf8')).toBe(
      before
        .replace('sh, bash, sh]', 'sh, bash]')
        .replace(
          'proc.cmdline glob "*x*" and evt.type = execve',
          'evt.type = execve and proc.cmdline glob "*x*"',
        ),
    );
  });
});

describe('stock files', () => {
  const stock = process.env['YARAK_FALCO_RULES'];
  it.runIf(stock !== undefined)('load together without an error', () => {
    const { status, stdout } = yarak('check', resolve(stock as string), '--no-lint', '-f', 'json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).falco_load_results).toHaveLength(3);
  });
});
