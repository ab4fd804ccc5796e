// Prometheus metrics of the service; the reference in docs/service.md is checked against this list.

import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Store } from '../store/index.ts';

export class Metrics {
  readonly registry = new Registry();

  constructor(store: Store) {
    const asked = (name: string, help: string, ask: () => Promise<number>): void => {
      const gauge: Gauge = new Gauge({
        name,
        help,
        registers: [this.registry],
        // Asked for when somebody looks; a database that is gone leaves the last value.
        collect: async () => {
          try {
            gauge.set(await ask());
          } catch {}
        },
      });
    };
    asked(
      'yarak_triage_waiting_incidents',
      'Incidents with alerts that triage has not looked at yet.',
      async () => (await store.backlog()).untriaged,
    );
    asked(
      'yarak_text_index_waiting_alerts',
      'Alerts that free-text search does not find yet.',
      async () => (await store.backlog()).unindexed,
    );
    asked('yarak_store_bytes', "Bytes that the store's contents take; what retention.maxSize bounds.", () =>
      store.size(),
    );
  }

  readonly ingested = new Counter({
    name: 'yarak_ingest_alerts_total',
    help: 'Alerts received, by outcome: stored, duplicate, rejected (could not be read).',
    labelNames: ['outcome'] as const,
    registers: [this.registry],
  });
  readonly refused = new Counter({
    name: 'yarak_ingest_refused_total',
    help: 'Ingest requests of which nothing was taken, by reason: busy (429), too-large (413), full, locked, read-only, gone (503).',
    labelNames: ['reason'] as const,
    registers: [this.registry],
  });
  readonly ackSeconds = new Histogram({
    name: 'yarak_ingest_ack_seconds',
    help: 'From the whole request body to the durable acknowledgement.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5],
    registers: [this.registry],
  });
  readonly inFlight = new Gauge({
    name: 'yarak_ingest_in_flight',
    help: 'Alerts on their way to the disk.',
    registers: [this.registry],
  });
  readonly requests = new Counter({
    name: 'yarak_http_requests_total',
    help: 'Requests by route and status.',
    labelNames: ['route', 'status'] as const,
    registers: [this.registry],
  });
  readonly triaged = new Counter({
    name: 'yarak_triage_incidents_total',
    help: 'Incidents triaged, counting each time anew.',
    registers: [this.registry],
  });
  readonly triageFailures = new Counter({
    name: 'yarak_triage_failures_total',
    help: 'Incidents whose triage failed.',
    registers: [this.registry],
  });
  readonly deliveries = new Counter({
    name: 'yarak_deliveries_total',
    help: 'Delivery attempts by route and outcome: sent, retry, dead.',
    labelNames: ['route', 'outcome'] as const,
    registers: [this.registry],
  });
  readonly health = new Counter({
    name: 'yarak_sensor_reports_total',
    help: "Falco's reports about itself (drops, metrics), by kind.",
    labelNames: ['kind'] as const,
    registers: [this.registry],
  });
}
