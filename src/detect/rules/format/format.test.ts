import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layOutCondition } from './condition.ts';
import { formatRules } from './format.ts';
import { difference } from './proof.ts';

const file = (content: string) => ({ name: 'rules.yaml', content });

function formatted(content: string): string {
  const { text, problem } = formatRules(file(content));
  if (text === undefined) throw new Error(problem.message);
  return text;
}

describe('conditions', () => {
  it.each([
    ['a.b=c', ['a.b = c']],
    ['  evt.type in (open,openat)\n  and  m', ['evt.type in (open, openat) and m']],
    ['(a.b = c)', ['(a.b = c)']],
    ['and ( m or not(n) )', ['and (m or not (n))']],
    ['a.b contains "x  y" or m', ['a.b contains "x  y" or m']],
    ['tolower( a.b ) = c', ['tolower( a.b ) = c']],
    ["container.mount.dest[/proc*] in ('<NA>')", ["container.mount.dest[/proc*] in ('<NA>')"]],
  ])('%j', (text, expected) => {
    expect(layOutCondition(text, 80)).toEqual(expected);
  });

  it('break at and/or, then in parentheses, then in lists', () => {
    expect(layOutCondition('m and not (proc.name in (aaa, bbb, ccc) or proc.name = d) and n', 24)).toEqual([
      'm',
      'and not (',
      '  proc.name in (',
      '    aaa, bbb, ccc',
      '  )',
      '  or proc.name = d',
      ')',
      'and n',
    ]);
  });

  it('what cannot be parsed, or holds line breaks in quotes, is left alone', () => {
    expect(layOutCondition('a.b = (', 80)).toBeUndefined();
    expect(layOutCondition('a.b = "x\ny"', 80)).toBeUndefined();
  });
});

describe('files', () => {
  it('items stand at the margin with one empty line between; comments stay', () => {
    const before = `# top\r
 -  list:  l   \r
    items: [a,\r
       b]   # why\r
 # about m\r
 -  macro: m # here\r
    condition: proc.name in (l)\r
\r
\r
 -  rule: R\r
    condition: >\r
      evt.type=execve\r
        and m\r
    # between\r
    desc: d\r
    output: "%proc.name  x "\r
    priority: INFO`;
    expect(formatted(before)).toBe(`# top
- list:  l
  items: [a, b]   # why

# about m
- macro: m # here
  condition: proc.name in (l)

- rule: R
  condition: evt.type = execve and m
  # between
  desc: d
  output: "%proc.name  x "
  priority: INFO
`);
  });

  it('a condition that does not fit becomes a folded block; what YAML would misread does too', () => {
    const long = `evt.type in (execve, execveat) and ${'proc.name = bash and '.repeat(4)}proc.tty != 0`;
    expect(formatted(`- macro: m\n  condition: ${long}\n`)).toBe(`- macro: m
  condition: >
    evt.type in (execve, execveat)
${'    and proc.name = bash\n'.repeat(4)}    and proc.tty != 0
`);
    expect(formatted(`- macro: m\n  condition: 'proc.cmdline contains "a: b"'\n`)).toBe(
      '- macro: m\n  condition: >\n    proc.cmdline contains "a: b"\n',
    );
  });

  it('blanks inside block scalars and comments inside conditions and lists are not touched', () => {
    const text = `- macro: m\n  condition: > # why\n    proc.name=a\n\n- list: l\n  items: [a, # first\n    b]\n\n- rule: R\n  desc: |\n    two  \n\n\n    three\n`;
    expect(formatted(text)).toBe(text);
  });

  it('what is no YAML is refused with its place', () => {
    expect(formatRules(file('- rule: "x\n'))).toMatchObject({
      problem: { code: 'LOAD_ERR_YAML_PARSE', at: { line: 2 } },
    });
  });
});

describe('the proof', () => {
  const before = '- macro: m # why\n  condition: (proc.name = a or proc.name = b)\n';
  it.each([
    ['another value', before.replace('= b', '= c'), 'the items would not be the same'],
    ['no parentheses', before.replace(/[()]/g, ''), 'the items would not be the same'],
    ['another blank in quotes', before.replace('= b', '= "b  c"'), 'the items would not be the same'],
    ['a lost comment', before.replace(' # why', ''), 'a comment would be lost or moved'],
    ['blanks only', before.replace(' or', '\n    or'), undefined],
  ])('%s', (_what, after, expected) => {
    expect(difference(file(before), file(after), [])).toBe(expected);
  });
});

describe('many files', () => {
  const vectors = readFileSync(
    resolve(import.meta.dirname, '../../../../tests/conformance/vectors/load-styles.jsonl'),
    'utf8',
  )
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { rules: string }).rules);

  it('in every YAML style, formatting is proved and done once', () => {
    const wrong: unknown[] = [];
    let changed = 0;
    for (const rules of vectors) {
      const { text, problem } = formatRules(file(rules));
      if (problem?.code === 'FORMAT_REFUSED') wrong.push({ rules, problem });
      if (text === undefined) continue;
      if (text !== rules) changed++;
      if (formatted(text) !== text) wrong.push({ rules, text });
    }
    expect(wrong).toEqual([]);
    expect(changed).toBeGreaterThan(vectors.length / 2);
  });

  const stock = process.env['YARAK_FALCO_RULES'];
  it.runIf(stock !== undefined)(
    "Falco's stock files are proved, and formatting them again changes nothing",
    () => {
      const folder = resolve(stock as string);
      const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
      expect(names.length).toBeGreaterThan(2);
      for (const name of names) {
        const text = formatted(readFileSync(join(folder, name), 'utf8'));
        expect(formatted(text) === text, name).toBe(true);
      }
    },
  );
});
