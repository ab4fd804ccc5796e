// Test files as people write them: what passes, what fails and what is said about it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
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

const root = resolve(import.meta.dirname, '../..');

async function run(text: string, filter?: string) {
  const file = join(folder, 'one.test.yaml');
  writeFileSync(file, text);
  return runTestFile(file, filter === undefined ? {} : { filter });
}

/** What is said about the one test, without the folder. */
async function said(text: string): Promise<string[]> {
  const { tests } = await run(text);
  return (tests[0]?.failures ?? []).flatMap(({ message, why }) => [
    message,
    ...why.map(({ text: line, at }) =>
      at === undefined ? line : `${basename(at.file)}:${at.line}:${at.column} ${line}`,
    ),
  ]);
}

const oneTest = (test: string, head = '') => `
rules: rules.yaml
base: {evt.type: execve, container.id: abc, proc.name: sh}
${head}
tests:
  - ${test}
`;

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

describe('alerts that nobody expects', () => {
  it('are told by rule, with the fields that the event does not give', async () => {
    writeFileSync(
      join(folder, 'unset.yaml'),
      `- rule: Orphan
  desc: d
  condition: evt.type = execve and not proc.pname in (sh) and not proc.aname[2] exists
  output: "%proc.name"
  priority: NOTICE
`,
    );
    const text = `
rules: unset.yaml
tests:
  - {name: t, events: [{evt.type: execve, proc.name: a}, {evt.type: execve, proc.name: b, proc.pname: x}], expect: []}
`;
    expect(await said(text)).toEqual([
      'rule "Orphan" fired 2 times, which is not expected',
      'event 1 printed: 00:00:00.000000000: Notice a',
      'the condition also reads, and the event does not set: proc.pname, proc.aname[2]',
      'event 2 printed: 00:00:01.000000000: Notice b',
      'the condition also reads, and the event does not set: proc.aname[2]',
    ]);
  });
});

describe('mistakes', () => {
  it.each([
    ['{proc.nam: sh}', 'TEST_FIELD_UNKNOWN', 6, 16, "did you mean 'proc.name'?"],
    ['{evt.type: exceve}', 'TEST_EVENT_TYPE', 6, 26, "did you mean 'execve'?"],
    ['{__proto__: x}', 'TEST_FIELD_UNKNOWN', 6, 16, undefined],
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

describe('counts, fields, priority, output', () => {
  it.each([
    ['count: 2', 'passed'],
    ['count: 1', 'failed'],
    ['count: {min: 1}', 'passed'],
    ['count: {min: 3}', 'failed'],
    ['count: {max: 1}', 'failed'],
    ['count: {min: 1, max: 3}', 'passed'],
    ['count: 0', 'failed'],
    ['count: 2, priority: NOTICE', 'passed'],
    ['count: 2, priority: info', 'failed'],
    ['count: 2, fields: {container.id: abc}', 'passed'],
    ['count: 2, fields: {proc.name: sh}', 'failed'],
    ['fields: {proc.name: sh}', 'failed'],
    ['count: 2, output: " in abc"', 'passed'],
    ['count: 2, output: " in ABC"', 'failed'],
  ])('{rule: Shell, %s} is %s for a shell and another', async (wanted, status) => {
    const { tests } = await run(
      oneTest(`{name: t, events: [{}, {proc.name: bash}], expect: [{rule: Shell, ${wanted}}]}`),
    );
    expect(tests[0]?.status).toBe(status);
  });

  it('an alert that differs from what is expected is told, and told once', async () => {
    expect(
      await said(
        oneTest(
          '{name: t, events: [{}], expect: [{rule: Shell, priority: ERROR, fields: {proc.name: ash, user.name: x}}]}',
        ),
      ),
    ).toEqual([
      'expected 1 alert of rule "Shell", got 0',
      'event 1: its priority is Notice, expected Error; proc.name is "sh", expected "ash"; its output_fields have no user.name, expected "x"',
    ]);
  });

  it('two expectations of one rule share its alerts out', async () => {
    const { tests } = await run(
      oneTest(
        '{name: t, events: [{}, {proc.name: bash}], expect: [{rule: Shell, fields: {proc.name: sh}}, {rule: Shell, fields: {proc.name: bash}}]}',
      ),
    );
    expect(tests[0]?.status).toBe('passed');
  });
});

describe('why a rule did not fire', () => {
  it.each([
    [
      'the comparison, through the macro, with the value',
      '{name: t, events: [{container.id: host}], expect: [{rule: Shell}]}',
      [
        'event 1 does not match:',
        'rules.yaml:5:15 container.id != host (macro container): container.id is "host"',
      ],
    ],
    [
      'a field that the event does not give',
      '{name: t, events: [{proc.name: null}], expect: [{rule: Shell}]}',
      ['event 1 does not match:', 'rules.yaml:8:50 proc.name in (shells): proc.name is not set in the event'],
    ],
    [
      'of several events the nearest',
      '{name: t, events: [{container.id: host, proc.name: ls}, {proc.name: ls}], expect: [{rule: Shell}]}',
      [
        'event 2, the nearest of 2, does not match:',
        'rules.yaml:8:50 proc.name in (shells): proc.name is "ls"',
      ],
    ],
    [
      'those that did not fire',
      '{name: t, events: [{}, {proc.name: ls}], expect: [{rule: Shell, count: 2}]}',
      ['event 2 does not match:', 'rules.yaml:8:50 proc.name in (shells): proc.name is "ls"'],
    ],
    [
      'no event of its type',
      '{name: t, events: [{evt.type: open}], expect: [{rule: Shell}]}',
      ['rules.yaml:6:9 no event is of a type that the rule looks at: execve'],
    ],
    ['no event at all', '{name: t, events: [], expect: [{rule: Shell}]}', ['there are no events']],
    [
      'a rule that is disabled',
      '{name: t, events: [{}], expect: [{rule: Quiet}], others: allow}',
      [
        'rules.yaml:11:9 the rule is disabled (enabled: false); a config with `rules: [{enable: {rule: …}}]` turns it on',
      ],
    ],
    [
      'events of another source',
      '{name: t, source: k8s_audit, events: [{ka.verb: get}], expect: [{rule: Shell}]}',
      ['rules.yaml:6:9 the rule is for events of source syscall, these are of source k8s_audit'],
    ],
  ])('%s', async (_name, test, expected) => {
    expect((await said(oneTest(test))).slice(1)).toEqual(expected);
  });

  it('settings: switched off, below the priority, behind the first that matches', async () => {
    const events = '{name: t, events: [{proc.name: id}], others: allow';
    const config = (text: string) => {
      writeFileSync(join(folder, 'falco.yaml'), text);
      return 'config: falco.yaml';
    };
    writeFileSync(
      join(folder, 'rules.yaml'),
      RULES +
        RULES.slice(RULES.indexOf('- rule: Quiet')).replace('Quiet', 'Second').replace('enabled: false', ''),
    );
    const quiet = oneTest(`${events}, expect: [{rule: Quiet}]}`, config('rules: [{enable: {rule: Quiet}}]'));
    const on = await run(quiet);
    expect(on.tests[0]?.status).toBe('passed');
    const second = (text: string) => said(oneTest(`${events}, expect: [{rule: Second}]}`, config(text)));
    expect((await second('rules: [{enable: {rule: Quiet}}]')).slice(1)).toEqual([
      'rules.yaml:11:9 event 1 matches, but rule "Quiet" comes before it and matches too; Falco stops at the first (rule_matching: first)',
    ]);
    expect((await second('rules: [{disable: {rule: "*"}}]')).slice(1)).toEqual([
      "rules.yaml:17:9 the rule is disabled by the config's `rules`",
    ]);
    expect((await second('priority: notice')).slice(1)).toEqual([
      "rules.yaml:17:9 the rule's priority Debug is below the config's priority Notice",
    ]);
    expect(await second('{rules: [{enable: {rule: Quiet}}], rule_matching: all}')).toEqual([]);
    writeFileSync(join(folder, 'rules.yaml'), RULES);
  });
});

describe('config', () => {
  it('append_output and static_fields take effect; alerts stay JSON', async () => {
    writeFileSync(
      join(folder, 'appended.yaml'),
      `append_output:
  - extra_fields: [proc.pname, {where: "%proc.name@%container.id"}]
    extra_output: "parent=%proc.pname"
static_fields: {site: paris}
json_output: false
`,
    );
    writeFileSync(
      join(folder, 'sited.yaml'),
      RULES.replace('evt.type = execve and', 'evt.type = execve and static.site = paris and'),
    );
    const test = (site: string) => `
rules: sited.yaml
config: appended.yaml
base: {evt.type: execve, container.id: abc, proc.name: sh, proc.pname: runc}
tests:
  - name: t
    events: [{}]
    expect: [{rule: Shell, fields: {proc.pname: runc, where: ${site}}, output: parent=runc}]
`;
    expect((await run(test('sh@abc'))).tests[0]).toMatchObject({ status: 'passed', failures: [] });
    expect((await said(test('x'))).slice(1)).toEqual(['event 1: where is "sh@abc", expected "x"']);
  });
});

describe('recordings', () => {
  it('captures are replayed, and the nearest event is told', async () => {
    const capture = join(root, 'tests/captures/shell_in_container.scap');
    const rules = join(root, 'examples/rules/containers.yaml');
    const file = (wanted: string) => `
rules: ${rules}
tests:
  - {name: t, capture: ${capture}, expect: [{rule: Shell in a container${wanted}}]}
`;
    const good = await run(file(', count: 1, fields: {user.name: root}'));
    expect(good.tests[0]).toMatchObject({ status: 'passed', diagnostics: [] });
    expect(good.dataFiles).toEqual(['tests/captures/shell_in_container.scap']);
    const [message, which, ...clauses] = await said(file(', count: 2'));
    expect(message).toBe('expected 2 alerts of rule "Shell in a container", got 1');
    expect(which).toMatch(/^event \d+, the nearest of \d+, does not match:$/);
    expect(clauses.length).toBeGreaterThan(0);
  });

  it('recorded alerts are decided as far as their fields go', async () => {
    const alert = (fields: object) =>
      JSON.stringify({
        rule: 'X',
        priority: 'Notice',
        output: 'o',
        time: '2026-01-01T00:00:00Z',
        output_fields: fields,
      });
    writeFileSync(
      join(folder, 'alerts.jsonl'),
      [
        alert({ 'evt.type': 'execve', 'container.id': 'abc', 'proc.name': 'sh' }),
        alert({ 'evt.type': 'execve', 'container.id': 'abc' }),
        alert({ 'evt.type': 'execve', 'container.id': 'host' }),
      ].join('\n'),
    );
    const lines = (count: number) =>
      said(
        oneTest(
          `{name: t, alerts: alerts.jsonl, expect: [{rule: Shell, count: ${count}, output: sh in abc}]}`,
        ),
      );
    expect(await lines(1)).toEqual([]);
    const quiet = await run(oneTest('{name: t, alerts: alerts.jsonl, expect: [], others: allow}'));
    expect(quiet.tests[0]).toMatchObject({
      status: 'passed',
      diagnostics: [
        {
          code: 'TEST_UNDECIDED',
          severity: 'info',
          message: 'The recorded alerts do not decide rule "Shell"; missing is proc.name',
        },
      ],
    });
    expect((await lines(2)).slice(0, 2)).toEqual([
      'expected 2 alerts of rule "Shell", got 1',
      '1 alert cannot be decided; missing is proc.name',
    ]);
    expect((await lines(2)).at(-1)).toBe(
      'rules.yaml:8:50 proc.name in (shells): unknown: proc.name is not in the alert',
    );
  });

  it("Kubernetes audit records and a source of the file's own", async () => {
    writeFileSync(
      join(folder, 'audit.json'),
      JSON.stringify({
        kind: 'Event',
        auditID: '1',
        stage: 'ResponseComplete',
        verb: 'create',
        stageTimestamp: '2026-01-01T00:00:00.000000Z',
        requestURI: '/api/v1/namespaces/shop/pods/web/exec',
        user: { username: 'eve' },
        objectRef: { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web' },
      }),
    );
    writeFileSync(
      join(folder, 'nginx.yaml'),
      'name: nginx\naccept: [/status]\ntime: [/time]\nfields:\n  - {name: nginx.status, type: uint64, path: /status}\n',
    );
    writeFileSync(join(folder, 'access.jsonl'), '{"time":"2026-01-01T00:00:00Z","status":500}\n');
    writeFileSync(
      join(folder, 'json.yaml'),
      `- rule: Exec
  desc: d
  source: k8s_audit
  condition: ka.verb = create and ka.target.subresource = exec
  output: "%ka.user.name"
  priority: NOTICE
- rule: Error
  desc: d
  source: nginx
  condition: nginx.status >= 500
  output: "%nginx.status"
  priority: NOTICE
`,
    );
    const { tests, diagnostics } = await run(`
rules: json.yaml
define: nginx.yaml
tests:
  - {name: audit, audit: audit.json, expect: [{rule: Exec, fields: {ka.user.name: eve}}]}
  - {name: as json, json: audit.json, source: k8s_audit, expect: [{rule: Exec}]}
  - {name: inline, source: k8s_audit, events: [{ka.verb: create, ka.target.subresource: exec}], expect: [{rule: Exec}]}
  - {name: own, json: access.jsonl, source: nginx, expect: [{rule: Error, fields: {nginx.status: 500}}]}
  - {name: own inline, source: nginx, events: [{nginx.status: 404}, {nginx.status: 503}], expect: [{rule: Error}]}
  - {name: no record, audit: access.jsonl, expect: []}
`);
    expect(diagnostics).toEqual([]);
    expect(tests.map(({ status }) => status)).toEqual([
      'passed',
      'passed',
      'passed',
      'passed',
      'passed',
      'error',
    ]);
    expect(tests[5]?.diagnostics).toMatchObject([{ code: 'AUDIT_NOT_EVENT' }]);
  });
});

describe('what cannot be run', () => {
  it('a file that is not there is told where it is named, and the other tests run', async () => {
    const { tests, unreadable } = await run(`
rules: rules.yaml
tests:
  - {name: lost, capture: lost.scap, expect: []}
  - {name: gone, alerts: gone.jsonl, expect: []}
  - {name: there, events: [], expect: []}
`);
    expect(unreadable).toBe(true);
    expect(tests.map(({ status }) => status)).toEqual(['error', 'error', 'passed']);
    expect(tests[0]?.diagnostics).toMatchObject([{ code: 'TEST_FILE', at: { line: 4, column: 27 } }]);
  });

  it('rules that Falco refuses, rules and config that are not there', async () => {
    writeFileSync(join(folder, 'broken.yaml'), RULES.replace('proc.name in', 'proc.nam in'));
    const broken = await run('{rules: broken.yaml, tests: [{name: t, events: [], expect: []}]}');
    expect(broken).toMatchObject({ tests: [], unreadable: false, diagnostics: [{ code: 'FIELD_UNKNOWN' }] });
    const lost = await run('{rules: lost.yaml, tests: [{name: t, events: [], expect: []}]}');
    expect(lost).toMatchObject({ tests: [], unreadable: true, diagnostics: [{ code: 'TEST_FILE' }] });
    const config = await run(
      '{rules: rules.yaml, config: c.yaml, tests: [{name: t, events: [], expect: []}]}',
    );
    expect(config).toMatchObject({ tests: [], unreadable: true, diagnostics: [{ code: 'TEST_FILE' }] });
  });

  it.each([
    ['rules: rules.yaml', 'TEST_VALUE', 'tests'],
    ['rules: rules.yaml\ntests: [{name: t, expect: []}]', 'TEST_VALUE', 'expected one of events'],
    [
      'rules: rules.yaml\ntests: [{name: t, events: [], capture: x, expect: []}]',
      'TEST_VALUE',
      'events and capture',
    ],
    ['rules: rules.yaml\ntests: [{name: t, json: x, expect: []}]', 'TEST_VALUE', '`json` needs `source`'],
    ['rules: rules.yaml\ntests: [{name: t, events: [], expects: []}]', 'TEST_UNKNOWN_KEY', 'expects'],
    [
      'rules: rules.yaml\ntests: [{name: t, events: [], expect: [{rule: R, count: -1}]}]',
      'TEST_VALUE',
      '0 or more',
    ],
    [
      'rules: rules.yaml\ntests: [{name: t, events: [], expect: [{rule: R, priority: loud}]}]',
      'TEST_VALUE',
      'priority',
    ],
    [
      'rules: rules.yaml\ntests: [{name: t, capture: x, base: {a: b}, expect: []}]',
      'TEST_VALUE',
      'have a base',
    ],
    [
      'rules: rules.yaml\ntests: [{name: t, alerts: x, source: okta, expect: []}]',
      'TEST_VALUE',
      'have a source',
    ],
    [
      'rules: rules.yaml\ntests: [{name: t, events: [x], expect: []}]',
      'TEST_VALUE',
      'fields and their values',
    ],
    ['rules: [', 'TEST_YAML', ''],
  ])('%s', async (text, code, message) => {
    const { tests, diagnostics } = await run(text);
    expect(tests).toEqual([]);
    expect(diagnostics.map((one) => one.code)).toContain(code);
    expect(diagnostics.map((one) => one.message).join('\n')).toContain(message);
    expect(diagnostics.every(({ at }) => at !== undefined)).toBe(true);
  });

  it('a rule that is not there, with the nearest name', async () => {
    const { tests } = await run(oneTest('{name: t, events: [], expect: [{rule: Shel}]}'));
    expect(tests[0]).toMatchObject({
      status: 'error',
      diagnostics: [{ code: 'TEST_RULE_UNKNOWN', help: "did you mean 'Shell'?" }],
    });
  });
});
