// The test file: its keys and what they may hold. Events' fields are checked later, against the source's catalogue.

import { z } from 'zod';
import type { RulePriority } from '../detect/rules/index.ts';

/** Falco's names for a priority, in any case, `INFO` included. */
const PRIORITIES: Readonly<Record<string, RulePriority>> = {
  emergency: 'Emergency',
  alert: 'Alert',
  critical: 'Critical',
  error: 'Error',
  warning: 'Warning',
  notice: 'Notice',
  info: 'Informational',
  informational: 'Informational',
  debug: 'Debug',
};

const path = z.string().min(1, 'expected the name of a file');
/**
 * Field names to values; a value of null takes a field of `base` away. Taken as it is: zod's own record leaves a key
 * `__proto__` out without a word.
 */
const fields = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'expected fields and their values',
);
const events = z.array(fields, { error: 'expected a list of events, each with its fields' });

const whole = z.int('expected a whole number').min(0, 'expected 0 or more');
const count = z
  .union([whole, z.strictObject({ min: whole.optional(), max: whole.optional() })], {
    error: 'expected a whole number, or {min, max}',
  })
  .transform((value) =>
    typeof value === 'number'
      ? { min: value, max: value }
      : { min: value.min ?? 0, max: value.max ?? Number.POSITIVE_INFINITY },
  )
  .refine(({ min, max }) => min <= max, 'min is larger than max');

const expectation = z.strictObject({
  rule: z.string().min(1, "expected a rule's name"),
  count: count.default({ min: 1, max: 1 }),
  priority: z
    .string()
    .refine(
      (name) => Object.hasOwn(PRIORITIES, name.toLowerCase()),
      'expected a priority, EMERGENCY to DEBUG',
    )
    .transform((name) => PRIORITIES[name.toLowerCase()] as RulePriority)
    .optional(),
  fields: fields.optional(),
  output: z.string().optional(),
});

const INPUTS = ['events', 'capture', 'audit', 'alerts', 'json'] as const;

const test = z
  .strictObject({
    name: z.string().min(1, "expected the test's name"),
    events: events.optional(),
    capture: path.optional(),
    audit: path.optional(),
    alerts: path.optional(),
    json: path.optional(),
    source: z.string().optional(),
    base: fields.optional(),
    expect: z.array(expectation, { error: 'expected a list of rules; [] if no rule may fire' }),
    others: z.enum(['fail', 'allow'], 'expected fail or allow').default('fail'),
  })
  .superRefine((value, context) => {
    const given = INPUTS.filter((key) => value[key] !== undefined);
    if (given.length !== 1) {
      const found = given.length === 0 ? 'none of them' : given.join(' and ');
      context.addIssue({ code: 'custom', message: `expected one of ${INPUTS.join(', ')}; found ${found}` });
    }
    if (value.base !== undefined && value.events === undefined)
      context.addIssue({ code: 'custom', path: ['base'], message: 'only written-out events have a base' });
    if (value.source !== undefined && value.events === undefined && value.json === undefined) {
      const message = 'only written-out events and json have a source';
      context.addIssue({ code: 'custom', path: ['source'], message });
    }
    if (value.json !== undefined && value.source === undefined)
      context.addIssue({ code: 'custom', message: "`json` needs `source`, the events' source" });
  });

const paths = (error: string) =>
  z.union([path.transform((one) => [one]), z.array(path).min(1, 'expected at least one file')], { error });

export const testFileSchema = z.strictObject({
  rules: paths('expected rule files, relative to this file'),
  define: paths('expected files that define sources of events, relative to this file').optional(),
  config: path.optional(),
  source: z.string().default('syscall'),
  base: fields.optional(),
  tests: z.array(test, { error: 'expected a list of tests' }).min(1, 'expected at least one test'),
});

/** A test file as it was written. */
export type WrittenFile = z.output<typeof testFileSchema>;
export type WrittenTest = WrittenFile['tests'][number];
export type Expectation = WrittenTest['expect'][number];
