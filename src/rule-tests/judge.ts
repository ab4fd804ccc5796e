// What a test expects against what fired.

import { fieldToText } from '../alerts/index.ts';
import type { Location } from '../base/diagnostic.ts';
import type { FiredAlert, StreamResult } from './streams.ts';
import type { ExpectedAlert, TestCase } from './test-file.ts';

export interface Failure {
  /** `count`: more or fewer alerts than expected; `unexpected`: an alert that no expectation asks for. */
  readonly kind: 'count' | 'unexpected';
  readonly rule: string;
  readonly message: string;
  /** The expectation, or the rule that fired. */
  readonly at: Location;
  readonly why: readonly Reason[];
  /** The rule fired on fewer events than were expected. */
  readonly tooFew?: boolean;
}

/** One line of why, and the place in the rules that it is about. */
export interface Reason {
  readonly text: string;
  readonly at?: Location;
}

/** Compares a test's alerts with its expectations; empty: passed. */
export function judge(test: TestCase, result: StreamResult): Failure[] {
  const failures: Failure[] = [];
  const counted = new Set<FiredAlert>();
  const unmet = new Set<string>();
  for (const expected of test.expect) {
    const ofRule = result.fired.filter(({ rule }) => rule.name === expected.rule);
    const good = ofRule.filter((one) => differences(one, expected).length === 0);
    for (const one of good) counted.add(one);
    const { min, max } = expected.count;
    if (good.length >= min && good.length <= max) continue;
    unmet.add(expected.rule);
    const told = good.length > max ? good : ofRule.filter((one) => !good.includes(one));
    const why = told.slice(0, MAX_ALERTS).map((one) => ({
      text: good.length > max ? printed(one) : `${one.event}: ${differences(one, expected).join('; ')}`,
    }));
    if (told.length > why.length) why.push({ text: `and ${told.length - why.length} more alerts` });
    const open = result.undecided.find(({ rule }) => rule === expected.rule);
    if (good.length < min && open !== undefined)
      why.push({ text: `${alerts(open.count)} cannot be decided; missing is ${open.missing.join(', ')}` });
    failures.push({
      kind: 'count',
      rule: expected.rule,
      message: `expected ${countText(expected.count)} of rule "${expected.rule}", got ${good.length}`,
      at: expected.at,
      why,
      tooFew: ofRule.length < min,
    });
  }
  if (test.others === 'allow') return failures;
  const stray = result.fired.filter((one) => !counted.has(one) && !unmet.has(one.rule.name));
  for (const [rule, all] of Map.groupBy(stray, (one) => one.rule)) {
    const why = all.slice(0, MAX_ALERTS).flatMap(strayReasons);
    if (all.length > MAX_ALERTS) why.push({ text: `and ${alerts(all.length - MAX_ALERTS)} more` });
    failures.push({
      kind: 'unexpected',
      rule: rule.name,
      message: `rule "${rule.name}" fired${all.length === 1 ? '' : ` ${all.length} times`}, which is not expected`,
      at: rule.at,
      why,
    });
  }
  return failures;
}

/** What it printed, and which fields it may have fired for the want of. */
function strayReasons(one: FiredAlert): Reason[] {
  const unset = one.unset?.() ?? [];
  const shown = unset.length > MAX_FIELDS ? [...unset.slice(0, MAX_FIELDS), '…'] : unset;
  return [
    { text: printed(one) },
    ...(unset.length > 0
      ? [{ text: `the condition also reads, and the event does not set: ${shown.join(', ')}` }]
      : []),
  ];
}

const MAX_FIELDS = 10;

/** Alerts that are told one by one. */
const MAX_ALERTS = 10;

const alerts = (n: number) => `${n} alert${n === 1 ? '' : 's'}`;

const printed = ({ event, alert }: FiredAlert) =>
  alert.output === '' ? event : `${event} printed: ${alert.output}`;

function countText({ min, max }: ExpectedAlert['count']): string {
  if (min === max) return alerts(min);
  return max === Number.POSITIVE_INFINITY ? `at least ${alerts(min)}` : `${min} to ${alerts(max)}`;
}

/** How an alert differs from what is expected of it, in words; empty: it does not. */
function differences({ rule, alert }: FiredAlert, expected: ExpectedAlert): string[] {
  const out: string[] = [];
  if (expected.priority !== undefined && rule.priority !== expected.priority)
    out.push(`its priority is ${rule.priority}, expected ${expected.priority}`);
  for (const [name, { text }] of expected.fields) {
    const wanted = text === null ? 'null' : JSON.stringify(text);
    // Names that `append_output` makes up are not Falco's.
    const value = alert.fields.get(name) ?? alert.custom?.get(name);
    if (value === undefined) out.push(`its output_fields have no ${name}, expected ${wanted}`);
    else {
      const found = value === null ? null : Array.isArray(value) ? JSON.stringify(value) : fieldToText(value);
      if (found !== text)
        out.push(`${name} is ${found === null ? 'null' : JSON.stringify(found)}, expected ${wanted}`);
    }
  }
  if (expected.output !== undefined && !alert.output.includes(expected.output))
    out.push(
      `its output is ${JSON.stringify(alert.output)}, expected to contain ${JSON.stringify(expected.output)}`,
    );
  return out;
}
