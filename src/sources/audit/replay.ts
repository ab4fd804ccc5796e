// Rules over recorded JSON events: reads them and hands on each alert as Falco would print it.

import type { Diagnostic } from '../../base/diagnostic.ts';
import {
  createEngine,
  type EmittedAlert,
  type Engine,
  type EngineSettings,
} from '../../detect/engine/index.ts';
import type { Rule } from '../../detect/rules/index.ts';
import { jsonAccess } from './access.ts';
import { createJsonEvent, type JsonEvent } from './event.ts';
import { type EventCounts, EventReader } from './reader.ts';
import type { JsonSource } from './source.ts';

export interface JsonReplayOptions {
  readonly source: JsonSource;
  readonly rules: readonly Rule[];
  readonly settings: EngineSettings;
  /** What alerts name as the host; the events do not say where Falco would have run. */
  readonly hostname?: string;
  /** Called for each alert, in order, before the next event is read. */
  readonly onAlert: (alert: EmittedAlert, event: JsonEvent) => void;
  readonly onDiagnostic: (diagnostic: Diagnostic) => void;
}

/** Runs rules over the events of one source. Several files are one stream: event numbers run on. */
export class JsonReplay {
  readonly #options: JsonReplayOptions;
  readonly #engine: Engine<JsonEvent>;
  readonly #event = createJsonEvent();

  constructor(options: JsonReplayOptions) {
    const { source, rules, settings, hostname = '' } = options;
    this.#options = options;
    this.#engine = createEngine(rules, jsonAccess(source, hostname), {
      settings,
      hostname,
      extra: source.extra,
    });
  }

  /** The rules of the source that run. */
  get rules(): readonly Rule[] {
    return this.#engine.rules;
  }

  /** Rules that cannot run, and why. */
  get ruleDiagnostics(): readonly Diagnostic[] {
    return this.#engine.diagnostics;
  }

  /** Plays one file from its bytes, which are not compressed. What is wrong with records goes to `onDiagnostic`. */
  async play(chunks: AsyncIterable<Uint8Array>, file: string): Promise<EventCounts> {
    const { source, onAlert, onDiagnostic } = this.#options;
    const reader = new EventReader(source, {
      file,
      event: this.#event,
      onEvent: (event) => {
        for (const alert of this.#engine.alerts(event, 0)) onAlert(alert, event);
      },
      onDiagnostic,
    });
    try {
      for await (const chunk of chunks) reader.push(chunk);
    } finally {
      reader.end();
    }
    return reader.counts;
  }
}
