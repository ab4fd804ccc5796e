// Yarak's own rules (rules/): they load and lint without a word, every rule has a test that fires it, a test that must
// not, a playbook and a technique of ATT&CK, and they see every attack among the recordings.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { lintRules, loadRules } from '../src/detect/rules/index.ts';
import { runTestFile } from '../src/rule-tests/index.ts';
import { shippedKnowledge } from '../src/triage/index.ts';

const root = resolve(import.meta.dirname, '..');
const PACK = ['yarak_container_rules.yaml', 'yarak_host_rules.yaml', 'yarak_k8s_audit_rules.yaml'];
const TESTS = ['container', 'host', 'kubernetes-audit'].map((name) => `rules/tests/${name}.test.yaml`);
const CAPTURES = 'tests/rules-pack/captures.test.yaml';

const files = PACK.map((name) => ({ name, content: readFileSync(join(root, 'rules', name), 'utf8') }));
const set = loadRules(files);
const read = (file: string) =>
  parse(readFileSync(join(root, file), 'utf8')) as {
    tests: { name: string; expect: { rule: string }[]; events?: unknown[] }[];
  };

describe("Yarak's own rules", () => {
  it('load without a word, together and each file alone', () => {
    for (const some of [files, ...files.map((file) => [file])]) {
      const loaded = loadRules(some);
      const words = loaded.results.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
      expect(words).toEqual([]);
      expect(lintRules(some, loaded).map(({ code, message }) => `${code} ${message}`)).toEqual([]);
    }
    expect(set.rules.length).toBeGreaterThanOrEqual(25);
    expect(set.rules.length).toBeLessThanOrEqual(40);
  });

  it.each([...TESTS, CAPTURES])('%s passes', async (file) => {
    const { tests, diagnostics } = await runTestFile(join(root, file), {});
    expect(diagnostics).toEqual([]);
    expect(tests.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(tests.length).toBe(read(file).tests.length);
  });

  it('each have a test that fires them, followed by one in which nothing may fire', () => {
    const fired = new Set<string>();
    for (const file of TESTS) {
      const { tests } = read(file);
      for (const [index, test] of tests.entries()) {
        const quietFollows = tests.slice(index + 1).some(({ expect: wanted }) => wanted.length === 0);
        if (quietFollows) for (const { rule } of test.expect) fired.add(rule);
      }
    }
    expect(set.rules.map(({ name }) => name).filter((name) => !fired.has(name))).toEqual([]);
  });

  it('each have a playbook and name a technique', () => {
    const playbooks = new Set(shippedKnowledge().playbooks.map(({ rule }) => rule));
    expect(set.rules.map(({ name }) => name).filter((name) => !playbooks.has(name))).toEqual([]);
    expect(set.rules.filter(({ tags }) => !tags.some((tag) => /^T\d{4}/.test(tag)))).toEqual([]);
  });

  it('see every recorded attack, and raise less than the stock rules on harmless work', () => {
    const labels = JSON.parse(readFileSync(join(root, 'tests/captures/labels.json'), 'utf8')) as {
      name: string;
      label: string;
    }[];
    const tests = new Map(
      read(CAPTURES).tests.map(({ name, expect: wanted }) => [name.replace(/ \(.*/, ''), wanted]),
    );
    const quiet: string[] = [];
    const noisy: string[] = [];
    for (const { name, label } of labels) {
      const wanted = tests.get(name.replaceAll('_', ' '));
      if (label === 'malicious' && (wanted?.length ?? 0) === 0) quiet.push(name);
      if (label === 'benign' && wanted?.length !== 0) noisy.push(name);
    }
    expect(quiet).toEqual([]);
    // Accounts made by an administrator, a job and a sudo policy written by configuration management.
    expect(noisy.sort()).toEqual(['admin_user_mgmt', 'ansible_run']);
  });
});
