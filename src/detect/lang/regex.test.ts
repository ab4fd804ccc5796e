import { describe, expect, it } from 'vitest';
import { compileRegex } from './index.ts';

describe('regex', () => {
  it.each([
    ['ab.*', 'abc', true],
    ['ab.*', 'xab', false],
    ['^ab.*$', 'abc', true],
    ['a|ab', 'ab', true],
    ['[[:alpha:]]+-[0-9]{2,3}', 'x-123', true],
    ['a+?', 'aaa', true],
    ['(a{2}){2}', 'aaaa', true],
    ['a{2}{2}', 'aaaa', true],
    ['a{2}{2}', 'aaa', false],
    ['a{,2}', 'a{,2}', true],
    ['[^a]', '\n', true],
    ['.', '\n', false],
    ['[]a]', ']', true],
    ['[a\\]]', ']', true],
    ['\\.so', '.so', true],
    ['\\x41\\101', 'AA', true],
    ['/etc/[^/]+', '/etc/ünï', true],
    ['', '', true],
    ['x*', '', true],
  ])('%s on %s', (pattern, text, expected) => {
    expect(compileRegex(pattern).matches?.(text)).toBe(expected);
  });

  it.each([
    ['\\d+', 'invalid escape sequence: \\d'],
    ['\\w', 'invalid escape sequence: \\w'],
    ['(?i)x', 'no argument for repetition operator: ?'],
    ['a(b', 'missing ): a(b'],
    ['a)b', 'unexpected ): a)b'],
    ['[a-z', 'missing ]: [a-z'],
    ['[z-a]', 'invalid character class range: z-a'],
    ['[[:foo:]]', 'invalid character class range: [:foo:]'],
    ['*a', 'no argument for repetition operator: *'],
    ['a{1001}', 'invalid repetition size: {1001}'],
    ['\\', 'trailing \\'],
  ])('rejects %s', (pattern, message) => {
    expect(compileRegex(pattern).error).toBe(`invalid regex pattern: ${message}`);
  });

  it('is linear, whatever the pattern', () => {
    const { matches } = compileRegex('(a*)*(a*)*b');
    expect(matches?.('a'.repeat(20_000))).toBe(false);
    expect(compileRegex(`${'('.repeat(50_000)}a${')'.repeat(50_000)}`)).toBeDefined();
    expect(compileRegex('((a{100}){100}){100}').error).toBeDefined();
  });
});
