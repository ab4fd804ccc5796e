import { describe, expect, it } from 'vitest';
import { catalogueFor } from '../../src/detect/fields/index.ts';
import { formatTokens, parseFormat } from '../../src/detect/lang/index.ts';
import { vectors } from './vectors.ts';

interface Row {
  readonly format: string;
  readonly ok: boolean;
  readonly result?: string;
  readonly error?: string;
}

const rows = vectors<Row>('format');
const catalogue = catalogueFor('syscall', { plugins: false });

describe('conformance: format', () => {
  it.skipIf(rows === undefined)('format.jsonl: verdicts, tokens and error texts', () => {
    const wrong = (rows ?? []).flatMap((row) => {
      const { format, error } = parseFormat(row.format, catalogue);
      const got = format
        ? formatTokens(format)
            .map((token) => `[${token}]`)
            .join('')
        : error.message;
      const wanted = row.ok ? row.result : row.error;
      return got === wanted && (error === undefined) === row.ok ? [] : [{ format: row.format, wanted, got }];
    });
    expect(wrong).toEqual([]);
    expect(rows?.length).toBeGreaterThan(0);
  });
});
