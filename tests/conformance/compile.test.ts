import { describe, expect, it } from 'vitest';
import { catalogueFor } from '../../src/detect/fields/index.ts';
import { ConditionChecker, EventCodeInference, parseCondition } from '../../src/detect/lang/index.ts';
import { vectors } from './vectors.ts';

interface Row {
  readonly condition: string;
  readonly ok: boolean;
  readonly result?: string;
  readonly error?: string;
}

const rows = vectors<Row>('compile');
const checker = new ConditionChecker(catalogueFor('syscall', { plugins: false }));
const inference = new EventCodeInference();

/** The count of event codes, and the codes where they are few; or the first error. */
function compile(condition: string): { ok: boolean; text: string } {
  const { expr, error } = parseCondition(condition);
  if (error) return { ok: false, text: error.message };
  const [issue] = checker.check(expr).issues;
  if (issue) return { ok: false, text: issue.message };
  const codes = [...inference.codes(expr)];
  return { ok: true, text: [codes.length, ...(codes.length <= 8 ? codes : [])].join(' ') };
}

describe('conformance: compile', () => {
  it.skipIf(rows === undefined)('compile.jsonl: verdicts, error texts and event codes', () => {
    const wrong = (rows ?? []).flatMap((row) => {
      const got = compile(row.condition);
      const wanted = { ok: row.ok, text: row.ok ? row.result : row.error };
      return got.ok === wanted.ok && got.text === wanted.text
        ? []
        : [{ condition: row.condition, wanted, got }];
    });
    expect(wrong).toEqual([]);
    expect(rows?.length).toBeGreaterThan(0);
  });
});
