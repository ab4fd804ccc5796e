import { describe, expect, it } from 'vitest';
import { parseCondition, parseFieldExpr, printExpr } from './index.ts';

function result(text: string): string {
  const { expr, error } = parseCondition(text);
  return expr ? printExpr(expr) : `${error.index}:${error.line}:${error.column} ${error.message}`;
}

/** The condition with its error's span marked. */
function marked(text: string): string {
  const { error } = parseCondition(text);
  if (error === undefined) return 'no error';
  const { from, to } = error.span;
  return `${text.slice(0, from)}«${text.slice(from, to)}»${text.slice(to)}`;
}

describe('conditions', () => {
  it.each([
    // Keywords and operators need no boundary before them.
    ['(a)and b', '(a and b)'],
    ['a.b=1 or(b)', '(a.b = 1 or b)'],
    ['proc.name info', 'proc.name in fo'],
    // Parentheses leave no node, two nots cancel out.
    ['not not a', 'a'],
    ['not(not(a))', 'not not a'],
    ['a and (b or c)', '(a and (b or c))'],
    ['not', 'not'],
    // A parenthesis glued to `and` is the whole operand.
    ['a and(b) or c', '((a and b) or c)'],
    ['a or(b) and c', "8:1:9 unexpected token after ')', expecting 'or', 'and'"],
    ['proc.name = anyof (a,b)', 'proc.name = anyof (a, b)'],
    ['proc.name=anyof (a,b)', "16:1:17 unexpected token after 'anyof', expecting 'or', 'and'"],
    ['proc.name startswith oneof', 'proc.name startswith oneof'],
    ['proc.name = anyof and b', '(proc.name = anyof and b)'],
    ['proc.name in ()', 'proc.name in ()'],
    ['getopt(ka.a, "ab:")[b] = x', 'getopt(ka.a,ab:)[b] = x'],
    ['proc.pid < 1.', 'proc.pid < 1.'],
    ['proc.pid < 1e5', "12:1:13 unexpected token after '1', expecting 'or', 'and'"],
    ['proc.name = "a\\ b"', 'proc.name = "a\\\\b"'],
    ['proc.name = "caf\\xc3\\xa9\\x21"', 'proc.name = café!'],
    ['', '0:1:1 filter input string is empty'],
  ])('%s', (text, expected) => {
    expect(result(text)).toBe(expected);
  });

  it('counts positions in bytes, as Falco does, and spans in UTF-16', () => {
    expect(result('proc.name = "ünï" x')).toBe("20:1:21 unexpected token after 'ünï', expecting 'or', 'and'");
    expect(marked('proc.name = "ünï" xyz')).toBe('proc.name = "ünï" «xyz»');
    expect(marked('proc.name = "a\\qb"')).toBe('proc.name = "a«\\q»b"');
  });

  it('gives nodes their place', () => {
    const { expr } = parseCondition('a and (b or proc.name in (x, "y z")) ');
    if (expr?.kind !== 'and') throw new Error('expected an and');
    expect([expr.from, expr.to]).toEqual([0, 35]);
    const or = expr.items[1];
    if (or?.kind !== 'or' || or.items[1]?.kind !== 'compare') throw new Error('expected a comparison');
    const { right } = or.items[1];
    expect(right).toMatchObject({ kind: 'list', from: 25, to: 35 });
    expect(right.kind === 'list' && right.items.map((i) => [i.text, i.form, i.from, i.to])).toEqual([
      ['x', 'bare', 26, 27],
      ['y z', 'quoted', 29, 34],
    ]);
  });

  it('keeps a trace of a string that Falco drops', () => {
    const { expr } = parseCondition('proc.name in ("\\d")');
    expect(expr?.kind === 'compare' && expr.right).toMatchObject({
      kind: 'list',
      items: [],
      lost: { from: 15 },
    });
    expect(parseCondition('proc.name in ("\\d", b)').error?.reason).toContain('\\d');
  });

  it('bounds nesting, whatever the shape', () => {
    for (const [open, close] of [
      ['(', ')'],
      ['not(', ')'],
      ['a and(', ')'],
      ['tolower(', ''],
    ]) {
      const deep = `${open?.repeat(100_000)}a${close?.repeat(100_000)}`;
      expect(parseCondition(deep).error?.message).toBe('exceeded max depth limit of 1000');
    }
    expect(result(`${'('.repeat(199)}a${')'.repeat(199)}`)).toBe('a');
    expect(result(`${'not '.repeat(100_001)}a`)).toBe('not a');
  });

  it('is linear in long texts', () => {
    const list = Array.from({ length: 200_000 }, (_, i) => `item${i}`).join(', ');
    expect(parseCondition(`proc.name in (${list})`).expr?.kind).toBe('compare');
    expect(parseCondition(`proc.name = ${'\\'.repeat(1_000_000)}`).expr?.kind).toBe('compare');
    expect(parseCondition(`proc.name = "${'\\\\'.repeat(500_000)} "`).expr?.kind).toBe('compare');
  });
});

describe('field expressions', () => {
  it('stops where the expression ends', () => {
    expect(parseFieldExpr('proc.aname[2] and more').expr).toMatchObject({ kind: 'field', arg: '2', to: 13 });
    expect(parseFieldExpr('toupper(proc.name)x').expr).toMatchObject({ kind: 'transform', to: 18 });
    expect(parseFieldExpr('%').error?.message).toBeDefined();
  });
});
