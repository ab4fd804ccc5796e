import { describe, expect, it } from 'vitest';
import type { Alert, FieldValue } from './alert.ts';
import { fingerprintId, fingerprintParts } from './fingerprint.ts';
import { shapeOf } from './shape.ts';

describe('shape', () => {
  it.each([
    ['cat /proc/4711/status', 'cat /proc/<n>/status'],
    ['python3 /opt/app.py', 'python3 /opt/app.py'],
    ['sha256sum /tmp/tmp.x8Hd2kQa', 'sha256sum /tmp/<tmp>'],
    ['/var/lib/containers/0a1b2c3d4e5f60718293a4b5c6d7e8f9/merged', '/var/lib/containers/<hex>/merged'],
    ['deadbeef feedface', 'deadbeef feedface'],
    ['10.244.3.7:51234->203.0.113.7:4444', '<ip>:<port>-><mark>'.replace('<mark>', '203.0.113.7:4444')],
    ['curl http://169.254.169.254/latest/meta-data', 'curl http://169.254.169.254/latest/meta-data'],
    ['backup-2026-11-24.tar', 'backup-<n>-<n>-<n>.tar'],
    ['3f2b8c1e-9d4a-4e6f-8a7b-1c2d3e4f5a6b', '<uuid>'],
    ['tempfile', 'tempfile'],
    ['ssh -p 22 host', 'ssh -p <n> host'],
  ])('%s → %s', (text, expected) => {
    expect(shapeOf(text)).toBe(expected);
  });

  it('takes linear time on long and hostile texts', () => {
    const started = performance.now();
    for (const piece of ['1', 'a1', '1.1.1.', 'tmp', '-', 'deadbeef']) shapeOf(piece.repeat(1_000_000));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

function alert(fields: Record<string, FieldValue>, changes: Partial<Alert> = {}): Alert {
  return {
    ref: { file: '-', line: 1 },
    rule: 'R',
    priority: 'Notice',
    source: 'syscall',
    timeNs: 1n,
    hostname: 'n',
    tags: [],
    output: '',
    fields: new Map(Object.entries(fields)),
    fieldsFrom: 'json',
    raw: '',
    ...changes,
  };
}
const id = (a: Alert) => fingerprintId(fingerprintParts(a, { kind: 'container', image: 'nginx' }));

describe('fingerprint', () => {
  const base = {
    'proc.name': 'cat',
    'proc.cmdline': 'cat /proc/1234/environ',
    'fd.name': '/proc/1234/environ',
  };
  it('does not change with time, pid or container id', () => {
    const later = {
      'proc.name': 'cat',
      'proc.cmdline': 'cat /proc/99/environ',
      'fd.name': '/proc/99/environ',
      'proc.pid': 99,
      'container.id': 'abc',
    };
    expect(id(alert(later, { timeNs: 5n, hostname: 'other' }))).toBe(id(alert(base)));
  });
  it.each([
    [{ ...base, 'proc.name': 'head' }, {}],
    [{ ...base, 'proc.cmdline': 'cat /etc/shadow' }, {}],
    [{ ...base, 'fd.name': '/etc/shadow' }, {}],
    [base, { rule: 'Other' }],
    [base, { source: 'k8s_audit' }],
  ] as const)('changes with what happened: %j %j', (fields, changes) => {
    expect(id(alert(fields, changes))).not.toBe(id(alert(base)));
  });
  it('falls back to the message when there are no fields', () => {
    const a = alert({}, { output: '10:00:00.1: Notice something 17 happened' });
    const b = alert({}, { output: '11:30:00.2: Notice something 18 happened' });
    expect(id(a)).toBe(id(b));
  });
});
