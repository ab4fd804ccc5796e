// A test's events and the alerts that the rules make of them, whatever the events come from. The same events can be
// gone through again, to explain or to measure.

import { type Alert, AlertReader, alertFromJson } from '../alerts/index.ts';
import { unpack } from '../alerts/node/index.ts';
import { invariant } from '../base/assert.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { parseJson } from '../base/json.ts';
import { createEngine, type EngineSettings } from '../detect/engine/index.ts';
import type { Rule } from '../detect/rules/index.ts';
import { AlertReplay, EventReader, JsonReplay, type JsonSource, jsonAccess } from '../sources/audit/index.ts';
import { CaptureReader, drive, Replay, scapFields } from '../sources/scap/index.ts';
import { type NamedFile, resolveNamed, streamNamed } from './files.ts';
import { type InlineEvent, inlineAccess } from './inline-event.ts';
import { type EventSources, SYSCALL } from './sources.ts';
import type { TestInput } from './test-file.ts';
import { alertVantage, eventVantage, type Vantage } from './vantage.ts';

/** A rule that fired, with what it printed. */
export interface FiredAlert {
  readonly rule: Rule;
  readonly alert: Alert;
  /** Which event: `event 2`, `alerts.jsonl:3`. */
  readonly event: string;
}

/** Recorded alerts of which it cannot be said whether the rule would have fired on their events. */
export interface Undecided {
  readonly rule: string;
  readonly count: number;
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
export function openStream(input: TestInput, testFile: string, sources: EventSources): EventStream {
  switch (input.kind) {
    case 'events':
      return inlineStream(input.source, input.events, sources);
    case 'capture':
      return captureStream(testFile, input.file, sources);
    case 'json': {
      const source = sources.json(input.source);
      invariant(source !== undefined, 'test files name sources that are there');
      return jsonStream(testFile, input.file, source, sources);
    }
    case 'alerts':
      return alertStream(testFile, input.file, sources);
  }
}

function fired(rule: Rule, line: string, event: string): FiredAlert {
  const parsed = parseJson(line);
  const alert = parsed.ok ? alertFromJson(parsed.value, { file: event, line: 1 }) : undefined;
  invariant(alert !== undefined, 'the engine writes alerts');
  return { rule, alert, event };
}

function inlineStream(source: string, events: readonly InlineEvent[], sources: EventSources): EventStream {
  const access = inlineAccess(source);
  return {
    source,
    async run(rules, settings) {
      const engine = createEngine(rules, access, { settings, extra: sources.extra(source) });
      const out = events.flatMap((event) =>
        engine.alerts(event, event.code).map(({ rule, line }) => fired(rule, line, label(event.number))),
      );
      return { fired: out, undecided: [], events: events.length, diagnostics: engine.diagnostics };
    },
    async visit(visitor, { staticFields }) {
      const catalogue = sources.catalogue(source);
      const take = visitor.visit(
        eventVantage(access, { catalogue, staticFields, absent: 'not set in the event' }),
      );
      for (const event of events) take(event, event.code, event.number, source);
    },
    label,
  };
}

const label = (number: number): string => `event ${number}`;

/** A recorded event's field without value. */
const ABSENT = 'null';

function captureStream(testFile: string, file: NamedFile, sources: EventSources): EventStream {
  return {
    source: SYSCALL,
    async run(rules, settings) {
      const out: FiredAlert[] = [];
      const replay = new Replay({
        rules,
        settings,
        onAlert: ({ rule, line }, event) => out.push(fired(rule, line, label(event.num))),
      });
      const { events, ruleDiagnostics, diagnostics } = await replay.play(streamNamed(testFile, file));
      const placed = diagnostics.map((one) => ({ ...one, at: one.at ?? file.at }));
      return { fired: out, undecided: [], events, diagnostics: [...ruleDiagnostics, ...placed] };
    },
    async visit(visitor, { staticFields }) {
      const catalogue = sources.catalogue(SYSCALL);
      const take = visitor.visit(eventVantage(scapFields, { catalogue, staticFields, absent: ABSENT }));
      const reader = new CaptureReader((event) => take(event, event.code, event.num, SYSCALL));
      await drive(reader, streamNamed(testFile, file));
    },
    label,
  };
}

function jsonStream(
  testFile: string,
  file: NamedFile,
  source: JsonSource,
  sources: EventSources,
): EventStream {
  const name = resolveNamed(testFile, file);
  return {
    source: source.name,
    async run(rules, settings) {
      const out: FiredAlert[] = [];
      const diagnostics: Diagnostic[] = [];
      const replay = new JsonReplay({
        source,
        rules,
        settings,
        onAlert: ({ rule, line }, event) => out.push(fired(rule, line, label(event.num))),
        onDiagnostic: (one) => diagnostics.push(one),
      });
      const { events } = await replay.play(unpack(streamNamed(testFile, file)), name);
      return { fired: out, undecided: [], events, diagnostics: [...replay.ruleDiagnostics, ...diagnostics] };
    },
    async visit(visitor, { staticFields }) {
      const catalogue = sources.catalogue(source.name);
      const take = visitor.visit(
        eventVantage(jsonAccess(source), { catalogue, staticFields, absent: ABSENT }),
      );
      const reader = new EventReader(source, {
        onEvent: (event) => take(event, undefined, event.num, source.name),
        // The run has said what is wrong with records.
        onDiagnostic: () => {},
      });
      for await (const chunk of unpack(streamNamed(testFile, file))) reader.push(chunk);
      reader.end();
    },
    label,
  };
}

/** Recorded alerts: rules are asked as far as the recorded fields tell (three-valued). */
function alertStream(testFile: string, file: NamedFile, sources: EventSources): EventStream {
  const name = resolveNamed(testFile, file);
  const lineLabel = (line: number): string => `${name}:${line}`;
  const read = async (take: (alert: Alert) => void, problems?: Diagnostic[]) => {
    const reader = new AlertReader(
      (item) => {
        if (item.kind === 'alert') take(item.alert);
        else if (item.kind === 'diagnostic') problems?.push(item.diagnostic);
      },
      { file: name },
    );
    for await (const chunk of unpack(streamNamed(testFile, file))) reader.push(chunk);
    reader.end();
  };
  return {
    source: undefined,
    async run(rules, settings) {
      const out: FiredAlert[] = [];
      const diagnostics: Diagnostic[] = [];
      const replay = new AlertReplay({
        rules,
        settings,
        extra: new Map(sources.defined.map((source) => [source, sources.extra(source)])),
        onAlert: (line, rule, alert) => out.push(fired(rule, line, lineLabel(alert.ref.line))),
      });
      await read((alert) => replay.play(alert), diagnostics);
      const undecided = replay
        .gaps()
        .filter((gap) => gap.undecided > 0)
        .map((gap) => ({ rule: gap.rule, count: gap.undecided, missing: [...gap.missing.keys()].sort() }));
      return { fired: out, undecided, events: replay.alerts, diagnostics };
    },
    visit(visitor) {
      const take = visitor.visit(alertVantage(sources.anyField));
      return read((alert) => take(alert, undefined, alert.ref.line, alert.source));
    },
    label: lineLabel,
  };
}
