// What a failed test says: what was expected, and why it did not come.

import { afterAll, describe, expect, it } from 'vitest';
import { oneTest, RULES, ruleTestFolder } from '../../tests/support/rule-tests.ts';

const folder = ruleTestFolder();
const { run, said, write } = folder;
afterAll(() => folder.remove());

describe('alerts that nobody expects', () => {
  it('are told by rule, with the fields that the event does not give', async () => {
    write(
      'unset.yaml',
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
      write('falco.yaml', text);
      return 'config: falco.yaml';
    };
    write(
      'rules.yaml',
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
    write('rules.yaml', RULES);
  });
});
