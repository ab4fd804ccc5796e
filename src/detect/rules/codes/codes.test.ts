import { describe, expect, it } from 'vitest';
import { applyFixes } from '../lint/fix.ts';
import { lintRules } from '../lint/lint.ts';
import { loadRules } from '../load.ts';
import { CODE_PAGES } from './codes.ts';

/** All that loading and linting says, by our code and by Falco's. */
function codesOf(content: string): { code: string; severity: string }[] {
  const files = [{ name: 'rules.yaml', content }];
  const set = loadRules(files);
  return [
    ...set.results.flatMap(({ errors, warnings, later }) =>
      [...errors, ...warnings, ...later].flatMap(({ code, diagnostic }) => [
        { code: diagnostic.code, severity: diagnostic.severity },
        ...(code === diagnostic.code ? [] : [{ code, severity: diagnostic.severity }]),
      ]),
    ),
    ...set.pluginProblems,
    ...lintRules(files, set),
  ].map(({ code, severity }) => ({ code, severity }));
}

describe('the examples of the codes', () => {
  const withExample = [...CODE_PAGES].filter(([, page]) => page.example !== undefined);

  it('only these codes have none', () => {
    const without = [...CODE_PAGES.keys()].filter((code) => !withExample.some(([other]) => other === code));
    expect(without).toEqual([
      'MACRO_UNDEFINED',
      'RULES_TOO_LARGE',
      'FORMAT_REFUSED',
      'LOAD_ERR_COMPILE_CONDITION',
    ]);
  });

  it.each(withExample)('%s: the example has it, with its severity', (code, page) => {
    expect(codesOf(page.example as string)).toContainEqual({ code, severity: page.severity });
  });

  it.each(withExample)('%s: put right, nothing at all is said', (_code, page) => {
    expect(codesOf(page.fixed as string)).toEqual([]);
  });
});

describe('safe fixes', () => {
  it.each(['LINT_DUPLICATE_ITEM', 'LINT_EXPENSIVE_FIRST', 'LINT_REGEX_SIMPLER'])(
    "%s: the fix gives what the code's page calls right",
    (code) => {
      const { example = '', fixed } = CODE_PAGES.get(code) ?? {};
      const file = { name: 'rules.yaml', content: example };
      expect(applyFixes(file, lintRules([file], loadRules([file])))).toBe(fixed);
    },
  );

  it('an unsafe fix is not made', () => {
    const { example = '' } = CODE_PAGES.get('LINT_LIST_NAME_QUOTED') ?? {};
    const file = { name: 'rules.yaml', content: example };
    const findings = lintRules([file], loadRules([file]));
    expect(findings.flatMap(({ fixes = [] }) => fixes)).toMatchObject([{ safe: false }]);
    expect(applyFixes(file, findings)).toBe(example);
  });
});
