// Secrets are replaced in everything that a report holds, whoever wrote the string: fields, facts, commands, artefacts.

import type { FieldValue } from '../../alerts/index.ts';
import type { IncidentReport } from '../model.ts';

/** Replaces secrets in one text; says what kinds it found, once each occurrence. */
export type Redactor = (text: string) => { readonly text: string; readonly kinds: readonly string[] };

/**
 * `value` with every string in it redacted. Parts without a secret are returned as they are, not copied. Plain data
 * and Maps only, as the model is.
 */
export function redactDeep<T>(value: T, redact: Redactor): T {
  return walk(value, redact) as T;
}

function walk(value: unknown, redact: Redactor): unknown {
  if (typeof value === 'string') return redact(value).text;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const out = value.map((item) => walk(item, redact));
    return out.some((item, index) => item !== value[index]) ? out : value;
  }
  if (value instanceof Map) {
    let changed = false;
    const out = new Map<unknown, unknown>();
    for (const [key, item] of value) {
      const next = walk(item, redact);
      changed ||= next !== item;
      out.set(key, next);
    }
    return changed ? out : value;
  }
  let changed = false;
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    out[key] = walk(item, redact);
    changed ||= out[key] !== item;
  }
  return changed ? out : value;
}

/** What is replaced in an incident's samples, by kind and field, once each record that held it. */
export function countRedactions(
  samples: readonly { readonly fields: ReadonlyMap<string, FieldValue>; readonly output: string }[],
  redact: Redactor,
): IncidentReport['redactions'] {
  const counts = new Map<string, { kind: string; field: string; count: number }>();
  const add = (field: string, text: string) => {
    for (const kind of redact(text).kinds) {
      const key = `${field} ${kind}`;
      const entry = counts.get(key) ?? { kind, field, count: 0 };
      entry.count++;
      counts.set(key, entry);
    }
  };
  for (const alert of samples) {
    const before = counts.size;
    for (const [field, value] of alert.fields) if (typeof value === 'string') add(field, value);
    if (counts.size === before) add('output', alert.output);
  }
  return [...counts.values()];
}
