import { describe, expect, it } from 'vitest';
import { parseFalcoConfig } from './falco-config.ts';
import { matchesWildcard } from './selection.ts';

describe('falco.yaml', () => {
  it('reads what changes results and ignores the rest', () => {
    const { settings, diagnostics } = parseFalcoConfig(
      `
engine: {kind: modern_ebpf}
priority: notice
rule_matching: all
json_output: on
json_include_tags_property: no
time_format_iso_8601: true
rules:
  - disable: {rule: "*"}
  - enable: {tag: network}
append_output:
  - match: {source: syscall, tags: [a]}
    extra_output: "x=%proc.name"
    extra_fields: [proc.pid, {who: "%user.name"}]
    suggested_output: true
static_fields: {cluster: 7}
`,
      'falco.yaml',
    );
    expect(diagnostics).toEqual([]);
    expect(settings).toMatchObject({
      priority: 'Notice',
      ruleMatching: 'all',
      json: true,
      jsonTagsProperty: false,
      timeIso8601: true,
      rules: [
        { enable: false, rule: '*' },
        { enable: true, tag: 'network' },
      ],
      appendOutput: [
        {
          source: 'syscall',
          tags: ['a'],
          extraOutput: 'x=%proc.name',
          extraFields: [{ name: 'proc.pid' }, { name: 'who', format: '%user.name' }],
          suggestedOutput: true,
        },
      ],
    });
    expect(settings?.staticFields.get('cluster')).toBe('7');
  });

  it.each([
    ['priority: loud', 1],
    ['a: 1\nrule_matching: some', 2],
    ['rules:\n  - {disable: {name: x}}', 2],
  ])('says where %j is wrong', (text, line) => {
    const { settings, diagnostics } = parseFalcoConfig(text, 'falco.yaml');
    expect(settings).toBeUndefined();
    expect(diagnostics[0]?.at).toMatchObject({ file: 'falco.yaml', line });
  });

  it('takes an empty file for the defaults', () => {
    expect(parseFalcoConfig('', 'falco.yaml').settings).toMatchObject({ json: false, ruleMatching: 'first' });
  });
});

describe('rule wildcards', () => {
  it.each([
    ['*', '', true],
    ['Terminal*', 'Terminal shell', true],
    ['*shell*', 'Terminal shell in container', true],
    ['a*c', 'abc', true],
    ['a*c', 'abcd', false],
    ['abc', 'abc', true],
    // Falco takes the first `ab` and never looks back.
    ['*ab', 'abab', false],
  ])('%s on %s: %s', (pattern, name, expected) => {
    expect(matchesWildcard(pattern, name)).toBe(expected);
  });
});
