import { describe, expect, it } from 'vitest';
import { catalogueFor } from '../fields/index.ts';
import { parseFormat } from './index.ts';

const catalogue = catalogueFor('syscall');

/** Tokens in brackets with their width, text as it is; or the error. */
function parts(text: string): string {
  const { format, error } = parseFormat(text, catalogue);
  if (error) return `${error.message} at ${error.at.from}-${error.at.to}`;
  return format.parts.map((p) => (p.kind === 'text' ? p.text : `[${p.width ?? ''}${p.text}]`)).join('');
}

describe('output formats', () => {
  it.each([
    ['user=%user.name (%10proc.name)', 'user=[user.name] ([10proc.name])'],
    ['%proc.namefoo', '[proc.name]foo'],
    ['%proc.name[0]', '[proc.name][0]'],
    ['%proc.aname[2].x', '[proc.aname[2]].x'],
    ['%tolower(proc.name)[x]', '[tolower(proc.name)][x]'],
    [
      '%container.image.repository:%container.image.tag',
      '[container.image.repository]:[container.image.tag]',
    ],
    ['%evt.arg.flagsx', '[evt.arg.flags]x'],
    ['%10', 'invalid formatting syntax: formatting cannot end with a number at 0-3'],
    ['a %', 'invalid formatting syntax: formatting cannot end with a % at 2-3'],
    ['a %proc.nope b', "unknown filter: unexpected token after ' at 2-12"],
    ['', 'empty formatting token at 0-0'],
  ])('%s', (text, expected) => {
    expect(parts(text)).toBe(expected);
  });

  it('says what is wrong behind the %', () => {
    expect(parseFormat('%proc.nmae', catalogue).error).toMatchObject({
      reason: 'filter_check called with nonexistent field proc.nmae',
      suggestion: 'proc.name',
    });
  });

  it('stays linear on long formats', () => {
    expect(parseFormat('%proc.name['.repeat(20_000), catalogue).format?.parts.length).toBe(40_000);
    expect(parseFormat(`%${'proc.'.repeat(200_000)}x`, catalogue).error).toBeDefined();
    expect(parseFormat(`%${'tolower('.repeat(100_000)}`, catalogue).error).toBeDefined();
  });
});
