import { describe, expect, it } from 'vitest';
import { parseCondition } from '../../lang/index.ts';
import { conditionInWords, macrosNamed } from './words.ts';

const options = {
  lists: new Map([
    ['shells', ['sh', 'bash']],
    ['none', []],
  ]),
  macros: new Map([
    ['spawned', 'evt.type = execve and outer'],
    ['outer', 'proc.tty != 0'],
  ]),
};

function words(text: string): string {
  const { expr } = parseCondition(text);
  if (expr === undefined) throw new Error(`does not parse: ${text}`);
  return conditionInWords(text, expr, options)
    .map((clause) => '  '.repeat(clause.depth) + clause.text)
    .join('\n');
}

describe('conditions in words', () => {
  it.each([
    ['proc.name = sh', 'proc.name is sh'],
    ['proc.name in (shells)', 'proc.name is one of the list shells (sh, bash)'],
    ['proc.name in (none)', 'proc.name is one of the list none (empty)'],
    ['proc.name in ("shells")', 'proc.name is one of shells'],
    ['not proc.name exists', 'not: proc.name has a value'],
    ['proc.name != val(proc.pname)', 'proc.name has a value other than what proc.pname is'],
    ['tolower(proc.name) startswith anyof (a, b)', 'tolower(proc.name) starts with any of a, b'],
    ['proc.aname[2] = sh', 'proc.aname[2] is sh'],
    ['nowhere', 'nowhere (no such macro)'],
  ])('%s', (text, expected) => {
    expect(words(text)).toBe(expected);
  });

  it('groups are lines of their own', () => {
    expect(words('spawned and not (proc.name = a or proc.name = b)')).toBe(`all of these hold:
  the macro spawned holds
  it is not so that at least one of these holds:
    proc.name is a
    proc.name is b`);
  });

  it('macros are named with what they name', () => {
    expect(macrosNamed('spawned or nowhere', options.macros)).toEqual(['spawned', 'nowhere', 'outer']);
  });
});
