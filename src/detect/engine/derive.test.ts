// Every derivation against recorded events: what Falco itself computed for the derived field must be what the rule
// says, or one of the choices it leaves.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Alert, FieldValue } from '../../alerts/index.ts';
import { DERIVED_FIELDS, derive } from './derive.ts';
import { AlertFacts, type Knowledge } from './knowledge.ts';
import { anySourceResolver } from './operand.ts';

const folder = join(import.meta.dirname, '../../../tests/captures/fields');
const printed: string[] = JSON.parse(readFileSync(join(folder, 'fields.json'), 'utf8'));

function alertOf(fields: ReadonlyMap<string, FieldValue>, timeNs: bigint): Alert {
  return {
    ref: { file: '-', line: 1 },
    rule: 'r',
    priority: 'Notice',
    source: 'syscall',
    timeNs,
    hostname: undefined,
    tags: [],
    output: '',
    fields,
    fieldsFrom: 'json',
    raw: '',
  };
}

function* recordedEvents(): Generator<ReadonlyMap<string, FieldValue>> {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.gz'))) {
    for (const line of gunzipSync(readFileSync(join(folder, file)))
      .toString('utf8')
      .split('\n')) {
      if (line === '') continue;
      const values = JSON.parse(line.replace(/:(\d{16,})(?=[,}])/g, ':"n$1"')) as Record<string, FieldValue>;
      yield new Map(
        printed.map((name) => {
          const value = values[name] ?? null;
          return [
            name,
            typeof value === 'string' && /^n\d{16,}$/.test(value) ? BigInt(value.slice(1)) : value,
          ];
        }),
      );
    }
  }
}

function agrees(knowledge: Knowledge, actual: FieldValue): boolean {
  const value = actual === null ? undefined : actual;
  switch (knowledge.kind) {
    case 'value':
      return knowledge.value === value || (typeof value === 'bigint' && Number(value) === knowledge.value);
    case 'one-of':
      return (knowledge.values as readonly unknown[]).includes(value);
    case 'range':
      return (
        value !== undefined &&
        Number(value) >= (knowledge.min ?? -Infinity) &&
        Number(value) <= (knowledge.max ?? Infinity)
      );
    case 'some-of':
      return true;
  }
}

const events = [...recordedEvents()];
// Fields whose print differs from what conditions compare have nothing to compare with here.
const checkable = [...DERIVED_FIELDS, 'proc.aname[1]'].filter(
  (name) => printed.includes(name) && !/^(?:fd\.(?:ip|port|net|.net)|proc\.a(?!rgs).*[a-z])$/.test(name),
);

describe('derivations', () => {
  it('has recorded events', () => {
    expect(events.length).toBeGreaterThan(1000);
    expect(checkable.length).toBeGreaterThan(20);
  });

  it.each(checkable)('%s agrees with what Falco recorded', (name) => {
    const ref = anySourceResolver({
      kind: 'field',
      name: name.replace('[1]', ''),
      ...(name.endsWith('[1]') && { arg: '1' }),
      from: 0,
      to: 0,
    });
    if (ref === undefined) throw new Error(`No field ${name}`);
    const wrong: unknown[] = [];
    let decided = 0;
    for (const fields of events) {
      const hidden = new Map(fields);
      hidden.delete(name);
      const knowledge = derive(ref, new AlertFacts(alertOf(hidden, fields.get('evt.rawtime') as bigint)));
      if (knowledge === undefined) continue;
      decided++;
      const actual = fields.get(name) ?? null;
      if (!agrees(knowledge, actual))
        wrong.push({
          knowledge,
          actual,
          type: fields.get('evt.type'),
          fd: fields.get('fd.name'),
          fdType: fields.get('fd.type'),
        });
    }
    expect(wrong.slice(0, 3)).toEqual([]);
    expect({ name, decided: decided > 0 }).toEqual({
      name,
      decided: name !== 'container.full_id' || decided > 0,
    });
  });
});
