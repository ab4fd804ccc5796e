// `yarak explain` as a user runs it, for each kind of name.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yarak-explain-'));
  writeFileSync(
    join(folder, 'rules.yaml'),
    `- list: shells
  items: [sh, bash]
- macro: spawned
  condition: evt.type in (execve, execveat)
- rule: Terminal shell in container
  desc: "A shell \\e[31m was started."
  condition: spawned and proc.name in (shells) and not proc.pname = sshd
  exceptions:
    - name: known
      fields: [proc.exepath]
      values: [[/bin/ok]]
  output: "%proc.cmdline"
  priority: NOTICE
  tags: [T1059.004]
`,
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function explain(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'bin/yarak.js'), 'explain', ...args],
    {
      timeout: 60_000,
      cwd: folder,
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

describe('a rule', () => {
  it('is told in words, with its macros, technique, exceptions and playbook', () => {
    const { status, stdout, stderr } = explain('terminal shell in container', '-r', 'rules.yaml');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`It fires when
  - all of these hold:
    - the macro spawned holds
    - proc.name is one of the list shells (sh, bash)
    - not: proc.pname is sshd

spawned (macro, rules.yaml:3)
  - evt.type is one of execve, execveat

Except
  - known: proc.exepath =; 1 entry
`);
    expect(stdout).toContain('events     execve, execveat\n');
    expect(stdout).toContain('ATT&CK     T1059.004 Unix Shell: execution');
    expect(stdout).toContain('What an alert means');
    expect(stdout).toContain('What to ask');
    expect(stdout).not.toContain('\u001b');
  });

  it('--emit js prints JavaScript that parses', () => {
    const { status, stdout } = explain('Terminal shell in container', '-r', 'rules.yaml', '--emit', 'js');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\/\/ execve, execveat\n/);
    expect(() => new Function(stdout)).not.toThrow();
    expect(stdout).toContain('return function run(e)');
  });
});

describe('other names', () => {
  it('a macro tells who uses it, a list what is in it', () => {
    expect(explain('spawned', '-r', 'rules.yaml').stdout).toBe(`spawned (macro, rules.yaml:3)

It holds when
  - evt.type is one of execve, execveat

Used by 1 rule
  - Terminal shell in container
`);
    expect(explain('shells', '-r', 'rules.yaml').stdout).toBe(
      'shells (list, rules.yaml:1)\n\n2 items\n  sh, bash\n',
    );
  });

  it('a field tells type, sources, operators and limits', () => {
    const { status, stdout } = explain('fd.net');
    expect(status).toBe(0);
    expect(stdout).toContain('type       IPNET\n  sources    syscall\n');
    expect(stdout).toContain('operators  exists = == != in intersects\n');
    expect(stdout).toContain('Conditions only: in an output it prints <NA>.');
    expect(explain('evt.time').stdout).toMatch(/sources {4}syscall, k8s_audit, /);
    expect(explain('proc.aname[2]').stdout).toContain('argument   optional; here 2');
  });

  it('a code shows its example and how to put it right', () => {
    const { status, stdout } = explain('LINT_NET_FIRST_ONLY');
    expect(status).toBe(0);
    expect(stdout).toContain('condition: evt.type = connect and fd.net in (10.0.0.0/8, 192.168.0.0/16)');
    expect(stdout).toContain('Put right');
    expect(explain('lint_net_first_only').stdout).toBe(stdout);
  });

  it('what there is not gets the nearest name and exit code 2', () => {
    expect(explain('Terminal shel in container', '-r', 'rules.yaml')).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'yarak: there is no rule, macro, list, field or code "Terminal shel in container"; did you mean "Terminal shell in container"?\n',
    });
    expect(explain('proc.nmae').stderr).toContain('did you mean "proc.name"?');
    expect(explain('spawned', '-r', 'nowhere.yaml').status).toBe(3);
    expect(explain('proc.name', '--emit', 'c').status).toBe(2);
  });
});
