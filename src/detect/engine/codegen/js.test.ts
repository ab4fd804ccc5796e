import { describe, expect, it } from 'vitest';
import { evaluate, join, js, name, Scope } from './js.ts';

describe('code templates', () => {
  it.each([
    ['"; process.exit(); "'],
    ["'); throw 1; ('"],
    [`\`$\{process.exit()}\``],
    ['\u2028alert()'],
    ['</script><script>'],
    ['\\'],
    ['*/ x /*'],
    ['\n//'],
    ['\ud800'],
  ])('a string stays a string: %j', (text) => {
    expect(evaluate(js`return ${text};`, new Scope())).toBe(text);
    expect(String(js`${text}`)).not.toContain('</script');
  });

  it.each([['a b'], ['1a'], ['a;'], ['a-b'], [''], ['a\n'], ['constructor()'], ['ä']])(
    'refuses %j as an identifier',
    (text) => {
      expect(() => name(text)).toThrow(TypeError);
    },
  );

  it('refuses values that have no literal', () => {
    expect(() => js`${Number.NaN}`).toThrow(TypeError);
    expect(() => js`${{ toString: () => 'x' } as unknown as string}`).toThrow(TypeError);
  });

  it('passes objects through the scope, each under one name', () => {
    const scope = new Scope();
    const set = new Set(['a']);
    expect(String(scope.add(set))).toBe(String(scope.add(set)));
    const body = js`return ${join([scope.add(set), scope.add(7)], js` && `)};`;
    expect(evaluate(body, scope)).toBe(7);
  });
});
