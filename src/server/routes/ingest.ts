// Where Falco posts: one object per request, NDJSON, an array, gzip; falcosidekick's webhook is the same thing with a
// uuid. Answered only when every alert of the request is on the disk.

import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type AlertReader,
  type HealthReport,
  AlertReader as Reader,
  type ReadItem,
} from '../../alerts/index.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { IngestResult, NewAlert } from '../../store/index.ts';
import type { GuardedEnv } from '../auth/guard.ts';
import { readBody } from '../body.ts';
import type { ServerContext } from '../context.ts';
import { prepareAlert } from '../prepare.ts';
import { badRequest, HttpProblem } from '../problem.ts';
import { rawEndpoint } from './endpoint.ts';

const MAX_DIAGNOSTICS = 20;
const LF = 10;
const LINE_END = Buffer.from([LF]);

const answerSchema = z
  .object({
    stored: z.int(),
    duplicates: z.int(),
    health: z.int().openapi({ description: "Falco's reports about itself: counted, not stored as alerts" }),
    rejected: z.int(),
    diagnostics: z.array(z.unknown()),
  })
  .openapi('IngestAnswer');
export type IngestAnswer = z.input<typeof answerSchema>;

/** Falco's own are a few kilobytes. Triage and pages hold some hundred alerts at once. */
const MAX_ALERT_BYTES = 1024 * 1024;
/** Bytes read at a time: between two pieces of a large body other requests get their turn. */
const PIECE = 128 * 1024;

/** Ends of lines, so that a piece holds whole records where records are lines. */
function* pieces(body: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < body.length; ) {
    let to = Math.min(from + PIECE, body.length);
    const end = to === body.length ? -1 : body.lastIndexOf(LF, to - 1);
    if (end >= from) to = end + 1;
    yield body.subarray(from, to);
    from = to;
  }
}

const NOTHING: IngestResult = { stored: 0, duplicates: 0, newFindings: [], incidents: [] };

async function readPieces(reader: AlertReader, body: Uint8Array): Promise<void> {
  for (const piece of pieces(body)) {
    reader.push(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Large bodies wait for each other: what is half read of many would fill the memory. */
let last: Promise<unknown> = Promise.resolve();
function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const done = last.then(work);
  last = done.catch(() => {});
  return done;
}

export function registerIngest(app: OpenAPIHono<GuardedEnv>, context: ServerContext): void {
  const { config, metrics, store, events, inFlight } = context;

  async function ingest(body: Uint8Array, name: string): Promise<IngestAnswer> {
    const started = performance.now();
    const receivedUs = context.nowMs() * 1000;
    let alerts: NewAlert[] = [];
    const health: HealthReport[] = [];
    const diagnostics: Diagnostic[] = [];
    const take = (item: ReadItem): void => {
      if (item.kind === 'alert') alerts.push(prepareAlert(item.alert, receivedUs));
      else if (item.kind === 'health') health.push(item.report);
      else diagnostics.push(item.diagnostic);
    };
    const reader: AlertReader = new Reader(take, {
      file: name,
      maxRecordBytes: Math.min(MAX_ALERT_BYTES, config.ingest.maxBodyBytes),
      maxDiagnostics: MAX_DIAGNOSTICS,
    });
    // Whole lines are read in one go; Falco's own posts have no line end.
    const lines = body.at(-1) === LF ? body : Buffer.concat([body, LINE_END]);
    if (lines.length <= PIECE) reader.push(lines);
    else await oneAtATime(() => readPieces(reader, lines));
    reader.end();
    for (const report of health) metrics.health.inc({ kind: report.kind });
    context.sensors.note(health, context.nowMs());
    const { rejected } = reader.counts;
    metrics.ingested.inc({ outcome: 'rejected' }, rejected);
    if (alerts.length === 0 && health.length === 0) {
      throw badRequest(rejected > 0 ? 'No alert could be read.' : 'The body holds no alert.', diagnostics);
    }
    const waiting = inFlight.run(alerts.length, () =>
      alerts.length === 0 ? Promise.resolve(NOTHING) : store.ingest(alerts),
    );
    // The store has them: while they wait for the disk, nothing else holds on to them.
    alerts = [];
    const result = await waiting;
    metrics.ingested.inc({ outcome: 'stored' }, result.stored);
    metrics.ingested.inc({ outcome: 'duplicate' }, result.duplicates);
    metrics.ackSeconds.observe((performance.now() - started) / 1000);
    if (result.stored > 0) {
      events.publish({
        kind: 'alerts',
        stored: result.stored,
        findings: result.newFindings.slice(0, 100),
        incidents: result.incidents.slice(0, 100),
      });
    }
    return {
      stored: result.stored,
      duplicates: result.duplicates,
      health: health.length,
      rejected,
      diagnostics,
    };
  }

  /** Reads a body within the bounds on memory and hands it on; counts what is refused. */
  async function receive<T>(c: Context<GuardedEnv>, work: (body: Uint8Array) => Promise<T>): Promise<T> {
    try {
      inFlight.check();
      const body = await readBody(c, config.ingest.maxBodyBytes, inFlight);
      try {
        return await work(body);
      } finally {
        inFlight.release(body.length);
      }
    } catch (error) {
      if (error instanceof HttpProblem && error.problem.status === 429)
        metrics.refused.inc({ reason: 'busy' });
      throw error;
    }
  }

  const described = {
    method: 'post',
    role: 'ingest',
    body: ['application/json', 'application/x-ndjson', 'text/plain'],
    type: 'application/json',
    limited: false,
  } as const;
  rawEndpoint(
    app,
    context,
    {
      ...described,
      path: '/ingest',
      summary: "Falco's alerts: one object, an array, or one a line; gzip with Content-Encoding",
      response: answerSchema,
    },
    async (c) => c.json(await receive(c, (body) => ingest(body, 'ingest'))),
  );

  rawEndpoint(
    app,
    context,
    {
      ...described,
      path: '/k8s-audit',
      summary: "The API server's audit webhook: runs the loaded audit rules and stores their alerts",
      response: answerSchema.extend({ events: z.int().openapi({ description: 'Audit events read' }) }),
    },
    async (c) => {
      const { audit } = context;
      if (audit === undefined) {
        throw new HttpProblem({
          status: 409,
          title: 'No audit rules',
          detail: 'Start the service with rules for the source k8s_audit (`rules:` in its configuration).',
        });
      }
      return c.json(
        await receive(c, async (body) => {
          const { lines, events: read, rejected } = audit.run(body);
          return lines.length === 0
            ? { stored: 0, duplicates: 0, health: 0, rejected, diagnostics: [], events: read }
            : { ...(await ingest(Buffer.from(lines.join('\n')), 'k8s-audit')), events: read };
        }),
      );
    },
  );
}
