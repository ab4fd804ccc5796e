// For orchestrators and Prometheus. Liveness asks nothing of the database, readiness does.

import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { GuardedEnv } from '../auth/guard.ts';
import type { ServerContext } from '../context.ts';
import { respond } from '../problem.ts';
import { rawEndpoint } from './endpoint.ts';

export function registerHealth(
  app: OpenAPIHono<GuardedEnv>,
  context: ServerContext,
  loopback: boolean,
): void {
  const json = { method: 'get', type: 'application/json' } as const;
  rawEndpoint(
    app,
    context,
    {
      ...json,
      path: '/healthz',
      summary: 'Whether the process lives',
      response: z.object({ status: z.literal('ok') }),
    },
    (c) => c.json({ status: 'ok' }),
  );
  rawEndpoint(
    app,
    context,
    {
      ...json,
      path: '/readyz',
      summary: 'Whether the store answers',
      response: z.object({ status: z.literal('ready') }),
    },
    async (c) => {
      try {
        await context.store.ping();
        return c.json({ status: 'ready' });
      } catch (error) {
        return respond(c, {
          status: 503,
          title: 'Not ready',
          detail: (error as Error).message,
          retryAfter: 5,
        });
      }
    },
  );
  rawEndpoint(
    app,
    context,
    {
      method: 'get',
      path: '/metrics',
      summary: "Prometheus' metrics",
      type: 'text/plain',
      limited: false,
      ...(!loopback && { role: 'read' as const }),
    },
    async () =>
      new Response(await context.metrics.registry.metrics(), {
        headers: { 'content-type': context.metrics.registry.contentType },
      }),
  );
}
