// What goes on beside the requests: triage of incidents that changed, delivery, the text index, retention, silences
// over new findings. Each in its own loop, none waits for another, and a failure is logged and tried again. While
// alerts come in, most take a share of the time: they fall behind for a while, never for ever.

import type { Router } from '../deliver/index.ts';
import { deliverDue } from '../deliver/index.ts';
import type { Config } from './config.ts';
import type { ServerContext } from './context.ts';
import { triageChanged } from './triage-changed.ts';

interface Loop {
  readonly name: string;
  /** Returns whether there is more to do at once. */
  readonly run: () => Promise<boolean>;
  readonly pauseMs: number;
  /** While alerts come in: how many times as long as it ran it leaves to ingest. */
  readonly yields?: number;
}

/** Incidents a step of triage. */
const TRIAGE_BATCH = 20;
/** Alerts a step of the text index. */
const INDEX_BATCH = 200;
/** Triage and index take a fifth of the time each. */
const BEHIND = 4;
/** Retention must not fall far behind: it keeps the disk from filling up. */
const ALONGSIDE = 2;
/** Alerts a step of retention: some milliseconds. */
const PRUNE_BATCH = 300;
const AFTER_FAILURE_MS = 5000;

export class Background {
  readonly #context: ServerContext;
  #retention: Config['retention'];
  #stopping = false;
  readonly #loops: readonly Loop[];
  #running: Promise<void>[] = [];
  #wake: (() => void)[] = [];

  constructor(context: ServerContext, options: { readonly router: () => Router }) {
    this.#context = context;
    this.#retention = context.config.retention;
    const { store, nowMs, metrics, log } = context;
    this.#loops = [
      {
        name: 'triage',
        pauseMs: 500,
        yields: BEHIND,
        // Small steps while alerts come in: an acknowledgement may have to wait for one.
        run: () => triageChanged(context, options.router(), context.inFlight.busy ? 1 : TRIAGE_BATCH),
      },
      {
        name: 'deliver',
        pauseMs: 1000,
        run: async () => {
          const taken = await deliverDue({
            outbox: store,
            targets: context.targets(),
            nowUs: () => nowMs() * 1000,
            onOutcome: (route, outcome, error) => {
              metrics.deliveries.inc({ route, outcome });
              if (error !== undefined) log.warn({ route, outcome, error }, 'delivery failed');
            },
          });
          return taken > 0;
        },
      },
      {
        name: 'index',
        pauseMs: 1000,
        yields: BEHIND,
        run: async () => (await store.indexText(INDEX_BATCH)) === INDEX_BATCH,
      },
      {
        name: 'sweep',
        pauseMs: 60_000,
        run: async () => {
          await store.sweep(nowMs() * 1000);
          return false;
        },
      },
      { name: 'retention', pauseMs: 60_000, yields: ALONGSIDE, run: async () => (await this.#prune()) > 0 },
    ];
  }

  start(): void {
    this.#running = this.#loops.map((loop) => this.#repeat(loop));
  }

  configure(config: Config): void {
    this.#retention = config.retention;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const wake of this.#wake) wake();
    await Promise.all(this.#running);
  }

  async #prune(): Promise<number> {
    const { maxAge, maxAlerts, maxSize } = this.#retention;
    if (maxAge === undefined && maxAlerts === undefined && maxSize === undefined) return 0;
    return this.#context.store.prune(
      {
        ...(maxAge === undefined ? {} : { maxAgeUs: maxAge * 1000 }),
        ...(maxAlerts === undefined ? {} : { maxAlerts }),
        ...(maxSize === undefined ? {} : { maxBytes: maxSize }),
      },
      this.#context.nowMs() * 1000,
      PRUNE_BATCH,
    );
  }

  async #repeat({ name, run, pauseMs, yields = 0 }: Loop): Promise<void> {
    while (!this.#stopping) {
      let pause = pauseMs;
      const started = performance.now();
      try {
        if (await run()) pause = this.#context.inFlight.busy ? (performance.now() - started) * yields : 0;
      } catch (error) {
        this.#context.log.error({ err: error, loop: name }, 'background work failed');
        pause = AFTER_FAILURE_MS;
      }
      await this.#sleep(pause);
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = this.#wake.filter((wake) => wake !== done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake.push(done);
    });
  }
}
