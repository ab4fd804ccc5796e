// A test's events and the alerts that the rules make of them, whatever the events come from. The same events can be
// gone through again, to explain or to measure.

import { type Alert, AlertReader, type AlertRef, alertFromJson } from '../alerts/index.ts';
import { unpack } from '../alerts/node/index.ts';
import { invariant } from '../base/assert.ts';
import type { Diagnostic, Location } from '../base/diagnostic.ts';
import { parseJson } from '../base/json.ts';
import {
  compileThreeValued,
  createEngine,
  type EmittedAlert,
  type EngineSettings,
  selectRules,
} from '../detect/engine/index.ts';
import type { Rule } from '../detect/rules/index.ts';
import { EventReader, type JsonSource, jsonAccess, KUBERNETES_AUDIT } from '../sources/audit/index.ts';
import { CaptureReader, drive, Replay, scapFields } from '../sources/scap/index.ts';
import { type NamedFile, streamNamed } from './files.ts';
import { type InlineEvent, inlineAccess } from './inline-event.ts';
import type { TestInput } from './test-file.ts';
import { alertVantage, eventVantage, type Vantage } from './vantage.ts';

/** A rule that fired. */
export interface FiredAlert {
  readonly rule: Rule;
  /** As printed; for recorded alerts the record itself, under another rule's name. */
  readonly alert: Alert;
  /** Which event: `event 2`, `alerts.jsonl:3`. */
  readonly event: string;
}

/** A recorded alert of which it cannot be said whether the rule would have fired on its event. */
export interface Undecided {
  readonly rule: Rule;
  readonly event: string;
  readonly missing: readonly string[];
}

export interface StreamResult {
  readonly fired: readonly FiredAlert[];
  readonly undecided: readonly Undecided[];
  /** Number of events or alerts that were looked at. */
  readonly events: number;
  /** Mistakes in the data, and rules that could not run. */
  readonly diagnostics: readonly Diagnostic[];
}

/** `number` is what `EventStream.label` takes; `code` is undefined where no event code is known. */
export type TakeEvent<E> = (event: E, code: number | undefined, number: number, source: string) => void;

/** Goes through events again. `visit` is called once, with the way to look at them, and gives what takes each. */
export interface EventVisitor {
  visit<E>(vantage: Vantage<E>): TakeEvent<E>;
}

export interface EventStream {
  /** `undefined`: recorded alerts, each of its own source. */
  readonly source: string | undefined;
  run(rules: readonly Rule[], settings: EngineSettings): Promise<StreamResult>;
  visit(visitor: EventVisitor, settings: EngineSettings): Promise<void>;
  /** How people find the event: `event 2`, `alerts.jsonl:3`. */
  label(number: number): string;
}

/** The events of a test. `testFile` is the path that named files are relative to. */
export function openStream(input: TestInput, testFile: string): EventStream {
  switch (input.kind) {
    case 'events':
      return inlineStream(input.source, input.events);
    case 'capture':
      return captureStream(testFile, input.file);
    case 'json':
      return jsonStream(testFile, input.file, sourceNamed(input.source));
    case 'alerts':
      return alertStream(testFile, input.file);
  }
}

function sourceNamed(name: string): JsonSource {
  if (name === KUBERNETES_AUDIT.name) return KUBERNETES_AUDIT;
  throw new Error(`No reader for ${name}`);
}

function fired(emitted: EmittedAlert, event: string): FiredAlert {
  const ref: AlertRef = { file: event, line: 0 };
  const parsed = parseJson(emitted.line);
  const alert = parsed.ok ? alertFromJson(parsed.value, ref) : undefined;
  invariant(alert !== undefined, 'the engine writes alerts');
  return { rule: emitted.rule, alert, event };
}

function inlineStream(source: string, events: readonly InlineEvent[]): EventStream {
  const access = inlineAccess(source);
  return {
    source,
    async run(rules, settings) {
      const engine = createEngine(rules, access, { settings });
      const out = events.flatMap((event) =>
        engine.alerts(event, event.code).map((alert) => fired(alert, label(event.number))),
      );
      return { fired: out, undecided: [], events: events.length, diagnostics: engine.diagnostics };
    },
    async visit(visitor, { staticFields }) {
      const take = visitor.visit(eventVantage(access, staticFields, 'not set in the event'));
      for (const event of events) take(event, event.code, event.number, source);
    },
    label,
  };
}

const label = (number: number): string => `event ${number}`;

/** What a capture's event has no value for prints so. */
const ABSENT = 'null';

function captureStream(testFile: string, file: NamedFile): EventStream {
  return {
    source: 'syscall',
    async run(rules, settings) {
      const out: FiredAlert[] = [];
      const replay = new Replay({
        rules,
        settings,
        onAlert: (alert, event) => out.push(fired(alert, label(event.num))),
      });
      const summary = await replay.play(streamNamed(testFile, file));
      return {
        fired: out,
        undecided: [],
        events: summary.events,
        diagnostics: [...summary.ruleDiagnostics, ...placed(summary.diagnostics, file.at)],
      };
    },
    async visit(visitor, { staticFields }) {
      const take = visitor.visit(eventVantage(scapFields, staticFields, ABSENT));
      const reader = new CaptureReader((event) => take(event, event.code, event.num, 'syscall'));
      await drive(reader, streamNamed(testFile, file));
    },
    label,
  };
}

function jsonStream(testFile: string, file: NamedFile, source: JsonSource): EventStream {
  const access = jsonAccess(source);
  return {
    source: source.name,
    async run(rules, settings) {
      const out: FiredAlert[] = [];
      const diagnostics: Diagnostic[] = [];
      const engine = createEngine(rules, access, { settings });
      const reader = new EventReader(source, {
        file: file.path,
        onEvent: (event) => {
          for (const alert of engine.alerts(event, 0)) out.push(fired(alert, label(event.num)));
        },
        onDiagnostic: (one) => diagnostics.push(one),
      });
      for await (const chunk of unpack(streamNamed(testFile, file))) reader.push(chunk);
      reader.end();
      return {
        fired: out,
        undecided: [],
        events: reader.counts.events,
        diagnostics: [...engine.diagnostics, ...diagnostics],
      };
    },
    async visit(visitor, { staticFields }) {
      const take = visitor.visit(eventVantage(access, staticFields, ABSENT));
      const reader = new EventReader(source, {
        onEvent: (event) => take(event, undefined, event.num, source.name),
        onDiagnostic: () => {},
      });
      for await (const chunk of unpack(streamNamed(testFile, file))) reader.push(chunk);
      reader.end();
    },
    label,
  };
}

/** Recorded alerts: every rule is asked on its own, as far as the recorded fields tell (three-valued). */
function alertStream(testFile: string, file: NamedFile): EventStream {
  const lineLabel = (line: number): string => `${file.path}:${line}`;
  const read = async (take: (alert: Alert) => void, problems?: Diagnostic[]) => {
    const reader = new AlertReader(
      (item) => {
        if (item.kind === 'alert') take(item.alert);
        else if (item.kind === 'diagnostic') problems?.push(item.diagnostic);
      },
      { file: file.path },
    );
    for await (const chunk of unpack(streamNamed(testFile, file))) reader.push(chunk);
    reader.end();
  };
  return {
    source: undefined,
    async run(rules, settings) {
      const out: FiredAlert[] = [];
      const undecided: Undecided[] = [];
      const diagnostics: Diagnostic[] = [];
      const bySource = new Map<string, { rule: Rule; condition: ReturnType<typeof compileThreeValued> }[]>();
      let events = 0;
      await read((alert) => {
        events++;
        const event = lineLabel(alert.ref.line);
        let compiled = bySource.get(alert.source);
        if (compiled === undefined) {
          compiled = selectRules(rules, alert.source, settings).map((rule) => ({
            rule,
            condition: compileThreeValued(rule.condition),
          }));
          bySource.set(alert.source, compiled);
        }
        for (const { rule, condition } of compiled) {
          const { truth, missing } = condition.evaluate(alert);
          if (truth === true) out.push({ rule, alert, event });
          else if (truth === 'unknown') undecided.push({ rule, event, missing });
        }
      }, diagnostics);
      return { fired: out, undecided, events, diagnostics };
    },
    visit(visitor) {
      const take = visitor.visit(alertVantage());
      return read((alert) => take(alert, undefined, alert.ref.line, alert.source));
    },
    label: lineLabel,
  };
}

function placed(diagnostics: readonly Diagnostic[], at: Location): Diagnostic[] {
  return diagnostics.map((one) => ({ ...one, at: one.at ?? at }));
}
