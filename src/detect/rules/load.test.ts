import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRules } from './index.ts';

const rule = (condition: string, more = '') =>
  `- rule: r\n  desc: d\n  condition: ${condition}\n  output: o\n  priority: INFO\n${more}`;

/** Every finding as `CODE «the author's text» line:column`, of all files. */
function findings(...texts: string[]): string[] {
  const files = texts.map((content, i) => ({ name: `${i}.yaml`, content }));
  const { results } = loadRules(files);
  const last = results.at(-1);
  return [...(last?.errors ?? []), ...(last?.warnings ?? []), ...(last?.later ?? [])].map(
    ({ diagnostic }) => {
      const { code, at } = diagnostic;
      const text = texts[Number.parseInt(at?.file ?? '0', 10)] ?? '';
      return `${code} «${text.slice(at?.from, at?.to)}» ${at?.line}:${at?.column}`;
    },
  );
}

describe("diagnostics point at the author's own characters", () => {
  it.each([
    ['plain', rule('evt.type=open and proc.nmae = x'), '«proc.nmae» 3:32'],
    [
      'single quotes',
      rule("'proc.name = \"it''s\" and proc.nmae = x and evt.type=open'"),
      '«proc.nmae» 3:39',
    ],
    [
      'double quotes',
      rule('"evt.type=open and proc.name = \\"\\u0041\\" and proc.nmae = x"'),
      '«proc.nmae» 3:60',
    ],
    ['folded', rule('>\n    evt.type=open and\n\n    proc.nmae = x'), '«proc.nmae» 6:5'],
    [
      'folded, indented',
      rule('>-\n    evt.type=open and\n      proc.name = a\n    and proc.nmae = x'),
      '«proc.nmae» 6:9',
    ],
    ['literal', rule('|\n    evt.type=open\n    and proc.nmae = x'), '«proc.nmae» 5:9'],
    ['plain over lines', rule('evt.type=open and\n    proc.nmae = x'), '«proc.nmae» 4:5'],
    [
      'CR LF',
      rule('|\n    evt.type=open\n    and proc.nmae = x').replaceAll('\n', '\r\n'),
      '«proc.nmae» 5:9',
    ],
  ])('%s', (_style, text, place) => {
    expect(findings(text)).toEqual([`FIELD_UNKNOWN ${place}`]);
  });

  it('through macros, lists, appended parts and exceptions', () => {
    expect(findings(`- macro: m\n  condition: proc.nmae = x\n${rule('evt.type=open and m')}`)).toEqual([
      'FIELD_UNKNOWN «proc.nmae» 2:14',
    ]);
    expect(findings(`- list: l\n  items: [1, x]\n${rule('evt.type=open and proc.pid in (l)')}`)).toEqual([
      'VALUE_INVALID «l» 5:45',
    ]);
    expect(
      findings(
        rule('evt.type=open'),
        '- rule: r\n  override: {condition: append}\n  condition: and proc.nmae = x\n',
      ),
    ).toEqual(['FIELD_UNKNOWN «proc.nmae» 3:18']);
    expect(
      findings(
        rule('evt.type=open', '  exceptions:\n    - {name: e, fields: proc.pid, values: [1, zwei]}\n'),
      ),
    ).toEqual(['VALUE_INVALID «zwei» 7:47']);
    expect(findings(rule('evt.type=open and nosuch'))[0]).toBe('LOAD_ERR_VALIDATE «nosuch» 3:32');
    expect(findings(rule('evt.type=open').replace('output: o', 'output: "a %proc.nmae"'))[0]).toContain(
      '«%proc.nmae» 4:14',
    );
  });

  it('shows what Falco would only tell later', () => {
    expect(findings(rule('evt.type=open and proc.nmae = x and proc.pid = y'))).toEqual([
      'FIELD_UNKNOWN «proc.nmae» 3:32',
      'VALUE_INVALID «y» 3:61',
    ]);
  });
});

describe('hostile files', () => {
  /** The first error's code, or `loaded`. */
  const verdict = (content: string) => {
    const [result] = loadRules([{ name: 'x.yaml', content }]).results;
    return result?.errors[0]?.diagnostic.code ?? 'loaded';
  };
  const many = (count: number, line: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => line(i)).join('');

  it.each([
    ['deep flow', '['.repeat(50_000), 'LOAD_ERR_YAML_PARSE'],
    ['unknown alias', '- *a', 'LOAD_ERR_YAML_PARSE'],
    [
      'macros that double',
      many(40, (i) => `- macro: m${i}\n  condition: ${i ? `m${i - 1} or m${i - 1}` : 'evt.type=open'}\n`) +
        rule('m39'),
      'RULES_TOO_LARGE',
    ],
    [
      'deep macros',
      many(
        200,
        (i) =>
          `- macro: m${i}\n  condition: ${i ? `${'not('.repeat(100)}m${i - 1}${')'.repeat(100)}` : 'evt.type=open'}\n`,
      ) + rule('m199'),
      'RULES_TOO_LARGE',
    ],
    [
      'lists that double',
      many(40, (i) => `- list: l${i}\n  items: [l${i + 1}, l${i + 1}]\n`) +
        rule('evt.type=open and proc.name in (l0)'),
      'RULES_TOO_LARGE',
    ],
    [
      'a chain of lists',
      many(5000, (i) => `- list: l${i}\n  items: [l${i + 1}]\n`) +
        rule('evt.type=open and proc.name in (l0)'),
      'loaded',
    ],
    [
      'a long list',
      `- list: l\n  items: [${many(20_000, (i) => `i${i}, `)}]\n${rule('evt.type=open and proc.name in (l)')}`,
      'loaded',
    ],
    ['a huge scalar', rule(`"evt.type=open and proc.name = ${'a'.repeat(2_000_000)}"`), 'loaded'],
    [
      'many exceptions',
      rule(
        'evt.type=open',
        `  exceptions:\n    - name: e\n      fields: [proc.name]\n      values:\n${many(20_000, (i) => `      - [a${i}]\n`)}`,
      ),
      'loaded',
    ],
    ['NUL', rule('"evt.type=\\0"'), 'CONDITION_SYNTAX'],
  ])('%s: bounded, with a diagnostic', (_name, text, expected) => {
    expect(verdict(text)).toBe(expected);
  });
});

describe('loading', () => {
  it('keeps what compiles if asked to', () => {
    const content = `${rule('evt.type=open')}${rule('evt.type=nosuch').replace('rule: r', 'rule: s')}`;
    expect(loadRules([{ name: 'x', content }]).rules).toEqual([]);
    expect(loadRules([{ name: 'x', content }], { partial: true }).rules.map((r) => r.name)).toEqual(['r']);
  });

  const stock = process.env['YARAK_FALCO_RULES'] ?? '';
  it.skipIf(!existsSync(stock))('YARAK_FALCO_RULES: the three stock files load together, 93 rules', () => {
    const names = ['falco_rules.yaml', 'falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml'];
    const set = loadRules(names.map((name) => ({ name, content: readFileSync(join(stock, name), 'utf8') })));
    expect(set.results.flatMap((result) => result.errors)).toEqual([]);
    expect(set.rules).toHaveLength(93);
  });

  const audit = process.env['YARAK_K8S_AUDIT'] ?? '';
  it.skipIf(!existsSync(audit))('YARAK_K8S_AUDIT: the stock audit rules load, 48 rules', () => {
    const content = readFileSync(join(audit, 'rules/k8s_audit_rules.yaml'), 'utf8');
    const set = loadRules([{ name: 'k8s_audit_rules.yaml', content }]);
    expect(set.results[0]).toMatchObject({ errors: [], warnings: [] });
    expect(set.rules).toHaveLength(48);
  });
});
