// The schema of falco.yaml's settings and how a file is read by it.

import { z } from 'zod';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { readYaml } from '../../base/yaml-schema.ts';
import type { RulePriority } from '../rules/index.ts';
import { type AppendOutput, DEFAULT_SETTINGS, type EngineSettings } from './settings.ts';

const PRIORITY_NAMES: Readonly<Record<string, RulePriority>> = {
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

const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;

const bool = z.union([
  z.boolean(),
  z
    .string()
    .regex(TRUE, 'expected true or false')
    .transform(() => true),
  z
    .string()
    .regex(FALSE, 'expected true or false')
    .transform(() => false),
]);
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const selector = z.strictObject({ rule: z.string().optional(), tag: z.string().optional() });
const selection = z.union([
  z.strictObject({ enable: selector }).transform(({ enable }) => ({ enable: true, ...enable })),
  z.strictObject({ disable: selector }).transform(({ disable }) => ({ enable: false, ...disable })),
]);

const extraField = z.union([
  z.string().transform((name) => [{ name }]),
  z
    .record(z.string(), scalar)
    .transform((map) => Object.entries(map).map(([name, format]) => ({ name, format }))),
]);

const appendOutput = z
  .looseObject({
    match: z
      .strictObject({
        rule: z.string().optional(),
        source: z.string().optional(),
        tags: z.array(z.string()).optional(),
      })
      .optional(),
    extra_output: z.string().optional(),
    extra_fields: z.array(extraField).optional(),
    suggested_output: bool.optional(),
  })
  .transform(
    (entry): AppendOutput => ({
      ...(entry.match?.rule && { rule: entry.match.rule }),
      ...(entry.match?.source && { source: entry.match.source }),
      tags: entry.match?.tags ?? [],
      ...(entry.extra_output !== undefined && { extraOutput: entry.extra_output }),
      extraFields: (entry.extra_fields ?? []).flat(),
      suggestedOutput: entry.suggested_output ?? false,
    }),
  );

const schema = z.looseObject({
  priority: z
    .string()
    .refine((text) => text.toLowerCase() in PRIORITY_NAMES, 'expected a priority, emergency to debug')
    .optional(),
  rule_matching: z.enum(['first', 'all']).optional(),
  rules: z.array(selection).optional(),
  append_output: z.array(appendOutput).nullish(),
  static_fields: z.record(z.string(), scalar).nullish(),
  json_output: bool.optional(),
  json_include_output_property: bool.optional(),
  json_include_message_property: bool.optional(),
  json_include_output_fields_property: bool.optional(),
  json_include_tags_property: bool.optional(),
  time_format_iso_8601: bool.optional(),
  buffer_format_base64: bool.optional(),
});

/** What `readFalcoConfig` promises. */
export function parseFalcoConfig(
  text: string,
  file: string,
): { readonly settings?: EngineSettings; readonly diagnostics: readonly Diagnostic[] } {
  const { value, diagnostics } = readYaml(text, schema, { file, code: 'CONFIG' });
  if (value === undefined) return { diagnostics };
  const d = DEFAULT_SETTINGS;
  return {
    diagnostics,
    settings: {
      priority: PRIORITY_NAMES[value.priority?.toLowerCase() ?? 'debug'] as RulePriority,
      ruleMatching: value.rule_matching ?? d.ruleMatching,
      rules: (value.rules ?? []).map(({ enable, rule, tag }) => ({
        enable,
        ...(rule !== undefined && { rule }),
        ...(tag !== undefined && { tag }),
      })),
      appendOutput: value.append_output ?? [],
      staticFields: new Map(Object.entries(value.static_fields ?? {})),
      json: value.json_output ?? false,
      jsonOutputProperty: value.json_include_output_property ?? d.jsonOutputProperty,
      jsonMessageProperty: value.json_include_message_property ?? d.jsonMessageProperty,
      jsonOutputFieldsProperty: value.json_include_output_fields_property ?? d.jsonOutputFieldsProperty,
      jsonTagsProperty: value.json_include_tags_property ?? d.jsonTagsProperty,
      timeIso8601: value.time_format_iso_8601 ?? d.timeIso8601,
      bufferBase64: value.buffer_format_base64 ?? d.bufferBase64,
    },
  };
}
