// Falco's audit rules over recorded audit events: the traces and counts of YARAK_K8S_AUDIT (cases.json), with the stock
// rules of YARAK_FALCO_RULES where a case names them.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine, DEFAULT_SETTINGS } from '../../src/detect/engine/index.ts';
import { loadRules } from '../../src/detect/rules/index.ts';
import { EventReader, jsonAccess, KUBERNETES_AUDIT } from '../../src/sources/audit/index.ts';

const folder = process.env['YARAK_K8S_AUDIT'];
const stock = process.env['YARAK_FALCO_RULES'];

interface Case {
  readonly name: string;
  readonly trace: string;
  readonly rules: readonly string[];
  readonly detect: boolean;
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Rule files that Falco's present engine does not load either; their other rules are tried all the same. The old file
 * compares a list field with `contains`, which lists do not have (falco-engine-spec 2.4).
 */
const PARTIAL = new Set(['engine_v4_k8s_audit_rules.yaml']);

function countsOf(one: Case): Map<string, number> {
  const files = one.rules.map((name) => {
    const own = join(folder as string, 'rules', name);
    return { name, content: readFileSync(existsSync(own) ? own : join(stock as string, name), 'utf8') };
  });
  const set = loadRules(files, { partial: one.rules.some((name) => PARTIAL.has(name)) });
  const engine = createEngine(set.rules, jsonAccess(KUBERNETES_AUDIT), {
    settings: { ...DEFAULT_SETTINGS, ruleMatching: 'all' },
  });
  const counts = new Map<string, number>();
  const diagnostics: string[] = [];
  const reader = new EventReader(KUBERNETES_AUDIT, {
    file: one.trace,
    onEvent: (event) => {
      for (const { rule } of engine.alerts(event, 0)) counts.set(rule.name, (counts.get(rule.name) ?? 0) + 1);
    },
    onDiagnostic: (diagnostic) => diagnostics.push(diagnostic.message),
  });
  reader.push(readFileSync(join(folder as string, 'traces', one.trace)));
  reader.end();
  expect(diagnostics).toEqual([]);
  expect(reader.counts.events).toBeGreaterThan(0);
  return counts;
}

describe('Kubernetes audit', () => {
  if (folder === undefined || stock === undefined) {
    it.skip('YARAK_K8S_AUDIT and YARAK_FALCO_RULES are not both set', () => {});
    return;
  }
  const cases = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Case[];
  it.each(cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const counts = countsOf(one);
    for (const [rule, count] of Object.entries(one.counts)) expect(counts.get(rule) ?? 0, rule).toBe(count);
    if (one.detect) expect(counts.size).toBeGreaterThan(0);
  });
});
