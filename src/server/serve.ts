// The service's life: open the store, start the background work, listen, and stop without losing what was promised.

import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { getRequestListener } from '@hono/node-server';
import type { Logger } from 'pino';
import { createTarget, type DeliverConfig, deliverSchema, Router, type Target } from '../deliver/index.ts';
import { openStore, type Store } from '../store/index.ts';
import { createApp } from './app.ts';
import { createAuditRunner } from './audit-runner.ts';
import { Sessions } from './auth/sessions.ts';
import { configuredTokens, TokenCheck } from './auth/tokens.ts';
import { Background } from './background.ts';
import { type Address, type Config, parseListen } from './config.ts';
import type { ServerContext } from './context.ts';
import { EventHub } from './events.ts';
import { InFlight } from './in-flight.ts';
import { Metrics } from './metrics.ts';
import { RateLimit } from './rate-limit.ts';
import { createReporter } from './reporter.ts';
import { Sensors } from './sensors.ts';

export interface Timeouts {
  /** For a request's whole head. */
  readonly headersMs: number;
  /** For the whole request. */
  readonly requestMs: number;
  /** How often connections are looked at: how late a timeout may be. */
  readonly checkMs: number;
}

/** Slow senders: the whole head within 15 s, the whole request within a minute, idle connections a minute. */
const TIMEOUTS: Timeouts = { headersMs: 15_000, requestMs: 60_000, checkMs: 5000 };
const KEEP_ALIVE_MS = 60_000;
const MAX_CONNECTIONS = 6000;
/** Bodies of the largest allowed size that may be held at the same time. */
const BODIES = 4;
const STOP_MS = 10_000;

export interface ServeOptions {
  readonly config: Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Another clock for tests; milliseconds since 1970. */
  readonly nowMs?: () => number;
  /** Shorter patience with slow senders, for tests. */
  readonly timeouts?: Timeouts;
}

export interface Running {
  readonly address: Address;
  readonly store: Store;
  /** A link that opens one session as admin within ten minutes. */
  loginLink(): string;
  /** Takes over what can change while running: rules, knowledge, routes and targets, retention, log level. */
  reload(config: Config): Promise<void>;
  /** Answers what was begun, then closes. */
  stop(): Promise<void>;
}

function delivery(
  config: Config,
  environment: ServeOptions['environment'],
): { routes: DeliverConfig; targets: Map<string, Target>; router: Router } {
  const routes = deliverSchema.parse(config.deliver ?? {});
  const targets = new Map(
    Object.entries(routes.targets).map(([name, target]) => [name, createTarget(name, target, environment)]),
  );
  return { routes, targets, router: new Router(routes.routes) };
}

/** Opens everything and listens. Rejects when the store cannot be opened or the address is taken. */
export async function serve({
  config,
  environment,
  log,
  nowMs = Date.now,
  timeouts = TIMEOUTS,
}: ServeOptions): Promise<Running> {
  const address = parseListen(config.listen);
  const configured = configuredTokens(config.tokens, environment);
  const store = await openStore(
    config.database === undefined ? { folder: config.data } : { url: config.database },
  );
  const tokens = new TokenCheck(store, configured);
  const sessions = new Sessions();
  const metrics = new Metrics(store);
  let { targets, router } = delivery(config, environment);
  let reporter = await createReporter(config);
  const context: ServerContext = {
    config,
    store,
    tokens,
    sessions,
    guard: {
      tokens,
      sessions,
      nowMs,
      openIngest: address.loopback && config.ingest.loopbackWithoutToken,
      clientCertificates: config.tls?.clientCa !== undefined,
    },
    limit: new RateLimit(config.api.requestsPerMinute),
    events: new EventHub(),
    metrics,
    inFlight: new InFlight(
      { alerts: config.ingest.maxInFlight, bytes: BODIES * config.ingest.maxBodyBytes },
      (alerts) => metrics.inFlight.set(alerts),
    ),
    sensors: new Sensors(),
    audit: await createAuditRunner(config.rules),
    reporter: () => reporter,
    targets: () => targets,
    log,
    nowMs,
  };
  const background = new Background(context, { router: () => router });
  const server = listen(createApp(context).fetch, config, timeouts);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, resolve);
  });
  background.start();
  const bound = server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : address.port;
  const scheme = config.tls === undefined ? 'http' : 'https';
  const base =
    config.publicUrl?.replace(/\/+$/, '') ??
    `${scheme}://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}`;
  log.info({ address: base, database: config.database === undefined ? 'sqlite' : 'postgres' }, 'listening');

  return {
    address: { ...address, port },
    store,
    loginLink: () => `${base}/login?code=${sessions.loginCode('admin', 'admin', nowMs())}`,
    async reload(next) {
      const changed = delivery(next, environment);
      const nextTokens = configuredTokens(next.tokens, environment);
      const nextReporter = await createReporter(next);
      const old = targets;
      ({ targets, router } = changed);
      reporter = nextReporter;
      tokens.configure(nextTokens);
      log.level = next.log.level;
      background.configure(next);
      for (const target of old.values()) await target.close();
      await store.record({
        actor: 'service',
        action: 'reload',
        subjectKind: 'service',
        subjectId: '',
        reason: 'SIGHUP',
        detail: null,
      });
      log.info('configuration reloaded');
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // Live pages would keep the server open for ever.
      const timer = setTimeout(() => server.closeAllConnections(), STOP_MS);
      context.events.close();
      await closed;
      clearTimeout(timer);
      await background.stop();
      for (const target of targets.values()) await target.close();
      await store.close();
      log.info('stopped');
    },
  };
}

function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  config: Config,
  { headersMs, requestMs, checkMs }: Timeouts,
): Server {
  const handler = getRequestListener(fetch, { overrideGlobalObjects: false });
  const { tls } = config;
  const server =
    tls === undefined
      ? createHttpServer({ connectionsCheckingInterval: checkMs }, handler)
      : createHttpsServer(
          {
            connectionsCheckingInterval: checkMs,
            cert: readFileSync(tls.cert),
            key: readFileSync(tls.key),
            minVersion: 'TLSv1.2',
            ...(tls.clientCa === undefined
              ? {}
              : {
                  ca: readFileSync(tls.clientCa),
                  requestCert: true,
                  rejectUnauthorized: tls.clientCertificate === 'required',
                }),
          },
          handler,
        );
  server.headersTimeout = headersMs;
  server.requestTimeout = requestMs;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = MAX_CONNECTIONS;
  return server as Server;
}
