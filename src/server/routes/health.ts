// For orchestrators and Prometheus. Liveness asks nothing of the database, readiness does.

import type { OpenAPIHono } from '@hono/zod-openapi';
import { type GuardedEnv, guard } from '../auth/guard.ts';
import type { ServerContext } from '../context.ts';
import { respond } from '../problem.ts';

export function registerHealth(
  app: OpenAPIHono<GuardedEnv>,
  context: ServerContext,
  loopback: boolean,
): void {
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', async (c) => {
    try {
      await context.store.ping();
      return c.json({ status: 'ready' });
    } catch (error) {
      return respond(c, { status: 503, title: 'Not ready', detail: (error as Error).message, retryAfter: 5 });
    }
  });
  const metrics = async () =>
    new Response(await context.metrics.registry.metrics(), {
      headers: { 'content-type': context.metrics.registry.contentType },
    });
  if (loopback) app.get('/metrics', metrics);
  else app.get('/metrics', guard('read', context.guard), metrics);
}
