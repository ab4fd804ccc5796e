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
