// The layout of a rule file: conditions and flow lists are written anew, items stand at the margin with one blank line
// between them. Everything else, and all comments, stay where they are. Works on the text by offsets.

import { LineIndex } from '../../../base/line-index.ts';
import {
  mapValue,
  parseYaml,
  SourceFile,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
  type YamlSeq,
} from '../yaml.ts';
import { fill, layOutCondition } from './condition.ts';

/** Columns that lines are broken at, where they can be. */
export const WIDTH = 100;

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The text in canonical layout; `undefined` if it cannot be read as YAML. */
export function layOut(content: string): string | undefined {
  let text = content.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  for (const step of [indentItems, rewriteScalars, blankLines]) {
    const next = step(text);
    if (next === undefined) return undefined;
    text = next;
  }
  return text;
}

function documentsOf(text: string): readonly YamlNode[] | undefined {
  const parsed = parseYaml(new SourceFile('', text));
  return 'problem' in parsed ? undefined : parsed.documents;
}

function itemsOf(documents: readonly YamlNode[]): YamlMap[] {
  return documents.flatMap((document) =>
    document.kind === 'seq' ? document.items.filter((item) => item.kind === 'map') : [],
  );
}

function apply(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.from - b.from)) {
    parts.push(text.slice(at, edit.from), edit.text);
    at = edit.to;
  }
  return parts.join('') + text.slice(at);
}

/** `   -  rule:` becomes `- rule:`, and what belongs to it moves along. */
function indentItems(text: string): string | undefined {
  const documents = documentsOf(text);
  if (documents === undefined) return undefined;
  const edits: Edit[] = [];
  for (const item of itemsOf(documents)) {
    const lineStart = text.lastIndexOf('\n', item.from - 1) + 1;
    const dash = /^ *- +$/.exec(text.slice(lineStart, item.from))?.[0];
    if (dash === undefined) continue;
    const by = dash.length - 2;
    if (by === 0 && dash === '- ') continue;
    edits.push({ from: lineStart, to: item.from, text: '- ' });
    edits.push(...commentsAbove(text, lineStart, dash.indexOf('-')));
    if (by === 0) continue;
    for (
      let at = text.indexOf('\n', item.from) + 1;
      at > 0 && at < item.to;
      at = text.indexOf('\n', at) + 1
    ) {
      const blanks = /^ */.exec(text.slice(at, at + 1000))?.[0].length ?? 0;
      edits.push({ from: at, to: at + Math.min(by, blanks), text: '' });
    }
  }
  return apply(text, edits);
}

/** Comments right above an item, as far in as its dash, go to the margin with it. */
function commentsAbove(text: string, lineStart: number, indent: number): Edit[] {
  const edits: Edit[] = [];
  for (let end = lineStart; end > 0 && indent > 0; ) {
    const start = text.lastIndexOf('\n', end - 2) + 1;
    if (/^ *(?=#)/.exec(text.slice(start, end))?.[0].length !== indent) break;
    edits.push({ from: start, to: start + indent, text: '' });
    end = start;
  }
  return edits;
}

function rewriteScalars(text: string): string | undefined {
  const documents = documentsOf(text);
  if (documents === undefined) return undefined;
  const edits: Edit[] = [];
  for (const item of itemsOf(documents)) {
    const condition = mapValue(item, 'condition');
    if (condition?.kind === 'scalar') edits.push(...conditionEdit(text, condition));
    for (const key of ['items', 'tags']) {
      const list = mapValue(item, key);
      if (list?.kind === 'seq') edits.push(...flowEdit(text, list));
    }
  }
  return apply(text, edits);
}

/** Anything that YAML would read as more than plain text. */
const NOT_PLAIN =
  /^[\s!&*\-?|>@`"'%{}[\],#:~]|: |:$| #|^(?:~|null|Null|NULL|true|false|yes|no|on|off)$|[^ -~]/;

function conditionEdit(text: string, scalar: YamlScalar): Edit[] {
  const lineStart = text.lastIndexOf('\n', scalar.from - 1) + 1;
  const key = /^ *(?:- )?condition: */.exec(text.slice(lineStart, scalar.from));
  // An anchor, a tag, a key in quotes, a value on the next line: left alone.
  if (key === null || key[0].length !== scalar.from - lineStart) return [];
  const indent = /^ *(?:- )?/.exec(key[0])?.[0].length ?? 0;
  const written = text.slice(scalar.from, scalar.to);
  const head = /^[^\n]*/.exec(written)?.[0] ?? '';
  const isBlock = /^[|>]/.test(written);
  // A comment behind the block's indicator, or behind the value, stays: then so does the value's form.
  if (isBlock && !/^[|>][-+0-9]* *$/.test(head)) return [];
  if (!isBlock && /[^\s]/.test(/^[^\n]*/.exec(text.slice(scalar.to))?.[0] ?? '')) return [];
  if (!isPrintable(scalar.value)) return [];
  const inner = indent + 2;
  const oneLine = WIDTH - (indent + 'condition: '.length);
  const flat = layOutCondition(scalar.value, Number.POSITIVE_INFINITY)?.[0];
  const broken = layOutCondition(scalar.value, WIDTH - inner);
  if (flat === undefined || broken === undefined) return [];
  const single = flat.length <= oneLine && !NOT_PLAIN.test(flat);
  const pad = ' '.repeat(inner);
  const value = single ? flat : `>\n${broken.map((line) => pad + line).join('\n')}`;
  // What follows a block scalar's own text (blank lines, comments at the margin) is not the condition's.
  const end = scalar.from + written.trimEnd().length;
  return [{ from: scalar.from, to: end, text: value }];
}

function isPrintable(text: string): boolean {
  return !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]/.test(text);
}

/** `[a, b]` on one line, or filled lines; lists with comments or lists in them stay. */
function flowEdit(text: string, list: YamlSeq): Edit[] {
  const written = text.slice(list.from, list.to);
  const end = list.from + written.trimEnd().length;
  if (!written.startsWith('[') || text[end - 1] !== ']') return [];
  const items: string[] = [];
  let at = list.from + 1;
  for (const item of list.items) {
    if (item.kind !== 'scalar' || item.from < at || !/^[\s,]*$/.test(text.slice(at, item.from))) return [];
    const source = text.slice(item.from, item.to).trimEnd();
    if (source.includes('\n') || source === '') return [];
    items.push(source);
    at = item.to;
  }
  if (!/^[\s,]*\]$/.test(text.slice(at, end))) return [];
  const lineStart = text.lastIndexOf('\n', list.from - 1) + 1;
  const before = text.slice(lineStart, list.from);
  const indent = /^ *(?:- )?/.exec(before)?.[0].length ?? 0;
  const one = `[${items.join(', ')}]`;
  if (before.length + one.length <= WIDTH) return [{ from: list.from, to: end, text: one }];
  const inside = fill(items, indent + 2, WIDTH);
  return [{ from: list.from, to: end, text: `[\n${inside.join('\n')}\n${' '.repeat(indent + 2)}]` }];
}

/** No blanks at line ends, at most one empty line, one between items, a line feed at the end; scalars stay. */
function blankLines(text: string): string | undefined {
  const documents = documentsOf(text);
  if (documents === undefined) return undefined;
  const index = new LineIndex('', text);
  const inScalar = scalarLines(text, documents, index);
  const starts = new Set(itemsOf(documents).map((item) => index.locate(item.from).line - 1));
  const out: string[] = [];
  for (const [number, line] of text.split('\n').entries()) {
    if (inScalar.has(number)) {
      out.push(line);
      continue;
    }
    const trimmed = line.trimEnd();
    if (trimmed === '' && (out.length === 0 || out.at(-1) === '')) continue;
    if (starts.has(number)) separate(out);
    out.push(trimmed);
  }
  while (out.length > 0 && out.at(-1) === '') out.pop();
  return out.length === 0 ? '' : `${out.join('\n')}\n`;
}

/** An empty line before the item and the comments right above it. */
function separate(out: string[]): void {
  let at = out.length;
  while (at > 0 && /^#/.test(out[at - 1] as string)) at--;
  if (at > 0 && out[at - 1] !== '' && !/^(?:---|%)/.test(out[at - 1] as string)) out.splice(at, 0, '');
}

/** Lines whose end lies inside a scalar of several lines, where blanks may be part of the value. */
function scalarLines(text: string, documents: readonly YamlNode[], index: LineIndex): ReadonlySet<number> {
  const lines = new Set<number>();
  const open: YamlNode[] = [...documents];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === 'seq') open.push(...node.items);
    else if (node.kind === 'map') open.push(...node.pairs.flat());
    else {
      const written = text.slice(node.from, node.to);
      // Empty lines behind a block scalar matter only where it keeps them (`+`).
      const content = /^[|>][-0-9]*\+/.test(written) ? written : written.trimEnd();
      if (!content.includes('\n')) continue;
      const first = index.locate(node.from).line - 1;
      const count = content.split('\n').length;
      for (let i = /^[|>]/.test(written) ? 1 : 0; i < count; i++) lines.add(first + i);
    }
  }
  return lines;
}
