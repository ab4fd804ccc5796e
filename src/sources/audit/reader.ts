// From bytes to events: single objects, arrays, one a line, lists in a wrapper (EventList, CloudTrail's Records), in
// any mix. One record that cannot be read is a diagnostic and the next one is read.

import { parseIsoNs, RecordSplitter } from '../../alerts/index.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { isRecord, type Json, type JsonEvent, type JsonRecord, own, parseRecord } from './event.ts';
import { follow } from './pointer.ts';
import type { JsonSource } from './source.ts';

const MAX_RECORD_BYTES = 64 * 1024 * 1024;
const MAX_DIAGNOSTICS = 1000;

export interface EventCounts {
  records: number;
  events: number;
  rejected: number;
}

export interface EventReaderOptions {
  readonly file?: string;
  readonly onEvent: (event: JsonEvent) => void;
  readonly onDiagnostic: (diagnostic: Diagnostic) => void;
}

/** Push bytes, get events. The event object is reused: read what you need before returning. */
export class EventReader {
  readonly counts: EventCounts = { records: 0, events: 0, rejected: 0 };
  readonly #source: JsonSource;
  readonly #options: EventReaderOptions;
  readonly #splitter: RecordSplitter;
  readonly #decoder = new TextDecoder();
  readonly #event: JsonEvent = { num: 0, timeNs: 0n, firstNs: 0n, record: {} };

  constructor(source: JsonSource, options: EventReaderOptions) {
    this.#source = source;
    this.#options = options;
    this.#splitter = new RecordSplitter(
      {
        record: ({ kind, bytes, line }) => {
          if (kind === 'json') this.#json(this.#decoder.decode(bytes), line);
          else if (kind === 'line') {
            if (this.#decoder.decode(bytes).trim() !== '')
              this.#reject('AUDIT_NOT_JSON', 'Expected a JSON object, found other text', line);
          } else if (kind === 'too-large')
            this.#reject(
              'AUDIT_TOO_LARGE',
              `A record of more than ${MAX_RECORD_BYTES} bytes is not read`,
              line,
            );
          else this.#reject('AUDIT_TRUNCATED', 'The record is cut off', line);
        },
        wholeLine: (bytes, line) => {
          const value = parseRecord(this.#decoder.decode(bytes));
          if (value === undefined) return false;
          this.counts.records++;
          this.#value(value, line, 0);
          return true;
        },
      },
      MAX_RECORD_BYTES,
    );
  }

  push(chunk: Uint8Array): void {
    this.#splitter.push(chunk);
  }

  end(): void {
    this.#splitter.end();
  }

  #json(text: string, line: number): void {
    const value = parseRecord(text);
    if (value === undefined) {
      this.#reject('AUDIT_NOT_JSON', 'The record is not valid JSON', line);
      return;
    }
    this.counts.records++;
    this.#value(value, line, 0);
  }

  #value(value: Json, line: number, depth: number): void {
    if (Array.isArray(value) && depth < 3) {
      for (const item of value) this.#value(item, line, depth + 1);
      return;
    }
    if (!isRecord(value)) {
      this.#reject('AUDIT_NOT_EVENT', 'Expected an event, found a value that is no object', line);
      return;
    }
    for (const key of this.#source.lists) {
      const list = own(value, key);
      if (Array.isArray(list) && depth < 3) {
        for (const item of list) this.#value(item, line, depth + 1);
        return;
      }
    }
    this.#emit(value, line);
  }

  #emit(record: JsonRecord, line: number): void {
    const source = this.#source;
    if (!source.accepts(record)) {
      this.#reject('AUDIT_NOT_EVENT', `The object is no event of the source ${source.name}`, line);
      return;
    }
    const timeNs = eventTime(source, record);
    if (timeNs === undefined) {
      const wanted = source.timePaths.map((path) => path.join('.')).join(' or ');
      this.#reject(
        'AUDIT_NO_TIME',
        `The event has no time that can be read; expected RFC 3339 in ${wanted}`,
        line,
      );
      return;
    }
    const event = this.#event;
    event.num++;
    event.timeNs = timeNs;
    if (event.num === 1) event.firstNs = timeNs;
    event.record = record;
    this.counts.events++;
    this.#options.onEvent(event);
  }

  #reject(code: string, message: string, line: number): void {
    this.counts.rejected++;
    if (this.counts.rejected > MAX_DIAGNOSTICS) return;
    const file = this.#options.file ?? '-';
    this.#options.onDiagnostic({
      code,
      severity: 'error',
      message,
      at: { file, line, column: 1, from: 0, to: 0 },
    });
  }
}

const MS_NS = 1_000_000n;

function eventTime(source: JsonSource, record: JsonRecord): bigint | undefined {
  for (const path of source.timePaths) {
    const value = follow(record, path);
    if (typeof value === 'string') {
      const ns = parseIsoNs(value);
      if (ns !== undefined) return ns;
    } else if (typeof value === 'number' && Number.isFinite(value)) return BigInt(Math.round(value)) * MS_NS;
  }
  return undefined;
}
