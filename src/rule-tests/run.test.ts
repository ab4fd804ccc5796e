// Test files as people write them: what is run, and what cannot be.

import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { oneTest, RULES, ruleTestFolder } from '../../tests/support/rule-tests.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = ruleTestFolder();
const { run, said, write } = folder;
afterAll(() => folder.remove());

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

describe('config', () => {
  it('append_output and static_fields take effect; alerts stay JSON', async () => {
    write(
      'appended.yaml',
      `append_output:
  - extra_fields: [proc.pname, {where: "%proc.name@%container.id"}]
    extra_output: "parent=%proc.pname"
static_fields: {site: paris}
json_output: false
`,
    );
    write(
      'sited.yaml',
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
    write(
      'alerts.jsonl',
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
    write(
      'audit.json',
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
    write(
      'nginx.yaml',
      'name: nginx\naccept: [/status]\ntime: [/time]\nfields:\n  - {name: nginx.status, type: uint64, path: /status}\n',
    );
    write('access.jsonl', '{"time":"2026-01-01T00:00:00Z","status":500}\n');
    write(
      'json.yaml',
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
    write('broken.yaml', RULES.replace('proc.name in', 'proc.nam in'));
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
