// Cuts of recorded captures, event by event and field by field against the captures that they are from, and the alerts
// of Falco's stock rules on both. Falco itself is not run here; that its reader takes what we write follows from the
// layout (src/sources/scap/writer/state-blocks.test.ts compares with bytes that Falco wrote).

import { createReadStream, globSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type EngineSettings } from '../../src/detect/engine/index.ts';
import { catalogueFor } from '../../src/detect/fields/index.ts';
import { loadRules } from '../../src/detect/rules/index.ts';
import {
  type CutOptions,
  type CutSummary,
  cutCapture,
  Replay,
  readCapture,
  type ScapEvent,
  scapFields,
} from '../../src/sources/scap/index.ts';

const captures = process.env['YARAK_CAPTURES'] ?? resolve(import.meta.dirname, '../captures');
const old = process.env['YARAK_OLD_CAPTURES'];
const ruleFolder = process.env['YARAK_FALCO_RULES'];

function capturesIn(folder: string): (readonly [string, string])[] {
  return globSync('*.scap', { cwd: folder })
    .sort()
    .map((name) => [basename(name, '.scap'), join(folder, name)]);
}

const recorded = capturesIn(captures);
const older = old === undefined ? [] : capturesIn(old);

/** All fields that need no argument, and those with one that Falco's dumps have. */
const NAMES: readonly string[] = [
  ...new Set([
    ...catalogueFor('syscall')
      .fields.filter(({ arg, filterOnly }) => arg !== 'required' && !filterOnly)
      .map(({ name }) => name),
    ...(JSON.parse(readFileSync(join(captures, 'fields/fields.json'), 'utf8')) as string[]),
  ]),
];

/** Counted or measured from the beginning, or from the field's own last use: another beginning, another value. */
const RELATIVE = /^(evt\.(num|reltime|deltatime)|util\.cnt|thread\.cpu)/;

/**
 * What a process list and descriptors have no place for. A cut that begins with a snapshot does not know it; one with
 * `state: 'events'` does.
 */
const NOT_IN_SNAPSHOTS: Readonly<Record<string, string>> = {
  'proc.duration': 'when a process began is told by its clone only',
  'proc.pid.ts': 'the same',
  'proc.ppid.duration': 'the same, of the parent',
  'proc.ppid.ts': 'the same, of the parent',
  'proc.exe_ino.ctime_duration_proc_start': 'measured from the same',
  'proc.exe_ino.ctime_duration_pidns_start': 'measured when the program was started',
  'proc.fdopencount': 'close-on-exec is kept for files only: at an execve other descriptors stay',
  'proc.fdusage': 'the same',
  'fd.types': 'the same',
  'fd.nameraw': 'a descriptor has its absolute name only',
  'fd.dev': 'only files have their device',
  'fd.dev.minor': 'the same',
  'fd.is_upper_layer': 'which layer of an overlay a file is in is told by its open only',
  'fd.is_lower_layer': 'the same',
  'fd.connected': 'connected is what TCP over IPv4 is taken for',
  'fd.cproto': "a socket's role is guessed from the ports that are listened on",
};

/** An event as a line of text for who and when, and its fields' values. */
interface Row {
  readonly key: string;
  readonly values: readonly string[];
  readonly tsNs: bigint;
  /** `comm` of its thread. */
  readonly name: string | undefined;
}

function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return JSON.stringify(value.map(String).sort());
  return typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'null');
}

function createRow(): (event: ScapEvent) => Row {
  const catalogue = catalogueFor('syscall');
  const reads = NAMES.map((name) => {
    const { ref } = catalogue.resolve(name);
    return (ref === undefined ? undefined : scapFields.outputReader?.(ref)) ?? (() => undefined);
  });
  return (event) => ({
    key: `${event.tsNs} ${event.cpu} ${event.tid} ${event.code}`,
    values: reads.map((read) => textOf(read(event))),
    tsNs: event.tsNs,
    name: event.thread?.comm,
  });
}

async function* bytes(buffer: Buffer): AsyncGenerator<Buffer> {
  yield buffer;
}

async function cut(file: string, options: CutOptions): Promise<{ summary: CutSummary; out: Buffer }> {
  const parts: Buffer[] = [];
  const sink = { write: (part: Buffer) => parts.push(Buffer.from(part)), pause: async () => {} };
  const summary = await cutCapture(() => createReadStream(file), options, sink);
  return { summary, out: Buffer.concat(parts) };
}

async function rowsOf(chunks: AsyncIterable<Uint8Array>): Promise<Row[]> {
  const row = createRow();
  const rows: Row[] = [];
  const { diagnostics } = await readCapture(chunks, (event) => rows.push(row(event)));
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return rows;
}

/** The events of a cut against those that it must have: the same ones in the same order. Gives differing fields. */
async function compare(out: Buffer, expected: readonly Row[]): Promise<Map<string, string>> {
  const rows = await rowsOf(bytes(out));
  expect(rows.map(({ key }) => key)).toEqual(expected.map(({ key }) => key));
  const differences = new Map<string, string>();
  rows.forEach(({ values }, at) => {
    values.forEach((value, column) => {
      const name = NAMES[column] as string;
      const before = expected[at]?.values[column];
      if (value !== before && !differences.has(name))
        differences.set(name, `event ${at}: ${before} became ${value}`);
    });
  });
  return differences;
}

/** From two fifths to four fifths of a capture. */
function middle(rows: readonly { readonly tsNs: bigint }[]): { from: bigint; to: bigint } {
  const first = rows[0]?.tsNs ?? 0n;
  const last = rows.at(-1)?.tsNs ?? 0n;
  return { from: first + ((last - first) * 2n) / 5n, to: first + ((last - first) * 4n) / 5n };
}

function unexplained(
  differences: ReadonlyMap<string, string>,
  explained: Readonly<Record<string, string>> = {},
): unknown {
  return [...differences].filter(([name]) => !RELATIVE.test(name) && !(name in explained));
}

describe.each([...recorded, ...older])('cuts of %s', (_name, file) => {
  let rows: Row[];
  beforeAll(async () => {
    rows = await rowsOf(createReadStream(file));
  });

  it('all of it: every field of every event', async () => {
    const { out, summary } = await cut(file, {});
    expect(summary).toMatchObject({ dropped: 0 });
    expect([...(await compare(out, rows))]).toEqual([]);
  });

  it('all of it behind a process list of our own: every field of every event', async () => {
    const { out } = await cut(file, { rewrite: true });
    expect([...(await compare(out, rows))]).toEqual([]);
  });

  it('the middle behind a snapshot: every field but what a snapshot cannot hold', async () => {
    const { from, to } = middle(rows);
    const { out } = await cut(file, { from: () => from, to: () => to });
    const expected = rows.filter(({ tsNs }) => tsNs >= from && tsNs <= to);
    expect(unexplained(await compare(out, expected), NOT_IN_SNAPSHOTS)).toEqual([]);
  });

  it('the middle with the events before it for the state: every field', async () => {
    const { from, to } = middle(rows);
    const { out } = await cut(file, { from: () => from, to: () => to, state: 'events' });
    const expected = rows.filter(({ tsNs }) => tsNs >= from && tsNs <= to);
    expect(unexplained(await compare(out, expected))).toEqual([]);
  });

  it('only what some of the programs do: every field', async () => {
    const isChosen = (name: string | undefined): boolean => name !== undefined && name.length % 2 === 0;
    const { out } = await cut(file, { select: () => (event) => isChosen(event.thread?.comm) });
    const expected = rows.filter(({ name }) => isChosen(name));
    expect(unexplained(await compare(out, expected))).toEqual([]);
  });

  it('a cut of a cut: every field', async () => {
    const part = (name: string | undefined, of: number): boolean => (name?.length ?? 1) % of === 0;
    const selectorOf = (of: number) => () => (event: ScapEvent) => part(event.thread?.comm, of);
    const once = await cut(file, { select: selectorOf(2) });
    const parts: Buffer[] = [];
    const sink = { write: (piece: Buffer) => parts.push(Buffer.from(piece)), pause: async () => {} };
    await cutCapture(() => bytes(once.out), { select: selectorOf(4) }, sink);
    const expected = rows.filter(({ name }) => part(name, 4));
    expect(unexplained(await compare(Buffer.concat(parts), expected))).toEqual([]);
  });
});

if (old === undefined) it.skip('cuts of captures by older drivers: YARAK_OLD_CAPTURES is not set', () => {});

const SETTINGS: EngineSettings = {
  ...DEFAULT_SETTINGS,
  ruleMatching: 'all',
  timeIso8601: true,
  appendOutput: [{ tags: [], extraFields: [], suggestedOutput: true }],
};

describe.skipIf(ruleFolder === undefined)('alerts of cuts (YARAK_FALCO_RULES)', () => {
  const names = ['falco_rules.yaml', 'falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml'];
  const { rules } = loadRules(
    ruleFolder === undefined
      ? []
      : names.map((name) => ({ name, content: readFileSync(join(ruleFolder, name), 'utf8') })),
  );

  async function alerts(chunks: AsyncIterable<Uint8Array>, from: bigint, to: bigint): Promise<string[]> {
    const lines: string[] = [];
    const replay = new Replay({
      rules,
      settings: SETTINGS,
      onAlert: ({ line, timeNs }) => {
        if (timeNs >= from && timeNs <= to) lines.push(line);
      },
    });
    await replay.play(chunks);
    return lines;
  }

  it.each(recorded)('%s', async (_name, file) => {
    const times: { readonly tsNs: bigint }[] = [];
    await readCapture(createReadStream(file), ({ tsNs }) => times.push({ tsNs }));
    const { from, to } = middle(times);
    for (const begin of [from - (to - from) / 2n, from, to]) {
      const end = to + (to - from);
      const expected = await alerts(createReadStream(file), begin, end);
      for (const state of ['snapshot', 'events'] as const) {
        const { out } = await cut(file, { from: () => begin, to: () => end, state });
        expect(await alerts(bytes(out), begin, end), state).toEqual(expected);
      }
    }
  });
});
