// The index for sources that have one event code for everything (Kubernetes audit, CloudTrail, …): most of their rules
// demand one value, or one of a few, of the same field (`ka.verb`, `ka.target.resource`, `ct.name`). Those fields play
// the part that the event code plays for system calls.

import type { FieldOperand } from './operand.ts';
import type { Node } from './tree.ts';

export interface IndexField {
  readonly operand: FieldOperand;
  /** Values that rules ask for. Any other value is as good as any other. */
  readonly values: ReadonlySet<string>;
}

/** At most this many, so that programs stay few. */
const MAX_FIELDS = 2;
/** A field is worth indexing if this share of the rules demands a value of it. */
const MIN_SHARE = 0.25;
const MIN_RULES = 4;

/** The fields that tell most rules apart, best first. */
export function chooseIndexFields(rules: readonly Node[]): IndexField[] {
  const found = new Map<FieldOperand, { rules: number; values: Set<string> }>();
  for (const rule of rules) {
    for (const [operand, values] of demands(rule)) {
      let entry = found.get(operand);
      if (entry === undefined) {
        entry = { rules: 0, values: new Set() };
        found.set(operand, entry);
      }
      entry.rules++;
      for (const value of values) entry.values.add(value);
    }
  }
  return [...found]
    .filter(([, { rules: n }]) => n >= MIN_RULES && n >= rules.length * MIN_SHARE)
    .sort(([, a], [, b]) => b.rules - a.rules)
    .slice(0, MAX_FIELDS)
    .map(([operand, { values }]) => ({ operand, values }));
}

/** The text fields of which the condition demands one of a few values. */
function demands(node: Node): Map<FieldOperand, ReadonlySet<string>> {
  const found = new Map<FieldOperand, ReadonlySet<string>>();
  for (const item of node.kind === 'and' ? node.items : [node]) {
    const demand = demandOf(item);
    if (demand !== undefined && !found.has(demand[0])) found.set(demand[0], demand[1]);
  }
  return found;
}

function demandOf(node: Node): [FieldOperand, ReadonlySet<string>] | undefined {
  if (node.kind === 'or') {
    // `ka.verb=create or ka.verb=update`: one field, all values.
    const parts = node.items.map(demandOf);
    const first = parts[0];
    if (first === undefined || parts.some((part) => part === undefined || part[0] !== first[0]))
      return undefined;
    return [first[0], new Set(parts.flatMap((part) => [...(part?.[1] ?? [])]))];
  }
  if (node.kind !== 'check' || node.fold !== 'one' || node.operand.kind !== 'field') return undefined;
  if (node.operand.type !== 'CHARBUF') return undefined;
  const { test } = node;
  if (test.op === 'eq') return [node.operand, new Set([test.value as string])];
  if (test.op === 'in') return [node.operand, test.values as ReadonlySet<string>];
  return undefined;
}
