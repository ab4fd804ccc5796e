// What coverage counts as reached, and what it says was missed.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Coverage } from './coverage.ts';
import { percentText, summarise } from './coverage-summary.ts';
import { runTestFile } from './run.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yarak-coverage-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const RULES = `- list: shells
  items: [sh, bash]
- list: more_shells
  items: [shells, zsh]
- macro: container
  condition: (container.id != host)
- macro: in_container
  condition: container
- rule: Shell
  desc: d
  condition: evt.type in (execve, execveat) and in_container and proc.name in (more_shells)
  output: "%proc.name"
  priority: NOTICE
  exceptions:
    - name: pairs
      fields: [proc.pname, user.name]
      values:
        - [sshd, admin]
        - [cron, root]
    - name: images
      fields: container.image.repository
      values: [debug, shells]
- rule: Off
  desc: d
  condition: evt.type = open and fd.name = /etc/shadow
  output: "%fd.name"
  priority: NOTICE
  enabled: false
`;

/** Coverage of the tests, as `file` then lines that name what was missed. */
async function missed(...files: readonly string[]) {
  writeFileSync(join(folder, 'rules.yaml'), RULES);
  const coverage = new Coverage();
  for (const [index, text] of files.entries()) {
    const file = join(folder, `${index}.test.yaml`);
    writeFileSync(file, text);
    await runTestFile(file, { coverage });
  }
  const summary = summarise(coverage);
  return {
    text: percentText(summary),
    kinds: summary.files[0]?.kinds,
    missed: summary.files.flatMap(({ missed: all }) =>
      all.map(
        ({ kind, at, text, never }) => `${at.line}:${at.column} ${kind} ${text}: never ${never.join(' ')}`,
      ),
    ),
  };
}

const tests = (events: string) => `
rules: rules.yaml
base: {evt.type: execve, container.id: abc}
tests:
  - {name: t, events: [${events}], expect: [], others: allow}
`;

describe('coverage', () => {
  it('without an event that matters, everything is missed at its place', async () => {
    const { missed: lines } = await missed(tests(''));
    expect(lines).toEqual([
      '2:11 list-item sh: never reached',
      '2:15 list-item bash: never reached',
      '4:19 list-item zsh: never reached',
      '5:10 macro container: never reached',
      '6:15 clause container.id != host: never true false',
      '7:10 macro in_container: never reached',
      '9:9 rule Shell: never reached',
      '11:14 clause evt.type in (execve, execveat): never true false',
      '11:27 list-item execve: never reached',
      '11:35 list-item execveat: never reached',
      '11:66 clause proc.name in (more_shells): never true false',
      '18:12 exception sshd, admin: never reached',
      '19:12 exception cron, root: never reached',
      '22:16 exception debug: never reached',
      '22:23 exception sh, bash: never reached',
    ]);
  });

  it('stops where Falco stops: what stands behind a false comparison is not reached', async () => {
    const { missed: lines } = await missed(tests('{container.id: host, proc.name: bash}'));
    expect(lines).toContain('6:15 clause container.id != host: never true');
    expect(lines).toContain('11:66 clause proc.name in (more_shells): never true false');
    expect(lines).not.toContain('5:10 macro container: never reached');
  });

  it('an exception is reached by the event that it takes out, row by row', async () => {
    const { missed: lines } = await missed(
      tests(
        '{proc.name: sh, proc.pname: cron, user.name: root}, {proc.name: sh, container.image.repository: bash}',
      ),
    );
    expect(lines.filter((line) => line.includes(' exception '))).toEqual([
      '18:12 exception sshd, admin: never reached',
      '22:16 exception debug: never reached',
    ]);
    expect(lines).toContain('9:9 rule Shell: never reached');
  });

  it('adds up over tests and files, and is 100 % when nothing is left', async () => {
    const {
      text,
      missed: lines,
      kinds,
    } = await missed(
      tests('{proc.name: sh}, {proc.name: bash, evt.type: execveat}, {proc.name: ls}'),
      tests(
        '{proc.name: zsh, proc.pname: sshd, user.name: admin}, {proc.name: zsh, proc.pname: cron, user.name: root}',
      ),
      tests(
        '{proc.name: zsh, container.image.repository: debug}, {proc.name: zsh, container.image.repository: sh}',
      ),
      tests('{container.id: host}, {evt.type: open}'),
    );
    expect({ text, lines }).toEqual({ text: '100.0 %', lines: [] });
    expect(kinds).toEqual({
      rule: { reached: 1, total: 1 },
      macro: { reached: 2, total: 2 },
      clause: { reached: 6, total: 6 },
      'list-item': { reached: 5, total: 5 },
      exception: { reached: 4, total: 4 },
    });
  });

  it('recorded alerts reach what their fields decide', async () => {
    writeFileSync(
      join(folder, 'alerts.jsonl'),
      '{"rule":"X","priority":"Notice","output":"o","time":"2026-01-01T00:00:00Z","output_fields":{"evt.type":"execve","container.id":"host"}}\n',
    );
    const { missed: lines } = await missed(`
rules: rules.yaml
tests:
  - {name: t, alerts: alerts.jsonl, expect: []}
`);
    expect(lines).toContain('6:15 clause container.id != host: never true');
    expect(lines).toContain('11:14 clause evt.type in (execve, execveat): never false');
  });

  it('one rules file has one name, however the test files name it', async () => {
    const { kinds } = await missed(
      tests('{proc.name: sh}'),
      tests('{proc.name: sh}').replace('rules.yaml', join('..', relative(tmpdir(), folder), 'rules.yaml')),
    );
    expect(kinds?.rule).toEqual({ reached: 1, total: 1 });
  });
});
