// What every route needs: the store, who may do what, and the ways to tell others that something changed.

import type { Logger } from 'pino';
import type { Target } from '../deliver/index.ts';
import type { Store } from '../store/index.ts';
import type { AuditRunner } from './audit-runner.ts';
import type { GuardOptions } from './auth/guard.ts';
import type { Sessions } from './auth/sessions.ts';
import type { TokenCheck } from './auth/tokens.ts';
import type { Config } from './config.ts';
import type { EventHub } from './events.ts';
import type { InFlight } from './in-flight.ts';
import type { Metrics } from './metrics.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Reporter } from './reporter.ts';
import type { Sensors } from './sensors.ts';

export interface ServerContext {
  readonly config: Config;
  readonly store: Store;
  readonly guard: GuardOptions;
  readonly tokens: TokenCheck;
  readonly sessions: Sessions;
  readonly limit: RateLimit;
  readonly events: EventHub;
  readonly metrics: Metrics;
  /** What ingest holds in memory. */
  readonly inFlight: InFlight;
  readonly sensors: Sensors;
  /** Runs the loaded audit rules; absent when no rule has the source k8s_audit. */
  readonly audit: AuditRunner | undefined;
  readonly reporter: () => Reporter;
  readonly targets: () => ReadonlyMap<string, Target>;
  readonly log: Logger;
  /** Milliseconds since 1970; one clock for the whole server, so that tests can set it. */
  readonly nowMs: () => number;
}
