// Where Falco posts: one object per request, NDJSON, an array, gzip; falcosidekick's webhook is the same thing with a
// uuid. Answered only when every alert of the request is on the disk.

import type { OpenAPIHono } from '@hono/zod-openapi';
import { type AlertReader, AlertReader as Reader, type ReadItem } from '../../alerts/index.ts';
import { type GuardedEnv, guard } from '../auth/guard.ts';
import { readBody } from '../body.ts';
import type { ServerContext } from '../context.ts';
import { InFlight } from '../in-flight.ts';
import { prepareAlert } from '../prepare.ts';
import { badRequest, HttpProblem } from '../problem.ts';

const MAX_DIAGNOSTICS = 20;

export interface IngestAnswer {
  readonly stored: number;
  readonly duplicates: number;
  /** Falco's reports about itself: counted, not stored as alerts. */
  readonly health: number;
  readonly rejected: number;
  readonly diagnostics: readonly unknown[];
}

export function registerIngest(app: OpenAPIHono<GuardedEnv>, context: ServerContext): void {
  const { config, metrics, store, events } = context;
  const inFlight = new InFlight(config.ingest.maxInFlight, (count) => metrics.inFlight.set(count));

  async function ingest(body: Uint8Array, name: string): Promise<IngestAnswer> {
    const started = performance.now();
    const items: ReadItem[] = [];
    const reader: AlertReader = new Reader((item) => items.push(item), {
      file: name,
      maxRecordBytes: config.ingest.maxBodyBytes,
      maxDiagnostics: MAX_DIAGNOSTICS,
    });
    reader.push(body);
    reader.end();
    const receivedUs = context.nowMs() * 1000;
    const alerts = items.flatMap((item) =>
      item.kind === 'alert' ? [prepareAlert(item.alert, receivedUs)] : [],
    );
    const health = items.flatMap((item) => (item.kind === 'health' ? [item.report] : []));
    const diagnostics = items.flatMap((item) => (item.kind === 'diagnostic' ? [item.diagnostic] : []));
    for (const report of health) metrics.health.inc({ kind: report.kind });
    context.sensors.note(health, context.nowMs());
    const { rejected } = reader.counts;
    metrics.ingested.inc({ outcome: 'rejected' }, rejected);
    if (alerts.length === 0 && health.length === 0) {
      throw badRequest(rejected > 0 ? 'No alert could be read.' : 'The body holds no alert.', diagnostics);
    }
    const result = await inFlight.run(alerts.length, async () =>
      alerts.length === 0
        ? { stored: 0, duplicates: 0, newFindings: [], incidents: [] }
        : store.ingest(alerts),
    );
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

  app.post('/ingest', guard('ingest', context.guard), async (c) => {
    try {
      return c.json(await ingest(await readBody(c.req.raw, config.ingest.maxBodyBytes), 'ingest'));
    } catch (error) {
      if (error instanceof HttpProblem && error.problem.status === 429)
        metrics.refused.inc({ reason: 'busy' });
      throw error;
    }
  });

  app.post('/k8s-audit', guard('ingest', context.guard), async (c) => {
    const body = await readBody(c.req.raw, config.ingest.maxBodyBytes);
    if (context.audit === undefined) {
      throw new HttpProblem({
        status: 409,
        title: 'No audit rules',
        detail: 'Start the service with rules for the source k8s_audit (`rules:` in its configuration).',
      });
    }
    const { lines, events: read, rejected } = context.audit.run(body);
    if (lines.length === 0)
      return c.json({ stored: 0, duplicates: 0, health: 0, rejected, diagnostics: [], events: read });
    return c.json({ ...(await ingest(Buffer.from(lines.join('\n')), 'k8s-audit')), events: read });
  });
}
