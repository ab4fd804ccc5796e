// Server-sent events: what changed since the page was read.

import type { OpenAPIHono } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import type { GuardedEnv } from '../auth/guard.ts';
import type { ServerContext } from '../context.ts';
import type { LiveEvent } from '../events.ts';
import { HttpProblem } from '../problem.ts';
import { rawEndpoint } from './endpoint.ts';

const HEARTBEAT_MS = 15_000;
/** Updates are gathered for this long, so that an alert storm is a few messages a second. */
const GATHER_MS = 300;
const MAX_GATHERED = 200;

export function registerLive(app: OpenAPIHono<GuardedEnv>, context: ServerContext): void {
  rawEndpoint(
    app,
    context,
    {
      method: 'get',
      role: 'read',
      path: '/api/v1/events',
      summary: 'Server-sent events: what changed since the page was read',
      type: 'text/event-stream',
    },
    (c) =>
      streamSSE(c, async (stream) => {
        let gathered: LiveEvent[] = [];
        const unsubscribe = context.events.subscribe((event) => {
          if (gathered.length < MAX_GATHERED) gathered.push(event);
        });
        if (unsubscribe === undefined)
          throw new HttpProblem({ status: 503, title: 'Too many live pages', retryAfter: 30 });
        stream.onAbort(unsubscribe);
        const forget = context.events.onClose(() => stream.abort());
        let quietMs = 0;
        try {
          await stream.writeSSE({ event: 'hello', data: '{}' });
          while (!stream.aborted && !stream.closed) {
            await stream.sleep(GATHER_MS);
            if (gathered.length > 0) {
              const data = JSON.stringify(gathered);
              gathered = [];
              quietMs = 0;
              await stream.writeSSE({ event: 'changes', data });
            } else if ((quietMs += GATHER_MS) >= HEARTBEAT_MS) {
              quietMs = 0;
              await stream.writeSSE({ event: 'heartbeat', data: '{}' });
            }
          }
        } finally {
          unsubscribe();
          forget();
        }
      }),
  );
}
