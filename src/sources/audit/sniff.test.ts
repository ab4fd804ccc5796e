// What a stream holds, told by its beginning.

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { JSON_SOURCES } from './built-in/index.ts';
import { partialJson } from './partial-json.ts';
import { contentKind, sniffJson } from './sniff.ts';

describe('bytes', () => {
  const section = Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a, 0x1c, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0);
  it.each([
    ['a capture', section, 'capture'],
    ['gzip', gzipSync('x'), 'gzip'],
    ['JSON', Buffer.from('\n\r\r\n  {"a":1}'), 'text'],
    ['bytes of any kind', Uint8Array.of(1, 2, 3, 0, 5), 'capture'],
    ['nothing', new Uint8Array(), 'empty'],
    ['blanks', Buffer.from(' \n\n'), 'empty'],
  ])('%s', (_, bytes, kind) => {
    expect(contentKind(bytes)).toBe(kind);
  });
});

describe('JSON', () => {
  const alert =
    '{"hostname":"h","output":"o","priority":"Notice","rule":"r","source":"syscall","output_fields":{}}';
  it.each([
    ['an audit event', '{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"x"}', ['k8s_audit']],
    ['an EventList', '{"kind":"EventList","items":[{"kind":"Event","auditID":"x"}]}', ['k8s_audit']],
    [
      'an EventList that goes on',
      '{"kind":"EventList","metadata":{},"items":[{"level":"Metadata","auditID":"x","sta',
      ['k8s_audit'],
    ],
    [
      'an audit log group',
      '{"events":[{"logStreamName":"kube-apiserver-audit","message":"{\\"auditID\\":\\"x\\"}"}',
      ['k8s_audit'],
    ],
    [
      'CloudTrail',
      '{"Records":[{"eventVersion":"1.11","userIdentity":{},"eventSource":"s","eventName":"n"',
      ['aws_cloudtrail'],
    ],
    [
      'a CloudTrail record',
      '{"eventVersion":"1.11","eventTime":"t","eventSource":"s","eventName":"n"}',
      ['aws_cloudtrail'],
    ],
    [
      'lookup-events',
      '{"Events":[{"EventId":"1","CloudTrailEvent":"{\\"eventSource\\":\\"s\\",\\"eventName\\":\\"n\\"}"}]}',
      ['aws_cloudtrail'],
    ],
    [
      'Google Cloud',
      '[{"protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog"',
      ['gcp_auditlog'],
    ],
    ['Okta', '[{"actor":{"id":"a"},"eventType":"user.session.start","published":"p"}]', ['okta']],
    [
      'a GitHub delivery',
      '{"id":1,"event":"push","action":null,"request":{"headers":{},"payload":{"ref":"r","repository":{"full_name":"o/r"}}}}',
      ['github'],
    ],
    [
      'a GitHub payload',
      '{"action":"created","repository":{"full_name":"o/r"},"sender":{"login":"x"}}',
      ['github'],
    ],
    ['alerts', `${alert}\n${alert}`, ['alerts']],
    ['alerts in a list', `[${alert}]`, ['alerts']],
    ['alerts behind other lines', `Falco version: 0.44.1\n[pod/falco] starting {}\n${alert}`, ['alerts']],
    ['alerts without fields', '{"output":"o","priority":"Notice","rule":"r","time":"t"}', ['alerts']],
    ['alerts of a log collector', `{"_source":${alert}}`, ['alerts']],
    ['a broken record first', `{"a":nope}\n${alert}`, ['alerts']],
    ['a record of no kind first', `{"a":1}\n${alert}`, ['alerts']],
    ['a CloudTrail file without records', '{"Records":[]}', ['aws_cloudtrail']],
    ['Kubernetes’ other events', '{"kind":"List","items":[{"kind":"Event","apiVersion":"v1"}]}', []],
    ['something else', '{"hello":"world"}', []],
    ['no JSON', 'hello, world', []],
    [
      'two kinds at once',
      '{"auditID":"x","eventType":"e","actor":{},"published":"p"}',
      ['k8s_audit', 'okta'],
    ],
  ])('%s', (_, text, found) => {
    expect(sniffJson(text, JSON_SOURCES)).toEqual(found);
  });

  it('hostile beginnings cost little', () => {
    for (const text of [
      '['.repeat(200_000),
      '{"a":'.repeat(50_000),
      `{"${'\\'.repeat(200_000)}`,
      '{'.repeat(200_000),
    ]) {
      expect(sniffJson(text, JSON_SOURCES)).toEqual([]);
    }
  });
});

describe('JSON that is cut off', () => {
  it.each([
    ['{"a":1,"b":{"c":[1,"x', { a: 1, b: { c: [1] } }],
    ['{"a":1,"b', { a: 1 }],
    ['{"a":tru', {}],
    ['[1,2', [1]],
    ['{"a":"b\\"c","__proto__":{"x":1}}', JSON.parse('{"a":"b\\"c","__proto__":{"x":1}}')],
    ['[null,true,false,-1.5e3]', [null, true, false, -1500]],
    ['{"a":1 "b":2}', { a: 1 }],
  ])('%s', (text, expected) => {
    expect(JSON.stringify(partialJson(text, 0).value)).toBe(JSON.stringify(expected));
  });
});
