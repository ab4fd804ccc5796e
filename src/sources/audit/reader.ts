// From bytes to events: single objects, arrays, one a line, lists in a wrapper (EventList, CloudTrail's Records), in
// any mix. One record that cannot be read is a diagnostic and the next one is read.

import { RecordSplitter } from '../../alerts/index.ts';
import type { Diagnostic, Location } from '../../base/diagnostic.ts';
import { jsonDiagnostic, parseJson } from '../../base/json.ts';
import {
  createJsonEvent,
  isRecord,
  type Json,
  type JsonEvent,
  type JsonRecord,
  MAX_DEPTH,
  parseRecord,
} from './event.ts';
import { follow } from './pointer.ts';
import type { JsonSource } from './source.ts';

/** A whole EventList, or a CloudTrail file, is one record. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024;
const MAX_DIAGNOSTICS = 1000;
/** Lists in lists in wrappers. */
const MAX_WRAPPING = 4;

/** What was read so far. */
export interface EventCounts {
  /** JSON values at the top of the input. */
  records: number;
  events: number;
  /** Records, and elements of their lists, that are no event or could not be read. */
  rejected: number;
}

export interface EventReaderOptions {
  readonly file?: string;
  readonly onEvent: (event: JsonEvent) => void;
  readonly onDiagnostic: (diagnostic: Diagnostic) => void;
  /** The stream's event object, to go on with its numbers; default: a stream of its own. */
  readonly event?: JsonEvent;
  /** Bytes of the largest record; default 64 MiB. A larger one is rejected without being held. */
  readonly maxRecordBytes?: number;
}

/** Push bytes, get events. The event object is reused: read what you need before returning. */
export class EventReader {
  readonly counts: EventCounts = { records: 0, events: 0, rejected: 0 };
  readonly #source: JsonSource;
  readonly #options: EventReaderOptions;
  readonly #splitter: RecordSplitter;
  readonly #decoder = new TextDecoder();
  readonly #event: JsonEvent;
  /** Behind a record that could not be cut out, text lines are its rest. */
  #damaged = false;

  constructor(source: JsonSource, options: EventReaderOptions) {
    this.#source = source;
    this.#options = options;
    this.#event = options.event ?? createJsonEvent();
    const maxBytes = options.maxRecordBytes ?? MAX_RECORD_BYTES;
    this.#splitter = new RecordSplitter(
      {
        record: ({ kind, bytes, line }) => {
          if (kind === 'json') this.#json(this.#decoder.decode(bytes), line);
          else if (kind === 'line') this.#line(this.#decoder.decode(bytes).trim(), line);
          else {
            this.#damaged = true;
            if (kind === 'too-large')
              this.#reject('AUDIT_TOO_LARGE', `A record of more than ${maxBytes} bytes is not read`, line);
            else
              this.#reject(
                'AUDIT_TRUNCATED',
                'A JSON object that begins here has no end: was it cut off?',
                line,
              );
          }
        },
        wholeLine: (bytes, line) => {
          const value = parseRecord(this.#decoder.decode(bytes));
          if (value === undefined) return false;
          this.#top(value, line);
          return true;
        },
      },
      maxBytes,
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
    if (value !== undefined) this.#top(value, line);
    else this.#malformed(text, line);
  }

  #line(text: string, line: number): void {
    if (text === '' || this.#damaged) return;
    // A record behind a byte order mark; else a scalar in an array of records, or text between records.
    if (text.startsWith('{') || text.startsWith('[')) this.#json(text, line);
    else this.#reject('AUDIT_NOT_JSON', `Expected a JSON object, found ${shown(text)}`, line);
  }

  #top(value: Json, line: number): void {
    this.#damaged = false;
    this.counts.records++;
    this.#value(value, line, '', 0);
  }

  /** `place`: the path of a wrapped event in its record. */
  #value(value: Json, line: number, place: string, depth: number): void {
    if (Array.isArray(value) && depth < MAX_WRAPPING) {
      for (const [i, item] of value.entries()) this.#value(item, line, `${place}/${i}`, depth + 1);
      return;
    }
    if (!isRecord(value)) {
      this.#reject('AUDIT_NOT_EVENT', `Expected an event${at(place)}, found ${shown(value)}`, line);
      return;
    }
    if (depth < MAX_WRAPPING) {
      for (const steps of this.#source.lists) {
        const list = follow(value, steps);
        if (!Array.isArray(list)) continue;
        const inner = `${place}/${steps.join('/')}`;
        for (const [i, item] of list.entries()) this.#value(item, line, `${inner}/${i}`, depth + 1);
        return;
      }
    }
    this.#emit(this.#source.unwrap(value) ?? value, line, place);
  }

  #emit(record: JsonRecord, line: number, place: string): void {
    const source = this.#source;
    if (!source.accepts(record)) {
      this.#reject(
        'AUDIT_NOT_EVENT',
        `The object${at(place)} is no event of the source ${source.name}`,
        line,
      );
      return;
    }
    const timeNs = source.time(record);
    if (timeNs === undefined) {
      this.#reject(
        'AUDIT_NO_TIME',
        `The event${at(place)} has no time that can be read; expected one at ${source.timePaths.join(' or ')}`,
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
    source.observe?.(event);
    this.#options.onEvent(event);
  }

  /** Finds out what is wrong with text that is no record, and where. */
  #malformed(text: string, line: number): void {
    // A record over several lines may have been cut in the wrong place.
    this.#damaged = text.includes('\n');
    const result = parseJson(text, { maxDepth: MAX_DEPTH });
    if (result.ok) {
      this.#reject('AUDIT_NOT_JSON', 'The record cannot be read', line);
      return;
    }
    const { error } = result;
    const file = this.#options.file ?? '-';
    const { at: place } = jsonDiagnostic(error, file, text, line);
    this.#reject(
      error.code === 'JSON_TOO_DEEP' ? 'AUDIT_TOO_DEEP' : 'AUDIT_NOT_JSON',
      `The record is not valid JSON: ${error.message}`,
      line,
      place,
    );
  }

  #reject(code: string, message: string, line: number, place?: Location): void {
    this.counts.rejected++;
    if (this.counts.rejected > MAX_DIAGNOSTICS) return;
    const file = this.#options.file ?? '-';
    const at = place ?? { file, line, column: 1, from: 0, to: 0 };
    this.#options.onDiagnostic({ code, severity: 'error', message, at });
  }
}

/** In a record that holds many events: which one. */
function at(place: string): string {
  return place === '' ? '' : ` at ${place}`;
}

const MAX_SHOWN = 60;

function shown(value: Json): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') {
    const text = value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
    return JSON.stringify(text);
  }
  return String(value);
}
