// What a capture shows of an incident, one statement each, with the number of its event.

import type { Fact } from '../types.ts';
import type { Collector } from './collect.ts';
import type { IncidentLog } from './incident-log.ts';
import { attackRoot } from './lineage.ts';
import type { ProcessRecord } from './process-log.ts';
import type { Placed } from './story.ts';

const MAX_LOCATED = 6;
const MAX_FILES = 8;
const MAX_CONNECTIONS = 6;

export function factsFrom(
  placed: readonly Placed[],
  log: IncidentLog | undefined,
  collector: Collector,
  incidentId: string,
): Fact[] {
  const facts: Fact[] = [];
  const add = (capture: string, event: number, text: string, values: readonly string[]): void => {
    facts.push({
      id: `c${facts.length + 1}`,
      text,
      values,
      field: `event ${event}`,
      from: 'capture',
      ref: { file: capture, line: event },
    });
  };
  for (const { alert, place } of placed.slice(0, MAX_LOCATED))
    add(place.capture, place.event, 'the alert of rule {0} is this event', [alert.rule ?? 'unknown']);
  const [first] = placed;
  if (first === undefined || log === undefined) return facts;
  const firstNs = placed.reduce(
    (least, { place }) => (place.timeNs < least ? place.timeNs : least),
    first.place.timeNs,
  );
  const lineage = first.place.lineage.map(({ name }) => name);
  if (lineage.length > 1)
    add(first.place.capture, first.place.event, 'the process and its ancestors, nearest first: {0}', [
      lineage.join(' ← '),
    ]);
  const roots = new Set(placed.map(({ place }) => attackRoot(place.lineage)?.key));
  for (const record of collector.records)
    if (roots.has(record.key) && record.attackOf.has(incidentId)) lifeOf(record, firstNs, add);
  const descendants = collector.records.filter((one) => one.attackOf.has(incidentId)).length - roots.size;
  if (descendants > 0)
    add(
      first.place.capture,
      first.place.event,
      `${descendants} more ${descendants === 1 ? 'process' : 'processes'} came from it`,
      [],
    );
  for (const { kind, values, capture, event, from, timeNs } of collector.links.of(incidentId)) {
    if (kind === 'written-then-run' && from !== undefined)
      add(
        capture,
        event,
        `{0} was run ${gap(timeNs - from.timeNs)} after {1} wrote it (event ${from.event})`,
        values,
      );
    else add(capture, event, 'the standard input of {0} is the connection {1}', values);
  }
  const files = [...log.files.values()].filter(({ sensitive }) => sensitive !== undefined);
  for (const { capture, path, acts } of files.slice(0, MAX_FILES))
    for (const { act, process, event } of acts)
      add(capture, event, `{0} was ${ACTS[act]} by {1}`, [path, process]);
  for (const { capture, event, process, name, role } of [...log.connections.values()].slice(
    0,
    MAX_CONNECTIONS,
  ))
    add(
      capture,
      event,
      `{0} ${role === 'listened' ? 'listened on' : role === 'sent' ? 'sent to' : role} {1}`,
      [process, name],
    );
  return facts;
}

/** Past participles that follow "was". */
const ACTS = {
  read: 'read',
  written: 'written',
  deleted: 'deleted',
  renamed: 'renamed',
  mode: 'given another mode',
  owner: 'given another owner',
  linked: 'made a link',
  run: 'run',
} as const;

function lifeOf(
  record: ProcessRecord,
  firstNs: bigint,
  add: (capture: string, event: number, text: string, values: readonly string[]) => void,
): void {
  const name = `{0} (pid ${record.pid})`;
  if (record.startNs === undefined) {
    add(record.capture, record.firstEvent, `${name} was there before the capture began`, [record.name]);
  } else if (record.startNs <= firstNs) {
    add(
      record.capture,
      record.firstEvent,
      `${name} was started ${gap(firstNs - record.startNs)} before the first alert`,
      [record.name],
    );
  }
  if (record.exit === undefined) return;
  const { code, signal, timeNs, event } = record.exit;
  const how =
    signal !== undefined ? `was ended by {1}` : code === undefined ? 'ended' : `ended with exit code ${code}`;
  const values = signal === undefined ? [record.name] : [record.name, signal];
  add(
    record.capture,
    event,
    `${name} ${how}, ${gap(timeNs > firstNs ? timeNs - firstNs : 0n)} after the first alert`,
    values,
  );
}

/** `12 ms`, `3.4 s`, `5 min`. */
export function gap(ns: bigint): string {
  const ms = Number(ns / 1000n) / 1000;
  if (ms < 1) return 'less than 1 ms';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}
