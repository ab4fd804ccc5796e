// Every alert that Falco printed for the recorded captures, written again from its own field values: byte for byte.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../base/json.ts';
import type { Value } from '../../fields/index.ts';
import { loadRules } from '../../rules/index.ts';
import { createEngine } from '../engine.ts';
import { type EventRecord, recordAccess } from '../record-access.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';

const captures = join(import.meta.dirname, '../../../../tests/captures');
const rulesFolder = process.env.YARAK_FALCO_RULES;

function eventOf(line: string): { rule: string; event: EventRecord } {
  const parsed = parseJson(line);
  if (!parsed.ok) throw new Error(`Not JSON: ${line}`);
  const alert = parsed.value as ReadonlyMap<string, unknown>;
  const printed = alert.get('output_fields') as ReadonlyMap<string, Value | null>;
  const fields = new Map<string, Value>();
  for (const [key, value] of printed) if (value !== null) fields.set(key, value);
  return {
    rule: alert.get('rule') as string,
    event: { timeNs: BigInt(printed.get('evt.time.iso8601') as bigint), fields },
  };
}

describe.skipIf(rulesFolder === undefined)('recorded alerts (YARAK_FALCO_RULES)', () => {
  const files = ['falco_rules.yaml', 'falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml'].map(
    (name) => ({
      name,
      content: rulesFolder === undefined ? '' : readFileSync(join(rulesFolder, name), 'utf8'),
    }),
  );
  const engine = createEngine(loadRules(files).rules, recordAccess('syscall'), {
    hostname: 'k8s-node-07',
    settings: {
      ...DEFAULT_SETTINGS,
      timeIso8601: true,
      appendOutput: [{ tags: [], extraFields: [], suggestedOutput: true }],
    },
  });
  const positions = new Map(engine.rules.map((rule, position) => [rule.name, position]));

  it.each(readdirSync(captures).filter((name) => name.endsWith('.jsonl')))('%s', (name) => {
    const lines = readFileSync(join(captures, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    for (const line of lines) {
      const { rule, event } = eventOf(line);
      const position = positions.get(rule);
      expect({ rule, found: position !== undefined }).toEqual({ rule, found: true });
      expect(engine.write(position as number, event)).toBe(line);
    }
  });
});
