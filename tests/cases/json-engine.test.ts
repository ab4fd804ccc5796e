// Rules over JSON events are chosen by an index on the values that they demand, and run as generated code. The oracle
// knows neither: every condition is interpreted on every event.

import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  catalogueResolver,
  createEngine,
  DEFAULT_SETTINGS,
  interpret,
} from '../../src/detect/engine/index.ts';
import { catalogueFor } from '../../src/detect/fields/index.ts';
import { loadRules, type Rule } from '../../src/detect/rules/index.ts';
import {
  createJsonEvent,
  EventReader,
  JSON_SOURCES,
  type JsonEvent,
  type JsonRecord,
  type JsonSource,
  jsonAccess,
} from '../../src/sources/audit/index.ts';

const root = join(import.meta.dirname, '../..');
const audit = process.env['YARAK_K8S_AUDIT'];
const settings = { ...DEFAULT_SETTINGS, ruleMatching: 'all', rules: [{ enable: true, rule: '*' }] } as const;

const ruleFiles = [
  join(root, 'examples/audit/rules.yaml'),
  join(root, 'rules/yarak_k8s_audit_rules.yaml'),
  ...(audit === undefined ? [] : [join(audit, 'rules/k8s_audit_rules.yaml')]),
];
/** Files of rules with the same names replace one another, so each is loaded alone. */
const rules: Rule[] = ruleFiles.flatMap((file, i) =>
  loadRules([{ name: basename(file), content: readFileSync(file, 'utf8') }]).rules.map((rule) => ({
    ...rule,
    index: i * 10_000 + rule.index,
  })),
);

function eventsOf(source: JsonSource): JsonEvent[] {
  const files = [
    ...globSync('examples/audit/*.json*', { cwd: root }).map((file) => join(root, file)),
    ...(audit === undefined
      ? []
      : globSync('traces/*.json', { cwd: audit }).map((file) => join(audit, file))),
  ];
  const events: JsonEvent[] = [];
  for (const file of files.sort()) {
    const reader = new EventReader(source, {
      onEvent: (event) => events.push({ ...event, memory: new Map(event.memory) }),
      onDiagnostic: () => {},
    });
    reader.push(readFileSync(file));
    reader.end();
  }
  return events;
}

function oracle(source: JsonSource): (event: JsonEvent) => string[] {
  const resolve = catalogueResolver(catalogueFor(source.name));
  const access = jsonAccess(source);
  const own = rules.filter((rule) => rule.source === source.name);
  const compiled = own.map((rule) => ({ rule, test: interpret(rule.condition, access, resolve) }));
  return (event) => compiled.filter(({ test }) => test(event)).map(({ rule }) => rule.name);
}

describe.each(JSON_SOURCES.map((source) => [source.name, source] as const))('%s', (_, source) => {
  const expected = oracle(source);
  const engines = (['always', 'never'] as const).map((generate) =>
    createEngine(rules, jsonAccess(source), { settings, generate }),
  );
  const check = (event: JsonEvent): number => {
    const names = expected(event);
    for (const engine of engines) {
      expect(engine.match(event, 0).map((position) => engine.rules[position]?.name)).toEqual(names);
    }
    return names.length;
  };

  it('recorded events: index and generated code find what the oracle finds', () => {
    const events = eventsOf(source);
    expect(events.length).toBeGreaterThan(0);
    expect(events.reduce((sum, event) => sum + check(event), 0)).toBeGreaterThan(0);
  });

  it('events with parts of others, and without', () => {
    const records = eventsOf(source).map(({ record }) => record);
    const keys = [...new Set(records.flatMap((record) => Object.keys(record)))];
    const part = fc.constantFrom(...records);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...keys), fc.option(part)), { maxLength: 6 }),
        part,
        (changes, base) => {
          const record: Record<string, JsonRecord[string]> = { ...base };
          for (const [key, from] of changes) {
            const value = from === null ? undefined : from[key];
            if (value === undefined) delete record[key];
            else record[key] = value;
          }
          check({ ...createJsonEvent(), num: 1, timeNs: 1n, firstNs: 1n, record });
        },
      ),
      { numRuns: 300 },
    );
  });
});
