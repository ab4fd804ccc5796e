// Where Falco posts: one object per request, NDJSON, an array, gzip; falcosidekick's webhook is the same thing with a
// uuid. Answered only when every alert of the request is on the disk.

import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { GuardedEnv } from '../auth/guard.ts';
import { readBody, streamBody } from '../body.ts';
import type { ServerContext } from '../context.ts';
import { Ingestion, ingestAnswerSchema } from '../ingestion.ts';
import { HttpProblem } from '../problem.ts';
import { rawEndpoint } from './endpoint.ts';

export function registerIngest(app: OpenAPIHono<GuardedEnv>, context: ServerContext): void {
  const { config, metrics, inFlight } = context;
  const max = config.ingest.maxBodyBytes;

  /** Receives a body within the bounds on memory and hands it on; counts what is refused. */
  async function receive<B, T>(
    body: () => Promise<{ readonly read: B; readonly length: number }>,
    work: (read: B) => Promise<T>,
  ): Promise<T> {
    try {
      inFlight.check();
      const { read, length } = await body();
      try {
        return await work(read);
      } finally {
        inFlight.release(length);
      }
    } catch (error) {
      if (error instanceof HttpProblem && error.problem.status === 429)
        metrics.refused.inc({ reason: 'busy' });
      throw error;
    }
  }

  const alerts = async (c: Context<GuardedEnv>) => {
    const read = new Ingestion(context, 'ingest');
    return { read, length: await streamBody(c, max, (piece) => read.push(piece), inFlight) };
  };
  const wholeBody = async (c: Context<GuardedEnv>) => {
    const read = await readBody(c, max, inFlight);
    return { read, length: read.length };
  };

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
      response: ingestAnswerSchema,
    },
    async (c) =>
      c.json(
        await receive(
          () => alerts(c),
          (read) => read.finish(),
        ),
      ),
  );

  rawEndpoint(
    app,
    context,
    {
      ...described,
      path: '/k8s-audit',
      summary: "The API server's audit webhook: runs the loaded audit rules and stores their alerts",
      response: ingestAnswerSchema.extend({ events: z.int().openapi({ description: 'Audit events read' }) }),
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
      const answer = await receive(
        () => wholeBody(c),
        async (body) => {
          const { lines, events: read, rejected } = audit.run(body);
          if (lines.length === 0)
            return { stored: 0, duplicates: 0, health: 0, rejected, diagnostics: [], events: read };
          const ingestion = new Ingestion(context, 'k8s-audit');
          ingestion.push(Buffer.from(lines.join('\n')));
          return { ...(await ingestion.finish()), events: read };
        },
      );
      return c.json(answer);
    },
  );
}
