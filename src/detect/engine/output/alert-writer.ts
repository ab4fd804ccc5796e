// Alerts exactly as Falco prints them: one line of text, or one line of JSON with sorted keys (falco-engine-spec 3).

import type { Diagnostic } from '../../../base/diagnostic.ts';
import { type FieldCatalogue, SUGGESTED_FIELDS } from '../../fields/index.ts';
import type { Rule } from '../../rules/index.ts';
import { compareText } from '../ops/strings.ts';
import type { AppendOutput, EngineSettings } from '../settings.ts';
import {
  compileTemplate,
  type OutputField,
  outputField,
  type Template,
  type TemplateContext,
} from './template.ts';
import { isoTime, TIME_TEXTS } from './time.ts';

/** Writes the alerts of one rule. */
export type AlertWriter<E> = (event: E) => string;

export interface WriterContext<E> extends TemplateContext<E> {
  readonly settings: EngineSettings;
  /** Falco's host name, or the capture's. */
  readonly hostname: () => string;
  readonly catalogue: FieldCatalogue;
}

/** Prepares a rule's alerts; a diagnostic if its output, with what falco.yaml adds, does not compile. */
export function createAlertWriter<E>(
  rule: Rule,
  context: WriterContext<E>,
):
  | { readonly write: AlertWriter<E>; readonly diagnostic?: undefined }
  | { readonly write?: undefined; readonly diagnostic: Diagnostic } {
  const { settings, timeNs } = context;
  const appended = settings.appendOutput.filter((entry) => applies(entry, rule));
  const compiled = compileTemplate(outputFormat(rule, appended, context), context);
  if (compiled.error !== undefined) return { diagnostic: outputProblem(rule, compiled.error) };
  const extra: OutputField<E>[] = [];
  for (const { name, format } of appended.flatMap((entry) => entry.extraFields)) {
    const field = extraField(name, format, rule, context);
    if ('diagnostic' in field) return field;
    extra.push(field);
  }
  const prefix = settings.timeIso8601 ? 'evt.time.iso8601' : 'evt.time';
  const timeText = TIME_TEXTS[prefix] as (timeNs: bigint) => string;
  const priority = rule.priority;
  const { text } = compiled.template;
  if (!settings.json) {
    return { write: (event) => `${timeText(timeNs(event))}: ${priority} ${escapeText(text(event))}` };
  }
  return { write: jsonWriter(rule, compiled.template, extra, prefix, timeText, context) };
}

function jsonWriter<E>(
  rule: Rule,
  template: Template<E>,
  extra: readonly OutputField<E>[],
  prefix: string,
  timeText: (timeNs: bigint) => string,
  { settings, hostname, timeNs }: WriterContext<E>,
): AlertWriter<E> {
  const byKey = new Map<string, OutputField<E>>([
    [prefix, { key: prefix, json: (event) => String(timeNs(event)) }],
  ]);
  for (const field of [...template.fields, ...extra]) byKey.set(field.key, field);
  const fields = [...byKey.values()]
    .sort((a, b) => compareText(a.key, b.key))
    .map(({ key, json }) => ({ head: `${JSON.stringify(key)}:`, json }));
  const { priority } = rule;
  const tags = settings.jsonTagsProperty ? `,"tags":${JSON.stringify(rule.tags)}` : '';
  const tail = `,"priority":"${priority}","rule":${JSON.stringify(rule.name)},"source":${JSON.stringify(rule.source)}${tags},"time":"`;
  return (event) => {
    const time = timeNs(event);
    let line = `{"hostname":${JSON.stringify(hostname())}`;
    if (settings.jsonMessageProperty || settings.jsonOutputProperty) {
      const text = template.text(event);
      if (settings.jsonMessageProperty) line += `,"message":${JSON.stringify(text)}`;
      if (settings.jsonOutputProperty)
        line += `,"output":${JSON.stringify(`${timeText(time)}: ${priority} ${text}`)}`;
    }
    if (settings.jsonOutputFieldsProperty) {
      line += ',"output_fields":{';
      let separator = '';
      for (const field of fields) {
        line += separator + field.head + field.json(event);
        separator = ',';
      }
      line += '}';
    }
    return `${line}${tail}${isoTime(time, 'Z')}"}`;
  };
}

function applies(entry: AppendOutput, rule: Rule): boolean {
  if (entry.rule !== undefined && entry.rule !== rule.name) return false;
  if (entry.source !== undefined && entry.source !== rule.source) return false;
  return entry.tags.every((tag) => rule.tags.includes(tag));
}

/** The rule's format with what falco.yaml appends. */
function outputFormat<E>(rule: Rule, appended: readonly AppendOutput[], context: WriterContext<E>): string {
  let format = rule.output;
  for (const { extraOutput, suggestedOutput } of appended) {
    if (extraOutput !== undefined) format += ` ${extraOutput}`;
    if (suggestedOutput) {
      const names = [
        ...SUGGESTED_FIELDS,
        ...[...context.settings.staticFields.keys()].map((name) => `static.${name}`),
      ];
      for (const name of names) {
        if (context.catalogue.get(name) !== undefined) format += ` ${name.replaceAll('.', '_')}=%${name}`;
      }
    }
  }
  return format.replaceAll('%container.info', '');
}

function extraField<E>(
  name: string,
  format: string | undefined,
  rule: Rule,
  context: WriterContext<E>,
): OutputField<E> | { readonly diagnostic: Diagnostic } {
  if (format !== undefined) {
    const compiled = compileTemplate(format, context);
    if (compiled.error !== undefined) return { diagnostic: outputProblem(rule, compiled.error) };
    const { text } = compiled.template;
    return { key: name, json: (event) => JSON.stringify(text(event)) };
  }
  const { ref, error } = context.catalogue.resolve(name);
  if (ref === undefined) return { diagnostic: outputProblem(rule, { message: `unknown filter: ${error}` }) };
  return outputField(ref, context);
}

function outputProblem(
  rule: Rule,
  problem: { readonly message: string; readonly reason?: string },
): Diagnostic {
  const why = problem.reason === undefined ? '' : ` (${problem.reason})`;
  return {
    code: 'LOAD_ERR_COMPILE_OUTPUT',
    severity: 'error',
    message: `The output of rule \`${rule.name}\` does not compile: ${problem.message}${why}`,
    at: rule.at,
  };
}

/** A quirk of Falco's: in text alerts, control characters, `"` and `\` are escaped as in JSON. */
function escapeText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
