import { describe, expect, it } from 'vitest';
import { bounded } from './bounded.ts';
import { countText, cutMiddle, durationText, epochMs, isoNs, rangeText, timeText } from './format.ts';
import { fill, parts, plain } from './template.ts';

describe('times', () => {
  it.each([
    [0n, '1970-01-01T00:00:00.000000000Z'],
    [1_795_490_300_461_273_900n, '2026-11-24T03:18:20.461273900Z'],
    [-1n, '1969-12-31T23:59:59.999999999Z'],
    [-1_000_000_000n, '1969-12-31T23:59:59.000000000Z'],
  ])('%s ns is %s', (ns, iso) => {
    expect(isoNs(ns)).toBe(iso);
  });

  it.each([18_446_744_073_670_260_079_000n, -(10n ** 30n), 10n ** 27n])(
    '%s ns has no date, and says so',
    (ns) => {
      expect(isoNs(ns)).toBeUndefined();
      expect(epochMs(ns)).toBeUndefined();
      expect(timeText(ns)).toBe(`${ns} ns since 1970`);
    },
  );

  it('a range names the day once', () => {
    const first = 1_795_490_300_461_273_900n;
    expect(rangeText(first, first + 60_000_000_000n)).toBe('2026-11-24 03:18:20.461 → 03:19:20.461 UTC');
    expect(rangeText(first, first + 86_400_000_000_000n)).toBe(
      '2026-11-24 03:18:20.461 → 2026-11-25 03:18:20.461 UTC',
    );
    expect(rangeText(first, first + 10n)).toBe('2026-11-24 03:18:20.461 UTC');
    expect(rangeText(undefined, undefined)).toBe('time unknown');
  });

  it.each([
    [340_000_000n, '340 ms'],
    [42_000_000_000n, '42 s'],
    [180_000_000_000n, '3 min'],
    [9_000_000_000_000n, '2.5 h'],
    [400_000_000_000_000n, '5 d'],
  ])('%s ns is %s', (ns, text) => {
    expect(durationText(ns)).toBe(text);
  });
});

describe('counts and cuts', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [4120, '4,120'],
    [1234567, '1,234,567'],
  ])('%s is %s', (count, text) => {
    expect(countText(count)).toBe(text);
  });

  it('long values keep both ends and never half a character', () => {
    expect(cutMiddle('abcdefghij', 5)).toBe('ab…ij');
    expect(cutMiddle('😀'.repeat(10), 5)).toBe('😀😀…😀😀');
    expect(cutMiddle('short', 5)).toBe('short');
    const cut = bounded(`${'😀'.repeat(50)}${'x'.repeat(1_000_000)}`, 21);
    expect(cut.isWellFormed()).toBe(true);
    expect(cut).toContain('characters left out');
    expect(cut.length).toBeLessThan(80);
    expect(bounded('short', 5)).toBe('short');
  });
});

describe('templates', () => {
  it('keeps values apart and never expands a value', () => {
    const template = { text: '{0} ran {1}', values: ['{1}', 'x{0}'] };
    expect(plain(template)).toBe('{1} ran x{0}');
    expect(
      fill(
        template,
        (t) => t.toUpperCase(),
        (v) => `<${v}>`,
      ),
    ).toBe('<{1}> RAN <x{0}>');
  });

  it('leaves a placeholder without a value as it is', () => {
    expect(parts('a {3} b', ['x'])).toEqual([{ kind: 'text', text: 'a {3} b' }]);
  });
});
