// The alert reader: bytes in, alerts, health reports and diagnostics out. A record that cannot be read is reported
// with its line and never stops the ones behind it. Memory is bounded by the largest record allowed.
// Long because every shape a record can have ends in the same few counters and the same order of output.

import type { Diagnostic, Location, Severity } from '../base/diagnostic.ts';
import { type JsonError, type JsonObject, type JsonValue, parseJson, stringifyJson } from '../base/json.ts';
import { LineIndex } from '../base/line-index.ts';
import type { Alert, AlertRef, HealthReport } from './alert.ts';
import { isEnvelope, readEnvelope, sourceOf } from './envelope.ts';
import { healthReport } from './health.ts';
import { falcoLog, isSummaryLine, type LogPrefix, readCri, readPrefix } from './log-prefix.ts';
import { type RawRecord, RecordSplitter } from './record-splitter.ts';
import { type RuleOutput, RuleTemplates } from './rule-templates.ts';
import { findTextLine, readOutput, type TextLine, unescapeOutput } from './text-line.ts';
import { parseIsoNs } from './time.ts';

export type ReadItem =
  | { readonly kind: 'alert'; readonly alert: Alert }
  | { readonly kind: 'health'; readonly report: HealthReport }
  | { readonly kind: 'diagnostic'; readonly diagnostic: Diagnostic };

export interface ReadOptions {
  /** The name that references and diagnostics carry; default `-`. */
  readonly file?: string;
  /** Rules by whose output templates text lines are recognised. */
  readonly rules?: Iterable<RuleOutput> | RuleTemplates;
  /** Largest record in bytes; default 8 MiB. A larger one is rejected without being held. */
  readonly maxRecordBytes?: number;
  /** Diagnostics given out one by one; default 1000. The rest is counted and summed up at the end. */
  readonly maxDiagnostics?: number;
}

/** What was read so far. `records` = `alerts` + `health` + `ignored` + `rejected`. */
export interface ReadCounts {
  bytes: number;
  records: number;
  alerts: number;
  health: number;
  /** Falco's own log lines and end-of-run summary. */
  ignored: number;
  rejected: number;
}

const MAX_NESTING = 3;
/** Docker cuts log lines into entries of this many bytes. */
const DOCKER_ENTRY = 16 * 1024;

/** A push reader: `push` chunks, then `end`. `emit` is called synchronously, in the order of the input. */
export class AlertReader {
  readonly counts: ReadCounts = { bytes: 0, records: 0, alerts: 0, health: 0, ignored: 0, rejected: 0 };
  readonly #emit: (item: ReadItem) => void;
  readonly #file: string;
  readonly #templates: RuleTemplates | undefined;
  readonly #maxBytes: number;
  readonly #maxDiagnostics: number;
  readonly #splitter: RecordSplitter;
  readonly #decoder = new TextDecoder();
  #utf16: InstanceType<typeof TextDecoder> | undefined;
  #started = false;
  #diagnostics = 0;
  /** After a record that could not be cut out, lines that are no alerts are its rest. */
  #damaged = false;
  /** In the counts that Falco prints when it ends. */
  #inSummary = false;
  /** A log line that its collector cut in pieces. */
  #partial = '';
  #partialLine = 0;

  constructor(emit: (item: ReadItem) => void, options: ReadOptions = {}) {
    this.#emit = emit;
    this.#file = options.file ?? '-';
    this.#maxBytes = options.maxRecordBytes ?? 8 * 1024 * 1024;
    this.#maxDiagnostics = options.maxDiagnostics ?? 1000;
    const rules = options.rules;
    this.#templates =
      rules === undefined || rules instanceof RuleTemplates ? rules : new RuleTemplates(rules);
    this.#splitter = new RecordSplitter(
      { record: (record) => this.#record(record), wholeLine: (bytes, line) => this.#wholeLine(bytes, line) },
      this.#maxBytes,
    );
  }

  push(chunk: Uint8Array): void {
    this.counts.bytes += chunk.length;
    if (!this.#started && chunk.length > 0) this.#start(chunk);
    if (this.#utf16 === undefined) this.#splitter.push(chunk);
    else this.#splitter.push(new TextEncoder().encode(this.#utf16.decode(chunk, { stream: true })));
  }

  /** Reads what is left and sums up diagnostics that were not given out. */
  end(): void {
    this.#splitter.end();
    if (this.#partial !== '') this.#flushPartial();
    const hidden = this.#diagnostics - this.#maxDiagnostics;
    if (hidden > 0) {
      this.#emit({
        kind: 'diagnostic',
        diagnostic: {
          code: 'ALERT_MORE_PROBLEMS',
          severity: 'warning',
          message: `${hidden} more problems in ${this.#file} are not listed`,
        },
      });
    }
  }

  #start(chunk: Uint8Array): void {
    this.#started = true;
    if (chunk[0] === 0xff && chunk[1] === 0xfe) this.#utf16 = new TextDecoder('utf-16le');
    else if (chunk[0] === 0xfe && chunk[1] === 0xff) this.#utf16 = new TextDecoder('utf-16be');
    else if (chunk[0] === 0x1f && chunk[1] === 0x8b) {
      this.#diagnose(
        'ALERT_COMPRESSED',
        'error',
        'The data is gzip-compressed and must be unpacked first',
        1,
      );
    }
  }

  #wholeLine(bytes: Uint8Array, line: number): boolean {
    const text = this.#decoder.decode(bytes);
    const result = parseJson(text);
    if (!result.ok) return false;
    this.counts.records++;
    this.#object(result.value as JsonObject, text, line, {}, 0);
    return true;
  }

  #record(record: RawRecord): void {
    this.counts.records++;
    const { line } = record;
    if (record.kind === 'too-large') {
      this.#reject('ALERT_TOO_LARGE', `A record of more than ${this.#maxBytes} bytes is not read`, line);
    } else if (record.kind === 'truncated') {
      this.#truncated(this.#decoder.decode(record.bytes).trimEnd(), line);
    } else if (record.kind === 'json') this.#json(this.#decoder.decode(record.bytes), record);
    else this.#line(this.#decoder.decode(record.bytes).trimEnd(), line);
  }

  /** An object without an end: cut off, unless it shows a mistake before that. */
  #truncated(text: string, line: number): void {
    this.#damaged = true;
    const result = parseJson(text);
    if (!result.ok && result.error.code !== 'JSON_TRUNCATED') this.#rejectJson(result.error, text, line);
    else this.#reject('ALERT_TRUNCATED', 'A JSON object that begins here has no end: was it cut off?', line);
  }

  #json(text: string, record: RawRecord): void {
    const { line } = record;
    const repaired = record.brokenStrings > 0 ? escapeLineEnds(text) : text;
    const result = parseJson(repaired, { allowTrailingCommas: true });
    if (!result.ok) {
      this.#damaged = true;
      this.#rejectJson(result.error, repaired, line);
      return;
    }
    if (record.brokenStrings > 0) {
      this.#diagnose(
        'ALERT_WRAPPED',
        'warning',
        `Strings are broken by ${record.brokenStrings} line end${record.brokenStrings === 1 ? '' : 's'}, as when a pager wraps text; they are kept as line ends`,
        line,
      );
    }
    for (const repair of result.repairs)
      this.#diagnoseJson('ALERT_TRAILING_COMMA', 'warning', repair, repaired, line);
    const object = result.value as JsonObject;
    const raw = text.includes('\n') || text.includes('\r') ? stringifyJson(object) : text;
    this.#object(object, raw, line, {}, 0);
  }

  /** An object that is an alert, or wraps one. */
  #object(object: JsonObject, raw: string, line: number, prefix: LogPrefix, depth: number): void {
    if (isEnvelope(object)) {
      const { alert, ambiguous } = readEnvelope(object, {
        ref: this.#ref(line),
        raw,
        templates: this.#templates,
        ...prefix,
      });
      this.#alert(alert, ambiguous);
      return;
    }
    if (depth < MAX_NESTING) {
      const host = object.get('_HOSTNAME');
      const time = object.get('time') ?? object.get('timestamp');
      const timeNs = typeof time === 'string' ? parseIsoNs(time) : undefined;
      const inner: LogPrefix = {
        ...prefix,
        ...(typeof host === 'string' ? { hostname: host } : undefined),
        ...(timeNs === undefined ? undefined : { timeNs }),
      };
      for (const key of ['_source', 'jsonPayload']) {
        const value = object.get(key);
        if (value instanceof Map) {
          this.#object(value, raw, line, inner, depth + 1);
          return;
        }
      }
      for (const key of ['log', 'MESSAGE', 'message', 'textPayload']) {
        const value = object.get(key);
        if (typeof value !== 'string') continue;
        if (key === 'log' && object.has('stream') && this.#dockerPiece(value, line)) return;
        const whole = this.#takePartial() + value;
        this.#logText(whole.trimEnd(), raw, line, inner, depth + 1);
        return;
      }
    }
    const keys = [...object.keys()].slice(0, 6).map((key) => JSON.stringify(key.slice(0, 40)));
    this.#reject(
      'ALERT_NOT_ONE',
      `Not a Falco alert: expected "rule" with "output", or "output_fields"; found ${keys.length === 0 ? 'no keys' : keys.join(', ')}`,
      line,
    );
  }

  /** Keeps a piece of a line that Docker cut; false if it is a whole line or the last piece. */
  #dockerPiece(value: string, line: number): boolean {
    if (
      value.endsWith('\n') ||
      value.length < DOCKER_ENTRY / 4 ||
      new TextEncoder().encode(value).length < DOCKER_ENTRY
    ) {
      return false;
    }
    this.#addPartial(value, line);
    return true;
  }

  #addPartial(text: string, line: number): void {
    if (this.#partial === '') this.#partialLine = line;
    else this.counts.records--;
    this.#partial += text;
    if (this.#partial.length > this.#maxBytes) {
      this.#partial = '';
      this.#reject(
        'ALERT_TOO_LARGE',
        `A record of more than ${this.#maxBytes} bytes is not read`,
        this.#partialLine,
      );
    }
  }

  #takePartial(): string {
    const text = this.#partial;
    if (text !== '') this.counts.records--;
    this.#partial = '';
    return text;
  }

  #flushPartial(): void {
    const text = this.#partial;
    this.#partial = '';
    this.#logText(text.trimEnd(), text, this.#partialLine, {}, 1);
  }

  #line(text: string, line: number): void {
    const cri = readCri(text);
    if (cri === undefined) this.#logText(text, text, line, {}, 0);
    else if (cri.partial) this.#addPartial(cri.text, line);
    else {
      const whole = this.#takePartial() + cri.text;
      this.#logText(whole, text, line, cri.timeNs === undefined ? {} : { timeNs: cri.timeNs }, 0);
    }
  }

  /** A line of text: Falco's text output, or JSON behind a prefix. */
  #logText(text: string, raw: string, line: number, outer: LogPrefix, depth: number): void {
    if (text.startsWith('"') && depth < MAX_NESTING) {
      const inner = parseJson(text.endsWith(',') ? text.slice(0, -1) : text);
      if (inner.ok && typeof inner.value === 'string') {
        this.#logText(inner.value.trimEnd(), raw, line, outer, depth + 1);
        return;
      }
    }
    const found = findTextLine(text);
    const brace = text.search(/\{\s*"/);
    if (found !== undefined && (brace === -1 || found.prefix.length < brace)) {
      this.#textAlert(found, raw, line, { ...outer, ...readPrefix(found.prefix) });
      return;
    }
    if (brace !== -1) {
      const json = text.slice(brace);
      const result = parseJson(json, { allowTrailingCommas: true });
      if (result.ok && result.value instanceof Map) {
        for (const repair of result.repairs)
          this.#diagnoseJson('ALERT_TRAILING_COMMA', 'warning', repair, json, line);
        this.#object(result.value, raw, line, { ...outer, ...readPrefix(text.slice(0, brace)) }, depth + 1);
      } else if (this.#damaged) this.#rest();
      else if (!result.ok) this.#rejectJson(result.error, text, line, brace);
      return;
    }
    const log = falcoLog(text);
    if (log !== undefined || (this.#inSummary && isSummaryLine(text))) {
      if (log !== undefined) this.#inSummary = log === 'summary-head';
      this.counts.ignored++;
    } else if (this.#damaged) this.#rest();
    else {
      this.#reject(
        'ALERT_UNRECOGNISED',
        `Neither JSON nor a Falco text line ("TIME: Priority output"): ${JSON.stringify(text.slice(0, 60))}`,
        line,
      );
    }
  }

  #textAlert(found: TextLine, raw: string, line: number, prefix: LogPrefix): void {
    const body = unescapeOutput(found.body);
    const reading = readOutput(body, found.priority, this.#templates);
    const internal = /^Falco (internal:[^.(]{0,80}|metrics snapshot)/.exec(body);
    const rule = internal?.[1]?.startsWith('internal') === true ? internal[0].trim() : reading.rule?.name;
    const fields = internal === null ? reading.fields : new Map([...reading.custom, ...reading.fields]);
    const timeNs = found.timeNs ?? prefix.timeNs;
    const alert: Alert = {
      ref: this.#ref(line),
      rule,
      priority: found.priority,
      source:
        internal !== null
          ? 'internal'
          : (reading.rule?.source ?? (reading.audit ? 'k8s_audit' : sourceOf(fields))),
      timeNs,
      hostname: prefix.hostname,
      tags: reading.rule?.tags ?? [],
      output: found.output,
      fields,
      fieldsFrom: 'text',
      ...(internal !== null || reading.custom.size === 0 ? undefined : { custom: reading.custom }),
      raw,
    };
    this.#alert(alert, reading.ambiguous);
  }

  #alert(alert: Alert, ambiguous: readonly string[]): void {
    this.#damaged = false;
    const report = healthReport(alert);
    if (report !== undefined) {
      this.counts.health++;
      this.#emit({ kind: 'health', report });
      return;
    }
    this.counts.alerts++;
    if (ambiguous.length > 0) {
      this.#diagnose(
        'ALERT_AMBIGUOUS_TEXT',
        'warning',
        `The text gives more than one value for ${ambiguous.slice(0, 5).join(', ')}; left unknown`,
        alert.ref.line,
      );
    }
    this.#emit({ kind: 'alert', alert });
  }

  /** A line that belongs to a record already rejected. */
  #rest(): void {
    this.counts.records--;
  }

  #ref(line: number): AlertRef {
    return { file: this.#file, line };
  }

  #reject(code: string, message: string, line: number): void {
    this.counts.rejected++;
    this.#diagnose(code, 'error', message, line);
  }

  #rejectJson(error: JsonError, text: string, line: number, column = 0): void {
    this.counts.rejected++;
    const code = error.code === 'JSON_TRUNCATED' ? 'ALERT_TRUNCATED' : 'ALERT_MALFORMED';
    this.#diagnoseJson(
      code,
      'error',
      column === 0 ? error : { ...error, offset: error.offset + column },
      text,
      line,
    );
  }

  #diagnoseJson(code: string, severity: Severity, error: JsonError, text: string, line: number): void {
    if (++this.#diagnostics > this.#maxDiagnostics) return;
    const at = new LineIndex(this.#file, text).locate(error.offset);
    this.#emitDiagnostic(code, severity, error.message, { ...at, line: at.line + line - 1 });
  }

  #diagnose(code: string, severity: Severity, message: string, line: number): void {
    if (++this.#diagnostics > this.#maxDiagnostics) return;
    this.#emitDiagnostic(code, severity, message, { file: this.#file, line, column: 1, from: 0, to: 0 });
  }

  /** `from` and `to` count from the record's start: a stream has no other fixed point. */
  #emitDiagnostic(code: string, severity: Severity, message: string, at: Location): void {
    this.#emit({ kind: 'diagnostic', diagnostic: { code, severity, message, at } });
  }
}

/** Line ends inside strings as `\n` escapes, so that the text can be parsed. Other text is unchanged. */
function escapeLineEnds(text: string): string {
  let out = '';
  let from = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) inString = !inString;
    else if (!inString) continue;
    else if (c === 0x5c) i++;
    else if (c === 0x0a || c === 0x0d) {
      out += `${text.slice(from, i)}${c === 0x0a ? '\\n' : ''}`;
      from = i + 1;
    }
  }
  return out + text.slice(from);
}

/**
 * Reads a stream of bytes. Yields alerts, health reports and diagnostics in the order of the input; `onProgress` is
 * called after each chunk. For the lowest cost use `AlertReader` itself.
 */
export async function* readAlerts(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ReadOptions & { readonly onProgress?: (counts: Readonly<ReadCounts>) => void } = {},
): AsyncGenerator<ReadItem, ReadCounts> {
  let items: ReadItem[] = [];
  const reader = new AlertReader((item) => items.push(item), options);
  for await (const chunk of chunks) {
    reader.push(chunk);
    options.onProgress?.(reader.counts);
    const ready = items;
    items = [];
    yield* ready;
  }
  reader.end();
  yield* items;
  return reader.counts;
}

/** Reads a text that is in memory. */
export function readAlertText(
  text: string,
  options: ReadOptions = {},
): {
  items: ReadItem[];
  alerts: Alert[];
  health: HealthReport[];
  diagnostics: Diagnostic[];
  counts: ReadCounts;
} {
  const items: ReadItem[] = [];
  const reader = new AlertReader((item) => items.push(item), options);
  reader.push(new TextEncoder().encode(text));
  reader.end();
  return {
    items,
    alerts: items.flatMap((item) => (item.kind === 'alert' ? [item.alert] : [])),
    health: items.flatMap((item) => (item.kind === 'health' ? [item.report] : [])),
    diagnostics: items.flatMap((item) => (item.kind === 'diagnostic' ? [item.diagnostic] : [])),
    counts: reader.counts,
  };
}

/** One alert from a value already parsed (`parseJson`); `undefined` if it is no alert. Health reports count as alerts here. */
export function alertFromJson(value: JsonValue, ref: AlertRef): Alert | undefined {
  if (!(value instanceof Map) || !isEnvelope(value)) return undefined;
  return readEnvelope(value, { ref, raw: stringifyJson(value), templates: undefined }).alert;
}
