import { describe, expect, it } from 'vitest';
import { loadRules } from '../../src/detect/rules/index.ts';
import { vectors } from './vectors.ts';

interface Row {
  readonly rules: string;
  readonly ok: boolean;
  readonly errors?: readonly { readonly code: string; readonly message: string }[];
  readonly warnings: readonly string[];
  readonly compiled?: Readonly<Record<string, string>>;
}

function load(rules: string) {
  const set = loadRules([{ name: 'rules.yaml', content: rules }], { plugins: false });
  const [result] = set.results;
  return {
    ok: result?.successful ?? false,
    errors: (result?.errors ?? []).map((e) => e.code),
    messages: (result?.errors ?? []).map((e) => e.message),
    warnings: (result?.warnings ?? []).map((w) => w.code).sort(),
    compiled: Object.fromEntries(set.rules.map((rule) => [rule.name, rule.compiled])),
  };
}

describe('conformance: load', () => {
  it.each(['load', 'load-styles'])(
    '%s.jsonl: verdicts, error codes, compiled conditions; warnings of 99 in 100',
    (name) => {
      const rows = vectors<Row>(name) ?? [];
      const wrong: unknown[] = [];
      let warnings = 0;
      let messages = 0;
      for (const row of rows) {
        const got = load(row.rules);
        const wanted = {
          ok: row.ok,
          errors: (row.errors ?? []).map((e) => e.code),
          compiled: row.ok ? (row.compiled ?? {}) : {},
        };
        const same =
          got.ok === wanted.ok &&
          JSON.stringify(got.errors) === JSON.stringify(wanted.errors) &&
          (!row.ok || JSON.stringify(sorted(got.compiled)) === JSON.stringify(sorted(wanted.compiled)));
        if (!same) wrong.push({ rules: row.rules, wanted: { ...wanted, messages: row.errors }, got });
        if (JSON.stringify(got.warnings) === JSON.stringify([...row.warnings].sort())) warnings++;
        else if (process.env['SHOW'])
          console.log(
            JSON.stringify({ rules: row.rules, wanted: row.warnings, got: got.warnings, ok: row.ok }),
          );
        if (JSON.stringify(got.messages) === JSON.stringify((row.errors ?? []).map((e) => e.message)))
          messages++;
      }
      expect(rows.length).toBeGreaterThan(0);
      expect(wrong).toEqual([]);
      expect(warnings / rows.length).toBeGreaterThanOrEqual(0.99);
      expect(messages / rows.length).toBeGreaterThanOrEqual(0.9);
    },
  );
});

const sorted = (record: Readonly<Record<string, string>>) =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
