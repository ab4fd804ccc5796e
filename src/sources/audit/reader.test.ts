// From bytes to events: every shape in which records come, records that cannot be read, hostile JSON.

import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { jsonAccess } from './access.ts';
import { CLOUDTRAIL, GITHUB, KUBERNETES_AUDIT } from './built-in/index.ts';
import { type JsonEvent, nesting, parseRecord, pretty } from './event.ts';
import { EventReader, type EventReaderOptions } from './reader.ts';
import type { JsonSource } from './source.ts';

interface Reading {
  readonly events: JsonEvent[];
  readonly problems: string[];
  readonly diagnostics: Diagnostic[];
  readonly counts: EventReader['counts'];
}

function read(
  text: string,
  source: JsonSource = KUBERNETES_AUDIT,
  options: Partial<EventReaderOptions> & { readonly chunk?: number } = {},
): Reading {
  const events: JsonEvent[] = [];
  const diagnostics: Diagnostic[] = [];
  const reader = new EventReader(source, {
    file: 'x.json',
    onEvent: (event) => events.push({ ...event }),
    onDiagnostic: (diagnostic) => diagnostics.push(diagnostic),
    ...options,
  });
  const bytes = new TextEncoder().encode(text);
  const size = options.chunk ?? Math.max(bytes.length, 1);
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  reader.end();
  const problems = diagnostics.map(({ at, code }) => `${at?.line}:${at?.column} ${code}`);
  return { events, diagnostics, problems, counts: reader.counts };
}

const audit = (id: string, more = ''): string =>
  `{"auditID":"${id}","stageTimestamp":"2026-11-20T09:14:02.117012Z","verb":"get"${more}}`;
const ids = ({ events }: Reading): unknown[] => events.map(({ record }) => record['auditID']);

describe('shapes', () => {
  const [a, b, c] = [audit('a'), audit('b'), audit('c')];
  const eventList = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${a},${b},${c}]}`;
  const logGroup = JSON.stringify({ events: [a, b, c].map((message) => ({ message, timestamp: 1 })) });
  it.each([
    ['one a line', `${a}\n${b}\n${c}\n`],
    ['one a line, no newline at the end, CR LF', `${a}\r\n${b}\r\n${c}`],
    ['end to end', a + b + c],
    ['a list', `[${a},\n${b},${c}]`],
    ['lists in a list', `[[${a}],[${b},[${c}]]]`],
    ['an EventList, as the webhook sends it', eventList],
    ['an EventList over many lines', JSON.stringify(JSON.parse(eventList), null, 2)],
    ['EventLists one a line', `${eventList.replace(`,${c}`, '')}\n{"kind":"EventList","items":[${c}]}`],
    ['a log group as the AWS command line prints it', logGroup],
    [
      'records of Azure’s diagnostic log',
      JSON.stringify({
        records: [a, b, c].map((log) => ({ category: 'kube-audit', properties: { log, stream: 'stdout' } })),
      }),
    ],
    ['a byte order mark', `\ufeff${a}\n${b}\n${c}`],
    ['blank lines and blanks', `\n\n  ${a}\n \n${b}\n\n${c}\n\n`],
  ])('%s', (_, text) => {
    for (const chunk of [1, 7, 4096, text.length * 4]) {
      const reading = read(text, KUBERNETES_AUDIT, { chunk });
      expect(reading.problems).toEqual([]);
      expect(ids(reading)).toEqual(['a', 'b', 'c']);
      expect(reading.events.map(({ num }) => num)).toEqual([1, 2, 3]);
    }
  });

  it('CloudTrail: files, lookup-events with the record as text', () => {
    const record = { eventSource: 's', eventName: 'n', eventTime: '2026-11-20T10:02:11Z' };
    const lookup = { Events: [{ EventId: '1', CloudTrailEvent: JSON.stringify(record) }] };
    for (const value of [{ Records: [record] }, lookup, record, [record]]) {
      const { events, problems } = read(JSON.stringify(value), CLOUDTRAIL);
      expect(problems).toEqual([]);
      expect(events.map(({ record: read }) => read['eventName'])).toEqual(['n']);
    }
  });

  it('GitHub: a delivery gives its payload the kind and the time', () => {
    const payload = { action: 'created', sender: { login: 'x' } };
    const delivery = { event: 'star', delivered_at: '2026-11-20T12:00:10Z', request: { payload } };
    const [event] = read(JSON.stringify(delivery), GITHUB).events;
    expect(event?.record).toEqual({ ...payload, webhook_type: 'star', delivered_at: '2026-11-20T12:00:10Z' });
    expect(event?.timeNs).toBe(1795176010000000000n);
  });

  it('several files are one stream', () => {
    const first = read(`${a}\n${b}`);
    const event = first.events[1] as JsonEvent;
    const second = read(c, KUBERNETES_AUDIT, { event });
    expect(second.events[0]?.num).toBe(3);
    expect(second.events[0]?.firstNs).toBe(first.events[0]?.timeNs);
  });
});

describe('records that are rejected', () => {
  it.each([
    [
      'broken JSON between good records',
      `${audit('a')}\n{"auditID":"b",}\n${audit('c')}`,
      ['2:16 AUDIT_NOT_JSON'],
    ],
    ['a word', `${audit('a')}\nhello\n${audit('c')}`, ['2:1 AUDIT_NOT_JSON']],
    ['an object of another kind', `${audit('a')}\n{"x":1}\n${audit('c')}`, ['2:1 AUDIT_NOT_EVENT']],
    ['no time', `${audit('a')}\n{"auditID":"b"}\n${audit('c')}`, ['2:1 AUDIT_NO_TIME']],
    [
      'a time that is none',
      `${audit('a')}\n{"auditID":"b","stageTimestamp":"soon"}\n${audit('c')}`,
      ['2:1 AUDIT_NO_TIME'],
    ],
    ['a number in a list', `[${audit('a')},\n7,${audit('c')}]`, ['2:1 AUDIT_NOT_JSON']],
    ['null in an EventList', `{"items":[${audit('a')},null,${audit('c')}]}`, ['1:1 AUDIT_NOT_EVENT']],
  ])('%s', (_, text, problems) => {
    const reading = read(text);
    expect(reading.problems).toEqual(problems);
    expect(ids(reading)).toEqual(['a', 'c']);
    expect(reading.counts).toMatchObject({ events: 2, rejected: 1 });
  });

  it('says which element of a list it was', () => {
    const { diagnostics } = read(`{"items":[${audit('a')},{"x":1}]}`);
    expect(diagnostics[0]?.message).toBe('The object at /items/1 is no event of the source k8s_audit');
  });

  it('a record that is cut off, and one that is too large', () => {
    expect(read(`${audit('a')}\n{"auditID":"b","x":"`).problems).toEqual(['2:1 AUDIT_TRUNCATED']);
    const large = read(
      `${audit('a')}\n${audit('b', `,"x":"${'y'.repeat(5000)}"`)}\n${audit('c')}`,
      KUBERNETES_AUDIT,
      {
        maxRecordBytes: 1000,
      },
    );
    expect(large.problems).toEqual(['2:1 AUDIT_TOO_LARGE']);
    expect(ids(large)).toEqual(['a', 'c']);
  });

  it('many are counted, a thousand are told', () => {
    const { diagnostics, counts } = read('{"x":1}\n'.repeat(1500));
    expect(counts.rejected).toBe(1500);
    expect(diagnostics).toHaveLength(1000);
  });
});

describe('times', () => {
  const record = (time: unknown): string =>
    JSON.stringify({ webhook_type: 'push', repository: { pushed_at: time } });
  it.each([
    ['2026-11-20T12:00:10+02:00', 1795168810000000000n],
    [1795168810, 1795168810000000000n],
    [1795168810.25, 1795168810250000000n],
    ['1795168810', 1795168810000000000n],
  ])('%s', (time, ns) => {
    expect(read(record(time), GITHUB).events[0]?.timeNs).toBe(ns);
  });
  it.each([[-1], [1e300], ['1e9'], [{}], [true], [null], ['99999999999999999999']])('not %j', (time) => {
    expect(read(record(time), GITHUB).problems).toEqual(['1:1 AUDIT_NO_TIME']);
  });
});

describe('hostile JSON', () => {
  it('keys of objects’ own workings are keys like any other', () => {
    const [event] = read(
      audit(
        'a',
        ',"__proto__":{"verb":"x"},"constructor":{"prototype":1},"objectRef":{"__proto__":{"name":"n"}}',
      ),
    ).events;
    const value = (pointer: string): unknown => {
      const def = { name: 'json.value' } as never;
      return jsonAccess(KUBERNETES_AUDIT).reader({ def, arg: pointer, text: '', type: 'CHARBUF' })?.(
        event as JsonEvent,
      );
    };
    expect(value('/__proto__/verb')).toBe('x');
    expect(value('/objectRef/__proto__/name')).toBe('n');
    expect(value('/constructor/prototype')).toBe('1');
    expect(value('/toString')).toBeUndefined();
    expect(value('/objectRef/hasOwnProperty')).toBeUndefined();
    expect(
      KUBERNETES_AUDIT.fields.get('ka.target.name')?.(
        (event as JsonEvent).record,
        undefined,
        event as JsonEvent,
      ),
    ).toBeUndefined();
    expect(({} as { verb?: string }).verb).toBeUndefined();
  });

  it('of a key given twice, the last value counts', () => {
    expect(read(audit('a', ',"verb":"delete"')).events[0]?.record['verb']).toBe('delete');
  });

  it('numbers of any size', () => {
    const [event] = read(
      audit('a', ',"x":[18446744073709551615,1e400,-0,0.1,123456789012345678901234567890]'),
    ).events;
    const def = { name: 'json.value' } as never;
    const text = jsonAccess(KUBERNETES_AUDIT).reader({ def, arg: '/x/0', text: '', type: 'CHARBUF' })?.(
      event as JsonEvent,
    );
    expect(text).toBe('18446744073709551615');
    expect(event?.record['x']).toMatchObject({ 4: 123456789012345678901234567890n });
  });

  it('deep nesting is rejected, and read up to the limit', () => {
    const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    const fine = read(audit('a', `,"x":${deep(299)}`));
    expect(fine.problems).toEqual([]);
    expect(pretty(fine.events[0]?.record ?? null).length).toBeGreaterThan(1000);
    for (const levels of [300, 10_000, 1_000_000]) {
      const reading = read(`${audit('a', `,"x":${deep(levels)}`)}\n${audit('b')}`);
      expect(reading.problems.map((problem) => problem.split(' ')[1])).toEqual(['AUDIT_TOO_DEEP']);
      expect(ids(reading)).toEqual(['b']);
    }
    expect(nesting('{"a":"[[[[\\"[[","b":[1,{}]}')).toBe(3);
    // Many brackets are not deep ones.
    expect(parseRecord(`[${'[],'.repeat(1000)}[]]`)).toHaveLength(1001);
  });

  it('texts end at a NUL, as they do on the way out of a plugin', () => {
    const [event] = read(
      audit('a', ',"objectRef":{"name":"a\\u0000b"},"user":{"groups":["x","y\\u0000z"]}'),
    ).events;
    const get = (name: string): unknown => {
      const def = { name } as never;
      return jsonAccess(KUBERNETES_AUDIT).reader({ def, text: name, type: 'CHARBUF' })?.(event as JsonEvent);
    };
    expect(get('ka.target.name')).toBe('a');
    expect(get('ka.user.groups')).toEqual(['x', 'y']);
  });

  it('bytes that are no UTF-8', () => {
    const events: JsonEvent[] = [];
    const reader = new EventReader(KUBERNETES_AUDIT, {
      onEvent: (event) => events.push({ ...event }),
      onDiagnostic: () => {},
    });
    const [before, after] = audit('@').split('@') as [string, string];
    reader.push(Buffer.concat([Buffer.from(before), Buffer.from([0xff, 0xc3]), Buffer.from(`${after}\n`)]));
    reader.end();
    expect(events[0]?.record['auditID']).toBe('��');
  });
});
