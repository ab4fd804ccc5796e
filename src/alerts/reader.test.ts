import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Alert } from './alert.ts';
import { UnpackError, unpack } from './node/unpack.ts';
import { AlertReader, readAlerts, readAlertText } from './reader.ts';

const root = `${import.meta.dirname}/../../tests/alerts`;
const shell = readFileSync(`${root}/detect-shell-in-container.jsonl`, 'utf8').trim();
const minimal = '{"output":"12:00:00.000000001: Warning x (user=root)","priority":"Warning","rule":"R"}';

function only(text: string): Alert {
  const { alerts, diagnostics, counts } = readAlertText(text, { file: 'a.log' });
  expect(diagnostics).toEqual([]);
  expect(counts).toMatchObject({ records: 1, alerts: 1, rejected: 0 });
  return alerts[0] as Alert;
}

describe('JSON shapes', () => {
  it('reads what Falco prints', () => {
    const alert = only(shell);
    expect(alert).toMatchObject({
      ref: { file: 'a.log', line: 1 },
      rule: 'Detect Shell in Container',
      priority: 'Warning',
      source: 'syscall',
      timeNs: 1795490300461273900n,
      hostname: 'k8s-master-01',
      tags: [],
      fieldsFrom: 'json',
    });
    expect(alert.fields.get('evt.time.iso8601')).toBe(1795490300461273900n);
    expect(alert.raw).toBe(shell);
  });

  it.each([
    ['pretty-printed', (t: string) => JSON.stringify(JSON.parse(t), null, 2)],
    ['array on one line', (t: string) => `[${t},${t}]`],
    ['pretty array', (t: string) => JSON.stringify([JSON.parse(t), JSON.parse(t)], null, 2)],
    ['array, one a line', (t: string) => `[\n${t},\n${t}\n]\n`],
    ['arrays end to end', (t: string) => `[${t}][${t}]`],
    ['NDJSON with CR LF', (t: string) => `${t}\r\n\r\n${t}\r\n`],
    ['objects end to end', (t: string) => t + t],
    ['objects with commas between', (t: string) => `${t},\n${t},\n`],
    ['byte order mark', (t: string) => `\ufeff${t}`],
    ['a JSON string holding JSON', (t: string) => `${JSON.stringify(t)}\n`],
    [
      'docker json-file',
      (t: string) => JSON.stringify({ log: `${t}\n`, stream: 'stdout', time: '2026-01-01T00:00:00Z' }),
    ],
    ['journal export', (t: string) => JSON.stringify({ MESSAGE: t, _HOSTNAME: 'node-1', PRIORITY: '4' })],
    ['Elasticsearch document', (t: string) => `{"_index":"falco","_source":${t}}`],
    ['CRI', (t: string) => `2026-11-24T03:19:21.866122071Z stdout F ${t}`],
    ['kubectl logs --prefix', (t: string) => `[pod/falco-8xk2m/falco] ${t}`],
    ['syslog', (t: string) => `<134>Nov 24 03:19:21 node-1 falco[12]: ${t}`],
    ['docker compose', (t: string) => `falco-1  | ${t}`],
  ])('%s', (_, wrap) => {
    const { alerts, diagnostics, counts } = readAlertText(wrap(shell));
    expect(diagnostics).toEqual([]);
    expect(counts.rejected).toBe(0);
    expect(counts.records).toBe(counts.alerts);
    expect(alerts.length).toBeGreaterThan(0);
    for (const alert of alerts) {
      expect(alert.rule).toBe('Detect Shell in Container');
      expect(alert.timeNs).toBe(1795490300461273900n);
      expect(alert.raw).not.toContain('\n');
    }
  });

  it('joins lines that a collector cut', () => {
    const half = shell.length >> 1;
    const time = '2026-11-24T03:19:21.866122071Z';
    const cri = `${time} stdout P ${shell.slice(0, half)}\n${time} stdout F ${shell.slice(half)}\n`;
    expect(only(cri).rule).toBe('Detect Shell in Container');
    const long = JSON.stringify({
      ...JSON.parse(minimal),
      output_fields: { 'proc.cmdline': 'x'.repeat(20_000) },
    });
    const docker = [`${long.slice(0, 16384)}`, `${long.slice(16384)}\n`]
      .map((log) => JSON.stringify({ log, stream: 'stdout', time }))
      .join('\n');
    expect(only(docker).fields.get('proc.cmdline')).toBe('x'.repeat(20_000));
  });

  it('reads UTF-16, as a redirect in PowerShell writes it', () => {
    const items: unknown[] = [];
    const reader = new AlertReader((item) => items.push(item));
    const bytes = Buffer.from(`\ufeff${shell}\r\n`, 'utf16le');
    for (let i = 0; i < bytes.length; i += 7) reader.push(bytes.subarray(i, i + 7));
    reader.end();
    expect(items).toMatchObject([{ kind: 'alert', alert: { rule: 'Detect Shell in Container' } }]);
  });

  it('reads the gRPC era', () => {
    const alert = only(
      '{"output":"16:35:16.457772674: Notice x","time":{"seconds":"1637339716","nanos":457772674},"source":"SYSCALL","output_fields":{"proc.cmdline":"wget"},"priority":"NOTICE","rule":"R"}',
    );
    expect(alert).toMatchObject({ priority: 'Notice', source: 'syscall', timeNs: 1637339716457772674n });
  });

  it("keeps falcosidekick's id and custom fields apart from Falco's", () => {
    const alert = only(
      '{"uuid":"u-1","cluster":"prod","rule":"R","priority":"Debug","output":"x","output_fields":{"team":"blue","proc.name":"sh","fd.types":["file","ipv4"],"fd.name":null}}',
    );
    expect(alert.uuid).toBe('u-1');
    expect([...(alert.custom ?? [])]).toEqual([
      ['cluster', 'prod'],
      ['team', 'blue'],
    ]);
    expect([...alert.fields]).toEqual([
      ['proc.name', 'sh'],
      ['fd.types', ['file', 'ipv4']],
      ['fd.name', null],
    ]);
  });

  it('takes the source from the fields where the record does not say', () => {
    expect(only('{"rule":"R","output":"x","output_fields":{"ka.verb":"get"}}').source).toBe('k8s_audit');
    expect(only('{"rule":"R","output":"x","output_fields":{"ct.name":"RunInstances"}}').source).toBe(
      'aws_cloudtrail',
    );
  });

  it('reads the output where there are no output_fields', () => {
    const alert = only(minimal);
    expect(alert.fieldsFrom).toBe('text');
    expect(alert.fields.get('user.name')).toBe('root');
    expect(alert.timeNs).toBeUndefined();
  });

  it('survives prototype keys', () => {
    const alert = only(
      '{"rule":"R","output":"x","__proto__":{"a":1},"output_fields":{"__proto__.x":1,"constructor.y":2}}',
    );
    expect([...alert.fields.keys()]).toEqual(['__proto__.x', 'constructor.y']);
  });
});

describe('health', () => {
  it.each([
    [
      '18:43:37.970973376: Critical Falco internal: syscall event drop. 9 system calls dropped in last second. (n_drops=9 n_drops_buffer=0 n_drops_pf=9 n_evts=15232)',
      'drops',
      'Falco dropped 9 system calls in a second (0.1 % of all); their memory was paged out: what they did was not seen',
    ],
    [
      '{"output":"Falco metrics snapshot","output_fields":{"falco.version":"0.41.0","falco.evts_rate_sec":1846.4},"priority":"Informational","rule":"Falco internal: metrics snapshot","source":"internal"}',
      'metrics',
      'Falco 0.41.0 reported its metrics: 1846 events/s',
    ],
    [
      '{"output":"x","priority":"Error","rule":"Falco internal: outputs queue drop","source":"internal"}',
      'output-queue',
      'Falco could not send some alerts: its output queue was full',
    ],
    [
      '{"output":"x","priority":"Error","rule":"Falco internal: plugin error","source":"internal"}',
      'plugin',
      'A Falco plugin reported a problem: its event source may be blind',
    ],
  ])('%s', (text, kind, summary) => {
    const { health, alerts, counts } = readAlertText(text);
    expect(alerts).toEqual([]);
    expect(counts).toMatchObject({ records: 1, health: 1 });
    expect(health).toMatchObject([{ kind, summary, alert: { source: 'internal' } }]);
  });

  it("passes over Falco's own log", () => {
    const log =
      'Tue Nov 24 03:19:21 2026: Falco version: 0.44.1 (x86_64)\nEvents detected: 3\nRule counts by severity:\n   WARNING: 3\n';
    expect(readAlertText(log)).toMatchObject({ diagnostics: [], counts: { ignored: 4, rejected: 0 } });
  });
});

describe('damage', () => {
  const good = minimal;
  it.each([
    ['cut NDJSON line', `{"output":"12:0\n${good}\n`, 'ALERT_TRUNCATED', 1],
    ['cut between values', `{"output":"x",\n${good}\n`, 'ALERT_TRUNCATED', 1],
    ['cut at the end', `${good}\n{"output":"x`, 'ALERT_TRUNCATED', 2],
    ['cut pretty object', `{\n  "output": "x"\n${good}`, 'ALERT_TRUNCATED', 1],
    ['missing quote', `{"output:"x","rule":"R"}\n${good}\n`, 'ALERT_MALFORMED', 1],
    ['not an alert', `{"foo":1,"bar":2}\n${good}\n`, 'ALERT_NOT_ONE', 1],
    ['free text', `hello\n${good}\n`, 'ALERT_UNRECOGNISED', 1],
    ['number in an array', `[${good},1]`, 'ALERT_UNRECOGNISED', 1],
    ['deep nesting', `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}\n${good}\n`, 'ALERT_MALFORMED', 1],
  ])('%s: one diagnostic, the rest goes on', (_, text, code, line) => {
    const { alerts, diagnostics, counts } = readAlertText(text);
    expect(diagnostics.map((d) => [d.code, d.severity, d.at?.line])).toEqual([[code, 'error', line]]);
    expect(alerts.map((alert) => alert.rule)).toEqual(['R']);
    expect(counts).toMatchObject({ records: 2, alerts: 1, rejected: 1 });
  });

  it('points at the column', () => {
    const { diagnostics } = readAlertText('{"a": 1,\n "b": x}');
    expect(diagnostics).toMatchObject([
      { message: 'Expected a value, found "x}"', at: { line: 2, column: 7 } },
    ]);
  });

  it('reads strings that a pager wrapped, and says so', () => {
    const { alerts, diagnostics } = readAlertText(
      `{"output":"12:00:00.1: Warning a\nb","priority":"Warning",\n"rule":"R"}\n${good}`,
    );
    expect(alerts.map((alert) => alert.output)).toEqual(['12:00:00.1: Warning a\nb', expect.any(String)]);
    expect(diagnostics).toMatchObject([{ code: 'ALERT_WRAPPED', severity: 'warning', at: { line: 1 } }]);
  });

  it('reads trailing commas, and says so', () => {
    const { alerts, diagnostics } = readAlertText('{"rule":"R","output":"x","tags":["a",],}');
    expect(alerts).toMatchObject([{ rule: 'R', tags: ['a'] }]);
    expect(diagnostics.map((d) => [d.code, d.severity])).toEqual([
      ['ALERT_TRAILING_COMMA', 'warning'],
      ['ALERT_TRAILING_COMMA', 'warning'],
    ]);
  });

  it('rejects a record over the limit without holding it', () => {
    const big = `{"rule":"R","output":"${'x'.repeat(5000)}"}`;
    for (const text of [`${big}\n${good}`, `[${big},${good}]`, `${'y'.repeat(5000)}\n${good}`]) {
      const { alerts, diagnostics } = readAlertText(text, { maxRecordBytes: 1000 });
      expect(diagnostics.map((d) => d.code)).toEqual(['ALERT_TOO_LARGE']);
      expect(alerts).toHaveLength(1);
    }
  });

  it('limits diagnostics and counts the rest', () => {
    const { diagnostics, counts } = readAlertText('x\n'.repeat(10), { maxDiagnostics: 3 });
    expect(counts.rejected).toBe(10);
    expect(diagnostics).toHaveLength(4);
    expect(diagnostics.at(-1)?.message).toBe('7 more problems in - are not listed');
  });
});

describe('streams', () => {
  const labelled = readFileSync(`${root}/labelled.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.stringify((JSON.parse(line) as { alert: unknown }).alert));

  it.each([1, 3, 17, 1000])('gives the same in chunks of %d bytes', (size) => {
    const text = `[${labelled.slice(0, 5).join(',')}]\n${labelled.slice(5, 10).join('\n')}\nx: 12:00:00.1: Notice t (user=a)\n{"cut`;
    const bytes = new TextEncoder().encode(text);
    const items: unknown[] = [];
    const reader = new AlertReader((item) => items.push(item));
    for (let i = 0; i < bytes.length; i += size) reader.push(bytes.slice(i, i + size));
    reader.end();
    expect(items).toEqual(readAlertText(text).items);
    expect(items).toHaveLength(12);
  });

  it('unpacks gzip, several members, and tells of a cut one', async () => {
    const packed = Buffer.concat([gzipSync(`${labelled[0]}\n`), gzipSync(`${labelled[1]}\n`)]);
    const read = async (bytes: Buffer): Promise<number> => {
      let alerts = 0;
      for await (const item of readAlerts(unpack([bytes.subarray(0, 1), bytes.subarray(1)]))) {
        if (item.kind === 'alert') alerts++;
      }
      return alerts;
    };
    expect(await read(packed)).toBe(2);
    await expect(read(packed.subarray(0, packed.length - 12))).rejects.toThrow(UnpackError);
    expect(await read(Buffer.from(`${labelled[0]}\n`))).toBe(1);
  });

  it('reads every alert of the test set', () => {
    const { alerts, diagnostics } = readAlertText(labelled.join('\n'));
    expect(diagnostics).toEqual([]);
    expect(alerts).toHaveLength(labelled.length);
    expect(alerts.every((alert) => alert.timeNs !== undefined && alert.rule !== undefined)).toBe(true);
  });
});
