// The engine as callers see it: selection, alerts in both forms, the index of JSON sources, and rules that try to
// become code.

import { describe, expect, it } from 'vitest';
import type { Value } from '../fields/index.ts';
import { eventCodes } from '../fields/index.ts';
import { loadRules } from '../rules/index.ts';
import { createEngine, type EngineOptions } from './engine.ts';
import { type EventRecord, recordAccess } from './record-access.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

const OPENAT = (eventCodes('openat') ?? []).find((code) => code % 2 === 1) as number;
const all = { ...DEFAULT_SETTINGS, ruleMatching: 'all' } as const;

function engineOf(yaml: string, options: EngineOptions = {}, source = 'syscall') {
  const set = loadRules([{ name: 'r.yaml', content: yaml }]);
  expect(set.results.flatMap((result) => result.errors.map((error) => error.message))).toEqual([]);
  return createEngine(set.rules, recordAccess(source), { settings: all, ...options });
}

function event(fields: Record<string, Value>): EventRecord {
  return { timeNs: 1_470_327_477_881_785_348n, fields: new Map(Object.entries(fields)) };
}

const rule = (name: string, condition: string, output = 'x', more = ''): string =>
  `- rule: ${JSON.stringify(name)}\n  desc: d\n  condition: ${JSON.stringify(condition)}\n  output: ${JSON.stringify(output)}\n  priority: WARNING\n${more}`;

describe('alerts', () => {
  const yaml = rule(
    'open_from_cat',
    'evt.type = openat and proc.name = cat',
    'An open (command=%proc.cmdline pid=%6proc.pid)',
  );
  const cat = event({ 'proc.name': 'cat', 'proc.cmdline': 'cat "a"\\', 'proc.pid': 42 });

  it('writes JSON with sorted keys', () => {
    const engine = engineOf(yaml, {
      hostname: 'h',
      settings: { ...all, timeIso8601: true, jsonMessageProperty: true },
    });
    expect(engine.alerts(cat, OPENAT).map(({ line }) => line)).toEqual([
      '{"hostname":"h","message":"An open (command=cat \\"a\\"\\\\ pid=42    )","output":"2016-08-04T16:17:57.881785348+0000: Warning An open (command=cat \\"a\\"\\\\ pid=42    )","output_fields":{"evt.time.iso8601":1470327477881785348,"proc.cmdline":"cat \\"a\\"\\\\","proc.pid":42},"priority":"Warning","rule":"open_from_cat","source":"syscall","tags":[],"time":"2016-08-04T16:17:57.881785348Z"}',
    ]);
  });

  it('writes text, escaped as Falco does', () => {
    const engine = engineOf(yaml, { settings: { ...all, json: false, timeIso8601: true } });
    expect(engine.alerts(cat, OPENAT)[0]?.line).toBe(
      '2016-08-04T16:17:57.881785348+0000: Warning An open (command=cat \\"a\\"\\\\ pid=42    )',
    );
  });

  it('appends output, extra and static fields', () => {
    const settings = {
      ...all,
      staticFields: new Map([['cluster', 'c1']]),
      appendOutput: [
        {
          tags: [],
          suggestedOutput: true,
          extraOutput: 'n=%proc.name',
          extraFields: [{ name: 'proc.pid' }, { name: 'who', format: '<%proc.name>' }],
        },
      ],
    };
    const [alert] = engineOf(rule('r', 'evt.type=openat', 'o'), { settings }).alerts(cat, OPENAT);
    const parsed = JSON.parse(alert?.line ?? '{}');
    expect(parsed.output).toContain('o n=cat container_id=<NA>');
    expect(parsed.output).toContain('static_cluster=c1');
    expect(parsed.output_fields).toMatchObject({
      'proc.pid': 42,
      who: '<cat>',
      'static.cluster': 'c1',
      'container.id': null,
    });
  });

  it('reports a rule whose appended output does not compile, and runs the others', () => {
    const settings = {
      ...all,
      appendOutput: [
        { rule: 'bad', tags: [], suggestedOutput: false, extraOutput: '%no.such', extraFields: [] },
      ],
    };
    const engine = engineOf(rule('bad', 'evt.type=openat') + rule('good', 'evt.type=openat'), { settings });
    expect(engine.diagnostics.map((d) => d.code)).toEqual(['LOAD_ERR_COMPILE_OUTPUT']);
    expect(engine.rules.map((r) => r.name)).toEqual(['good']);
  });
});

describe('selection', () => {
  const yaml = rule('a', 'evt.type=openat') + rule('b', 'evt.type=openat', 'x', '  tags: [t]\n');
  const names = (settings: EngineOptions['settings']) =>
    engineOf(yaml, { settings }).rules.map((r) => r.name);

  it('follows priority and the rules list', () => {
    expect(names({ ...all, priority: 'Error' })).toEqual([]);
    expect(
      names({
        ...all,
        rules: [
          { enable: false, rule: '*' },
          { enable: true, tag: 't' },
        ],
      }),
    ).toEqual(['b']);
  });

  it('stops at the first match when told to', () => {
    expect(engineOf(yaml, { settings: DEFAULT_SETTINGS }).match(event({}), OPENAT)).toEqual([0]);
    expect(engineOf(yaml).match(event({}), OPENAT)).toEqual([0, 1]);
    expect(engineOf(yaml).concerns(OPENAT + 2)).toBe(false);
  });
});

describe('sources without event codes', () => {
  const verbs = ['create', 'delete', 'update', 'get', 'list'];
  const yaml = verbs
    .map((verb) =>
      rule(verb, `ka.verb = ${verb} and ka.target.resource in (pods, secrets)`, 'x', '  source: k8s_audit\n'),
    )
    .join('');

  it.each(['always', 'never'] as const)('answers the same through the index (generate: %s)', (generate) => {
    const engine = engineOf(yaml, { generate }, 'k8s_audit');
    for (const [i, verb] of [...verbs, 'patch'].entries()) {
      for (const resource of ['pods', 'secrets', 'nodes', undefined]) {
        const fields: Record<string, Value> = { 'ka.verb': verb };
        if (resource !== undefined) fields['ka.target.resource'] = resource;
        const hit = verb !== 'patch' && (resource === 'pods' || resource === 'secrets');
        expect([...engine.match(event(fields), 0)]).toEqual(hit ? [i] : []);
      }
    }
  });
});

describe('rule text never becomes code', () => {
  const attacks = [
    '"); globalThis.hacked = 1; ("',
    "'); globalThis.hacked = 1; ('",
    '`+(globalThis.hacked=1)+`',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is the attack.
    '${globalThis.hacked=1}',
    '*/globalThis.hacked=1/*',
    '\u2028globalThis.hacked=1\u2029',
    '</script><script>globalThis.hacked=1</script>',
    '__proto__',
    'constructor',
    'toString',
  ];

  it.each(attacks)('%j is a constant like any other', (text) => {
    const quoted = JSON.stringify(text).replace(/\\u(....)/g, (_, hex) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    const ops = ['=', 'contains', 'startswith', 'endswith', 'icontains', 'glob', '>='];
    const lists = [`in (${quoted}, x)`, `pmatch (${quoted})`, `= oneof (${quoted})`];
    const yaml = [
      ...ops
        .filter((op) => op !== '>=')
        .map((op) => rule(op, `evt.type=openat and proc.name ${op} ${quoted}`, text.replaceAll('%', ''))),
      ...lists.map((list) => rule(list, `evt.type=openat and proc.name ${list}`)),
      rule(text, 'evt.type=openat and proc.env[constructor] = "x"'),
    ].join('');
    const engine = engineOf(yaml, { generate: 'always' });
    const alerts = engine.alerts(event({ 'proc.name': text }), OPENAT);
    expect(alerts.map(({ rule: { name } }) => name)).toContain('=');
    expect(Reflect.get(globalThis, 'hacked')).toBeUndefined();
    expect(engine.source(OPENAT)).not.toContain('hacked');
    for (const { line } of alerts) expect(() => JSON.parse(line)).not.toThrow();
  });
});
