// `key=value` pairs in an output text. A value may hold blanks, and whoever wrote it may have put ` key=` into it, so
// where one ends is a guess, made so that an attacker's words cannot pass for the container's: see `settle`.

import type { FieldValue } from './alert.ts';
import {
  AUDIT_KEYS,
  fieldOfKey,
  hasShape,
  isFreeText,
  looksLikeAudit,
  SYSCALL_KEYS,
  type TextKey,
  typedValue,
} from './text-keys.ts';

export interface TextFields {
  readonly fields: Map<string, FieldValue>;
  /** Keys that stand for no known field. */
  readonly custom: Map<string, FieldValue>;
  /** Fields that the text gives two values for, none of them surely Falco's; they are not in `fields`. */
  readonly ambiguous: readonly string[];
  readonly audit: boolean;
}

interface Candidate {
  readonly name: string;
  /** Offset of the key. */
  readonly from: number;
  /** Offset behind the `=`. */
  readonly value: number;
}

interface Found {
  readonly value: FieldValue;
  /** No free text stands before it: it cannot be part of one. */
  readonly sure: boolean;
}

const KEY = /(?<=^|[\s(,|])([A-Za-z_][A-Za-z0-9_.]{0,63}(?:\[[^\]\s=]{1,64}\])?)=/g;
const MAX_KEYS = 512;

/**
 * Reads the pairs of `text` (an output without its time and priority). `audit`: the keys are a Kubernetes audit
 * rule's; told from the keys themselves when not given. `known` maps keys of the rule's own output to fields.
 */
export function readPairs(text: string, audit?: boolean, known?: ReadonlyMap<string, string>): TextFields {
  const candidates: Candidate[] = [];
  for (const match of text.matchAll(KEY)) {
    candidates.push({ name: match[1] as string, from: match.index, value: match.index + match[0].length });
    if (candidates.length === MAX_KEYS) break;
  }
  const isAudit = audit ?? looksLikeAudit(candidates.map((candidate) => candidate.name));
  const table = isAudit ? AUDIT_KEYS : SYSCALL_KEYS;
  const find = (name: string): TextKey | undefined => {
    const own = known?.get(name);
    return own !== undefined ? { field: own, shape: 'any' } : (table.get(name) ?? fieldOfKey(name));
  };

  const fields = new Map<string, Found>();
  const custom = new Map<string, FieldValue>();
  const ambiguous = new Set<string>();
  let sure = true;
  let open: { candidate: Candidate; field: TextKey | undefined } | undefined;
  const close = (end: number): void => {
    if (open === undefined) return;
    const raw = cleanValue(text.slice(open.candidate.value, end));
    if (!/^%[a-z]+\.[a-z]/.test(raw)) {
      if (open.field === undefined) custom.set(open.candidate.name, raw === '<NA>' ? null : raw);
      else
        for (const [field, value] of expand(open.field.field, raw))
          settle(fields, ambiguous, field, { value, sure });
    }
    if (open.field !== undefined && isFreeText(open.field.field)) sure = false;
  };
  for (const candidate of candidates) {
    if (open !== undefined && candidate.from < open.candidate.value) continue;
    const field = find(candidate.name);
    const rest = text.slice(candidate.value, candidate.value + 256);
    if (field !== undefined && !hasShape(field.shape, rest)) continue;
    const inFreeText = open?.field !== undefined && isFreeText(open.field.field);
    const soFar = open === undefined ? '' : text.slice(open.candidate.value, candidate.from).trim();
    if (inFreeText && field === undefined && soFar !== '<NA>') continue;
    // `socket_info=domain=17(AF_PACKET) type=3 …`: Falco prints an event's arguments as pairs of their own.
    if (open?.field?.field === 'evt.args' && /^(?:type|proto|fd|res|name|flags|mode)$/.test(candidate.name))
      continue;
    const named =
      candidate.name === 'id' && text[candidate.from - 1] === '('
        ? nameBefore(text, candidate.from - 1)
        : undefined;
    close(named?.from ?? candidate.from);
    if (named !== undefined && named.name !== '' && named.name !== '<NA>') {
      settle(fields, ambiguous, 'container.name', { value: named.name, sure });
    }
    open = { candidate, field };
  }
  close(text.length);
  return {
    fields: new Map(
      [...fields].filter(([field]) => !ambiguous.has(field)).map(([field, found]) => [field, found.value]),
    ),
    custom,
    ambiguous: [...ambiguous],
    audit: isAudit,
  };
}

/**
 * Two values for one field: a value beats none; one that no free text precedes beats one that might be part of it;
 * of a free text itself the first stays (it is what was run); anything else is left unknown.
 */
function settle(fields: Map<string, Found>, ambiguous: Set<string>, field: string, found: Found): void {
  const before = fields.get(field);
  if (before === undefined || before.value === null || before.value === '') {
    if (before === undefined || found.value !== null) fields.set(field, found);
    return;
  }
  if (found.value === null || found.value === before.value || found.value === '') return;
  if (before.sure || isFreeText(field)) return;
  ambiguous.add(field);
}

/** `%container.info` prints `NAME (id=ID)`: the name is the word before the bracket. */
function nameBefore(text: string, bracket: number): { name: string; from: number } {
  const before = text.slice(0, bracket).trimEnd();
  const from = Math.max(before.lastIndexOf(' '), before.lastIndexOf('(')) + 1;
  const name = before.slice(from);
  return name.includes('=') ? { name: '', from: bracket } : { name, from };
}

/** Without the separators behind it and the bracket that closes the whole list. */
function cleanValue(text: string): string {
  let value = text.trim();
  if (value.endsWith('|') || value.endsWith(',')) value = value.slice(0, -1).trimEnd();
  while (value.endsWith(')') && count(value, ')') > count(value, '(')) value = value.slice(0, -1).trimEnd();
  if (value.endsWith('(') && !value.includes(')')) value = value.slice(0, -1).trimEnd();
  return value;
}

function count(text: string, character: string): number {
  let n = 0;
  for (let i = text.indexOf(character); i !== -1; i = text.indexOf(character, i + 1)) n++;
  return n;
}

/** A key's value as field values: `image=repo:tag` is two fields; `container=` is an id or a name. */
function expand(field: string, raw: string): [string, FieldValue][] {
  if (field === 'container.image') return imageFields(raw);
  if (field === 'container.id') {
    const id = raw.split(/\s/, 1)[0] as string;
    if (id === '<NA>' || id === '') return [['container.id', id === '' ? '' : null]];
    return [[/^(?:[0-9a-f]{12,64}|host)$/.test(id) ? 'container.id' : 'container.name', id]];
  }
  return [[field, typedValue(field, raw)]];
}

function imageFields(raw: string): [string, FieldValue][] {
  if (raw === '') return [['container.image.repository', '']];
  if (raw === '<NA>' || raw === '<NA>:<NA>') return [['container.image.repository', null]];
  const at = raw.indexOf('@');
  const name = at === -1 ? raw : raw.slice(0, at);
  const colon = name.lastIndexOf(':');
  const tagged = colon > name.lastIndexOf('/');
  const out: [string, FieldValue][] = [['container.image.repository', tagged ? name.slice(0, colon) : name]];
  if (tagged) out.push(['container.image.tag', typedValue('', name.slice(colon + 1))]);
  if (at !== -1) out.push(['container.image.digest', raw.slice(at + 1)]);
  return out;
}
