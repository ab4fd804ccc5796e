// What explanations and coverage see is what the engine sees: on every event, a condition misses nothing exactly where
// the engine fires the rule.

import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine, DEFAULT_SETTINGS, type EventAccess } from '../detect/engine/index.ts';
import { EVENTS } from '../detect/fields/index.ts';
import type { Leaf } from '../detect/lang/index.ts';
import { loadRules, type Rule } from '../detect/rules/index.ts';
import { readCapture, scapFields } from '../sources/scap/index.ts';
import { inlineAccess } from './inline-event.ts';
import { Machinery } from './machinery.ts';
import { nearestMiss } from './nearest-miss.ts';
import { EventSources } from './sources.ts';
import { readTestFile } from './test-file.ts';
import type { Truth, Vantage } from './vantage.ts';

const root = resolve(import.meta.dirname, '../..');
const SETTINGS = {
  ...DEFAULT_SETTINGS,
  ruleMatching: 'all',
  rules: [{ enable: true, rule: '*' }],
} as const;

function rulesOf(folder: string): readonly Rule[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return loadRules(names.sort().map((name) => ({ name, content: readFileSync(join(folder, name), 'utf8') })))
    .rules;
}

/** Gives both answers for one event: the rules that the engine fires, and those whose conditions miss nothing. */
function comparison<E>(rules: readonly Rule[], access: EventAccess<E>, vantage: Vantage<E>) {
  const engine = createEngine(rules, access, { settings: SETTINGS, generate: 'always' });
  const compiled = new Map<Leaf, (event: E) => Truth>();
  const leaf = (one: Leaf) => {
    const run = compiled.get(one) ?? vantage.truth(one);
    compiled.set(one, run);
    return run;
  };
  return (event: E, code: number) => ({
    fired: engine.match(event, code).map((position) => (engine.rules[position] as Rule).name),
    missless: engine.rules
      .filter(({ condition }) => nearestMiss(condition, (one) => leaf(one)(event)) === undefined)
      .map(({ name }) => name),
  });
}

describe('the engine and the explanations agree', () => {
  it("on the events of the tests of Yarak's own rules", () => {
    const rules = rulesOf(join(root, 'rules'));
    let events = 0;
    for (const source of ['syscall', 'k8s_audit']) {
      const { vantage } = new Machinery(rules, SETTINGS, new EventSources()).inline(source);
      const compare = comparison(rules, inlineAccess(source), vantage);
      for (const name of globSync('rules/tests/*.test.yaml', { cwd: root })) {
        const { parsed } = readTestFile(readFileSync(join(root, name), 'utf8'), join(root, name));
        for (const { input } of parsed?.tests ?? []) {
          if (input?.kind !== 'events' || input.source !== source) continue;
          for (const event of input.events) {
            events++;
            const { fired, missless } = compare(event, event.code);
            expect(missless, `${name}:${event.at.line}`).toEqual(fired);
          }
        }
      }
    }
    expect(events).toBeGreaterThan(100);
  });

  it("on recorded system calls, with Yarak's own rules", async () => {
    const rules = rulesOf(join(root, 'rules'));
    await compareCaptures(rules, ['reverse_shell_bash', 'escape_release_agent', 'ansible_run']);
  });

  const stock = process.env['YARAK_FALCO_RULES'];
  it.runIf(stock !== undefined)('on recorded system calls, with the stock rules', async () => {
    await compareCaptures(rulesOf(resolve(stock as string)), ['shell_in_container']);
  });
});

async function compareCaptures(rules: readonly Rule[], names: readonly string[]): Promise<void> {
  const { captureVantage } = new Machinery(rules, SETTINGS, new EventSources());
  const compare = comparison(rules, scapFields, captureVantage);
  let fires = 0;
  for (const name of names) {
    const bytes = readFileSync(join(root, 'tests/captures', `${name}.scap`));
    const wrong: string[] = [];
    await readCapture(
      (async function* () {
        yield bytes;
      })(),
      (event) => {
        const { fired, missless } = compare(event, event.code);
        fires += fired.length;
        if (fired.join() !== missless.join())
          wrong.push(`${name} ${event.num} ${EVENTS[event.code]?.name}: ${fired} / ${missless}`);
      },
    );
    expect(wrong).toEqual([]);
  }
  expect(fires).toBeGreaterThan(0);
}
