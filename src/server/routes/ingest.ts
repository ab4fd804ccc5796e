// Where Falco posts: one object per request, NDJSON, an array, gzip; falcosidekick's webhook is the same thing with a
// uuid. Answered only when every alert of the request is on the disk.

import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { StoreUnavailable } from '../../store/index.ts';
import type { GuardedEnv } from '../auth/guard.ts';
import { joined, type Pieces, readBody } from '../body.ts';
import type { ServerContext } from '../context.ts';
import { ingest, ingestAnswerSchema } from '../ingestion.ts';
import { HttpProblem } from '../problem.ts';
import { rawEndpoint } from './endpoint.ts';

const REASONS: ReadonlyMap<number | undefined, string> = new Map([
  [429, 'busy'],
  [413, 'too-large'],
]);
const statusOf = (error: unknown): number | undefined =>
  error instanceof HttpProblem ? error.problem.status : undefined;

export function registerIngest(app: OpenAPIHono<GuardedEnv>, context: ServerContext): void {
  const { config, metrics, inFlight } = context;

  /** Reads a body within the bounds on memory and hands it on; counts what is refused. */
  async function receive<T>(c: Context<GuardedEnv>, work: (body: Pieces) => Promise<T>): Promise<T> {
    try {
      inFlight.check();
      const body = await readBody(c, config.ingest.maxBodyBytes, inFlight);
      try {
        return await work(body);
      } finally {
        inFlight.release(body.length);
      }
    } catch (error) {
      const reason = error instanceof StoreUnavailable ? error.code : REASONS.get(statusOf(error));
      if (reason !== undefined) metrics.refused.inc({ reason });
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
      response: ingestAnswerSchema,
    },
    async (c) => c.json(await receive(c, (body) => ingest(context, body.pieces, 'ingest'))),
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
      return c.json(
        await receive(c, async (body) => {
          const { lines, events: read, rejected } = audit.run(joined(body));
          return lines.length === 0
            ? { stored: 0, duplicates: 0, health: 0, rejected, diagnostics: [], events: read }
            : { ...(await ingest(context, [Buffer.from(lines.join('\n'))], 'k8s-audit')), events: read };
        }),
      );
    },
  );
}
