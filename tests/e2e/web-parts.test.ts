// Parts of the web UI that need no browser: what links and silences are made of, and how rule files are checked.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCondition } from '../../src/detect/lang/index.ts';
import { alertFields } from '../../web/src/alert-fields.ts';
import { middleCut, operand, relativeTime } from '../../web/src/format.ts';
import { check } from '../../web/src/parts/rule-check.ts';

describe('a value in a condition', () => {
  it('is read back as it was, whatever an attacker wrote', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (value) => {
        // A NUL ends the text for Falco's parser: such a value cannot be written.
        fc.pre(!value.includes('\0'));
        const { expr } = parseCondition(`proc.name = ${operand(value)} and proc.name exists`);
        expect(expr).toMatchObject({
          kind: 'and',
          items: [{ kind: 'compare', right: { kind: 'literal', text: value } }, { kind: 'exists' }],
        });
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['bash', 'bash'],
    ['/usr/bin/sh', '/usr/bin/sh'],
    ['a b', '"a b"'],
    ['or', '"or"'],
    ['say "x"', '"say \\"x\\""'],
  ])('%s is written as %s', (value, written) => {
    expect(operand(value)).toBe(written);
  });
});

describe('the fields of an alert', () => {
  it('keep all digits of their numbers', () => {
    const fields = alertFields(
      '{"output_fields":{"evt.rawtime":1795490140083330287,"a":null,"b":"","c":true}}',
    );
    expect([...fields]).toEqual([
      ['evt.rawtime', '1795490140083330287'],
      ['c', 'true'],
    ]);
  });

  it.each(['', 'text', '[]', '{"output_fields":7}', '{"output_fields":{"a":'])('are none in %j', (raw) => {
    expect(alertFields(raw).size).toBe(0);
  });
});

describe('words', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  it.each([
    ['2026-11-24T11:59:30Z', 'just now'],
    ['2026-11-24T11:55:00Z', '5 min ago'],
    ['2026-11-24T09:00:00Z', '3 h ago'],
    ['2026-11-20T12:00:00Z', '4 d ago'],
    ['2026-11-24T14:00:00Z', 'in 2 h'],
    ['2020-01-01T00:00:00Z', '2020-01-01'],
    ['never', 'never'],
  ])('%s is %s', (iso, words) => {
    expect(relativeTime(iso, now)).toBe(words);
  });

  it('cuts in the middle, with hidden characters shown', () => {
    expect(middleCut('abcdefghij', 7)).toBe('abc…hij');
    expect(middleCut('a\u202eb', 20)).toBe('a\\u{202e}b');
  });
});

describe('the check of a rules file', () => {
  const rule = (condition: string): string =>
    `- rule: R\n  desc: d\n  condition: ${condition}\n  output: x %proc.cmdline %proc.exepath %proc.pname\n  priority: NOTICE\n  tags: [host, T1059]\n`;

  it('gives the place, the nearest name, and a fix that makes it right', () => {
    const text = rule('evt.type = execve and proc.nmae = bash');
    const { diagnostics, errors } = check('a.yaml', text, []);
    expect(errors).toBe(1);
    const [first] = diagnostics;
    expect(first?.at).toMatchObject({ line: 3 });
    const edit = first?.fixes?.[0]?.edits[0];
    expect(first?.fixes?.[0]?.title).toBe('write proc.name');
    const fixed = text.slice(0, edit?.at.from) + edit?.text + text.slice(edit?.at.to);
    expect(check('a.yaml', fixed, []).errors).toBe(0);
  });

  it('knows the files before, and speaks of its own file alone', () => {
    const before = [
      { name: 'lists.yaml', content: '- list: shells\n  items: [bash]\n- list: unused\n  items: []\n' },
    ];
    const { diagnostics, errors } = check(
      'a.yaml',
      rule('evt.type = execve and proc.name in (shells)'),
      before,
    );
    expect(errors).toBe(0);
    expect(diagnostics.every(({ at }) => at?.file === 'a.yaml')).toBe(true);
  });
});
