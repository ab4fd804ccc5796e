// The alert: what Falco said, read from any of the shapes in which people have it. Every string in it was written
// by whoever caused the event; nothing here is escaped, each output medium does that at its last step.

/**
 * A field's value. `bigint` only where a JSON integer does not fit a double (nanosecond times, inodes).
 * `null`: Falco printed the field and had no value for it (`null`, `"<NA>"` in a text line). A field that is not
 * in the map at all was not printed: its value is unknown, which is not the same.
 */
export type FieldValue = string | number | bigint | boolean | null | readonly FieldValue[];

/** Falco's priorities in order of severity; `unknown` where a text line or an export does not say. */
export const PRIORITIES = [
  'Emergency',
  'Alert',
  'Critical',
  'Error',
  'Warning',
  'Notice',
  'Informational',
  'Debug',
] as const;
export type Priority = (typeof PRIORITIES)[number] | 'unknown';

/** Where an alert was read: enough to find the raw record again. */
export interface AlertRef {
  /** File name, `-` for standard input, or a stored alert's id prefix. */
  readonly file: string;
  /** 1-based line of the record's first byte (NDJSON, text) or of its opening brace (array); in a capture, `evt.num`. */
  readonly line: number;
}

/** The event of a capture that an alert is about. */
export interface AlertCapture {
  /** The capture as the reader named it. */
  readonly file: string;
  /** `evt.num` in that capture. */
  readonly event: number;
  /** Those of the alert's `fields` that the event shows and the record did not. */
  readonly fields: ReadonlySet<string>;
  /** What other events show of it, by derived field (`yarak.capture.…`), each with its event's number. */
  readonly around: ReadonlyMap<string, readonly { readonly value: string; readonly event: number }[]>;
}

export interface Alert {
  readonly ref: AlertRef;
  /** `undefined`: a text line whose rule could not be told. */
  readonly rule: string | undefined;
  readonly priority: Priority;
  /** Event source: `syscall`, `k8s_audit`, a plugin's; `syscall` when the record does not say. */
  readonly source: string;
  /** Nanoseconds since 1970 UTC; `undefined` when no time, or only a time of day, is known. */
  readonly timeNs: bigint | undefined;
  readonly hostname: string | undefined;
  readonly tags: readonly string[];
  /** The `output` line, whole; `''` if absent. */
  readonly output: string;
  /** Falco's field names to values. Keys keep their argument: `proc.aname[2]`. */
  readonly fields: ReadonlyMap<string, FieldValue>;
  /** `text`: the fields were read from the output text, where a value's end is a guess. */
  readonly fieldsFrom: 'json' | 'text';
  /** falcosidekick's id. */
  readonly uuid?: string;
  /** Keys that are neither Falco's fields nor its envelope: falcosidekick's custom fields. */
  readonly custom?: ReadonlyMap<string, FieldValue>;
  /** Set when the alert was found in a capture. */
  readonly capture?: AlertCapture;
  /** The record as it was read, one line. Not redacted: redact before it is shown or stored in a report. */
  readonly raw: string;
}

/** Falco's report about itself (event drops, metrics, plugin errors): sensor health, never an incident. */
export interface HealthReport {
  readonly kind: 'drops' | 'metrics' | 'output-queue' | 'plugin' | 'other';
  readonly alert: Alert;
  /** One line in plain words: what was not seen, or how loaded the sensor is. */
  readonly summary: string;
}
