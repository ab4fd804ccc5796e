import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import { drawnWidth } from './width.ts';

it.each([
  '',
  'plain',
  '▲ ◆ ○ ● ✓ ✗ – − × · → … │ ─ █ ░',
  '\x1b[1m\x1b[31mred\x1b[39m\x1b[22m',
  '㍿㍿',
  'e\u0301',
  '😀a',
  '\x1b[1m㍿\x1b[22m',
])('agrees with string-width on %j', (text) => {
  expect(drawnWidth(text)).toBe(stringWidth(text));
});

it('agrees on every character of the ranges that it counts itself', () => {
  const ranges = [
    [0x20, 0x7e],
    [0xa1, 0xac],
    [0xae, 0x24f],
    [0x2010, 0x2027],
  ] as const;
  for (const [from, to] of ranges) {
    for (let code = from; code <= to; code++) {
      const text = String.fromCharCode(code);
      expect(`${code} ${drawnWidth(text)}`).toBe(`${code} ${stringWidth(text)}`);
    }
  }
});
