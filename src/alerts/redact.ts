// Takes secrets out of an alert before it is shown or leaves the machine: each becomes a marker that says what stood
// there. Time is linear in the text; what was redacted is listed by kind and field, never by value.

import { type JsonValue, parseJson, stringifyJson } from '../base/json.ts';
import type { Alert, FieldValue } from './alert.ts';
import { isSecretKey, PROGRAMS, type SecretFlags, TOKENS } from './secret-patterns.ts';

/** How many secrets of one kind were taken out of one field. `field`: Falco's name, or `output`, `raw`, a custom key. */
export interface Redaction {
  readonly kind: string;
  readonly field: string;
  readonly count: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly kind: string;
}

/** `text` with every secret replaced by `[redacted: KIND]`, and the kinds found, one entry for each secret. */
export function redactText(text: string): { readonly text: string; readonly kinds: readonly string[] } {
  if (text.length < 6) return { text, kinds: [] };
  const spans: Span[] = [];
  findTokens(text, spans);
  findPrivateKeys(text, spans);
  findAssignments(text, spans);
  findFlags(text, spans);
  if (spans.length === 0) return { text, kinds: [] };
  spans.sort((a, b) => a.from - b.from || b.to - a.to);
  const kinds: string[] = [];
  let out = '';
  let at = 0;
  for (const span of spans) {
    if (span.to <= at) continue;
    const from = Math.max(span.from, at);
    out += text.slice(at, from);
    if (span.from >= at) {
      out += `[redacted: ${span.kind}]`;
      kinds.push(span.kind);
    }
    at = span.to;
  }
  return { text: out + text.slice(at), kinds };
}

/**
 * The alert without secrets: fields, custom fields, output and raw record. Values that are unchanged are shared with
 * the original. The same secret in `output` and in a field counts in both.
 */
export function redactAlert(alert: Alert): {
  readonly alert: Alert;
  readonly redactions: readonly Redaction[];
} {
  const found = new Map<string, Redaction>();
  const note = (field: string, kinds: readonly string[]): void => {
    for (const kind of kinds) {
      const key = `${field}\0${kind}`;
      found.set(key, { kind, field, count: (found.get(key)?.count ?? 0) + 1 });
    }
  };
  const redact = (field: string, text: string): string => {
    const result = redactText(text);
    note(field, result.kinds);
    return result.text;
  };
  const redactMap = (map: ReadonlyMap<string, FieldValue>): ReadonlyMap<string, FieldValue> => {
    let copy: Map<string, FieldValue> | undefined;
    for (const [field, value] of map) {
      const clean = redactValue(field, value, redact, note);
      if (clean !== value) {
        copy ??= new Map(map);
        copy.set(field, clean);
      }
    }
    return copy ?? map;
  };
  const fields = redactMap(alert.fields);
  const custom = alert.custom === undefined ? undefined : redactMap(alert.custom);
  const output = redact('output', alert.output);
  const raw = redactRaw(alert.raw, (kinds) => note('raw', kinds));
  if (found.size === 0) return { alert, redactions: [] };
  return {
    alert: { ...alert, fields, output, raw, ...(custom === undefined ? undefined : { custom }) },
    redactions: [...found.values()],
  };
}

function redactValue(
  field: string,
  value: FieldValue,
  redact: (field: string, text: string) => string,
  note: (field: string, kinds: readonly string[]) => void,
): FieldValue {
  if (typeof value === 'string') {
    // A custom field such as `api_token` is a secret by its name.
    if (!field.includes('.') && isSecretKey(field) && isSecretValue(value)) {
      note(field, ['named-secret']);
      return '[redacted: named-secret]';
    }
    return redact(field, value);
  }
  if (!Array.isArray(value)) return value;
  const clean = value.map((item: FieldValue, i) => {
    const kind = kindAfterFlag(value[i - 1], item);
    if (kind === undefined) return redactValue(field, item, redact, note);
    note(field, [kind]);
    return `[redacted: ${kind}]`;
  });
  return clean.some((item, i) => item !== value[i]) ? clean : value;
}

/** The kind of secret that an argument is by the long flag before it in a list: `["--token", "…"]`. */
function kindAfterFlag(flag: JsonValue | undefined, item: JsonValue): string | undefined {
  if (typeof item !== 'string' || typeof flag !== 'string' || !flag.startsWith('--') || !isSecretKey(flag)) {
    return undefined;
  }
  return item.startsWith('-') || !isSecretValue(item) ? undefined : kindOf(flag.toLowerCase());
}

/** JSON is redacted string by string, so that it stays JSON. */
function redactRaw(raw: string, note: (kinds: readonly string[]) => void): string {
  const parsed = raw.startsWith('{') ? parseJson(raw) : undefined;
  if (parsed?.ok !== true) {
    const direct = redactText(raw);
    note(direct.kinds);
    return direct.text;
  }
  let changed = false;
  const replace = (kind: string): string => {
    changed = true;
    note([kind]);
    return `[redacted: ${kind}]`;
  };
  const walk = (value: JsonValue): JsonValue => {
    if (typeof value === 'string') {
      const result = redactText(value);
      note(result.kinds);
      changed ||= result.kinds.length > 0;
      return result.text;
    }
    if (value instanceof Map) {
      return new Map(
        [...value].map(([key, item]): [string, JsonValue] => {
          const named =
            typeof item === 'string' && !key.includes('.') && isSecretKey(key) && isSecretValue(item);
          return [key, named ? replace('named-secret') : walk(item)];
        }),
      );
    }
    if (!Array.isArray(value)) return value;
    return value.map((item: JsonValue, i) => {
      const kind = kindAfterFlag(value[i - 1], item);
      return kind === undefined ? walk(item) : replace(kind);
    });
  };
  const clean = walk(parsed.value);
  return changed ? stringifyJson(clean) : raw;
}

function findTokens(text: string, spans: Span[]): void {
  for (const { kind, pattern } of TOKENS) {
    for (const match of text.matchAll(pattern)) {
      const secret = match[1];
      const from = secret === undefined ? match.index : match.index + match[0].lastIndexOf(secret);
      if (kind === 'url-credentials' && !isSecretValue(secret as string)) continue;
      spans.push({
        from,
        to: secret === undefined ? match.index + match[0].length : from + secret.length,
        kind,
      });
    }
  }
}

/** PEM blocks, and the base64 of one, up to their end or the end of the text. */
function findPrivateKeys(text: string, spans: Span[]): void {
  for (let at = text.indexOf('-----BEGIN '); at !== -1; at = text.indexOf('-----BEGIN ', at + 11)) {
    const head = text.slice(at, at + 64);
    if (!/^-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/.test(head)) continue;
    const body = at + head.indexOf('-----', 11) + 5;
    const end = text.indexOf('-----END ', body);
    spans.push({ from: body, to: end === -1 ? text.length : end, kind: 'private-key' });
    if (end === -1) return;
    at = end;
  }
  // Base64 of `-----BEGIN `, except of `-----BEGIN CERT` and `-----BEGIN PUBL`, which are public.
  for (const match of text.matchAll(
    /(?<![A-Za-z0-9+/])LS0tLS1CRUdJTi(?!BDRVJU|BQVUJM)[A-Za-z0-9+/=]{40,}/g,
  )) {
    spans.push({ from: match.index, to: match.index + match[0].length, kind: 'private-key' });
  }
}

const ASSIGNMENT = /(?<![\w.-])([\w.-]{2,128})(["']?\s{0,3}[=:]\s{0,3})/g;
const AUTH_VALUE = /(?:(?:Basic|Bearer|Token|Digest|Negotiate|ApiKey|AWS4-HMAC-SHA256)\s+)?/iy;

/** What no secret starts with: a variable, a mask of ours or of Falco. Tells before the value is scanned. */
const NO_SECRET = /\$|<NA>|%|\[redacted/y;

/** `KEY=value`, `key: value`, `"key":"value"`, HTTP headers. A value is scanned once: what stands in it is skipped. */
function findAssignments(text: string, spans: Span[]): void {
  ASSIGNMENT.lastIndex = 0;
  for (let match = ASSIGNMENT.exec(text); match !== null; match = ASSIGNMENT.exec(text)) {
    const name = match[1] as string;
    if (!isSecretKey(name)) continue;
    const lower = name.toLowerCase();
    // `a::b` and `scheme://` are no assignments.
    let from = match.index + match[0].length;
    if (text[from] === ':' || text.startsWith('//', from)) continue;
    if (lower.endsWith('authorization')) {
      AUTH_VALUE.lastIndex = from;
      from += AUTH_VALUE.exec(text)?.[0].length ?? 0;
    }
    NO_SECRET.lastIndex = from;
    if (NO_SECRET.test(text)) continue;
    const span = lower.endsWith('cookie') ? headerRest(text, from) : valueAt(text, from);
    if (span === undefined) continue;
    ASSIGNMENT.lastIndex = Math.max(ASSIGNMENT.lastIndex, span.to);
    if (isSecretValue(text.slice(span.from, span.to))) spans.push({ ...span, kind: kindOf(lower) });
  }
}

function kindOf(name: string): string {
  if (name.endsWith('authorization')) return 'authorization';
  if (name.endsWith('cookie')) return 'cookie';
  if (/pass|pw/.test(name)) return 'password';
  if (/aws.*secret/.test(name)) return 'aws-secret-key';
  if (/token/.test(name)) return 'token';
  return 'named-secret';
}

function headerRest(text: string, from: number): { from: number; to: number } {
  let to = from;
  while (to < text.length && !/["'\n\r]/.test(text[to] as string)) to++;
  return { from, to };
}

/** A value: quoted, JSON-quoted (`\"…\"`), or up to a blank or shell separator. */
function valueAt(text: string, start: number): { from: number; to: number } | undefined {
  let from = start;
  let close = '';
  if (text.startsWith('\\"', from) || text.startsWith("\\'", from)) {
    close = text.slice(from, from + 2);
    from += 2;
  } else if (text[from] === '"' || text[from] === "'") {
    close = text[from] as string;
    from++;
  }
  if (close !== '') {
    const end = text.indexOf(close, from);
    return { from, to: end === -1 ? text.length : end };
  }
  let to = from;
  while (to < text.length && !' \t\n\r\'"&;|<>`'.includes(text[to] as string)) to++;
  while (to > from && '),}]'.includes(text[to - 1] as string)) to--;
  return to === from ? undefined : { from, to };
}

/** Not a secret: nothing, a variable, a mask, Falco's `<NA>`, a marker of ours, a word that only says whether. */
function isSecretValue(value: string): boolean {
  if (value.length < 2 || /^(?:\$|<NA>|%|\[redacted|\*+$|x+$|\.+$)/i.test(value)) return false;
  return !/^(?:true|false|null|none|undefined|nil|yes|no|on|off)$/i.test(value);
}

const WORD = /[^\s|;&]+|[|;&\n]/g;

/** `--password X`, and short flags of programs that are known to take a secret. */
function findFlags(text: string, spans: Span[]): void {
  let flags: SecretFlags | undefined;
  let seen = false;
  let expected: { kind: string; after?: ':' | '%' } | undefined;
  /** `name:password` words since the last separator but one: for `… | chpasswd`. */
  let pairs: Span[] = [];
  let pairsBefore: Span[] = [];
  for (const match of text.matchAll(WORD)) {
    const raw = match[0];
    if (raw === '|' || raw === ';' || raw === '&' || raw === '\n') {
      flags = undefined;
      seen = false;
      expected = undefined;
      if (pairs.length > 0) pairsBefore = pairs;
      pairs = [];
      continue;
    }
    const lead = /^["'(`$]{0,4}/.exec(raw)?.[0].length ?? 0;
    const tail = /["')`]{0,4}$/.exec(raw.slice(lead))?.[0].length ?? 0;
    const from = match.index + lead;
    const to = match.index + raw.length - tail;
    const word = text.slice(from, to);
    if (expected !== undefined) {
      if (!word.startsWith('-')) pushSecret(text, from, to, expected.kind, expected.after, spans);
      expected = undefined;
      continue;
    }
    // `command=/usr/bin/mysql` in an output names a program too.
    const base =
      word.length <= 64 ? word.slice(Math.max(word.lastIndexOf('/'), word.lastIndexOf('=')) + 1) : '';
    const program = PROGRAMS.get(base);
    if (program !== undefined) {
      flags = program;
      seen = program.once === undefined;
      continue;
    }
    if (base === 'chpasswd') spans.push(...pairsBefore, ...pairs);
    if (flags?.once === word) seen = true;
    const colon = word.indexOf(':');
    if (colon > 0 && colon < 33 && pairs.length < 16 && /^[a-z_][\w-]*$/i.test(word.slice(0, colon))) {
      pairs.push({ from: from + colon + 1, to, kind: 'password' });
    }
    if (flags !== undefined && seen) {
      const kind = 'password';
      if (flags.next?.includes(word) === true) {
        expected = flags.after === undefined ? { kind } : { kind, after: flags.after };
        continue;
      }
      const attached = flags.attached?.find((flag) => word.startsWith(flag) && word.length > flag.length);
      if (attached !== undefined) {
        pushSecret(text, from + attached.length, to, kind, flags.after, spans);
        continue;
      }
    }
    if (word.startsWith('--') && word.length < 64 && !word.includes('=') && isSecretKey(word)) {
      expected = { kind: kindOf(word.toLowerCase()) };
    }
  }
}

function pushSecret(
  text: string,
  from: number,
  to: number,
  kind: string,
  after: ':' | '%' | undefined,
  spans: Span[],
): void {
  let start = from;
  if (after !== undefined) {
    const at = text.indexOf(after, from);
    if (at === -1 || at >= to) return;
    start = at + 1;
  }
  if (isSecretValue(text.slice(start, to))) spans.push({ from: start, to, kind });
}
