// Alerts on their way to the worker thread: bytes outside of JavaScript's heap, where they may wait for a commit without
// being moved about by the garbage collector. One flat array instead of an object each, which costs a third to write,
// and a finding's description once a batch.

import { deserialize, serialize } from 'node:v8';
import type { NewAlert } from '../types.ts';

type Value = string | number;

interface Packed {
  readonly findings: readonly NewAlert['finding'][];
  readonly values: readonly Value[];
}

const VALUES = 15;
/** Entity names hold no NUL: ids are made from fields in which it was replaced. */
const SEPARATOR = '\0';

/** A few alerts wait as they are and are packed together; many are packed at once. */
export type Part = readonly NewAlert[] | Uint8Array<ArrayBuffer>;
const MANY = 50;

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
  const findings = new Map<string, { readonly index: number; readonly finding: NewAlert['finding'] }>();
  const values: Value[] = [];
  for (const alert of alerts) {
    let finding = findings.get(alert.finding.id);
    if (finding === undefined) {
      finding = { index: findings.size, finding: alert.finding };
      findings.set(alert.finding.id, finding);
    }
    values.push(
      alert.id,
      alert.raw,
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
      alert.text,
      finding.index,
      alert.entities.join(SEPARATOR),
    );
  }
  const packed: Packed = { findings: [...findings.values()].map((one) => one.finding), values };
  return serialize(packed) as Buffer<ArrayBuffer>;
}

export function unpack(bytes: Uint8Array): NewAlert[] {
  const { findings, values } = deserialize(bytes) as Packed;
  const alerts: NewAlert[] = [];
  for (let i = 0; i < values.length; i += VALUES) {
    const text = (at: number): string => values[i + at] as string;
    const number = (at: number): number => values[i + at] as number;
    alerts.push({
      id: text(0),
      raw: text(1),
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
      text: text(12),
      finding: findings[number(13)] as NewAlert['finding'],
      entities: text(14).split(SEPARATOR),
    });
  }
  return alerts;
}
