// Alerts on their way to the worker thread: bytes outside of JavaScript's heap, where they may wait for a commit without
// being moved about by the garbage collector. The records themselves stay bytes until SQLite has them; the rest is one
// flat array instead of an object each, which costs a third to write, and each finding's description once, as text that
// is read only where the finding is new.

import { deserialize, serialize } from 'node:v8';
import type { IngestAlert } from '../ingest.ts';
import type { NewAlert } from '../types.ts';

type Value = string | number;

type Finding = NewAlert['finding'];

interface Packed {
  /** Id and description, as JSON text. */
  readonly findings: readonly (readonly [string, string])[];
  readonly values: readonly Value[];
}

const VALUES = 14;
/** Entity names hold no NUL: ids are made from fields in which it was replaced. */
const SEPARATOR = '\0';
/** The length of the records, which stand in front. */
const HEAD = 4;

/** A few alerts wait as they are and are packed together; more are packed at once. */
export type Part = readonly NewAlert[] | Uint8Array<ArrayBuffer>;
const MANY = 8;

export const toPart = (alerts: readonly NewAlert[]): Part => (alerts.length < MANY ? alerts : pack(alerts));

/** The parts in their order, all packed. */
export function packParts(parts: readonly Part[]): Uint8Array<ArrayBuffer>[] {
  const packed: Uint8Array<ArrayBuffer>[] = [];
  let few: NewAlert[] = [];
  const flush = (): void => {
    if (few.length > 0) packed.push(pack(few));
    few = [];
  };
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      flush();
      packed.push(part);
    } else few.push(...part);
  }
  flush();
  return packed;
}

function pack(alerts: readonly NewAlert[]): Uint8Array<ArrayBuffer> {
  const findings: [string, string][] = [];
  const indexes = new Map<string, number>();
  const values: Value[] = [];
  let records = 0;
  for (const alert of alerts) {
    const { id } = alert.finding;
    let finding = indexes.get(id);
    if (finding === undefined) {
      finding = findings.push([id, JSON.stringify(alert.finding)]) - 1;
      indexes.set(id, finding);
    }
    const length = Buffer.byteLength(alert.raw);
    records += length;
    values.push(
      alert.id,
      length,
      alert.timeUs,
      alert.receivedUs,
      alert.rule,
      alert.source,
      alert.priority,
      alert.hostname,
      alert.namespace,
      alert.pod,
      alert.image,
      alert.user,
      finding,
      alert.entities.join(SEPARATOR),
    );
  }
  const rest = serialize({ findings, values } satisfies Packed);
  // Its own memory: it is handed over to the other thread.
  const packed = Buffer.from(new ArrayBuffer(HEAD + records + rest.length));
  packed.writeUInt32LE(records);
  let at = HEAD;
  for (const alert of alerts) at += packed.write(alert.raw, at);
  rest.copy(packed, at);
  return packed;
}

/** A finding that is read only where it is new. */
class PackedFinding implements Finding {
  readonly id: string;
  readonly #text: string;
  #finding: Finding | undefined;

  constructor(id: string, text: string) {
    this.id = id;
    this.#text = text;
  }

  get #read(): Finding {
    this.#finding ??= JSON.parse(this.#text) as Finding;
    return this.#finding;
  }
  get fingerprint(): Finding['fingerprint'] {
    return this.#read.fingerprint;
  }
  get tags(): Finding['tags'] {
    return this.#read.tags;
  }
  get workload(): Finding['workload'] {
    return this.#read.workload;
  }
  get title(): Finding['title'] {
    return this.#read.title;
  }
}

export function unpack(bytes: Uint8Array): IngestAlert[] {
  const end = HEAD + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const { findings: described, values } = deserialize(bytes.subarray(end)) as Packed;
  const findings = described.map(([id, text]) => new PackedFinding(id, text));
  const alerts: IngestAlert[] = [];
  let at = HEAD;
  for (let i = 0; i < values.length; i += VALUES) {
    const text = (offset: number): string => values[i + offset] as string;
    const number = (offset: number): number => values[i + offset] as number;
    const from = at;
    at += number(1);
    alerts.push({
      id: text(0),
      raw: bytes.subarray(from, at),
      timeUs: number(2),
      receivedUs: number(3),
      rule: text(4),
      source: text(5),
      priority: number(6),
      hostname: text(7),
      namespace: text(8),
      pod: text(9),
      image: text(10),
      user: text(11),
      finding: findings[number(12)] as Finding,
      entities: text(13).split(SEPARATOR),
    });
  }
  return alerts;
}
