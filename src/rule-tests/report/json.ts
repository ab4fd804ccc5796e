// Results as JSON: stable, documented in docs/testing-rules.md, the same bytes for the same input.

import type { Location } from '../../base/diagnostic.ts';
import { type CoverageSummary, percent } from '../coverage-summary.ts';
import type { FileResult } from '../run.ts';
import { tally } from '../tally.ts';

/** The document, with a line feed at its end. */
export function renderJson(results: readonly FileResult[], coverage: CoverageSummary | undefined): string {
  const document = {
    ...tally(results),
    files: results.map(({ file, tests, diagnostics }) => ({
      file,
      diagnostics,
      tests: tests.map(({ name, at, status, failures, diagnostics: own }) => ({
        name,
        status,
        at: place(at),
        failures: failures.map(({ kind, rule, message, at: where, why }) => ({
          kind,
          rule,
          message,
          at: place(where),
          why: why.map((reason) => ({ text: reason.text, ...(reason.at && { at: place(reason.at) }) })),
        })),
        diagnostics: own,
      })),
    })),
    ...(coverage && { coverage: coverageJson(coverage) }),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function coverageJson(coverage: CoverageSummary) {
  const { reached, total, files } = coverage;
  return {
    percent: percent(coverage),
    reached,
    total,
    files: files.map((file) => ({
      file: file.file,
      percent: percent(file),
      reached: file.reached,
      total: file.total,
      kinds: file.kinds,
      missed: file.missed.map(({ kind, name, text, at, never }) => ({
        kind,
        name,
        text,
        at: place(at),
        never,
      })),
    })),
  };
}

const place = ({ file, line, column }: Location) => ({ file, line, column });
