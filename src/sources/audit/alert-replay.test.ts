// Rules over recorded alerts: decided, undecided and why, what is printed for what was not recorded.

import { describe, expect, it } from 'vitest';
import { readAlertText } from '../../alerts/index.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from '../../detect/engine/index.ts';
import { loadRules } from '../../detect/rules/index.ts';
import { AlertReplay } from './alert-replay.ts';

const RULES = `
- rule: Shell
  desc: a shell
  condition: proc.name in (bash, sh) and container.id != host
  output: "shell %proc.cmdline in %container.name by %user.name"
  priority: WARNING
  tags: [x]
- rule: Child Of Nginx
  desc: nginx starts something
  condition: proc.pname = nginx and fd.num > 2
  output: "%proc.name"
  priority: NOTICE
- rule: Never
  desc: not this one
  condition: proc.name = python3 and proc.pname = nginx
  output: "%proc.name"
  priority: NOTICE
- rule: Audit
  desc: an audit rule
  condition: ka.verb = delete
  output: "%ka.user.name"
  priority: NOTICE
  source: k8s_audit
`;

const alert = (fields: object, more: object = {}): string =>
  JSON.stringify({
    hostname: 'node-1',
    output: 'o',
    output_fields: fields,
    priority: 'Notice',
    rule: 'r',
    source: 'syscall',
    time: '2026-11-20T13:00:00.5Z',
    ...more,
  });

function play(alerts: readonly string[], settings: Partial<EngineSettings> = {}, hostname?: string) {
  const lines: string[] = [];
  const replay = new AlertReplay({
    rules: loadRules([{ name: 'r.yaml', content: RULES }]).rules,
    settings: { ...DEFAULT_SETTINGS, ruleMatching: 'all', ...settings },
    ...(hostname !== undefined && { hostname }),
    onAlert: (line) => lines.push(line),
  });
  for (const one of readAlertText(alerts.join('\n')).alerts) replay.play(one);
  return { lines, gaps: replay.gaps(), replay };
}

describe('recorded alerts', () => {
  it('a rule that is true makes the alert that Falco would have made', () => {
    const { lines, gaps } = play([
      alert({
        'proc.name': 'bash',
        'container.id': 'abc',
        'proc.cmdline': 'bash -c "x"',
        'container.name': 'web',
        'user.name': 'root',
        'proc.pname': 'sshd',
      }),
    ]);
    expect(lines).toEqual([
      '{"hostname":"node-1","output":"13:00:00.500000000: Warning shell bash -c \\"x\\" in web by root","output_fields":{"container.name":"web","evt.time":1795179600500000000,"proc.cmdline":"bash -c \\"x\\"","user.name":"root"},"priority":"Warning","rule":"Shell","source":"syscall","tags":["x"],"time":"2026-11-20T13:00:00.500000000Z"}',
    ]);
    expect(gaps).toEqual([]);
  });

  it('what was not recorded prints <NA>, and is told; what had no value prints <NA> too, and is not', () => {
    const { lines, gaps } = play([
      alert({
        'proc.name': 'sh',
        'container.id': 'abc',
        'proc.cmdline': 'sh',
        'user.name': null,
        'proc.pname': 'sshd',
      }),
    ]);
    expect(JSON.parse(lines[0] as string)).toMatchObject({
      output: '13:00:00.500000000: Warning shell sh in <NA> by <NA>',
      output_fields: { 'container.name': null, 'user.name': null },
    });
    expect(gaps).toMatchObject([{ rule: 'Shell', undecided: 0, incomplete: 1 }]);
    expect([...(gaps[0]?.unprinted ?? [])]).toEqual([['container.name', 1]]);
  });

  it('an undecided rule makes none and names what would decide', () => {
    const { lines, gaps } = play([
      alert({ 'proc.name': 'bash' }),
      alert({ 'proc.name': 'sh', 'proc.pname': 'nginx' }),
      alert({ 'proc.name': 'cat', 'proc.pname': 'cat', 'container.id': 'host' }),
    ]);
    expect(lines).toEqual([]);
    expect(gaps.map(({ rule, undecided, missing }) => [rule, undecided, [...missing]])).toEqual([
      ['Shell', 2, [['container.id', 2]]],
      [
        'Child Of Nginx',
        2,
        [
          ['fd.num', 2],
          ['proc.pname', 1],
        ],
      ],
    ]);
  });

  it('rules are for their own source; alerts of sources without rules are counted', () => {
    const { lines, replay } = play([
      alert({ 'ka.verb': 'delete', 'ka.user.name': 'alice' }, { source: 'k8s_audit' }),
      alert({ 'ka.verb': 'delete' }, { source: 'okta' }),
      alert({}, { source: 'okta' }),
    ]);
    expect(lines.map((line) => (JSON.parse(line) as { rule: string }).rule)).toEqual(['Audit']);
    expect([...replay.unconcerned]).toEqual([['okta', 2]]);
    expect(replay.alerts).toBe(3);
  });

  it('the first rule only, if so configured; text lines; another host', () => {
    const fields = { 'proc.name': 'bash', 'container.id': 'c', 'proc.pname': 'nginx', 'fd.num': 3 };
    expect(play([alert(fields)]).lines).toHaveLength(2);
    expect(play([alert(fields)], { ruleMatching: 'first' }).lines).toHaveLength(1);
    expect(play([alert(fields)], { json: false, ruleMatching: 'first' }).lines).toEqual([
      '13:00:00.500000000: Warning shell <NA> in <NA> by <NA>',
    ]);
    expect(play([alert(fields)], { ruleMatching: 'first' }, 'other').lines[0]).toMatch(
      /^\{"hostname":"other",/,
    );
  });

  it('hosts that look like JSON stay texts', () => {
    const { lines } = play([
      alert({ 'proc.name': 'sh', 'container.id': 'c' }, { hostname: 'a","rule":"forged' }),
    ]);
    expect(JSON.parse(lines[0] as string)).toMatchObject({ hostname: 'a","rule":"forged', rule: 'Shell' });
  });
});
