// One request's alerts: read as their bytes come, kept small meanwhile, answered when all of them are on the disk.

import { z } from '@hono/zod-openapi';
import { AlertReader, type HealthReport, type ReadItem } from '../alerts/index.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { AlertBatch, IngestResult, NewAlert } from '../store/index.ts';
import type { ServerContext } from './context.ts';
import { prepareAlert } from './prepare.ts';
import { badRequest, HttpProblem } from './problem.ts';

const MAX_DIAGNOSTICS = 20;
/** Falco's own are a few kilobytes. Triage and pages hold some hundred alerts at once. */
const MAX_ALERT_BYTES = 1024 * 1024;
/** Alerts that are held as they were read before the store packs them. */
const HELD = 32;

export const ingestAnswerSchema = z
  .object({
    stored: z.int(),
    duplicates: z.int(),
    health: z.int().openapi({ description: "Falco's reports about itself: counted, not stored as alerts" }),
    rejected: z.int(),
    diagnostics: z.array(z.unknown()),
  })
  .openapi('IngestAnswer');
export type IngestAnswer = z.input<typeof ingestAnswerSchema>;

const NOTHING: IngestResult = { stored: 0, duplicates: 0, newFindings: [], incidents: [] };

/** `push` the body's pieces in their order, then `finish`. What is only pushed leaves no trace. */
export class Ingestion {
  readonly #context: ServerContext;
  readonly #started = performance.now();
  readonly #receivedUs: number;
  readonly #batch: AlertBatch;
  readonly #reader: AlertReader;
  readonly #lines = new WholeLines((bytes) => this.#reader.push(bytes));
  readonly #health: HealthReport[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  #held: NewAlert[] = [];

  /** `name` stands in diagnostics. */
  constructor(context: ServerContext, name: string) {
    this.#context = context;
    this.#receivedUs = context.nowMs() * 1000;
    this.#batch = context.store.batch();
    this.#reader = new AlertReader((item) => this.#take(item), {
      file: name,
      maxRecordBytes: Math.min(MAX_ALERT_BYTES, context.config.ingest.maxBodyBytes),
      maxDiagnostics: MAX_DIAGNOSTICS,
    });
  }

  push(piece: Uint8Array): void {
    this.#lines.push(piece);
  }

  /** Resolves when everything is durable. Rejects with a problem when nothing could be read or there is no room. */
  async finish(): Promise<IngestAnswer> {
    this.#lines.end();
    this.#reader.end();
    this.#handOver();
    const { metrics, inFlight, events, sensors, nowMs } = this.#context;
    const [batch, health, diagnostics] = [this.#batch, this.#health, this.#diagnostics];
    for (const report of health) metrics.health.inc({ kind: report.kind });
    sensors.note(health, nowMs());
    const { rejected } = this.#reader.counts;
    metrics.ingested.inc({ outcome: 'rejected' }, rejected);
    if (batch.count === 0 && health.length === 0) {
      throw badRequest(rejected > 0 ? 'No alert could be read.' : 'The body holds no alert.', diagnostics);
    }
    const { stored, duplicates, newFindings, incidents } =
      batch.count === 0 ? NOTHING : await inFlight.run(batch.count, () => batch.commit());
    metrics.ingested.inc({ outcome: 'stored' }, stored);
    metrics.ingested.inc({ outcome: 'duplicate' }, duplicates);
    metrics.ackSeconds.observe((performance.now() - this.#started) / 1000);
    if (stored > 0) {
      events.publish({
        kind: 'alerts',
        stored,
        findings: newFindings.slice(0, 100),
        incidents: incidents.slice(0, 100),
      });
    }
    return { stored, duplicates, health: health.length, rejected, diagnostics };
  }

  #take(item: ReadItem): void {
    if (item.kind === 'alert') {
      if (this.#held.push(prepareAlert(item.alert, this.#receivedUs)) >= HELD) this.#handOver();
    } else if (item.kind === 'health') this.#health.push(item.report);
    else this.#diagnostics.push(item.diagnostic);
  }

  #handOver(): void {
    const { maxInFlight } = this.#context.config.ingest;
    // A request is stored in one piece: one of a million tiny alerts must not fill the memory.
    if (this.#batch.count + this.#held.length > maxInFlight) {
      throw new HttpProblem({
        status: 413,
        title: 'Too many alerts',
        detail: `At most ${maxInFlight} alerts a request (ingest.maxInFlight); send them in parts.`,
      });
    }
    this.#batch.add(this.#held);
    this.#held = [];
  }
}

const LF = 10;
const LINE_END = Buffer.from([LF]);
const NO_BYTES = new Uint8Array(0);

/** Pieces cut anywhere to pieces of whole lines, which are read in one go. Falco's own posts have no line end. */
class WholeLines {
  readonly #push: (lines: Uint8Array) => void;
  #rest: Uint8Array = NO_BYTES;

  constructor(push: (lines: Uint8Array) => void) {
    this.#push = push;
  }

  push(piece: Uint8Array): void {
    const first = piece.indexOf(LF) + 1;
    let from = 0;
    // A line longer than a piece is read as it comes.
    if (first === 0) this.#push(this.#rest);
    else if (this.#rest.length > 0) {
      this.#push(Buffer.concat([this.#rest, piece.subarray(0, first)]));
      from = first;
    }
    const to = piece.lastIndexOf(LF) + 1;
    this.#push(piece.subarray(from, to));
    this.#rest = piece.subarray(to);
  }

  end(): void {
    this.#push(Buffer.concat([this.#rest, LINE_END]));
  }
}
