// How many tests passed, failed, and could not be run.

import type { FileResult } from './run.ts';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Tests that could not be run, and files none of whose tests could. */
  readonly errors: number;
}

export function tally(results: readonly FileResult[]): Tally {
  const tests = results.flatMap((result) => result.tests);
  const count = (status: string) => tests.filter((test) => test.status === status).length;
  const files = results.filter(({ diagnostics }) => diagnostics.some(({ severity }) => severity === 'error'));
  return { passed: count('passed'), failed: count('failed'), errors: count('error') + files.length };
}
