import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { defang, defangIndicator } from './defang.ts';
import { htmlAttribute, htmlBlock, htmlText } from './html.ts';
import { jsonForScript } from './json-script.ts';
import { markdownCellCode, markdownCode, markdownFence, markdownText } from './markdown.ts';
import { isShellWord, ShellQuoteError, shellCommand, shellQuote } from './shell.ts';
import { terminalBlock, terminalText } from './terminal.ts';
import { hasHidden, visible } from './visible.ts';

const ESC = '\x1b';
const RLO = '\u202e';

describe('visible', () => {
  it.each([
    ['plain é 🚀', 'plain é 🚀'],
    [`${ESC}[31mred`, '\\x1b[31mred'],
    [`evil${RLO}gpj.exe`, 'evil\\u{202e}gpj.exe'],
    ['a\u200bb\u2060c\ufeffd', 'a\\u{200b}b\\u{2060}c\\u{feff}d'],
    ['half \ud83d pair', 'half \\u{d83d} pair'],
    ['a\0b\nc\td\re', 'a\\0b\\nc\\td\\re'],
    ['\u009b31m', '\\x9b31m'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
  ])('%j → %j', (text, shown) => {
    expect(visible(text)).toBe(shown);
    expect(hasHidden(visible(text))).toBe(false);
  });
});

describe('terminal', () => {
  it('keeps line breaks only in a block', () => {
    expect(terminalText(`a\n${ESC}b`)).toBe('a\\n\\x1bb');
    expect(terminalBlock(`a\n\tb\r\n${ESC}c`, '  ')).toBe('  a\n  \tb\\r\n  \\x1bc');
  });
});

describe('markdown', () => {
  it('plain text holds no markup', () => {
    expect(markdownText('# *a* <b> [x](y) | ~z~ a_b_ https://x')).toBe(
      '\\# \\*a\\* \\<b\\> \\[x\\]\\(y\\) \\| \\~z\\~ a\\_b\\_ https\\:\\/\\/x',
    );
    expect(markdownText(' a ')).toBe('&#32;a&#32;');
  });
  it.each([
    ['ls', '`ls`'],
    ['a`b', '``a`b``'],
    ['`a`', '`` `a` ``'],
    ['``', '``` `` ```'],
    [' a ', '`  a  `'],
    ['  ', '`  `'],
    ['', '` `'],
    ['a\nb', '`a\\nb`'],
  ])('code span of %j is %j', (text, code) => expect(markdownCode(text)).toBe(code));
  it('a table cell cannot be ended', () => {
    expect(markdownCellCode('a|b\\|`')).toBe('<code>a&#124;b&#92;&#124;&#96;</code>');
    expect(markdownCellCode('ls')).toBe('`ls`');
  });
  it('a fence outlasts every run of backticks inside', () => {
    expect(markdownFence('a\n````\nb', 'sh x`')).toBe('`````shx\na\n````\nb\n`````');
    expect(markdownFence('')).toBe('```\n```');
  });
});

describe('html', () => {
  it('escapes text and attributes', () => {
    expect(htmlText(`<script>"'&\`\n`)).toBe('&lt;script&gt;&quot;&#39;&amp;&#96;\\n');
    expect(htmlAttribute('" onload="x')).toBe('&quot; onload=&quot;x');
    expect(htmlBlock('a\n<b>')).toBe('a\n&lt;b&gt;');
  });
});

describe('json in a script', () => {
  it('cannot end the element and stays exact', () => {
    const value = { a: '</script><!-- & \u2028\u202e', n: 9007199254740993n, m: new Map([['k', 1]]) };
    const text = jsonForScript(value);
    expect(text).not.toMatch(/[<>&\u2028\u202e]/);
    expect(text).toContain('"n":9007199254740993');
    expect(JSON.parse(text)).toMatchObject({ a: value.a, m: { k: 1 } });
  });
});

describe('shell', () => {
  it.each([
    ['ls', 'ls'],
    ['', "''"],
    ['a b', "'a b'"],
    ["it's", "'it'\\''s'"],
    ['$(id)', "'$(id)'"],
    ['~root', "'~root'"],
    ['FOO=bar', "'FOO=bar'"],
    ['x=1', "'x=1'"],
    ['--o=1', '--o=1'],
    ['a\x1b[2J', '"$(printf \'a\\033[2J\')"'],
  ])('%j → %s', (word, quoted) => expect(shellQuote(word)).toBe(quoted));

  it.each(['a b', "q'q", '\x1b]0;t\x07', '-n\x01%s\\n', 'x\n\n', '\n', `rtl${RLO}x`, '*', 'é🚀\u200b'])(
    'sh reads %j back',
    (word) => {
      const out = execFileSync('sh', ['-c', `printf %s ${shellQuote(word)}; printf .`]);
      expect(out.toString()).toBe(`${word}.`);
    },
  );

  it('refuses a NUL with a typed error', () => {
    expect(() => shellQuote('a\0b')).toThrow(ShellQuoteError);
    expect(isShellWord('a\0b')).toBe(false);
    expect(shellCommand(['ls', '-l', 'a b'])).toBe("ls -l 'a b'");
  });
});

describe('defang', () => {
  it.each([
    ['see http://evil.example.com/a.b?x', 'see hxxp[://]evil[.]example[.]com/a.b?x'],
    ['203.0.113.9:443', '203[.]0[.]113[.]9:443'],
    ['at 12:30:45 on 02:42:ac:11:00:02', 'at 12:30:45 on 02:42:ac:11:00:02'],
    ['fe80::1 and std::string', 'fe80[:][:]1 and std::string'],
    ['stratum+tcp://pool.example:3333', 'stratum+tcp[://]pool[.]example:3333'],
  ])('%s', (text, defanged) => expect(defang(text)).toBe(defanged));
  it('takes bare names', () => expect(defangIndicator('evil.example')).toBe('evil[.]example'));
});
