// Every field of every event against what Falco 0.44.1 read from the same capture. Set YARAK_CAPTURES for other
// captures, YARAK_OLD_CAPTURES for those of older drivers. `node scripts/compare-fields.ts` shows one capture.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Comparison, compareCapture, dumpedFields } from '../../scripts/compare-fields.ts';
import { EXPLANATIONS, explain } from './field-differences.ts';

const SUFFIX = '.fields.jsonl.gz';
/** Share of all values that must be equal, explained or not. */
const LEAST_EQUAL = 0.995;

function dumpsIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(SUFFIX)) : [];
}

const today = process.env['YARAK_CAPTURES'] ?? join(import.meta.dirname, '../captures');
const old = process.env['YARAK_OLD_CAPTURES'];

/** The columns of the dumps: a field that is null in a whole capture is compared too. */
function columns(): string[] {
  const list = join(today, 'fields/fields.json');
  return existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as string[]) : [];
}

let values = 0;
let equal = 0;
const used = new Set<string>();

function check(comparison: Comparison): void {
  expect(comparison.missing).toEqual([]);
  expect(comparison.surplus).toEqual([]);
  const unexplained = [];
  for (const difference of comparison.differences) {
    const explanation = explain(difference);
    if (explanation !== undefined) used.add(explanation.why);
    else {
      const { field, num, type, expected, actual } = difference;
      unexplained.push(`${field} of event ${num} (${type}): Falco ${expected}, we ${actual}`);
    }
  }
  values += comparison.values;
  equal += comparison.values - comparison.differences.length;
  expect(unexplained).toEqual([]);
}

afterAll(() => {
  if (values === 0) return;
  expect(equal / values).toBeGreaterThanOrEqual(LEAST_EQUAL);
  // What explains nothing any more must go; the old captures and ours together need every entry.
  if (old !== undefined && process.env['YARAK_CAPTURES'] === undefined)
    expect([...used].sort()).toEqual(EXPLANATIONS.map(({ why }) => why).sort());
});

describe('fields of captures', () => {
  const dumps = dumpsIn(join(today, 'fields'));
  if (dumps.length === 0) it.skip(`no dumps in ${today}/fields (YARAK_CAPTURES)`, () => {});
  for (const dump of dumps) {
    const name = dump.slice(0, -SUFFIX.length);
    it(name, async () => {
      check(await compareCapture(join(today, `${name}.scap`), join(today, 'fields', dump), columns()));
    });
  }
});

describe('fields of captures by older drivers', () => {
  if (old === undefined) it.skip('YARAK_OLD_CAPTURES is not set', () => {});
  for (const dump of old === undefined ? [] : dumpsIn(old)) {
    const name = dump.slice(0, -SUFFIX.length);
    it(name, async () => {
      const path = join(old as string, dump);
      // User and group names are left out of these dumps, so only what a dump has is compared.
      const dumped = new Set(dumpedFields(path));
      const names =
        columns().length === 0
          ? [...dumped]
          : columns().filter((field) => !/^(user\.(name|homedir|shell|loginname)|group\.name)$/.test(field));
      check(await compareCapture(join(old as string, `${name}.scap`), path, names));
    });
  }
});
