// The one report model. Every renderer (terminal, Markdown, HTML, JSON, OCSF, SARIF, STIX) reads this and nothing
// else. Same input, same model, same bytes: no clock, no random ids; "now" is the input's last event time.

import type { AlertRef, HealthReport } from '../alerts/index.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { Mitigation } from '../mitigate/index.ts';
import type { Question, Triage } from '../triage/index.ts';

/** A sentence with attacker-controlled values kept apart: `{0}`, `{1}`, … in `text` stand for `values`. */
export interface Sentence {
  readonly text: string;
  readonly values: readonly string[];
  /** Fields that the sentence rests on. */
  readonly fields: readonly string[];
}

/** One row of what a capture shows, and where. */
export interface CaptureRow extends Sentence {
  readonly place: { readonly file: string; readonly event: number };
  readonly timeNs: bigint;
}

export interface CaptureReport {
  /** Which captures were read, and how many of the alerts are in them. */
  readonly about: readonly Sentence[];
  readonly groups: readonly {
    readonly title: string;
    readonly rows: readonly CaptureRow[];
    readonly leftOut: number;
  }[];
  /** The alerts are in several captures: a place needs its capture's name. */
  readonly several: boolean;
}

export interface IncidentReport {
  readonly triage: Triage;
  /** At most three sentences: what happened. */
  readonly whatHappened: readonly Sentence[];
  /** The one thing to do now, and its command if there is one. */
  readonly doNow: { readonly text: string; readonly values: readonly string[]; readonly command?: string };
  readonly mitigations: readonly Mitigation[];
  readonly questions: readonly Question[];
  /** What the alerts do not show, in sentences. */
  readonly gaps: readonly Sentence[];
  /** Files, addresses, domains, image digests, users worth searching for elsewhere. */
  readonly indicators: readonly {
    readonly kind: 'file' | 'ip' | 'domain' | 'url' | 'image' | 'user' | 'hash';
    readonly value: string;
    readonly field: string;
  }[];
  /** Secrets that were replaced before anything was written: what kind, in which field. */
  readonly redactions: readonly { readonly kind: string; readonly field: string; readonly count: number }[];
  /** The findings' samples as they were read (secrets replaced), each with the digest of the unchanged record. */
  readonly records: readonly RecordEvidence[];
  /** Absent when no capture was read. */
  readonly capture?: CaptureReport;
}

/** One raw record: where it was read, what it said, and the SHA-256 (hex) by which to find it unchanged. */
export interface RecordEvidence {
  readonly ref: AlertRef;
  readonly timeNs: bigint | undefined;
  readonly sha256: string;
  readonly raw: string;
}

export interface Report {
  /** Version of the documented JSON schema. */
  readonly schemaVersion: string;
  readonly generator: { readonly name: 'yarak'; readonly version: string; readonly attackVersion: string };
  readonly input: {
    readonly names: readonly string[];
    readonly read: number;
    readonly accepted: number;
    readonly rejected: number;
  };
  readonly incidents: readonly IncidentReport[];
  readonly health: readonly HealthReport[];
  /** Input records that could not be read, and other findings about the user's files. */
  readonly diagnostics: readonly Diagnostic[];
}
