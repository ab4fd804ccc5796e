// The interpreter is the oracle: generated code must match it on every pair of condition and event, and the
// three-valued evaluator may be ignorant but never wrong. `scripts/fuzz-engine.ts` runs the same for a million pairs.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  catalogueResolver,
  compileThreeValued,
  createEngine,
  DEFAULT_SETTINGS,
  interpret,
} from '../../src/detect/engine/index.ts';
import { catalogueFor } from '../../src/detect/fields/index.ts';
import { anyCondition, anyEvent, modelAccess, modelAlert, modelRule, parsed } from './engine-model.ts';

const resolve = catalogueResolver(catalogueFor('syscall'));
const ALL = { ...DEFAULT_SETTINGS, ruleMatching: 'all' } as const;
const RULES = 8;
const EVENTS = 5;
const RUNS = 10_000 / (RULES * EVENTS);

describe('the evaluators agree', () => {
  it('generated code and the planned interpreter match the interpreter', () => {
    let matches = 0;
    fc.assert(
      fc.property(
        fc.array(anyCondition, { minLength: RULES, maxLength: RULES }),
        fc.array(anyEvent, { minLength: EVENTS, maxLength: EVENTS }),
        (conditions, events) => {
          const rules = conditions.map(modelRule);
          const oracle = rules.map((rule) => interpret(rule.condition, modelAccess, resolve));
          const settings = { settings: { ...ALL }, generate: 'always' } as const;
          const generated = createEngine(rules, modelAccess, settings);
          const interpreted = createEngine(rules, modelAccess, { ...settings, generate: 'never' });
          const first = createEngine(rules, modelAccess, {
            ...settings,
            settings: { ...ALL, ruleMatching: 'first' },
          });
          expect(generated.diagnostics).toEqual([]);
          for (const event of events) {
            const expected = oracle.flatMap((test, i) => (test(event) ? [i] : []));
            matches += expected.length;
            expect([...generated.match(event, event.code)]).toEqual(expected);
            expect([...interpreted.match(event, event.code)]).toEqual(expected);
            expect([...first.match(event, event.code)]).toEqual(expected.slice(0, 1));
          }
        },
      ),
      { numRuns: RUNS },
    );
    expect(matches).toBeGreaterThan(500);
  });

  it('three-valued evaluation never contradicts the interpreter', () => {
    const seen = { true: 0, false: 0, unknown: 0 };
    fc.assert(
      fc.property(
        anyCondition,
        fc.array(anyEvent, { minLength: 4, maxLength: 4 }),
        fc.func(fc.nat(2)),
        (condition, events, choice) => {
          const expr = parsed(condition);
          const oracle = interpret(expr, modelAccess, resolve);
          const compiled = compileThreeValued(expr);
          for (const event of events) {
            const alert = modelAlert(event, (field) => choice(field) > 0);
            const { truth, missing } = compiled.evaluate(alert);
            expect(compiled.test(alert)).toBe(truth);
            seen[`${truth}`]++;
            if (truth === 'unknown') expect(missing.length).toBeGreaterThan(0);
            else expect({ truth, missing }).toEqual({ truth: oracle(event), missing: [] });
          }
        },
      ),
      { numRuns: 2500 },
    );
    expect(Math.min(seen.true, seen.false, seen.unknown)).toBeGreaterThan(1000);
  });
});
