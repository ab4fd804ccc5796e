// An output format compiled for one source: text for the alert line, and the values that go into `output_fields`.

import type { FieldCatalogue, FieldRef, Value } from '../../fields/index.ts';
import { type FormatError, type FormatPart, parseFormat } from '../../lang/index.ts';
import { catalogueResolver, lowerOperand, operandReader, type Reading } from '../operand.ts';
import { MISSING, printFormat, type Rendering, renderJson, renderText, truncateBytes } from './render.ts';
import { TIME_TEXTS } from './time.ts';

/** Reads fields for printing. */
export type OutputReader<E> = (ref: FieldRef) => Reading<E> | undefined;

/** One key of `output_fields`. */
export interface OutputField<E> {
  readonly key: string;
  /** JSON source of the value, `null` if the event does not have it. */
  readonly json: (event: E) => string;
}

export interface Template<E> {
  readonly text: (event: E) => string;
  /** Distinct, in order of appearance. */
  readonly fields: readonly OutputField<E>[];
}

export interface TemplateContext<E> {
  readonly catalogue: FieldCatalogue;
  readonly read: OutputReader<E>;
  readonly timeNs: (event: E) => bigint;
  readonly base64: boolean;
}

export type TemplateResult<E> =
  | { readonly template: Template<E>; readonly error?: undefined }
  | { readonly template?: undefined; readonly error: FormatError };

/** Compiles a format. */
export function compileTemplate<E>(format: string, context: TemplateContext<E>): TemplateResult<E> {
  const parsed = parseFormat(format, context.catalogue);
  if (parsed.error !== undefined) return { error: parsed.error };
  const pieces: ((event: E) => string)[] = [];
  const fields = new Map<string, OutputField<E>>();
  for (const part of parsed.format.parts) {
    if (part.kind === 'text') {
      const { text } = part;
      pieces.push(() => text);
      continue;
    }
    for (const ref of part.fields) {
      if (!fields.has(ref.text)) fields.set(ref.text, outputField(ref, context));
    }
    pieces.push(padded(tokenText(part, context), part.width));
  }
  return {
    template: {
      text: (event) => {
        let out = '';
        for (const piece of pieces) out += piece(event);
        return out;
      },
      fields: [...fields.values()],
    },
  };
}

function rendering<E>(ref: FieldRef, context: TemplateContext<E>): Rendering {
  return { type: ref.type, format: printFormat(ref), base64: context.base64 };
}

/** A field's key and JSON value. */
export function outputField<E>(ref: FieldRef, context: TemplateContext<E>): OutputField<E> {
  const { timeNs } = context;
  if (TIME_TEXTS[ref.def.name] !== undefined)
    return { key: ref.text, json: (event) => String(timeNs(event)) };
  const read = ref.def.filterOnly ? undefined : context.read(ref);
  if (read === undefined) return { key: ref.text, json: () => 'null' };
  const how = rendering(ref, context);
  return {
    key: ref.text,
    json: (event) => {
      const value = read(event);
      return value === undefined ? 'null' : renderJson(value, how);
    },
  };
}

function tokenText<E>(
  part: Extract<FormatPart, { kind: 'token' }>,
  context: TemplateContext<E>,
): (event: E) => string {
  const [ref] = part.fields;
  if (part.expr.kind === 'field') {
    if (ref === undefined) return () => MISSING;
    const time = TIME_TEXTS[ref.def.name];
    if (time !== undefined) return (event) => time(context.timeNs(event));
    const read = ref.def.filterOnly ? undefined : context.read(ref);
    return rendered(read, rendering(ref, context));
  }
  // A quirk of Falco's: the length prints in its field's own format, and texts have none for numbers.
  if (part.expr.name === 'len' && ref?.def.printFormat === 'NA') return () => MISSING;
  const operand = lowerOperand(part.expr, catalogueResolver(context.catalogue));
  const read = operandReader<E>(operand, ({ ref: inner }) =>
    inner.def.filterOnly ? undefined : readable(inner, context),
  );
  const format = ref === undefined ? 'DEC' : printFormat(ref);
  return rendered(read, { type: part.type, format, base64: context.base64 });
}

function readable<E>(ref: FieldRef, context: TemplateContext<E>): Reading<E> | undefined {
  const time = TIME_TEXTS[ref.def.name];
  return time === undefined ? context.read(ref) : (event) => time(context.timeNs(event));
}

function rendered<E>(
  read: ((event: E) => Value | undefined) | undefined,
  how: Rendering,
): (event: E) => string {
  if (read === undefined) return () => MISSING;
  return (event) => {
    const value = read(event);
    return value === undefined ? MISSING : renderText(value, how);
  };
}

/** A width pads with blanks, or cuts, to that many bytes. */
function padded<E>(text: (event: E) => string, width: number | undefined): (event: E) => string {
  if (width === undefined || width === 0) return text;
  return (event) => {
    const cut = truncateBytes(text(event), width);
    return cut + ' '.repeat(width - Buffer.byteLength(cut));
  };
}
