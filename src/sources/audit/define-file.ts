// A source defined in a YAML file: the same words as `defineJsonSource`, checked, every mistake at its place.

import { z } from 'zod';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { readYaml } from '../../base/yaml-schema.ts';
import { defineJsonSource, definitionProblems, type JsonSourceDefinition, TIME_UNITS } from './define.ts';
import { FIELD_TYPES } from './extract.ts';
import type { JsonSource } from './source.ts';

const texts = z.array(z.string());
const test = z.union([
  z.string(),
  z.strictObject({ path: z.string(), equals: texts.optional(), starts_with: texts.optional() }),
]);

const extraction = {
  path: z.union([z.string(), texts]).optional(),
  value: z.string().optional(),
  template: z.string().optional(),
  sum: texts.optional(),
  only: z.literal('string').optional(),
  take: z.enum(['first', 'last']).optional(),
  join: z.string().optional(),
  strip_prefix: z.string().optional(),
  strip_suffix: z.string().optional(),
  complete: z.boolean().optional(),
  otherwise: z.string().optional(),
};

const field = z.strictObject({
  name: z.string(),
  type: z.enum(FIELD_TYPES).optional(),
  list: z.boolean().optional(),
  arg: z.strictObject({ kind: z.enum(['key', 'index']), required: z.boolean().optional() }).optional(),
  description: z.string().optional(),
  cases: z.array(z.strictObject({ when: test.optional(), ...extraction })).optional(),
  ...extraction,
});

const definition = z.strictObject({
  name: z.string(),
  plugin: z.string().optional(),
  version: z
    .string()
    .regex(/^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}$/, 'expected a version such as 1.0.0')
    .optional(),
  description: z.string().optional(),
  accept: z.array(z.union([test, z.array(test)])).optional(),
  lists: texts.optional(),
  unwrap: z
    .array(z.strictObject({ path: z.string(), add: z.record(z.string(), z.string()).optional() }))
    .optional(),
  time: z.array(z.union([z.string(), z.strictObject({ path: z.string(), unit: z.enum(TIME_UNITS) })])),
  fields: z.array(field),
});

const schema = definition.superRefine((value, context) => {
  // zod's optional keys may hold undefined as far as the types know; they do not.
  for (const { path, message } of definitionProblems(value as JsonSourceDefinition))
    context.addIssue({ code: 'custom', path: [...path], message });
});

/** Longer ones are no definitions. */
const MAX_TEXT = 4 * 1024 * 1024;

/** Reads a definition. Never throws; without `source` a diagnostic says why. */
export function readJsonSource(
  text: string,
  file: string,
): { readonly source?: JsonSource; readonly diagnostics: readonly Diagnostic[] } {
  if (text.length > MAX_TEXT) {
    const message = `The definition has more than ${MAX_TEXT} characters`;
    const at = { file, line: 1, column: 1, from: 0, to: 0 };
    return { diagnostics: [{ code: 'SOURCE_TOO_LARGE', severity: 'error', message, at }] };
  }
  const { value, diagnostics } = readYaml(text, schema, { file, code: 'SOURCE' });
  return value === undefined
    ? { diagnostics }
    : { source: defineJsonSource(value as JsonSourceDefinition), diagnostics };
}
