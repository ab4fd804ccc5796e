// Every field of every event against what Falco 0.44.1 read from the same capture. Set YARAK_CAPTURES for other
// captures, YARAK_OLD_CAPTURES for those of older drivers. `node scripts/compare-fields.ts` shows one capture.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Comparison, compareCapture, dumpedFields } from '../../scripts/compare-fields.ts';
import { explain } from './field-differences.ts';

const SUFFIX = '.fields.jsonl.gz';
/** Share of a capture's values that may differ without an explanation. */
const MOST_UNEXPLAINED = 0.0001;
/** Share of a capture's values that must be equal, or differ where we keep ours. */
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

function check(comparison: Comparison): void {
  const { values, differences } = comparison;
  expect(comparison.missing).toEqual([]);
  expect(comparison.surplus).toEqual([]);
  const unexplained = differences.filter((difference) => explain(difference) === undefined);
  const wrong = differences.filter((difference) => explain(difference)?.status !== 'kept');
  expect
    .soft(unexplained.length / values, JSON.stringify(unexplained.slice(0, 10), null, 1))
    .toBeLessThan(MOST_UNEXPLAINED);
  expect.soft(1 - wrong.length / values).toBeGreaterThan(LEAST_EQUAL);
}

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
