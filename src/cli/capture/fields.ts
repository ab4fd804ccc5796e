// `yarak capture fields`: which values fields take in a capture, how often, and where first; without names, which
// fields ever have a value.

import { terminalText } from '../../base/escape/terminal.ts';
import type { OutputField } from '../../detect/engine/index.ts';
import { CaptureWalk, type ScapEvent } from '../../sources/scap/index.ts';
import { isJson, wholeNumber } from './events.ts';
import { allFields, compileFields, compileFilter } from './language.ts';
import { Output } from './output.ts';
import { exitCodeOf, reading, tell, watchedBytes } from './source.ts';

export interface FieldsOptions {
  readonly filter?: string;
  readonly rules?: readonly string[];
  readonly limit: string;
  readonly format: string;
}

/** Values beyond this many of one field are only counted: a capture is untrusted, memory is not endless. */
const MAX_DISTINCT = 50_000;
/** The same in characters, of all fields. */
const MAX_LENGTH = 64 * 1024 * 1024;
/** A longer value is counted as what it begins with. */
const MAX_VALUE = 4096;
const MAX_EXAMPLE = 80;

interface Found {
  count: number;
  /** `evt.num` of the first event that has it. */
  readonly first: number;
}

/** What one field was seen to be. */
class Tally {
  readonly field: OutputField<ScapEvent>;
  readonly values = new Map<string, Found>();
  /** Events in which the field has a value. */
  present = 0;
  /** Events whose values were not kept apart any more. */
  others = 0;
  /** Characters that are kept, of all fields. */
  static #length = 0;

  constructor(field: OutputField<ScapEvent>) {
    this.field = field;
  }

  add(event: ScapEvent): void {
    const text = this.field.json(event);
    if (text === 'null') return;
    this.present++;
    const value = text.length > MAX_VALUE ? text.slice(0, MAX_VALUE) : text;
    const found = this.values.get(value);
    if (found !== undefined) found.count++;
    else if (this.values.size < MAX_DISTINCT && Tally.#length + value.length <= MAX_LENGTH) {
      Tally.#length += value.length;
      this.values.set(value, { count: 1, first: event.num });
    } else this.others++;
  }
}

/** Only whether there is a value, and the first one. */
class Presence {
  readonly field: ReturnType<typeof allFields>[number];
  present = 0;
  example: string | undefined = undefined;
  first = 0;

  constructor(field: ReturnType<typeof allFields>[number]) {
    this.field = field;
  }

  add(event: ScapEvent): void {
    if (!this.field.has(event)) return;
    this.present++;
    // An empty string says little: the first one that is not is shown.
    if (this.example === undefined || this.example === '""') {
      this.example = this.field.json(event).slice(0, MAX_VALUE);
      this.first = event.num;
    }
  }
}

/** A JSON value as people read it. */
function plain(json: string): string {
  if (!json.startsWith('"')) return json;
  try {
    return String(JSON.parse(json));
  } catch {
    return json;
  }
}

function example(json: string): string {
  const text = terminalText(plain(json));
  if (text === '') return '""';
  return text.length > MAX_EXAMPLE ? `${text.slice(0, MAX_EXAMPLE - 1)}…` : text;
}

/** Prints counts of the named fields' values, or the fields that have any. */
export async function run(path: string, names: readonly string[], options: FieldsOptions): Promise<number> {
  const json = isJson(options.format);
  const limit = wholeNumber('--limit', options.limit);
  const passes =
    options.filter === undefined ? undefined : compileFilter(options.filter, options.rules ?? []);
  const tallies = names.length === 0 ? [] : compileFields(names).map((field) => new Tally(field));
  const presences = names.length === 0 ? allFields().map((field) => new Presence(field)) : [];
  let events = 0;
  const walk = new CaptureWalk({
    after(_block, event) {
      if (event === undefined || passes?.(event) === false) return;
      events++;
      for (const tally of tallies) tally.add(event);
      for (const presence of presences) presence.add(event);
    },
  });
  const { diagnostics } = await reading(path, () => walk.run(watchedBytes(path)));
  const output = new Output();
  if (names.length === 0) printPresences(presences, events, json, output);
  else printTallies(tallies, events, limit, json, output);
  await output.pause();
  tell(diagnostics);
  return exitCodeOf(diagnostics);
}

function printPresences(all: readonly Presence[], events: number, json: boolean, output: Output): void {
  const found = all.filter(({ present }) => present > 0);
  if (json) {
    const fields = found.map(
      ({ field, present, example: value, first }) =>
        `{"field":${JSON.stringify(field.key)},"present":${present},"example":${jsonValue(value ?? '""')},"first":${first}}`,
    );
    output.line(`{"events":${events},"fields":[${fields.join(',')}]}`);
    return;
  }
  const width = Math.max(5, ...found.map(({ field }) => field.key.length));
  output.line(`${found.length} of ${all.length} fields have a value in ${events} events`);
  output.line('');
  output.line(`${'field'.padEnd(width)}  ${'events'.padStart(8)}  first value`);
  for (const { field, present, example: value } of found)
    output.line(`${field.key.padEnd(width)}  ${String(present).padStart(8)}  ${example(value ?? '')}`);
}

/** A value that was cut is no JSON any more: then its text is given. */
function jsonValue(value: string): string {
  try {
    JSON.parse(value);
    return value;
  } catch {
    return JSON.stringify(value);
  }
}

function printTallies(
  tallies: readonly Tally[],
  events: number,
  limit: number,
  json: boolean,
  output: Output,
): void {
  const parts: string[] = [];
  for (const { field, values, present, others } of tallies) {
    const top = [...values].sort(([, a], [, b]) => b.count - a.count || a.first - b.first).slice(0, limit);
    if (json) {
      const shown = top.map(
        ([value, { count, first }]) => `{"value":${jsonValue(value)},"count":${count},"first":${first}}`,
      );
      parts.push(
        `{"field":${JSON.stringify(field.key)},"present":${present},"distinct":${values.size},"others":${others},"values":[${shown.join(',')}]}`,
      );
      continue;
    }
    const more = others > 0 ? ` and more (${others} events were not kept apart)` : '';
    output.line(
      `${terminalText(field.key)}: ${present} of ${events} events, ${values.size} different values${more}`,
    );
    for (const [value, { count, first }] of top)
      output.line(`${String(count).padStart(8)}  ${example(value)}  (first at ${first})`);
    if (values.size > top.length) output.line(`${'…'.padStart(8)}  ${values.size - top.length} more`);
  }
  if (json) output.line(`{"events":${events},"fields":[${parts.join(',')}]}`);
}
