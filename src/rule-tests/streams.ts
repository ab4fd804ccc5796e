// A test's events and the alerts that the rules make of them, whatever the events come from. The same events can be
// gone through again, to explain or to measure.

import { type Alert, AlertReader, alertFromJson } from '../alerts/index.ts';
import { unpack } from '../alerts/node/index.ts';
import { invariant } from '../base/assert.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { parseJson } from '../base/json.ts';
import type { Field } from '../detect/lang/index.ts';
import type { Rule } from '../detect/rules/index.ts';
import { AlertReplay, EventReader, JsonReplay, type JsonSource, jsonAccess } from '../sources/audit/index.ts';
import { CaptureReader, drive } from '../sources/scap/index.ts';
import { fieldName, fieldsOf, leavesOf } from './condition-fields.ts';
import { type NamedFile, resolveNamed, streamNamed } from './files.ts';
import type { InlineEvent } from './inline-event.ts';
import type { Machinery } from './machinery.ts';
import { SYSCALL } from './sources.ts';
import type { TestInput } from './test-file.ts';
import { alertVantage, type Vantage } from './vantage.ts';

/** A rule that fired, with what it printed. */
export interface FiredAlert {
  readonly rule: Rule;
  readonly alert: Alert;
  /** Which event: `event 2`, `alerts.jsonl:3`. */
  readonly event: string;
  /** Of inline events: the fields that the condition reads and the event does not give. */
  readonly unset?: () => readonly string[];
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
  run(): Promise<StreamResult>;
  visit(visitor: EventVisitor): Promise<void>;
  /** How people find the event: `event 2`, `alerts.jsonl:3`. */
  label(number: number): string;
}

/** The events of a test. `testFile` is the path that named files are relative to. */
export function openStream(input: TestInput, testFile: string, machinery: Machinery): EventStream {
  switch (input.kind) {
    case 'events':
      return inlineStream(input.source, input.events, machinery);
    case 'capture':
      return captureStream(testFile, input.file, machinery);
    case 'json': {
      const source = machinery.sources.json(input.source);
      invariant(source !== undefined, 'test files name sources that are there');
      return jsonStream(testFile, input.file, source, machinery);
    }
    case 'alerts':
      return alertStream(testFile, input.file, machinery);
  }
}

function fired(rule: Rule, line: string, event: string): FiredAlert {
  const parsed = parseJson(line);
  const alert = parsed.ok ? alertFromJson(parsed.value, { file: event, line: 1 }) : undefined;
  invariant(alert !== undefined, 'the engine writes alerts');
  return { rule, alert, event };
}

const label = (number: number): string => `event ${number}`;

function inlineStream(source: string, events: readonly InlineEvent[], machinery: Machinery): EventStream {
  const { engine, vantage } = machinery.inline(source);
  return {
    source,
    async run() {
      const out = events.flatMap((event) =>
        engine.alerts(event, event.code).map(({ rule, line }) => ({
          ...fired(rule, line, label(event.number)),
          unset: () => unsetFields(rule, (field) => vantage.isSet(field)(event)),
        })),
      );
      return { fired: out, undecided: [], events: events.length, diagnostics: engine.diagnostics };
    },
    async visit(visitor) {
      const take = visitor.visit(vantage);
      for (const event of events) take(event, event.code, event.number, source);
    },
    label,
  };
}

function unsetFields(rule: Rule, isSet: (field: Field) => boolean): string[] {
  const fields = leavesOf(rule.condition).flatMap(fieldsOf);
  return [...new Set(fields.filter((field) => !isSet(field)).map(fieldName))];
}

function captureStream(testFile: string, file: NamedFile, machinery: Machinery): EventStream {
  return {
    source: SYSCALL,
    async run() {
      const out: FiredAlert[] = [];
      const summary = await machinery.play(streamNamed(testFile, file), ({ rule, line }, event) =>
        out.push(fired(rule, line, label(event.num))),
      );
      const placed = summary.diagnostics.map((one) => ({ ...one, at: one.at ?? file.at }));
      const diagnostics = [...summary.ruleDiagnostics, ...placed];
      return { fired: out, undecided: [], events: summary.events, diagnostics };
    },
    async visit(visitor) {
      const take = visitor.visit(machinery.captureVantage);
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
  machinery: Machinery,
): EventStream {
  const name = resolveNamed(testFile, file);
  return {
    source: source.name,
    async run() {
      const out: FiredAlert[] = [];
      const diagnostics: Diagnostic[] = [];
      const { rules, settings } = machinery;
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
    async visit(visitor) {
      const take = visitor.visit(machinery.vantage(jsonAccess(source)));
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
function alertStream(testFile: string, file: NamedFile, machinery: Machinery): EventStream {
  const { rules, settings, sources } = machinery;
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
    async run() {
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
      if (undecided.length > 0) diagnostics.push(undecidedNote(undecided, file));
      return { fired: out, undecided, events: replay.alerts, diagnostics };
    },
    visit(visitor) {
      const take = visitor.visit(alertVantage(sources.anyField));
      return read((alert) => take(alert, undefined, alert.ref.line, alert.source));
    },
    label: lineLabel,
  };
}

/** Silence of such a rule proves nothing; the test's author should know. */
function undecidedNote(undecided: readonly Undecided[], { at }: NamedFile): Diagnostic {
  const rules = undecided.map(({ rule }) => `"${rule}"`);
  const fields = [...new Set(undecided.flatMap(({ missing }) => missing))].sort();
  const some = (all: readonly string[]) => (all.length > 5 ? [...all.slice(0, 5), '…'] : all).join(', ');
  const message = `The recorded alerts do not decide ${rules.length === 1 ? 'rule' : `${rules.length} rules`} ${some(rules)}; missing is ${some(fields)}`;
  return { code: 'TEST_UNDECIDED', severity: 'info', message, at };
}
