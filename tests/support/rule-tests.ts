// A folder with two rules, for tests of rule tests: writes a test file into it and runs it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type FileResult, runTestFile } from '../../src/rule-tests/index.ts';

export const RULES = `
- list: shells
  items: [sh, bash]
- macro: container
  condition: (container.id != host)
- rule: Shell
  desc: d
  condition: evt.type = execve and container and proc.name in (shells)
  output: "%proc.name in %container.id"
  priority: NOTICE
- rule: Quiet
  desc: d
  condition: evt.type = execve and proc.name = id
  output: "%proc.name"
  priority: DEBUG
  enabled: false
`;

/** A test file with one test, for `RULES`. */
export const oneTest = (test: string, head = '') => `
rules: rules.yaml
base: {evt.type: execve, container.id: abc, proc.name: sh}
${head}
tests:
  - ${test}
`;

export interface RuleTestFolder {
  write(name: string, text: string): void;
  /** Runs a test file with this text. */
  run(text: string): Promise<FileResult>;
  /** What is said about the first test, places without the folder. */
  said(text: string): Promise<string[]>;
  remove(): void;
}

/** Makes the folder, with `RULES` in `rules.yaml`. */
export function ruleTestFolder(): RuleTestFolder {
  const folder = mkdtempSync(join(tmpdir(), 'yarak-rule-tests-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const run = (text: string) => {
    write('one.test.yaml', text);
    return runTestFile(join(folder, 'one.test.yaml'));
  };
  write('rules.yaml', RULES);
  return {
    write,
    run,
    async said(text) {
      const { tests } = await run(text);
      return (tests[0]?.failures ?? []).flatMap(({ message, why }) => [
        message,
        ...why.map(({ text: line, at }) =>
          at === undefined ? line : `${basename(at.file)}:${at.line}:${at.column} ${line}`,
        ),
      ]);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
