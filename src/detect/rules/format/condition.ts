// The layout of one condition. Only blanks change: every name, value, quote and parenthesis stays, because text may be
// appended to a condition elsewhere, and what parentheses mean then is not to be seen here.

import { type Compare, type Expr, parseCondition, printExpr } from '../../lang/index.ts';

/** A piece of a condition: a comparison, or what stands in parentheses. */
interface Operand {
  /** `and`, `or`; empty for the first one. */
  readonly join: string;
  readonly nots: number;
  readonly body: Atom | Group;
}
interface Atom {
  readonly kind: 'atom';
  readonly text: string;
  /** The items of a long list, to be spread over lines, between its head and its tail. */
  readonly list?: { readonly head: string; readonly items: readonly string[] };
}
interface Group {
  readonly kind: 'group';
  readonly operands: readonly Operand[];
}

/** Lines of a condition, `width` columns at most where it can be broken; `undefined`: it is better left alone. */
export function layOutCondition(text: string, width: number): readonly string[] | undefined {
  const join = /^[ \t\r\n]*(and|or)(?=[ \t\r\n(])/.exec(text);
  const start = join?.[0].length ?? 0;
  const body = text.slice(start);
  const { expr } = parseCondition(body);
  if (expr === undefined) return undefined;
  const tokens = tokensOf(body, expr);
  if (tokens === undefined) return undefined;
  const group = new Reader(tokens).group(join?.[1] ?? '');
  return group === undefined ? undefined : lines(group, 0, width);
}

type Token = Atom | '(' | ')' | 'and' | 'or' | 'not';

/** The leaves of the tree and what stands between them; `undefined` where that is anything unexpected. */
function tokensOf(text: string, expr: Expr): Token[] | undefined {
  const leaves: Exclude<Expr, { kind: 'and' | 'or' | 'not' }>[] = [];
  const open: Expr[] = [expr];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === 'and' || node.kind === 'or') open.push(...node.items.toReversed());
    else if (node.kind === 'not') open.push(node.item);
    else leaves.push(node);
  }
  const tokens: Token[] = [];
  let at = 0;
  for (const leaf of [...leaves, undefined]) {
    const gap = text.slice(at, leaf?.from ?? text.length);
    for (const [piece] of gap.matchAll(/[ \t\r\n\b]+|\(|\)|and|or|not|./gs)) {
      if (piece === '(' || piece === ')' || piece === 'and' || piece === 'or' || piece === 'not')
        tokens.push(piece);
      else if (!/^[ \t\r\n\b]+$/.test(piece)) return undefined;
    }
    if (leaf === undefined) break;
    const atom = atomOf(text, leaf);
    if (atom === undefined) return undefined;
    tokens.push(atom);
    at = leaf.to;
  }
  return tokens;
}

function atomOf(text: string, leaf: Exclude<Expr, { kind: 'and' | 'or' | 'not' }>): Atom | undefined {
  const source = text.slice(leaf.from, leaf.to);
  const spaced = leaf.kind === 'compare' ? spacedCompare(text, leaf) : undefined;
  if (spaced !== undefined && samePrint(spaced.text, leaf)) return spaced;
  // What holds a line break or runs of blanks that may mean something stays out of our hands.
  if (/["'[\]]/.test(source) && /[\t\r\n]| {2}/.test(source)) return undefined;
  const squeezed = source.replace(/[ \t\r\n\b]+/g, ' ').trim();
  return samePrint(squeezed, leaf) ? { kind: 'atom', text: squeezed } : undefined;
}

function samePrint(text: string, leaf: Expr): boolean {
  const { expr } = parseCondition(text);
  return expr !== undefined && printExpr(expr) === printExpr(leaf);
}

/** `a in (b, c)` with one blank where blanks belong. */
function spacedCompare(text: string, { left, op, modifier, right }: Compare): Atom | undefined {
  const head = `${text.slice(left.from, left.to)} ${op}${modifier === undefined ? '' : ` ${modifier}`}`;
  if (right.kind !== 'list') {
    const value = text.slice(right.from, right.to);
    return /[\t\r\n]/.test(head + value) ? undefined : { kind: 'atom', text: `${head} ${value}` };
  }
  if (right.lost !== undefined) return undefined;
  const items = right.items.map((item) => text.slice(item.from, item.to));
  if (/[\t\r\n]/.test(head + items.join(''))) return undefined;
  return { kind: 'atom', text: `${head} (${items.join(', ')})`, list: { head, items } };
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** Operands up to a closing parenthesis or the end; `join` stands before the first one. */
  group(join: string): Group | undefined {
    const operands: Operand[] = [];
    for (let next = join; ; ) {
      let nots = 0;
      while (this.#tokens[this.#at] === 'not') {
        nots++;
        this.#at++;
      }
      const token = this.#tokens[this.#at++];
      if (token === '(') {
        const inner = this.group('');
        if (inner === undefined || this.#tokens[this.#at++] !== ')') return undefined;
        operands.push({ join: next, nots, body: inner });
      } else if (typeof token === 'object') operands.push({ join: next, nots, body: token });
      else return undefined;
      const after = this.#tokens[this.#at];
      if (after !== 'and' && after !== 'or') return { kind: 'group', operands };
      next = after;
      this.#at++;
    }
  }
}

function flat({ operands }: Group): string {
  return operands
    .map(({ join, nots, body }) => {
      const lead = `${join === '' ? '' : `${join} `}${'not '.repeat(nots)}`;
      return lead + (body.kind === 'atom' ? body.text : `(${flat(body)})`);
    })
    .join(' ');
}

function lines(group: Group, indent: number, width: number): string[] {
  const pad = ' '.repeat(indent);
  const whole = pad + flat(group);
  if (whole.length <= width) return [whole];
  const out: string[] = [];
  for (const { join, nots, body } of group.operands) {
    const lead = `${pad}${join === '' ? '' : `${join} `}${'not '.repeat(nots)}`;
    const one = lead + (body.kind === 'atom' ? body.text : `(${flat(body)})`);
    if (one.length <= width) out.push(one);
    else if (body.kind === 'group') out.push(`${lead}(`, ...lines(body, indent + 2, width), `${pad})`);
    else if (body.list === undefined || body.list.items.length < 2) out.push(one);
    else out.push(`${lead}${body.list.head} (`, ...fill(body.list.items, indent + 2, width), `${pad})`);
  }
  return out;
}

/** Items with commas, as many on a line as go. */
export function fill(items: readonly string[], indent: number, width: number): string[] {
  const pad = ' '.repeat(indent);
  const out: string[] = [];
  let line = '';
  for (const [index, item] of items.entries()) {
    const piece = index < items.length - 1 ? `${item},` : item;
    if (line === '') line = pad + piece;
    else if (line.length + 1 + piece.length <= width) line += ` ${piece}`;
    else {
      out.push(line);
      line = pad + piece;
    }
  }
  if (line !== '') out.push(line);
  return out;
}
