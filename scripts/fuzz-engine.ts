// node scripts/fuzz-engine.ts [PAIRS] [SEED]: the evaluators against each other on many pairs of condition and event
// (default one million). Exits 1 on the first disagreement, which it prints with its seed.

import fc from 'fast-check';
import {
  catalogueResolver,
  compileThreeValued,
  createEngine,
  DEFAULT_SETTINGS,
  interpret,
} from '../src/detect/engine/index.ts';
import { catalogueFor } from '../src/detect/fields/index.ts';
import { anyCondition, anyEvent, modelAccess, modelAlert, modelRule } from '../tests/fuzz/engine-model.ts';

const pairs = Number(process.argv[2] ?? 1_000_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const RULES = 10;
const EVENTS = 50;
const resolve = catalogueResolver(catalogueFor('syscall'));
const settings = { ...DEFAULT_SETTINGS, ruleMatching: 'all' } as const;
const tally = { pairs: 0, matches: 0, unknown: 0 };

const result = fc.check(
  fc.property(
    fc.array(anyCondition, { minLength: RULES, maxLength: RULES }),
    fc.array(anyEvent, { minLength: EVENTS, maxLength: EVENTS }),
    fc.func(fc.nat(2)),
    (conditions, events, choice) => {
      const rules = conditions.map(modelRule);
      const oracle = rules.map((rule) => interpret(rule.condition, modelAccess, resolve));
      const past = rules.map((rule) => compileThreeValued(rule.condition));
      const engine = createEngine(rules, modelAccess, { settings, generate: 'always' });
      for (const event of events) {
        const expected = oracle.map((test) => test(event));
        const matched = new Set(engine.match(event, event.code));
        const alert = modelAlert(event, (field) => choice(field) > 0);
        for (const [i, truth] of expected.entries()) {
          tally.pairs++;
          if (truth) tally.matches++;
          if (matched.has(i) !== truth) throw new Error(`generated code differs: ${conditions[i]}`);
          const known = past[i]?.test(alert);
          if (known === 'unknown') tally.unknown++;
          else if (known !== truth) throw new Error(`three-valued contradicts: ${conditions[i]}`);
        }
      }
    },
  ),
  { numRuns: Math.ceil(pairs / (RULES * EVENTS)), seed },
);
if (result.failed) {
  console.error(fc.defaultReportMessage(result));
  process.exit(1);
}
console.log(JSON.stringify({ seed, ...tally }));
