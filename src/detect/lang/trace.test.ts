// What the parser asks for, at the cursor (`|`) of texts that do not parse yet.

import { describe, expect, it } from 'vitest';
import { type Expected, printFieldExpr, traceCondition } from './index.ts';

function asked(marked: string): string[] {
  const at = marked.indexOf('|');
  const found = new Set<string>();
  traceCondition(marked.slice(0, at), {
    expect(what: Expected, place, left) {
      if (place === at) found.add(left === undefined ? what : `${what} of ${printFieldExpr(left)}`);
    },
    token() {},
  });
  return [...found].sort();
}

describe('traceCondition', () => {
  it.each([
    ['|', ['operand']],
    ['(|', ['operand']],
    ['not |', ['operand']],
    ['spawned and |', ['operand']],
    ['proc.name |', ['operator of proc.name']],
    ['proc.name = |', ['modifier of proc.name', 'value of proc.name']],
    ['proc.pid > |', ['number of proc.pid']],
    ['proc.name in |', ['list of proc.name']],
    ['evt.type in (open, |', ['item of evt.type']],
    ['proc.name contains oneof |', ['connective of proc.name', 'list of proc.name']],
    ['proc.name = bash |', ['connective of proc.name']],
    ['tolower(|', ['argument']],
    ['proc.aname[|', ['field-argument']],
    // Behind a mistake.
    ['proc.name = and evt.type = |', ['modifier of evt.type', 'value of evt.type']],
    ['proc.name in (a b) and evt.type in (|', ['item of evt.type']],
    ['proc.name == == x or |', ['operand']],
    ['proc.name = "open and evt.type = |', ['modifier of evt.type', 'value of evt.type']],
  ])('%s', (marked, expected) => {
    expect(asked(marked)).toEqual(expected);
  });

  it('names what it takes, behind mistakes too', () => {
    const tokens: string[] = [];
    const text = 'a and proc.name = ) and tolower(proc.cmdline) contains "x" or not b';
    traceCondition(text, {
      expect() {},
      token: (kind, from, to) => tokens.push(`${kind} ${text.slice(from, to)}`),
    });
    expect(tokens).toEqual([
      'macro a',
      'keyword and',
      'field proc.name',
      'operator =',
      'transformer tolower',
      'field proc.cmdline',
      'operator contains',
      'literal "x"',
      'keyword or',
      'keyword not',
      'macro b',
    ]);
  });

  it('takes hostile texts in time', () => {
    for (const text of [
      '"'.repeat(200_000),
      ' '.repeat(200_000),
      '('.repeat(200_000),
      'a b '.repeat(50_000),
    ]) {
      const before = process.cpuUsage();
      traceCondition(text, { expect() {}, token() {} });
      const used = process.cpuUsage(before);
      expect(used.user + used.system).toBeLessThan(5_000_000);
    }
  });
});
