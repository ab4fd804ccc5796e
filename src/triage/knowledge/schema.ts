// The shape of a pack file: any of these keys, each optional, nothing else. Errors name the file and line (pack.ts).

import { z } from 'zod';

const id = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'use lower-case letters, digits and dashes');
const technique = z.string().regex(/^T\d{4}(?:\.\d{3})?$/, 'use an ATT&CK id such as T1059.004');
const text = z.string().trim().min(1);

const question = z.strictObject({
  text,
  command: text.optional(),
  ifSo: text.optional(),
  ifNot: text.optional(),
});

/** A question written out, or the name of one under `questions:` of any pack. */
const questionOrName = z.union([question, id]);

const holding = z.strictObject({ text, when: text });

export const packSchema = z.strictObject({
  /** Named constants, put in place of their name inside `in (…)`. */
  lists: z.record(z.string(), z.array(z.union([z.string(), z.number()]))).optional(),
  /** Named conditions. */
  macros: z.record(z.string(), text).optional(),
  questions: z.record(id, question).optional(),
  behaviours: z
    .array(
      z.strictObject({
        id,
        title: text,
        severity: z.enum(['info', 'low', 'medium', 'high', 'critical']),
        weight: z.number().min(0).max(100).optional(),
        techniques: z.array(technique).default([]),
        when: text,
        show: z.array(text).default([]),
        inexcusable: z.boolean().default(false),
        questions: z.array(questionOrName).default([]),
      }),
    )
    .optional(),
  causes: z
    .array(
      z
        .strictObject({
          id,
          title: text,
          when: text,
          /** Refutes the cause when true; unknown does not. */
          unless: text.optional(),
          confirm: z.array(holding).default([]),
          prove: z.array(holding).default([]),
          /** What only a person can confirm: the cause is then never more than a claim. */
          person: text.optional(),
          explains: z.array(z.union([id, z.literal('*')])).min(1),
          settle: questionOrName.optional(),
        })
        .refine((cause) => cause.confirm.length > 0 !== (cause.person !== undefined), {
          message: 'a cause has either `confirm` or `person`',
        }),
    )
    .optional(),
  playbooks: z
    .array(
      z.strictObject({
        rule: text,
        meaning: text,
        benign: z.array(text).default([]),
        questions: z.array(questionOrName).default([]),
        limits: z.array(text).default([]),
      }),
    )
    .optional(),
  attack: z
    .strictObject({
      version: text,
      techniques: z.record(technique, z.strictObject({ name: text, tactics: z.array(text).min(1) })),
      replaced: z.record(technique, technique).default({}),
      /** Every technique of the matrix → the numbers of its sub-techniques, as `1-4,7`; the linter's table. */
      enterprise: z.record(technique, z.string().regex(/^(?:\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)?$/)).default({}),
    })
    .optional(),
});

export type Pack = z.infer<typeof packSchema>;
