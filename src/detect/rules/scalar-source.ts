// Where each character of a YAML scalar's value stands in the file. The value comes from the YAML library; this file
// walks the source in step with it and gives up, rather than guess, when the two disagree.

import type { CST, Scalar } from 'yaml';

/** Characters with the offset each comes from. */
class Trace {
  text = '';
  readonly offsets: number[] = [];

  push(text: string, offset: number): void {
    for (let i = 0; i < text.length; i++) this.offsets.push(offset + i);
    this.text += text;
  }

  /** One written thing that stands for `text`, such as an escape or a line break. */
  pushAll(text: string, offset: number): void {
    for (let i = 0; i < text.length; i++) this.offsets.push(offset);
    this.text += text;
  }

  /** Drops blanks at the end, but none of the first `keep` characters. */
  trimEnd(keep: number): void {
    let end = this.text.length;
    while (end > keep && (this.text[end - 1] === ' ' || this.text[end - 1] === '\t')) end--;
    this.text = this.text.slice(0, end);
    this.offsets.length = end;
  }
}

/** The file offset of every UTF-16 unit of `value`; `undefined` if they cannot be told. */
export function scalarOffsets(node: Scalar.Parsed, value: string): readonly number[] | undefined {
  const token = node.srcToken;
  if (token === undefined) return undefined;
  const trace = new Trace();
  switch (token.type) {
    case 'block-scalar':
      traceBlock(token, trace);
      break;
    case 'scalar':
      traceFlow(token.source, token.offset, 'plain', trace);
      break;
    case 'single-quoted-scalar':
    case 'double-quoted-scalar': {
      const inside = token.source.slice(1, -1);
      traceFlow(inside, token.offset + 1, token.type === 'single-quoted-scalar' ? 'single' : 'double', trace);
      break;
    }
    default:
      return undefined;
  }
  return trace.text === value ? trace.offsets : undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  '\t': '\t',
};
const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Plain and quoted scalars: a line break folds into a blank, blank lines into line breaks. */
function traceFlow(source: string, offset: number, style: 'plain' | 'single' | 'double', out: Trace): void {
  /** Escaped blanks are not trimmed before a fold. */
  let keep = 0;
  for (let i = 0; i < source.length; ) {
    const c = source[i] as string;
    if (c === '\n' || c === '\r') {
      i = traceFold(source, offset, i, keep, out);
      keep = out.text.length;
    } else if (style === 'single' && c === "'" && source[i + 1] === "'") {
      out.pushAll("'", offset + i);
      i += 2;
    } else if (style === 'double' && c === '\\') {
      i = traceEscape(source, offset, i, out);
      keep = out.text.length;
    } else {
      out.push(c, offset + i);
      i++;
    }
  }
}

/** A line break at `at` and the blank lines and indentation behind it; gives where the text goes on. */
function traceFold(source: string, offset: number, at: number, keep: number, out: Trace): number {
  out.trimEnd(keep);
  let breaks = 0;
  let i = at;
  for (;;) {
    const c = source[i];
    if (c === '\r' && source[i + 1] === '\n') i++;
    if (c === '\n' || c === '\r') {
      breaks++;
      i++;
    } else if (c === ' ' || c === '\t') i++;
    else break;
  }
  out.pushAll(breaks === 1 ? ' ' : '\n'.repeat(breaks - 1), offset + at);
  return i;
}

function traceEscape(source: string, offset: number, at: number, out: Trace): number {
  const c = source[at + 1] ?? '';
  const digits = HEX_LENGTHS[c];
  if (digits !== undefined) {
    const code = Number.parseInt(source.slice(at + 2, at + 2 + digits), 16);
    out.pushAll(code <= 0x10ffff ? String.fromCodePoint(code) : '', offset + at);
    return at + 2 + digits;
  }
  if (c === '\n' || c === '\r') {
    // An escaped line break: the lines join without a blank.
    let i = at + (c === '\r' && source[at + 2] === '\n' ? 3 : 2);
    while (source[i] === ' ' || source[i] === '\t') i++;
    return i;
  }
  out.pushAll(ESCAPES[c] ?? c, offset + at);
  return at + 2;
}

/** `|` and `>` scalars. */
function traceBlock(token: CST.BlockScalar, out: Trace): void {
  const header = token.props.find((prop) => prop.type === 'block-scalar-header');
  const last = token.props.at(-1);
  if (header === undefined || last === undefined || !('source' in header) || !('source' in last)) return;
  const start = last.offset + last.source.length;
  const lines = splitLines(token.source, start);
  const explicit = /[1-9]/.exec(header.source)?.[0];
  const indent = explicit === undefined ? firstIndent(lines) : Number(explicit) + Math.max(token.indent, 0);
  let end = lines.length;
  while (end > 0 && blankLine(lines[end - 1]?.text ?? '', indent)) end--;
  const body = lines.slice(0, end).map(({ text, offset }) => ({
    text: text.slice(Math.min(indent, text.length)),
    offset: offset + Math.min(indent, text.length),
    next: offset + text.length,
  }));
  if (header.source.startsWith('>')) traceFolded(body, out);
  else traceLiteral(body, out);
  const tail = body.at(-1)?.next ?? start;
  if (header.source.includes('-')) return;
  const ended = token.source.endsWith('\n');
  if (header.source.includes('+'))
    out.pushAll('\n'.repeat(lines.length - end + (ended && end > 0 ? 1 : 0)), tail);
  else if (end > 0 && ended) out.pushAll('\n', tail);
}

interface BodyLine {
  readonly text: string;
  readonly offset: number;
  /** The offset of the line's break. */
  readonly next: number;
}

function traceLiteral(body: readonly BodyLine[], out: Trace): void {
  for (const [i, line] of body.entries()) {
    if (i > 0) out.pushAll('\n', (body[i - 1] as BodyLine).next);
    out.push(line.text, line.offset);
  }
}

/** Between two ordinary lines the break becomes a blank; beside a more indented one it stays. */
function traceFolded(body: readonly BodyLine[], out: Trace): void {
  let breaks = 0;
  let previous: 'none' | 'plain' | 'indented' = 'none';
  let breakAt = body[0]?.offset ?? 0;
  for (const line of body) {
    if (line.text === '') {
      breaks++;
      continue;
    }
    const indented = line.text.startsWith(' ') || line.text.startsWith('\t');
    if (previous === 'none') out.pushAll('\n'.repeat(breaks), breakAt);
    else if (indented || previous === 'indented') out.pushAll('\n'.repeat(breaks + 1), breakAt);
    else out.pushAll(breaks === 0 ? ' ' : '\n'.repeat(breaks), breakAt);
    out.push(line.text, line.offset);
    previous = indented ? 'indented' : 'plain';
    breaks = 0;
    breakAt = line.next;
  }
}

/** Lines without their breaks; a final break opens no further line. */
function splitLines(source: string, start: number): { text: string; offset: number }[] {
  const lines: { text: string; offset: number }[] = [];
  for (const match of source.matchAll(/([^\r\n]*)(\r\n|\n|\r|$)/g)) {
    if (match[0] === '') break;
    lines.push({ text: match[1] as string, offset: start + match.index });
  }
  return lines;
}

function firstIndent(lines: readonly { readonly text: string }[]): number {
  const line = lines.find(({ text }) => text.trim() !== '');
  return line === undefined ? Math.max(0, ...lines.map(({ text }) => text.length)) : line.text.search(/[^ ]/);
}

/** A line that holds nothing beyond the indentation. */
function blankLine(text: string, indent: number): boolean {
  return text.length <= indent ? text.trim() === '' : false;
}
