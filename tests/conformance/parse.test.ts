import { describe, expect, it } from 'vitest';
import { parseCondition, printExpr } from '../../src/detect/lang/index.ts';
import { vectors } from './vectors.ts';

interface Row {
  readonly condition: string;
  readonly ok: boolean;
  readonly result?: string;
  readonly error?: string;
}

const rows = vectors<Row>('parse');

describe('conformance: parse', () => {
  it.skipIf(rows === undefined)('parse.jsonl: verdicts, printed trees, error texts and positions', () => {
    const wrong = (rows ?? []).flatMap((row) => {
      const { expr, error } = parseCondition(row.condition);
      const got = expr ? printExpr(expr) : `${error.index}:${error.line}:${error.column} ${error.message}`;
      const wanted = row.ok ? row.result : row.error;
      return got === wanted && (expr !== undefined) === row.ok
        ? []
        : [{ condition: row.condition, wanted, got }];
    });
    expect(wrong).toEqual([]);
    expect(rows?.length).toBeGreaterThan(0);
  });
});
