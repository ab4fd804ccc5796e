import { describe, expect, it } from 'vitest';
import { jsonDiagnostic, parseJson, stringifyJson } from './json.ts';

function value(text: string): unknown {
  const result = parseJson(text);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe('parseJson', () => {
  it.each([
    ['1795490361866122071', 1795490361866122071n],
    ['-9223372036854775808', -9223372036854775808n],
    ['18446744073709551615', 18446744073709551615n],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['1e3', 1000],
    ['-0.5', -0.5],
    ['"a\\u0041\\n\\ud83d\\ude80\\/"', 'aA\n🚀/'],
    [' [ ] ', []],
    ['[true,false,null]', [true, false, null]],
  ])('%s', (text, expected) => expect(value(text)).toEqual(expected));

  it('gives objects as Maps, so that prototype keys are only keys', () => {
    const map = value('{"__proto__":{"polluted":1},"constructor":2}') as Map<string, unknown>;
    expect([...map.keys()]).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['{"a":1', 'JSON_TRUNCATED', 6, 'Expected "," or "}" after a value, found the end of the text'],
    ['{"a":"b', 'JSON_TRUNCATED', 7, 'The text ends inside a string'],
    ['{"a":1,}', 'JSON_SYNTAX', 7, 'A comma before "}" with nothing after it'],
    ['{a:1}', 'JSON_SYNTAX', 1, 'Expected a key in double quotes or "}", found "a:1}"'],
    ['{"a" 1}', 'JSON_SYNTAX', 5, 'Expected ":" after a key, found "1}"'],
    ['[01]', 'JSON_SYNTAX', 1, 'Not a number: "01]"'],
    ['[1.]', 'JSON_SYNTAX', 1, 'Not a number: "1.]"'],
    ['nul', 'JSON_TRUNCATED', 3, 'The text ends inside "null"'],
    ['{} x', 'JSON_TRAILING_TEXT', 3, 'Text after the end of the JSON value: "x"'],
    ['"\\q"', 'JSON_SYNTAX', 1, 'Unknown escape in a string: \\q'],
    ['"\\u12', 'JSON_TRUNCATED', 1, 'The text ends inside a \\u escape'],
    [
      '"a\nb"',
      'JSON_SYNTAX',
      2,
      'A string is broken by a line end: was the text wrapped by a terminal or a pager?',
    ],
    ['"a\x01"', 'JSON_SYNTAX', 2, 'A control character (0x01) inside a string must be escaped'],
    ['', 'JSON_TRUNCATED', 0, 'Expected a value, found the end of the text'],
  ])('%j fails with %s', (text, code, offset, message) => {
    expect(parseJson(text)).toEqual({ ok: false, error: { code, offset, message } });
  });

  it('limits depth and length', () => {
    expect(parseJson('['.repeat(100_000))).toMatchObject({ error: { code: 'JSON_TOO_DEEP', offset: 64 } });
    expect(parseJson('[[1]]', { maxDepth: 2 })).toMatchObject({ ok: true });
    expect(parseJson('[1]', { maxLength: 2 })).toMatchObject({ error: { code: 'JSON_TOO_LONG' } });
  });

  it('repairs trailing commas only when asked, and says so', () => {
    expect(parseJson('{"a":[1,],}', { allowTrailingCommas: true })).toMatchObject({
      ok: true,
      repairs: [{ offset: 8 }, { offset: 10 }],
    });
  });

  it('places an error in the file', () => {
    const text = '{\n  "a": x\n}';
    const result = parseJson(text);
    if (result.ok) throw new Error('expected an error');
    expect(jsonDiagnostic(result.error, 'alerts.json', text, 10).at).toMatchObject({ line: 11, column: 8 });
  });
});

describe('stringifyJson', () => {
  it('writes bigints, Maps and Sets', () => {
    expect(
      stringifyJson(
        new Map<string, unknown>([
          ['t', 1795490361866122071n],
          ['s', new Set([1])],
          ['__proto__', 2],
        ]),
      ),
    ).toBe('{"t":1795490361866122071,"s":[1],"__proto__":2}');
    expect(stringifyJson(undefined)).toBe('null');
  });
});
