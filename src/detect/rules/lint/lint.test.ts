import { describe, expect, it } from 'vitest';
import { loadRules } from '../load.ts';
import { applyFixes } from './fix.ts';
import { lintRules } from './lint.ts';

const rule = (condition: string, more = '', name = 'R') => `- rule: ${name}
  desc: d
  condition: ${condition}
  output: "%proc.cmdline %proc.exepath %proc.pname %user.name"
  priority: NOTICE
  tags: [T1059.004]
${more}`;

/** Findings as `CODE severity "text in the file"`. */
function lint(...contents: readonly string[]): string[] {
  const files = contents.map((content, i) => ({ name: `${i}.yaml`, content }));
  const findings = lintRules(files, loadRules(files, { partial: true }));
  return findings.map(({ code, severity, at }) => {
    const text = files.find(({ name }) => name === at?.file)?.content ?? '';
    return `${code} ${severity} ${JSON.stringify(text.slice(at?.from, at?.to))}`;
  });
}

describe('what is found, where', () => {
  it.each([
    [
      'in a folded block',
      rule('>\n    evt.type = connect\n    and fd.net in (10.0.0.0/8,\n      192.168.0.0/16)'),
      ['LINT_NET_FIRST_ONLY warning "fd.net in (10.0.0.0/8,\\n      192.168.0.0/16)"'],
    ],
    [
      'in quotes with escapes before it',
      rule('"evt.type = execve and proc.name in (\\"a\\", <NA>)"'),
      ['LINT_NA_COMPARE hint "<NA>"'],
    ],
    [
      'networks of a list count',
      `- list: nets\n  items: ['"10.0.0.0/8"', '"172.16.0.0/12"']\n${rule('evt.type = connect and fd.net in (nets)')}`,
      ['LINT_NET_FIRST_ONLY warning "fd.net in (nets)"'],
    ],
    [
      'in appended text',
      `${rule('evt.type = execve and proc.name = a')}- rule: R\n  condition: and proc.name != "<NA>"\n  override: {condition: append}\n`,
      ['LINT_NA_COMPARE hint "\\"<NA>\\""'],
    ],
    [
      'an empty list that must match',
      `- list: none\n  items: []\n${rule('evt.type = execve and proc.name in (none)')}`,
      ['LINT_NEVER_FIRES warning "R"'],
    ],
    [
      'never_true behind macros',
      `- macro: never_true\n  condition: (evt.num=0)\n- macro: hook\n  condition: (never_true)\n${rule('evt.type = execve and hook')}`,
      ['LINT_NEVER_FIRES warning "R"'],
    ],
    [
      'bounds with nothing between them',
      rule('evt.type = connect and proc.pid > 5 and (proc.pid < 6 or proc.pid = 3) and proc.pid <= 5'),
      ['LINT_NEVER_FIRES warning "R"'],
    ],
    [
      'bounds with one number between them',
      rule('evt.type = connect and proc.pid > 5 and proc.pid < 7 and fd.port > 9 and fd.port < 3'),
      [],
    ],
  ])('%s', (_what, content, expected) => {
    expect(lint(content)).toEqual(expected);
  });

  it('an item that another file redefines is information, with the place of the first', () => {
    const list = (items: string) => `- list: l\n  items: [${items}]\n`;
    const use = rule('evt.type = execve and proc.name in (l)');
    expect(lint(list('a') + use, list('b'))).toEqual(['LINT_REDEFINED info "l"']);
    expect(lint(list('a') + use, list('a'))).toEqual([]);
  });
});

describe('what is not found', () => {
  it.each([
    ['<NA> where the field does hold it', rule('evt.type = execve and user.name != "<NA>"')],
    ['one network', rule('evt.type = connect and fd.net in (10.0.0.0/8)')],
    ['networks of one end', rule('evt.type = connect and fd.snet in (10.0.0.0/8, 192.168.0.0/16)')],
    [
      'a rule that never fires and is off',
      rule('evt.type = execve and evt.type = open', '  enabled: false\n'),
    ],
    ['two ancestors', rule('evt.type = execve and proc.aname = a and proc.aname = b')],
    ['either of two values', rule('evt.type = execve and (proc.name = a or proc.name = b)')],
    ['never_true under not', rule('evt.type = execve and not evt.num = 0 and proc.name = a')],
    ['an expression that needs to be one', rule('evt.type = execve and proc.name regex "b.sh"')],
    [
      'an exception with a path',
      rule(
        'evt.type = execve and proc.name = a',
        '  exceptions:\n    - name: e\n      fields: [proc.name, proc.exepath]\n      values: [[a, /b]]\n',
      ),
    ],
    [
      'an exception without values',
      rule(
        'evt.type = execve and proc.name = a',
        '  exceptions:\n    - name: e\n      fields: [proc.name]\n',
      ),
    ],
  ])('%s', (_what, content) => {
    expect(lint(content)).toEqual([]);
  });
});

describe('fixes', () => {
  const fixed = (content: string) => {
    const file = { name: '0.yaml', content };
    return applyFixes(file, lintRules([file], loadRules([file])));
  };

  it('take list items away, in either style, and leave them where a comment stands', () => {
    const use = rule('evt.type = execve and proc.name in (l)');
    expect(fixed(`- list: l\n  items:\n    - a\n    - b\n    - a\n${use}`)).toBe(
      `- list: l\n  items:\n    - a\n    - b\n${use}`,
    );
    expect(fixed(`- list: l\n  items: [a, a, b]\n${use}`)).toBe(`- list: l\n  items: [a, b]\n${use}`);
    const commented = `- list: l\n  items:\n    - a\n    # again\n    - a # really\n${use}`;
    expect(fixed(commented)).toBe(commented);
  });

  it.each([
    ['^/etc/shadow\\\\.bak$', 'fd.name = /etc/shadow.bak'],
    ['(/a|/b)', 'fd.name in (/a, /b)'],
  ])('the expression %s becomes %s', (pattern, plain) => {
    expect(fixed(rule(`'evt.type = open and fd.name regex "${pattern}"'`))).toContain(plain);
  });

  it('`.*` does not match a line feed, so its operator is only proposed', () => {
    const content = rule('\'evt.type = open and fd.name regex "^(/a|/b).*"\'');
    expect(lint(content)).toEqual(['LINT_REGEX_SIMPLER hint "\\"^(/a|/b).*\\""']);
    expect(fixed(content)).toBe(content);
  });
});

describe('broken and hostile files', () => {
  it.each([
    ['no YAML', '- rule: "'],
    ['no items', 'a: b'],
    ['nulls and scalars', '- rule:\n- list: ~\n- macro: [a]\n- x\n-\n'],
    [
      'odd kinds',
      '- rule: r\n  tags: {a: b}\n  exceptions: [x, {name: [a]}]\n  output: [a]\n  condition: {}\n',
    ],
    ['an alias to itself', '- list: l\n  items: &a [x, *a]\n'],
    [
      'names of the prototype',
      '- list: __proto__\n  items: [constructor, toString]\n- rule: constructor\n  tags: [__proto__, toString]\n',
    ],
  ])('%s: nothing is thrown', (_what, content) => {
    expect(() => lint(content)).not.toThrow();
  });
});
