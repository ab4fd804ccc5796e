// The HTTP application: security headers, errors, every route, the OpenAPI document. No socket here: serve.ts listens,
// tests call `app.request`.

import { OpenAPIHono } from '@hono/zod-openapi';
import { secureHeaders } from 'hono/secure-headers';
import { VERSION } from '../base/node/version.ts';
import { StoreUnavailable } from '../store/index.ts';
import type { GuardedEnv } from './auth/guard.ts';
import { parseListen } from './config.ts';
import type { ServerContext } from './context.ts';
import { HttpProblem, respond } from './problem.ts';
import { registerDecisions } from './routes/decisions.ts';
import { registerHealth } from './routes/health.ts';
import { registerIngest } from './routes/ingest.ts';
import { registerLists } from './routes/lists.ts';
import { registerLive } from './routes/live.ts';
import { registerReports } from './routes/reports.ts';
import { registerSession } from './routes/session.ts';
import { registerUi } from './static.ts';

const RETRY_SECONDS = 5;

/** Files that carry a policy of their own. */
const REPORT_FILE = /^\/api\/v1\/incidents\/[^/]+\/report[./]\w+$/;

/** Host names that this server answers to: a page of another site cannot reach it by pointing its name here. */
function hostCheck(context: ServerContext): (host: string) => boolean {
  const { host, loopback } = parseListen(context.config.listen);
  if (!loopback) return () => true;
  const names = new Set(['localhost', '127.0.0.1', '[::1]', host]);
  if (context.config.publicUrl !== undefined) names.add(new URL(context.config.publicUrl).hostname);
  return (given) => names.has(given.replace(/:\d+$/, ''));
}

export function createApp(context: ServerContext): OpenAPIHono<GuardedEnv> {
  const app = new OpenAPIHono<GuardedEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const detail = result.error.issues
        .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
        .join('; ');
      throw new HttpProblem({ status: 400, title: 'Bad request', detail });
    },
  });
  const known = hostCheck(context);

  app.use('*', async (c, next) => {
    if (!known(c.req.header('host') ?? '')) {
      return respond(c, {
        status: 403,
        title: 'Unknown host',
        detail: 'This server answers to its own names only.',
      });
    }
    await next();
    context.metrics.requests.inc({ route: c.req.routePath, status: String(c.res.status) });
    return undefined;
  });
  const common = {
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
    crossOriginOpenerPolicy: 'same-origin',
  } as const;
  const page = secureHeaders({
    ...common,
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      fontSrc: ["'none'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      requireTrustedTypesFor: ["'script'"],
    },
  });
  // The report's page carries its own policy, with the hashes of its style and script; both would have to agree. Its
  // downloads carry a stricter one.
  const report = secureHeaders(common);
  app.use('*', (c, next) => (REPORT_FILE.test(c.req.path) ? report(c, next) : page(c, next)));
  app.onError((error, c) => {
    if (error instanceof HttpProblem) return respond(c, error.problem);
    if (error instanceof StoreUnavailable) {
      return respond(c, {
        status: 503,
        title: 'The store cannot take the work now',
        detail: error.message,
        retryAfter: RETRY_SECONDS,
      });
    }
    context.log.error({ err: error, path: c.req.path }, 'request failed');
    return respond(c, {
      status: 500,
      title: 'Internal error',
      detail: 'This is a defect in Yarak; the server log says more.',
    });
  });
  app.notFound((c) =>
    respond(c, { status: 404, title: 'Not found', detail: `There is nothing at ${c.req.path}.` }),
  );

  const { loopback } = parseListen(context.config.listen);
  registerHealth(app, context, loopback);
  registerIngest(app, context);
  registerSession(app, context);
  registerLists(app, context);
  registerDecisions(app, context);
  registerReports(app, context);
  registerLive(app, context);

  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'yarak_session',
  });
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Yarak',
      version: VERSION,
      description: 'Findings, incidents, decisions and reports behind Falco.',
      license: { name: 'Apache-2.0' },
    },
  });
  registerUi(app);
  return app;
}
