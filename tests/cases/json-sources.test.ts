// The fields of the built-in JSON sources, case by case: json-sources/*.yaml.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createEngine } from '../../src/detect/engine/index.ts';
import { catalogueFor } from '../../src/detect/fields/index.ts';
import { loadRules } from '../../src/detect/rules/index.ts';
import { EventReader, JSON_SOURCES, jsonAccess } from '../../src/sources/audit/index.ts';

interface CaseFile {
  readonly source: string;
  /** Keys that every event has. */
  readonly base?: object;
  /** Fields that the plugin's own rules use, apart by blanks. */
  readonly uses: string;
  readonly cases: readonly {
    readonly name: string;
    readonly event: object;
    readonly fields: Readonly<Record<string, unknown>>;
  }[];
}

const folder = join(import.meta.dirname, 'json-sources');
const files = ['kubernetes', 'cloudtrail', 'okta', 'github', 'gcp-audit'].map(
  // Integers as they are, so that ids of 20 digits stay whole.
  (name) => parse(readFileSync(join(folder, `${name}.yaml`), 'utf8'), { intAsBigInt: true }) as CaseFile,
);

const plain = (value: unknown): unknown =>
  typeof value === 'bigint' && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
/** JSON text, integers of any size as they are. */
const json = (value: object): string =>
  JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `<${item}>` : item)).replace(
    /"<(\d+)>"/g,
    '$1',
  );

describe.each(files.map((file) => [file.source, file] as const))('%s', (name, { base, uses, cases }) => {
  const source = JSON_SOURCES.find((one) => one.name === name);
  if (source === undefined) throw new Error(`no source ${name}`);
  const access = jsonAccess(source);
  const catalogue = catalogueFor(name);

  it.each(cases.map((one) => [one.name, one] as const))('%s', (_, { event, fields }) => {
    const problems: string[] = [];
    let seen = 0;
    const reader = new EventReader(source, {
      onEvent: (read) => {
        seen++;
        for (const [text, expected] of Object.entries(fields)) {
          const { ref } = catalogue.resolve(text);
          expect(ref, `the field ${text}`).toBeDefined();
          if (ref === undefined) continue;
          const found = access.reader(ref)?.(read);
          expect(found, text).toEqual(expected === null ? undefined : plain(expected));
        }
      },
      onDiagnostic: ({ message }) => problems.push(message),
    });
    reader.push(new TextEncoder().encode(json({ ...base, ...event })));
    reader.end();
    expect(problems).toEqual([]);
    expect(seen).toBe(1);
  });

  it('loads rules that use what the plugin’s own rules use', () => {
    const fields = uses.split(' ');
    expect(fields.length).toBeGreaterThan(9);
    const content = fields
      .map(
        (field, i) =>
          `- {rule: "r${i}", desc: d, condition: '${field} exists', output: '%${field}', priority: INFO, source: ${name}}\n`,
      )
      .join('');
    const { results, rules } = loadRules([{ name: 'r.yaml', content }]);
    expect(results.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    expect(createEngine(rules, access).rules).toHaveLength(fields.length);
  });

  it('has every field of the catalogue', () => {
    for (const { name: field, cls } of catalogue.fields) {
      if (cls !== 'gen_event' && cls !== 'json') expect(source.fields.has(field), field).toBe(true);
    }
  });
});
