// Test files as people write them: what passes, what fails and what is said about it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTestFile } from './run.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yarak-rule-tests-'));
  writeFileSync(join(folder, 'rules.yaml'), RULES);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const RULES = `
- list: shells
  items: [sh, bash]
- macro: container
  condition: (container.id != host)
- rule: Shell
  desc: d
  condition: evt.type = execve and container and proc.name in (shells)
  output: "%proc.name in %container.id"
  priority: NOTICE
- rule: Quiet
  desc: d
  condition: evt.type = execve and proc.name = id
  output: "%proc.name"
  priority: DEBUG
  enabled: false
`;

async function run(text: string, filter?: string) {
  const file = join(folder, 'one.test.yaml');
  writeFileSync(file, text);
  return runTestFile(file, filter === undefined ? {} : { filter });
}

describe('inline events', () => {
  it('pass when exactly what is expected fires', async () => {
    const { tests, diagnostics } = await run(`
rules: rules.yaml
base: {evt.type: execve, container.id: abc}
tests:
  - name: shell
    events: [{proc.name: bash}, {proc.name: sh}, {proc.name: ls}]
    expect:
      - {rule: Shell, count: 2, priority: notice, fields: {container.id: abc}}
  - name: on the host
    events: [{container.id: host, proc.name: bash}, {container.id: null, proc.name: bash}]
    expect: []
`);
    expect(diagnostics).toEqual([]);
    expect(tests.map(({ name, status }) => [name, status])).toEqual([
      ['shell', 'passed'],
      ['on the host', 'passed'],
    ]);
  });

  it('an alert that nobody expects fails, unless others are allowed', async () => {
    const { tests } = await run(`
rules: rules.yaml
base: {evt.type: execve, container.id: abc, proc.name: sh}
tests:
  - {name: strict, events: [{}], expect: []}
  - {name: lax, events: [{}], expect: [], others: allow}
`);
    expect(tests.map(({ status }) => status)).toEqual(['failed', 'passed']);
    expect(tests[0]?.failures).toMatchObject([
      {
        kind: 'unexpected',
        rule: 'Shell',
        why: [{ text: 'event 1 printed: 00:00:00.000000000: Notice sh in abc' }],
      },
    ]);
  });
});

describe('mistakes', () => {
  it.each([
    ['{proc.nam: sh}', 'TEST_FIELD_UNKNOWN', 6, 16, "did you mean 'proc.name'?"],
    ['{evt.type: exceve}', 'TEST_EVENT_TYPE', 6, 26, "did you mean 'execve'?"],
    ['{proc.tty: many}', 'TEST_FIELD_VALUE', 6, 26, undefined],
    ['{proc.name: [a]}', 'TEST_FIELD_VALUE', 6, 27, undefined],
    ['{evt.is_open_write: true}', 'TEST_FIELD_VALUE', 6, 16, undefined],
    ['{evt.arg.sig: x}', 'TEST_FIELD_VALUE', 6, 16, undefined],
    ['{evt.arg.flag: x}', 'TEST_FIELD_UNKNOWN', 6, 16, "did you mean 'evt.arg.flags'?"],
  ])('%s is told at its place', async (event, code, line, column, help) => {
    const { tests } = await run(`
rules: rules.yaml
base: {evt.type: execve}
tests:
  - name: t
    events: [ ${event} ]
    expect: []
  - {name: still runs, events: [{}], expect: []}
`);
    expect(tests.map(({ status }) => status)).toEqual(['error', 'passed']);
    expect(tests[0]?.diagnostics).toMatchObject([
      { code, at: { line, column }, ...(help !== undefined && { help }) },
    ]);
  });
});
