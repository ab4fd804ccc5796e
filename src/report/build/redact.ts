// Secrets are replaced in everything that a report holds, whoever wrote the string: fields, facts, commands, artefacts.

import { type Alert, type Redaction, redactAlert, redactText } from '../../alerts/index.ts';

/**
 * `value` with every string in it redacted. Parts without a secret are returned as they are, not copied. Plain data
 * and Maps only, as the model is. Alerts are redacted as alerts: by the names of their fields too.
 */
export function redactDeep<T>(value: T): T {
  return walk(value, new Map()) as T;
}

/** Values repeat: the same command line stands in an alert, its facts, its process and its mitigations. */
type Seen = Map<string, string>;

function walk(value: unknown, seen: Seen): unknown {
  if (typeof value === 'string') {
    let clean = seen.get(value);
    if (clean === undefined) {
      clean = redactText(value).text;
      seen.set(value, clean);
    }
    return clean;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const out = value.map((item) => walk(item, seen));
    return out.some((item, index) => item !== value[index]) ? out : value;
  }
  if (value instanceof Map) {
    let changed = false;
    const out = new Map<unknown, unknown>();
    for (const [key, item] of value) {
      const next = walk(item, seen);
      changed ||= next !== item;
      out.set(key, next);
    }
    return changed ? out : value;
  }
  if (isAlert(value)) return redactAlert(value).alert;
  let changed = false;
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    out[key] = walk(item, seen);
    changed ||= out[key] !== item;
  }
  return changed ? out : value;
}

function isAlert(value: object): value is Alert {
  return 'fields' in value && value.fields instanceof Map && 'raw' in value && 'ref' in value;
}

/** What is replaced in these alerts, by kind and field. The raw record and the output repeat the fields. */
export function redactionsOf(alerts: readonly Alert[]): Redaction[] {
  const counts = new Map<string, Redaction>();
  for (const alert of alerts) {
    const { redactions } = redactAlert(alert);
    const inFields = redactions.filter((one) => one.field !== 'raw' && one.field !== 'output');
    for (const one of inFields.length > 0
      ? inFields
      : redactions.filter((other) => other.field === 'output')) {
      const key = `${one.field} ${one.kind}`;
      counts.set(key, { ...one, count: (counts.get(key)?.count ?? 0) + one.count });
    }
  }
  return [...counts.values()];
}
