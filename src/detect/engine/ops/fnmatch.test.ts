import { describe, expect, it } from 'vitest';
import { compileFnmatch } from './fnmatch.ts';

// Outcomes of glibc's fnmatch(pattern, text, 0) in the C locale.
describe('fnmatch', () => {
  it.each([
    ['', '', true],
    ['*', '', true],
    ['a*b*c', 'axxbyyc', true],
    ['a*b*c', 'axxbyy', false],
    ['*.so', '/lib/.so', true],
    ['/etc/*', '/etc/a/b', true],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[]a]', ']', true],
    ['[a-]', '-', true],
    ['[[:digit:][:upper:]]', 'Q', true],
    ['[[:nope:]]', 'n', false],
    ['[a', '[a', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['a\\', 'a', false],
    ['[\\]]', ']', true],
    ['[[.-.]]', '-', true],
    ['[[=a=]b]', 'a', true],
    ['?', 'é', false],
    ['??', 'é', true],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(compileFnmatch(pattern)(text)).toBe(expected);
  });

  it('folds ASCII case only when asked', () => {
    expect(compileFnmatch('A[b-d]é', true)('aCé')).toBe(true);
    expect(compileFnmatch('É', true)('é')).toBe(false);
  });

  it('takes at most pattern × text steps on a pattern made to backtrack', () => {
    const match = compileFnmatch(`${'*a'.repeat(2000)}b`);
    const before = process.cpuUsage();
    expect(match('a'.repeat(20_000))).toBe(false);
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });
});
