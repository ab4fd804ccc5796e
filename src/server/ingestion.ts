// From a request's body to durable alerts and the answer that says so.

import { z } from '@hono/zod-openapi';
import { AlertReader, type HealthReport, type ReadItem } from '../alerts/index.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { IngestResult, NewAlert } from '../store/index.ts';
import type { ServerContext } from './context.ts';
import { prepareAlert } from './prepare.ts';
import { badRequest, HttpProblem } from './problem.ts';

const MAX_DIAGNOSTICS = 20;
/** Falco's own are a few kilobytes. Triage and pages hold some hundred alerts at once. */
const MAX_ALERT_BYTES = 1024 * 1024;

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

/**
 * Reads and stores what a body holds, given in pieces; `name` stands in diagnostics. Resolves when every alert is durable. Rejects with
 * 400 when there is none, 413 when there are more than may be in flight, 429 when others fill that.
 */
export async function ingest(
  context: ServerContext,
  pieces: readonly Uint8Array[],
  name: string,
): Promise<IngestAnswer> {
  const { config, metrics, inFlight, events, sensors, store, nowMs } = context;
  const { maxBodyBytes, maxInFlight } = config.ingest;
  const started = performance.now();
  const receivedUs = nowMs() * 1000;
  const batch = store.batch();
  const health: HealthReport[] = [];
  const diagnostics: Diagnostic[] = [];
  let alerts: NewAlert[] = [];
  const take = (item: ReadItem): void => {
    if (item.kind === 'health') health.push(item.report);
    else if (item.kind === 'diagnostic') diagnostics.push(item.diagnostic);
    // A request is stored in one piece: one of a million tiny alerts must not fill the memory.
    else if (batch.count + alerts.length >= maxInFlight) {
      throw new HttpProblem({
        status: 413,
        title: 'Too many alerts',
        detail: `At most ${maxInFlight} alerts a request (ingest.maxInFlight); send them in parts.`,
      });
    } else alerts.push(prepareAlert(item.alert, receivedUs));
  };
  const handOver = (): void => {
    batch.add(alerts);
    alerts = [];
  };
  const reader = new AlertReader(take, {
    file: name,
    maxRecordBytes: Math.min(MAX_ALERT_BYTES, maxBodyBytes),
    maxDiagnostics: MAX_DIAGNOSTICS,
  });
  await read(reader, pieces, handOver);
  handOver();

  for (const report of health) metrics.health.inc({ kind: report.kind });
  sensors.note(health, nowMs());
  const { rejected } = reader.counts;
  metrics.ingested.inc({ outcome: 'rejected' }, rejected);
  if (batch.count === 0 && health.length === 0) {
    throw badRequest(rejected > 0 ? 'No alert could be read.' : 'The body holds no alert.', diagnostics);
  }
  const { stored, duplicates, newFindings, incidents } =
    batch.count === 0 ? NOTHING : await inFlight.run(batch.count, () => batch.commit());
  metrics.ingested.inc({ outcome: 'stored' }, stored);
  metrics.ingested.inc({ outcome: 'duplicate' }, duplicates);
  metrics.ackSeconds.observe((performance.now() - started) / 1000);
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

async function read(reader: AlertReader, pieces: readonly Uint8Array[], handOver: () => void): Promise<void> {
  if (pieces.length <= 1) for (const lines of wholeLines(pieces)) reader.push(lines);
  else {
    await oneAtATime(async () => {
      for (const lines of wholeLines(pieces)) {
        reader.push(lines);
        handOver();
        // Other requests get their turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
  }
  reader.end();
}

const LF = 10;
const LINE_END = Buffer.from([LF]);

/** The same bytes, cut at ends of lines: whole lines are read in one go. Falco's own posts have no line end. */
function* wholeLines(pieces: readonly Uint8Array[]): Generator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0);
  for (const piece of pieces) {
    const first = piece.indexOf(LF) + 1;
    // A line longer than a piece is read as it comes.
    if (first === 0) {
      yield rest;
      rest = piece;
      continue;
    }
    yield Buffer.concat([rest, piece.subarray(0, first)]);
    const end = piece.lastIndexOf(LF) + 1;
    yield piece.subarray(first, end);
    rest = piece.subarray(end);
  }
  yield Buffer.concat([rest, LINE_END]);
}

/** Large bodies wait for each other: what is half read of many would fill the memory. */
let last: Promise<unknown> = Promise.resolve();
function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const done = last.then(work);
  last = done.catch(() => {});
  return done;
}
