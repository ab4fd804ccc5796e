// Rule files made to hurt: bombs, depth, size, words that try to become code. Each is read in bounded time and memory
// and ends in a rule set or in diagnostics with a place; nothing in it ever runs.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createEngine, recordAccess } from '../../src/detect/engine/index.ts';
import { eventCodes, type Value } from '../../src/detect/fields/index.ts';
import { lintRules, loadRules, type Rule } from '../../src/detect/rules/index.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'yarak-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rule = (condition: string, name = 'R', output = '"x %proc.cmdline"') =>
  `- rule: ${name}\n  desc: d\n  condition: ${condition}\n  output: ${output}\n  priority: NOTICE\n`;
const EXECVE = (eventCodes('execve') ?? []).find((code) => code % 2 === 1) as number;

/** How many rules match an execve with these fields; `generate`: by generated code, or by plain interpretation. */
function matches(
  rules: readonly Rule[],
  fields: Readonly<Record<string, string>>,
  generate: 'always' | 'never',
) {
  const engine = createEngine(rules, recordAccess('syscall'), { generate });
  const event = {
    timeNs: 0n,
    fields: new Map<string, Value>(Object.entries({ 'evt.type': 'execve', ...fields })),
  };
  return engine.match(event, EXECVE).length;
}
const doubled = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i + 1)).join('');
const LETTERS = [...'bcdefghij'];

/** Name → file, and what must come of it: rules loaded, or the code of its first error. */
const FILES: readonly (readonly [name: string, text: () => string, expected: number | string])[] = [
  [
    'aliases of aliases',
    () =>
      `- list: a\n  items: &a [x1,x2,x3,x4,x5,x6,x7,x8,x9]\n${LETTERS.map(
        (letter, i) => `- list: ${letter}\n  items: &${letter} [${Array(9).fill(`*${'abcdefghij'[i]}`)}]\n`,
      ).join('')}${rule('evt.type=execve and proc.name in (j)')}`,
    'LOAD_ERR_YAML_VALIDATE',
  ],
  [
    'lists of lists of lists',
    () =>
      `- list: l0\n  items: [${Array.from({ length: 10 }, (_, i) => `a${i}`)}]\n${doubled(
        8,
        (i) => `- list: l${i}\n  items: [${Array(10).fill(`l${i - 1}`)}]\n`,
      )}${rule('evt.type=execve and proc.name in (l8)')}`,
    1,
  ],
  [
    'macros that double forty times',
    () =>
      `- macro: m0\n  condition: (proc.name=a or proc.name=b)\n${doubled(
        40,
        (i) => `- macro: m${i}\n  condition: (m${i - 1} and m${i - 1} or m${i - 1})\n`,
      )}${rule('evt.type=execve and m40')}`,
    'LOAD_ERR_COMPILE_CONDITION',
  ],
  [
    'macros that name each other',
    () => `- macro: a\n  condition: b\n- macro: b\n  condition: a\n${rule('a')}`,
    'LOAD_ERR_VALIDATE',
  ],
  [
    'a hundred thousand parentheses',
    () => rule(`${'('.repeat(1e5)}evt.type=execve${')'.repeat(1e5)}`),
    'LOAD_ERR_COMPILE_CONDITION',
  ],
  [
    'a hundred thousand alternatives',
    () =>
      rule(`evt.type=execve and (${Array.from({ length: 1e5 }, (_, i) => `proc.name=a${i}`).join(' or ')})`),
    1,
  ],
  ['a constant of ten megabytes', () => rule(`evt.type=execve and proc.name="${'A'.repeat(1e7)}"`), 1],
  ['YAML nested fifty thousand deep', () => `${'- '.repeat(5e4)}x\n`, 'LOAD_ERR_YAML_PARSE'],
  ['brackets a hundred thousand deep', () => '['.repeat(1e5), 'LOAD_ERR_YAML_PARSE'],
  ['an anchor in itself', () => '- &a\n  rule: R\n  exceptions: [*a]\n', 'LOAD_ERR_YAML_PARSE'],
  ['a key of five megabytes', () => `? ${'k'.repeat(5e6)}\n: v\n`, 'LOAD_ERR_YAML_VALIDATE'],
  [
    'five thousand rules',
    () => doubled(5000, (i) => rule(`evt.type=execve and proc.name=a${i}`, `R${i}`)),
    5000,
  ],
  [
    'a regular expression that others backtrack on',
    () => rule("evt.type=execve and proc.name regex '(a+)+$'"),
    1,
  ],
  [
    'a regular expression that explodes',
    () => rule("evt.type=execve and proc.name regex '((a{1,1000}){1,1000}){1,1000}'"),
    'LOAD_ERR_COMPILE_CONDITION',
  ],
];

describe('hostile rule files', () => {
  it.each(FILES)('%s', (_name, text, expected) => {
    const files = [{ name: 'hostile.yaml', content: text() }];
    const before = process.cpuUsage();
    const set = loadRules(files, { partial: true });
    lintRules(files, set);
    const { user, system } = process.cpuUsage(before);
    if (typeof expected === 'number') expect(set.rules.length).toBe(expected);
    else {
      const [first] = set.results[0]?.errors ?? [];
      expect(first?.code).toBe(expected);
      expect(first?.diagnostic.message).not.toMatch(/call stack|heap|RangeError/);
    }
    // Far above what any of them takes (the worst a few seconds), far below what an exponential one would.
    expect((user + system) / 1e6).toBeLessThan(30);
  });

  it('the command stays below 1 GB on the largest of them', () => {
    const file = join(folder, 'big.yaml');
    writeFileSync(file, rule(`evt.type=execve and proc.name="${'A'.repeat(1e7)}"`));
    const done = spawnSync(
      process.execPath,
      ['--max-old-space-size=900', join(root, 'bin/yarak.js'), 'check', file],
      { encoding: 'utf8' },
    );
    expect(done.status, done.stderr).toBe(0);
  });

  it('a regular expression matches in time that grows with the text', () => {
    const { rules } = loadRules([
      { name: 'r.yaml', content: rule("evt.type=execve and proc.name regex '(a+)+b'") },
    ]);
    const before = process.cpuUsage();
    expect(matches(rules, { 'proc.name': 'a'.repeat(50_000) }, 'always')).toBe(0);
    expect(matches(rules, { 'proc.name': `${'a'.repeat(50_000)}b` }, 'always')).toBe(1);
    const { user } = process.cpuUsage(before);
    expect(user / 1e6).toBeLessThan(10);
  });
});

/** Text that would do something if any of it became code. */
const CODE = [
  "');globalThis.pwned=1;('",
  ['`$', '{globalThis.pwned=1}`'].join(''),
  '"+(globalThis.pwned=1)+"',
  '\\u0027;globalThis.pwned=1//',
  '\u2028globalThis.pwned=1\u2029',
  '*/globalThis.pwned=1/*',
  '}};globalThis.pwned=1;{{',
  '__proto__',
  'constructor.constructor("globalThis.pwned=1")()',
];

describe('words that try to become code', () => {
  const quoted = (text: string) =>
    JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

  it.each(CODE)('%j as constant, list item, name, tag and output', (text) => {
    const constant = `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
    const content =
      `- list: ${quoted(text)}\n  items: [${quoted(text)}]\n` +
      `- rule: ${quoted(text)}\n  desc: ${quoted(text)}\n` +
      `  condition: ${quoted(`evt.type = execve and proc.name = ${constant} and not proc.cmdline in (${constant}, b)`)}\n` +
      `  output: ${quoted(text)}\n  priority: NOTICE\n  tags: [${quoted(text)}]\n`;
    const set = loadRules([{ name: 'code.yaml', content }], { partial: true });
    expect(set.rules.length).toBe(1);
    for (const generate of ['always', 'never'] as const) {
      expect(matches(set.rules, { 'proc.name': text, 'proc.cmdline': 'x' }, generate)).toBe(1);
      expect(matches(set.rules, { 'proc.name': text, 'proc.cmdline': text }, generate)).toBe(0);
    }
    expect('pwned' in globalThis).toBe(false);
  });

  it('any text at all is a constant and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (text) => {
        // What YAML and the condition's own quoting cannot hold is not the matter here.
        const safe = `x${text.replace(/[\u0000-\u001f\u007f-\u009f\ud800-\udfff\ufffe\uffff\\"']/gu, '')}`;
        const content = rule(quoted(`evt.type = execve and proc.name = "${safe}"`));
        const { rules } = loadRules([{ name: 'c.yaml', content }], { partial: true });
        expect(rules.length).toBe(1);
        expect(matches(rules, { 'proc.name': safe }, 'always')).toBe(1);
        expect(matches(rules, { 'proc.name': `${safe}x` }, 'always')).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a byte order mark', () => {
  it('is skipped, as Falco skips it; places are those of the file', () => {
    const content = `\ufeff${rule('evt.type = execve and proc.nam = a')}`;
    const [error] = loadRules([{ name: 'bom.yaml', content }]).results[0]?.errors ?? [];
    expect(error?.diagnostic.at).toMatchObject({ line: 3 });
    expect(content.slice(error?.diagnostic.at?.from, error?.diagnostic.at?.to)).toContain('proc.nam');
    expect(loadRules([{ name: 'b.yaml', content: `\ufeff${rule('evt.type = execve')}` }]).rules.length).toBe(
      1,
    );
  });
});
