// `yarak test` as a user runs it: results in every format, exit codes, coverage, watching.

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { HOSTILE, UNSEEN } from '../support/hostile.ts';

const root = resolve(import.meta.dirname, '../..');
const bin = join(root, 'bin/yarak.js');
const folders: string[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yarak-test-'));
  folders.push(folder);
  write('rules.yaml', RULES);
});
afterAll(() => {
  for (const one of folders) rmSync(one, { recursive: true, force: true });
});

function yarak(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
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

const RULES = `- list: shells
  items: [sh, bash]
- macro: container
  condition: (container.id != host)
- rule: Shell
  desc: d
  condition: evt.type = execve and container and proc.name in (shells)
  output: "%proc.name %proc.cmdline"
  priority: NOTICE
`;

const tests = (...lines: readonly string[]) => `rules: rules.yaml
base: {evt.type: execve, container.id: abc, proc.name: bash}
tests:
${lines.map((line) => `  - ${line}\n`).join('')}`;

const GOOD = '{name: a shell, events: [{proc.cmdline: bash -i}], expect: [{rule: Shell}]}';

describe('text', () => {
  it('names every test, and ends with the counts', () => {
    write('a.test.yaml', tests(GOOD, '{name: on the host, events: [{container.id: host}], expect: []}'));
    expect(yarak('test', 'a.test.yaml')).toEqual({
      status: 0,
      stderr: '',
      stdout: `a.test.yaml
  ✓ a shell
  ✓ on the host

2 passed
`,
    });
  });

  it('says why a test failed, at the places in the rules', () => {
    write(
      'a.test.yaml',
      tests(
        '{name: missed, events: [{container.id: host, proc.name: ls}, {proc.name: null}], expect: [{rule: Shell}]}',
        '{name: unexpected, events: [{proc.cmdline: "x \\e[31m"}], expect: []}',
      ),
    );
    expect(yarak('test', 'a.test.yaml')).toEqual({
      status: 1,
      stderr: '',
      stdout: `a.test.yaml
  ✗ missed
      a.test.yaml:4:102 expected 1 alert of rule "Shell", got 0
        event 2, the nearest of 2, does not match:
          rules.yaml:7:50 proc.name in (shells): proc.name is not set in the event
  ✗ unexpected
      rules.yaml:5:9 rule "Shell" fired, which is not expected
        event 1 printed: 00:00:00.000000000: Notice bash x \\x1b[31m

0 passed, 2 failed
`,
    });
  });

  it('draws mistakes in their line; other tests and files still run', () => {
    write('a.test.yaml', tests('{name: slip, events: [{proc.nmae: x}], expect: []}', GOOD));
    write('b.test.yaml', 'rules: rules.yaml\ntest: []\n');
    write('c.test.yaml', tests(GOOD));
    const { status, stdout } = yarak('test', '.');
    expect(status).toBe(1);
    expect(stdout).toBe(`a.test.yaml
  ! slip
      a.test.yaml:4:28 error TEST_FIELD_UNKNOWN Unknown field \`proc.nmae\` of source syscall
        4 │   - {name: slip, events: [{proc.nmae: x}], expect: []}
          │                            ^^^^^^^^^
        help: did you mean 'proc.name'?
  ✓ a shell

b.test.yaml
  b.test.yaml:1:1 error TEST_VALUE tests: expected a list of tests
    1 │ rules: rules.yaml
      │ ^

  b.test.yaml:2:1 error TEST_UNKNOWN_KEY Unknown key \`test\` in the file.
    2 │ test: []
      │ ^^^^
    help: Did you mean \`tests\`?

c.test.yaml
  ✓ a shell

2 passed, 2 could not be run
`);
  });
});

describe('which tests', () => {
  it('folders at any depth, each file once', () => {
    mkdirSync(join(folder, 'deep/er'), { recursive: true });
    write('deep/er/x.test.yml', tests(GOOD).replace('rules.yaml', '../../rules.yaml'));
    write('a.test.yaml', tests(GOOD));
    const { stdout } = yarak('test', 'a.test.yaml', '.', '--format', 'json');
    expect((JSON.parse(stdout) as { files: { file: string }[] }).files.map(({ file }) => file)).toEqual([
      'a.test.yaml',
      'deep/er/x.test.yml',
    ]);
  });

  it('--filter by name, in any case; a filter that leaves nothing is a mistake', () => {
    write('a.test.yaml', tests(GOOD, GOOD.replace('a shell', 'Another')));
    expect(yarak('test', '.', '--filter', 'ANOTHER').stdout).toBe('a.test.yaml\n  ✓ Another\n\n1 passed\n');
    expect(yarak('test', '.', '--filter', 'zsh')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'yarak: no test\'s name holds "zsh"\n',
    });
  });
});

describe('exit codes', () => {
  it('2 for usage', () => {
    for (const args of [
      [],
      ['.'],
      ['rules.yaml', '--format', 'junti'],
      ['rules.yaml', '--min-coverage', '101'],
    ])
      expect(yarak('test', ...args).status).toBe(2);
    expect(yarak('test', 'rules.yaml', '--format', 'junti').stderr).toContain('did you mean "junit"?');
    expect(yarak('test', '.').stderr).toBe('yarak: . holds no .test.yaml or .test.yml files\n');
  });

  it('3 for what cannot be read, whether the command line or a test names it', () => {
    expect(yarak('test', 'lost.test.yaml')).toMatchObject({
      status: 3,
      stderr: 'yarak: cannot read lost.test.yaml: no such file or directory\n',
    });
    write('a.test.yaml', tests('{name: lost, capture: lost.scap, expect: []}', GOOD));
    const { status, stdout } = yarak('test', 'a.test.yaml');
    expect(status).toBe(3);
    expect(stdout).toContain(
      'a.test.yaml:4:27 error TEST_FILE Cannot read lost.scap: no such file or directory',
    );
    expect(stdout).toContain('1 passed, 1 could not be run');
  });
});

describe('data formats', () => {
  it('json has every test with its failures and places', () => {
    write(
      'a.test.yaml',
      tests(GOOD, '{name: fails, events: [{container.id: host}], expect: [{rule: Shell}]}'),
    );
    const { status, stdout } = yarak('test', '.', '-f', 'json', '--coverage');
    expect(status).toBe(1);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      passed: 1,
      failed: 1,
      errors: 0,
      files: [
        {
          file: 'a.test.yaml',
          diagnostics: [],
          tests: [
            {
              name: 'a shell',
              status: 'passed',
              at: { file: 'a.test.yaml', line: 4, column: 12 },
              failures: [],
            },
            {
              name: 'fails',
              status: 'failed',
              failures: [
                {
                  kind: 'count',
                  rule: 'Shell',
                  message: 'expected 1 alert of rule "Shell", got 0',
                  why: [
                    { text: 'event 1 does not match:' },
                    {
                      text: 'container.id != host (macro container): container.id is "host"',
                      at: { file: 'rules.yaml', line: 4, column: 15 },
                    },
                  ],
                },
              ],
            },
          ],
        },
      ],
      coverage: {
        reached: 7,
        total: 10,
        files: [
          {
            file: 'rules.yaml',
            kinds: { rule: { reached: 1, total: 1 }, clause: { reached: 4, total: 6 } },
            missed: [
              { kind: 'list-item', name: 'shells', text: 'sh', never: ['reached'] },
              { kind: 'clause', text: 'evt.type = execve', never: ['false'], at: { line: 7, column: 14 } },
              { kind: 'clause', text: 'proc.name in (shells)', never: ['false'] },
            ],
          },
        ],
      },
    });
    expect(document.coverage.percent).toBeCloseTo(70);
    expect(yarak('test', '.', '-f', 'json', '--coverage').stdout).toBe(stdout);
  });

  const python = spawnSync('python3', ['--version']).status === 0;
  it.runIf(python)(
    'junit is XML whatever tests and events say, and an XML parser reads what was meant',
    () => {
      const texts = Object.values(HOSTILE).filter((text) => text.trim() !== '');
      const lines = texts.map(
        (text) =>
          `{name: ${JSON.stringify(text)}, events: [{proc.cmdline: ${JSON.stringify(text)}}], expect: []}`,
      );
      write('a.test.yaml', tests(GOOD, '{name: slip, events: [{proc.nmae: x}], expect: []}', ...lines));
      write('b.test.yaml', 'rules: [');
      const { status, stdout } = yarak('test', '.', '--format', 'junit', '--out', 'out.xml');
      expect(status).toBe(1);
      expect(stdout).toContain(`1 passed, ${texts.length} failed, 2 could not be run`);
      expect(stdout.replaceAll('\n', '')).not.toMatch(UNSEEN);
      const script = `
import json, xml.etree.ElementTree as tree
root = tree.parse('out.xml').getroot()
suites = [[suite.get(key) for key in ('name', 'tests', 'failures', 'errors')] for suite in root]
cases = [[case.get('name'), case.get('line'), [[part.tag, part.get('type'), part.text] for part in case]] for suite in root for case in suite]
print(json.dumps([root.tag, root.attrib, suites, cases]))
`;
      const parsed = spawnSync('python3', ['-c', script], { cwd: folder, encoding: 'utf8' });
      expect(parsed.stderr).toBe('');
      const [tag, counts, suites, cases] = JSON.parse(parsed.stdout);
      expect(tag).toBe('testsuites');
      const failures = String(texts.length);
      expect(counts).toEqual({ tests: String(texts.length + 3), failures, errors: '2' });
      expect(suites).toEqual([
        ['a.test.yaml', String(texts.length + 2), failures, '1'],
        ['b.test.yaml', '1', '0', '1'],
      ]);
      expect(cases.length).toBe(texts.length + 3);
      expect(cases[0]).toEqual(['a shell', '4', []]);
      expect(cases[1]).toMatchObject(['slip', '5', [['error', 'TEST_FIELD_UNKNOWN', expect.any(String)]]]);
      const markdown = cases.find(([name]: [string]) => name === HOSTILE['Markdown']);
      expect(markdown[2]).toMatchObject([
        ['failure', 'unexpected', expect.stringContaining(HOSTILE['Markdown'] ?? '')],
      ]);
      expect(cases.at(-1)).toMatchObject([
        'the test file',
        '1',
        [['error', 'TEST_YAML', expect.any(String)]],
      ]);
    },
  );

  it('--out keeps the text on standard output, and tells what cannot be written', () => {
    write('a.test.yaml', tests(GOOD));
    expect(yarak('test', '.', '-f', 'json', '-o', 'out.json').stdout).toContain('1 passed');
    expect(JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')).passed).toBe(1);
    expect(yarak('test', '.', '-o', 'no/such/folder')).toMatchObject({
      status: 3,
      stderr: 'yarak: cannot write no/such/folder: no such file or directory\n',
    });
  });
});

describe('coverage', () => {
  it('says what no test reached, and fails below the minimum', () => {
    write(
      'a.test.yaml',
      tests(GOOD, '{name: host, events: [{container.id: host}, {proc.name: ls}], expect: []}'),
    );
    const { status, stdout, stderr } = yarak('test', '.', '--min-coverage', '90');
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'yarak: coverage is 80.0 %, below 90 %\n' });
    expect(stdout).toContain(`Coverage
  rules.yaml 80.0 %: rules 1/1, macros 1/1, outcomes of comparisons 5/6, list items 1/2
    2:11 never met, of shells: "sh"
    7:14 never false: evt.type = execve
  80.0 % in all: 8 of 10
`);
    expect(yarak('test', '.', '--min-coverage', '80').status).toBe(0);
  });
});

describe('--watch', () => {
  it('runs again after a change of a test, a rules file that is replaced, a new file; ends on SIGINT with 0', async () => {
    write('a.test.yaml', tests(GOOD));
    const child = spawn(process.execPath, [bin, 'test', '.', '--watch'], { cwd: folder });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = new Promise<number | null>((done) => child.on('exit', (code) => done(code)));
    /** What is said of a change, as soon as it is what it should be and the next one would be seen. */
    const after = async (change: () => void, wanted: string): Promise<void> => {
      const from = output.length;
      change();
      for (;;) {
        const said = output.slice(from);
        if (said.includes(wanted) && said.slice(said.indexOf(wanted)).includes('watching for changes'))
          return;
        if (child.exitCode !== null) throw new Error(output);
        await new Promise((done) => setTimeout(done, 20));
      }
    };
    const others = RULES.replace('container.id != host', 'container.id = host');
    try {
      await after(() => {}, '1 passed');
      await after(() => write('a.test.yaml', tests(GOOD, GOOD)), '2 passed');
      await after(() => write('new.yaml', others), '2 passed');
      await after(() => renameSync(join(folder, 'new.yaml'), join(folder, 'rules.yaml')), '2 failed');
      await after(() => write('rules.yaml', RULES), '2 passed');
      await after(() => rmSync(join(folder, 'rules.yaml')), 'Cannot read rules.yaml');
      await after(() => write('rules.yaml', RULES), '2 passed');
      child.kill('SIGINT');
      expect(await ended).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('stock rules', () => {
  const stock = process.env['YARAK_FALCO_RULES'];
  it.runIf(stock !== undefined)('are tested on a capture and on events', () => {
    const capture = join(root, 'tests/captures/shell_in_container.scap');
    write(
      'a.test.yaml',
      `rules: ${join(resolve(stock as string), 'falco_rules.yaml')}
tests:
  - name: recorded
    capture: ${capture}
    expect: [{rule: Terminal shell in container, priority: notice}]
    others: allow
  - name: written out
    events:
      - evt.type: execve
        evt.arg.res: 0
        container.id: abc
        proc.name: bash
        proc.tty: 34816
        container.image.repository: nginx
    expect: [{rule: Terminal shell in container}]
`,
    );
    const { stdout, status } = yarak('test', '.');
    expect({ stdout, status }).toEqual({
      status: 0,
      stdout: 'a.test.yaml\n  ✓ recorded\n  ✓ written out\n\n2 passed\n',
    });
  });
});
