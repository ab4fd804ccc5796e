// WCAG 2.2 AA: text against every background it stands on has a contrast of at least 4.5, in light and in dark; what
// draws a boundary or a shape has at least 3.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

type Theme = 'light' | 'dark';

/** The OKLCH triple of a token in a theme. */
function token(name: string, theme: Theme): readonly [number, number, number] {
  const value = new RegExp(`--${name}: light-dark\\(([^;]+)\\);`).exec(css)?.[1];
  const colors = [...(value ?? '').matchAll(/oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g)];
  const match = colors[theme === 'light' ? 0 : 1];
  if (match === undefined) throw new Error(`no OKLCH pair for --${name}`);
  return [Number(match[1]), Number(match[2]), Number(match[3])];
}

/** Relative luminance of an OKLCH colour (Björn Ottosson's matrices to linear sRGB, clamped to the gamut). */
function luminance([l, c, h]: readonly [number, number, number]): number {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clamp = (value: number) => Math.min(1, Math.max(0, value));
  const red = clamp(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short);
  const green = clamp(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short);
  const blue = clamp(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string, theme: Theme): number {
  const [a, b] = [luminance(token(one, theme)), luminance(token(other, theme))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const TEXT = ['text', 'muted', 'accent', 'bad', 'unsure', 'good'];
const SURFACES = ['bg', 'surface', 'sunken'];
const PAIRS: readonly (readonly [string, string])[] = [
  ...TEXT.flatMap((text) => SURFACES.map((surface) => [text, surface] as const)),
  ['bad', 'bad-soft'],
  ['unsure', 'unsure-soft'],
  ['good', 'good-soft'],
  ['text', 'bad-soft'],
  ['text', 'unsure-soft'],
  ['text', 'good-soft'],
  ['text', 'accent-soft'],
  ['accent', 'accent-soft'],
  ['muted', 'accent-soft'],
  // A verdict in the row that has the focus, and on a filter that is on.
  ['bad', 'accent-soft'],
  ['unsure', 'accent-soft'],
  ['good', 'accent-soft'],
  ['on-accent', 'accent'],
];

describe.each(['light', 'dark'] as const)('contrast, %s', (theme) => {
  it.each(PAIRS)('%s on %s is at least 4.5', (text, surface) => {
    expect(contrast(text, surface, theme)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(SURFACES)('shapes on %s are at least 3', (surface) => {
    expect(contrast('line-strong', surface, theme)).toBeGreaterThanOrEqual(3);
  });
});

it('black on white has the contrast that WCAG states', () => {
  const white = luminance([1, 0, 0]);
  const black = luminance([0, 0, 0]);
  expect((white + 0.05) / (black + 0.05)).toBeCloseTo(21, 3);
});
