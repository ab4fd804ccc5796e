// Rules over a capture: reads it, follows its state, and hands on each alert as Falco would print it. The host in the
// alerts is the capture's own unless another is named.

import type { Diagnostic } from '../../base/diagnostic.ts';
import {
  createEngine,
  type EmittedAlert,
  type Engine,
  type EngineOptions,
} from '../../detect/engine/index.ts';
import { EVENT_CODE_COUNT } from '../../detect/fields/index.ts';
import type { Rule } from '../../detect/rules/index.ts';
import type { ScapEvent } from './event.ts';
import { scapFields } from './fields/access.ts';
import { CaptureReader, type CaptureSummary, drive } from './reader.ts';
import type { CaptureState } from './state/types.ts';

export interface ReplayOptions extends EngineOptions {
  readonly rules: readonly Rule[];
  /** Called for each alert, in order, before the next event is read. */
  readonly onAlert: (alert: EmittedAlert, event: ScapEvent) => void;
}

export interface ReplaySummary extends CaptureSummary {
  readonly alerts: number;
  /** Rules that could not run, and why. */
  readonly ruleDiagnostics: readonly Diagnostic[];
}

/** Runs rules over captures, one after the other; the plan is made once, at the first event. */
export class Replay {
  readonly #options: ReplayOptions;
  #engine: Engine<ScapEvent> | undefined = undefined;
  #state: CaptureState | undefined = undefined;
  /** By event code: whether any rule could match. */
  readonly #concerns = new Uint8Array(EVENT_CODE_COUNT);
  #alerts = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  /** Plays one capture, raw or gzip, from its bytes. Damage ends it and is told in the summary. */
  async play(chunks: AsyncIterable<Uint8Array>): Promise<ReplaySummary> {
    this.#alerts = 0;
    const reader = new CaptureReader((event) => this.#onEvent(event));
    this.#state = reader.state;
    const summary = await drive(reader, chunks);
    return { ...summary, alerts: this.#alerts, ruleDiagnostics: this.#engine?.diagnostics ?? [] };
  }

  #onEvent(event: ScapEvent): void {
    const engine = this.#engine ?? this.#plan();
    const code = event.code;
    if (this.#concerns[code] === 0) return;
    for (const alert of engine.alerts(event, code)) {
      this.#alerts++;
      this.#options.onAlert(alert, event);
    }
  }

  #plan(): Engine<ScapEvent> {
    // A capture may be several, of several machines.
    const hostname = this.#options.hostname ?? (() => this.#state?.machine?.hostname ?? '');
    const engine = createEngine(this.#options.rules, scapFields, { ...this.#options, hostname });
    for (let code = 0; code < EVENT_CODE_COUNT; code++) this.#concerns[code] = engine.concerns(code) ? 1 : 0;
    this.#engine = engine;
    return engine;
  }
}
