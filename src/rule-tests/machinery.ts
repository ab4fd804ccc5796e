// The engines of one set of rules, made when a test first asks for them and shared by all tests of a file: planning
// rules costs far more than a few events.

import {
  createEngine,
  type EmittedAlert,
  type Engine,
  type EngineSettings,
  type EventAccess,
} from '../detect/engine/index.ts';
import type { Rule } from '../detect/rules/index.ts';
import { Replay, type ReplaySummary, type ScapEvent, scapFields } from '../sources/scap/index.ts';
import { type InlineEvent, inlineAccess } from './inline-event.ts';
import type { EventSources } from './sources.ts';
import { eventVantage, type Vantage } from './vantage.ts';

/** What runs inline events of one source, and looks at them. */
export interface InlineEngine {
  readonly engine: Engine<InlineEvent>;
  readonly vantage: Vantage<InlineEvent>;
}

export class Machinery {
  readonly rules: readonly Rule[];
  readonly settings: EngineSettings;
  readonly sources: EventSources;
  readonly #inline = new Map<string, InlineEngine>();
  #replay: Replay | undefined;
  #onAlert: (alert: EmittedAlert, event: ScapEvent) => void = () => {};
  #captureVantage: Vantage<ScapEvent> | undefined;

  constructor(rules: readonly Rule[], settings: EngineSettings, sources: EventSources) {
    this.rules = rules;
    this.settings = settings;
    this.sources = sources;
  }

  inline(source: string): InlineEngine {
    let made = this.#inline.get(source);
    if (made === undefined) {
      const access = inlineAccess(source);
      const { settings, sources } = this;
      made = {
        engine: createEngine(this.rules, access, { settings, extra: sources.extra(source) }),
        vantage: this.vantage(access, 'not set in the event'),
      };
      this.#inline.set(source, made);
    }
    return made;
  }

  /** Plays one capture. */
  async play(
    chunks: AsyncIterable<Uint8Array>,
    onAlert: (alert: EmittedAlert, event: ScapEvent) => void,
  ): Promise<ReplaySummary> {
    this.#onAlert = onAlert;
    const { rules, settings } = this;
    this.#replay ??= new Replay({ rules, settings, onAlert: (alert, event) => this.#onAlert(alert, event) });
    return await this.#replay.play(chunks);
  }

  get captureVantage(): Vantage<ScapEvent> {
    this.#captureVantage ??= this.vantage(scapFields);
    return this.#captureVantage;
  }

  /** `absent` names a field without value. */
  vantage<E>(access: EventAccess<E>, absent = 'null'): Vantage<E> {
    const { staticFields } = this.settings;
    return eventVantage(access, { catalogue: this.sources.catalogue(access.source), staticFields, absent });
  }
}
