// Sources that users define: what a definition can say, and every mistake at its place.

import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../detect/engine/index.ts';
import { catalogueFor } from '../../detect/fields/index.ts';
import { loadRules } from '../../detect/rules/index.ts';
import { jsonAccess } from './access.ts';
import { defineJsonSource } from './define.ts';
import { readJsonSource } from './define-file.ts';
import { createJsonEvent, type Json, type JsonRecord } from './event.ts';
import { JsonReplay } from './replay.ts';
import type { JsonSource } from './source.ts';

const RECORD: JsonRecord = {
  time: '2026-11-20T13:00:00Z',
  method: 'GET',
  status: '404',
  size: 12.0,
  big: 18446744073709551615n,
  negative: -1,
  ok: true,
  nothing: null,
  empty: '',
  url: 'https://example.com/a',
  tags: ['x', 'y'],
  parts: [
    { kind: 'a', name: 'one', n: 1 },
    { kind: 'b', name: 'two', n: 2 },
    { kind: 'a', name: 'three', list: [1, 'q'] },
  ],
  nested: { deep: { list: [{ v: 1 }, { v: null }, {}] } },
  'a/b': { '~': 'odd' },
};

function value(extraction: string, options = '', field = 't.f'): unknown {
  const text = `name: t\ntime: [/time]\nfields:\n  - { name: t.f, ${options}${options === '' ? '' : ', '}${extraction} }\n`;
  const { source, diagnostics } = readJsonSource(text, 't.yaml');
  expect(diagnostics).toEqual([]);
  const { ref } = catalogueFor('t', { extra: (source as JsonSource).extra }).resolve(field);
  if (ref === undefined) throw new Error(`no field ${field}`);
  const event = { ...createJsonEvent(), record: RECORD };
  return jsonAccess(source as JsonSource).reader(ref)?.(event);
}

describe('where a value is', () => {
  it.each<[string, unknown]>([
    ['path: /method', 'GET'],
    ['path: /size', '12'],
    ['path: /big', '18446744073709551615'],
    ['path: /ok', 'true'],
    ['path: /tags', '["x","y"]'],
    ['path: /nothing', undefined],
    ['path: /none', undefined],
    ['path: /empty', ''],
    ['path: /tags/1', 'y'],
    ['path: /a~1b/~0', 'odd'],
    ['path: [/none, /nothing, /method]', 'GET'],
    ['path: /size, only: string', undefined],
    ['path: /none, otherwise: none', 'none'],
    ["path: /url, strip_prefix: 'https://'", 'example.com/a'],
    ['path: /url, strip_suffix: /a', 'https://example.com'],
    ['path: /method, strip_prefix: GET', 'GET'],
    ["path: /tags, join: '+'", 'x+y'],
    ["path: /parts/*/name, join: ','", 'one,two,three'],
    ['path: /parts/*/name', 'one'],
    ['path: /parts/*/name, take: last', 'three'],
    ["path: '/parts/[kind=a]/name', take: last", 'three'],
    ["path: '/parts/[n=2]/name'", 'two'],
    ["path: '/parts/[kind=zzz]/name'", undefined],
    ["value: ''", ''],
    ["template: '{/method} {/url}!'", 'GET https://example.com/a!'],
    ["template: '{/method} {/none}'", undefined],
    ['sum: [/size, /parts/*/n, /none]', '15'],
    ['sum: [/none, /method]', undefined],
    ['cases: [{ when: /none, value: a }, { when: /status=404, path: /method }]', 'GET'],
    [
      "cases: [{ when: { path: /status, starts_with: ['4', '5'] }, value: failed }, { value: fine }]",
      'failed',
    ],
    ["cases: [{ when: { path: /status, equals: ['200'] }, value: fine }, { value: other }]", 'other'],
    ['cases: [{ when: /nothing, value: a }], otherwise: b', 'b'],
  ])('%s', (extraction, expected) => {
    expect(value(extraction)).toEqual(expected);
  });

  it.each<[string, string, unknown]>([
    ['path: /status', 'type: uint64', 404],
    ['path: /size', 'type: uint64', 12],
    ['path: /big', 'type: uint64', 18446744073709551615n],
    ['path: /negative', 'type: uint64', undefined],
    ['path: /method', 'type: uint64', undefined],
    ['path: /empty', 'type: uint64', undefined],
    ['path: /ok', 'type: bool', true],
    ['path: /method', 'type: bool', undefined],
    ['path: /tags/*', 'list: true', ['x', 'y']],
    ['path: /none/*', 'list: true', undefined],
    ['path: /parts/*/n', 'list: true, type: uint64', [1, 2]],
    ['path: /parts/*/n, complete: true', 'list: true, type: uint64', undefined],
    ['path: /nested/deep/list/*/v', 'list: true', ['1']],
    ["path: /parts/*/list, join: ' '", 'list: true', ['1 q']],
  ])('%s as %s', (extraction, options, expected) => {
    expect(value(extraction, options)).toEqual(expected);
  });

  it('an index picks one element', () => {
    const options = 'list: true, arg: { kind: index }';
    expect(value('path: /parts/*/name', options, 't.f[1]')).toEqual(['two']);
    expect(value('path: /parts/*/name', options, 't.f')).toEqual(['one', 'two', 'three']);
    expect(value('path: /parts/*/name', options, 't.f[9]')).toBeUndefined();
    expect(value('path: /parts/*/name', 'arg: { kind: index, required: true }', 't.f[2]')).toBe('three');
  });
});

describe('mistakes', () => {
  const head = 'name: t\ntime: [/time]\n';
  it.each([
    ['no YAML', 'name: [', /^1:\d+ SOURCE_YAML/],
    ['nothing', '', /name: Invalid input/],
    [
      'a misspelt key',
      `${head}field: []\nfields: []`,
      /^3:1 SOURCE_UNKNOWN_KEY Unknown key `field` .* Did you mean `fields`\?$/,
    ],
    [
      'a name with blanks',
      'name: a b\ntime: [/t]\nfields: []',
      /^1:7 SOURCE_VALUE name: a source is named by/,
    ],
    [
      'a name that is taken by captures',
      'name: syscall\ntime: [/t]\nfields: []',
      /^1:7 .*no source of JSON events/,
    ],
    ['no time', 'name: t\ntime: []\nfields: []', /^2:7 .*an event needs a time/],
    ['an unknown unit', 'name: t\ntime: [{ path: /t, unit: min }]\nfields: []', /^2:/],
    [
      'a path without its slash',
      `${head}fields:\n  - { name: t.a, path: x }`,
      /^4:24 .*begins with `\/`, found `x`/,
    ],
    [
      'a bad escape',
      `${head}fields:\n  - { name: t.a, path: /a~b }`,
      /^4:24 .*`~` in a path is written `~0`/,
    ],
    ['a bad filter', `${head}fields:\n  - { name: t.a, path: '/[a]/b' }`, /^4:24 .*expected `\[key=value\]`/],
    ['a path in a template', `${head}fields:\n  - { name: t.a, template: 'x{/a~}' }`, /^4:28/],
    [
      'a path in a test',
      `${head}fields:\n  - { name: t.a, cases: [{ when: status, value: x }] }`,
      /^4:34 .*begins with/,
    ],
    ['a path in accept', `${head}accept: [[/a, b]]\nfields: []`, /^3:15/],
    ['a path in unwrap', `${head}unwrap: [{ path: a }]\nfields: []`, /^3:18/],
    ['two ways', `${head}fields:\n  - { name: t.a, path: /a, value: b }`, /only one of path, value/],
    ['no way', `${head}fields:\n  - { name: t.a }`, /nothing says where the value is/],
    [
      'a field without a dot',
      `${head}fields:\n  - { name: status, path: /s }`,
      /^4:13 .*a field is named by words/,
    ],
    [
      'a field that all have',
      `${head}fields:\n  - { name: evt.num, path: /s }`,
      /begin like this one already/,
    ],
    [
      'a field twice',
      `${head}fields:\n  - { name: t.a, path: /a }\n  - { name: t.a, path: /b }`,
      /^5:13 .*defined twice/,
    ],
    [
      'a version that is none',
      `${head}version: '1'\nfields: []`,
      /^3:10 .*expected a version such as 1\.0\.0/,
    ],
  ])('%s', (_, text, expected) => {
    const { source, diagnostics } = readJsonSource(text, 't.yaml');
    expect(source).toBeUndefined();
    const told = diagnostics.map(
      ({ at, code, message, help }) =>
        `${at?.line}:${at?.column} ${code} ${message}${help === undefined ? '' : ` ${help}`}`,
    );
    expect(told.join('\n')).toMatch(expected);
  });

  it('aliases do not blow up, long texts are refused', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi']
      .map((key, i) => `${key}: &${key} [${`*${'abcdefgh'[i]},`.repeat(9)}]`)
      .join('\n')}`;
    expect(readJsonSource(bomb, 't.yaml').source).toBeUndefined();
    expect(readJsonSource('x'.repeat(5_000_000), 't.yaml').diagnostics[0]?.code).toBe('SOURCE_TOO_LARGE');
  });

  it('in code they are errors', () => {
    expect(() => defineJsonSource({ name: 'x', time: ['t'], fields: [] })).toThrow(
      'The source x: time.0: a path begins with `/`, found `t`',
    );
  });
});

describe('a source in code', () => {
  it('runs rules: its fields, the generic ones, JSON pointers', async () => {
    const source = defineJsonSource({
      name: 'doors',
      plugin: 'doorman',
      accept: ['/door'],
      lists: ['/log'],
      time: [{ path: '/at', unit: 'ms' }],
      fields: [
        { name: 'door.name', path: '/door' },
        { name: 'door.opened', type: 'bool', path: '/open' },
        {
          name: 'door.last',
          arg: { kind: 'key', required: true },
          read: (record, arg) => `${String(record['door'])}/${arg}`,
        },
      ],
    });
    const { results, rules } = loadRules(
      [
        {
          name: 'doors.yaml',
          content: `
- rule: Open
  desc: open
  condition: door.opened = true and json.value[/who] = eve and evt.num > 0
  output: "%door.name %door.last[x] %json.value[/who] %evt.pluginname %evt.num %evt.source"
  priority: NOTICE
  source: doors
`,
        },
      ],
      { sources: new Map([['doors', catalogueFor('doors', { extra: source.extra })]]) },
    );
    expect(results.flatMap(({ errors }) => errors)).toEqual([]);
    const lines: string[] = [];
    const replay = new JsonReplay({
      source,
      rules,
      settings: { ...DEFAULT_SETTINGS, json: false },
      onAlert: ({ line }) => lines.push(line),
      onDiagnostic: ({ message }) => lines.push(message),
    });
    const log: Json = {
      log: [
        { door: 'front', open: true, who: 'eve', at: 1795168810250 },
        { door: 'back', open: false, at: 1 },
        {},
      ],
    };
    const counts = await replay.play(
      (async function* () {
        yield new TextEncoder().encode(JSON.stringify(log));
      })(),
      'log.json',
    );
    expect(lines).toEqual([
      '10:00:10.250000000: Notice front front/x eve doorman 1 doors',
      'The object at /log/2 is no event of the source doors',
    ]);
    expect(counts).toEqual({ records: 1, events: 2, rejected: 1 });
  });
});
