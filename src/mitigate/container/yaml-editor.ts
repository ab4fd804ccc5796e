// Edits a YAML text in place: only the bytes of what changes are touched, so that comments, order, blank lines, quoting
// and every other document stay as their author wrote them. Parsed again after each edit; documents are small.

import {
  type Document,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
  stringify,
} from 'yaml';

export type Path = readonly (string | number)[];

export class YamlEditor {
  #text: string;
  readonly #index: number;

  /** `index`: which of the file's documents. */
  constructor(text: string, index: number) {
    this.#text = text;
    this.#index = index;
  }

  get text(): string {
    return this.#text;
  }

  /** The value at a path as plain data; undefined if there is none. */
  get(path: Path): unknown {
    const document = this.#document();
    const node: unknown = document.getIn(path, true);
    return isCollection(node) ? node.toJS(document) : isScalar(node) ? node.value : undefined;
  }

  /** Sets a value; what is missing on the way is made. A sequence takes an index equal to its length. */
  set(path: Path, value: unknown): void {
    const existing: unknown = this.#document().getIn(path, true);
    const simple = typeof value !== 'object' || value === null;
    if (isScalar(existing) && existing.range && simple && existing.range[1] > existing.range[0]) {
      this.#replace(existing.range[0], existing.range[1], flow(value));
      return;
    }
    if (existing !== undefined) {
      if (isCollection(existing) && existing.flow && existing.range) {
        this.#replace(existing.range[0], existing.range[1], flow(value));
        return;
      }
      this.#remove(path, false);
    }
    this.#insert(path, value);
  }

  /** Removes a key or item; what is empty afterwards goes with it. */
  delete(path: Path): void {
    if (this.#document().hasIn(path)) this.#remove(path, true);
  }

  #document(): Document.Parsed {
    const document = (parseAllDocuments(this.#text) as Document.Parsed[])[this.#index];
    if (document === undefined) throw new Error(`No YAML document ${this.#index}`);
    return document;
  }

  #insert(path: Path, value: unknown): void {
    const document = this.#document();
    let depth = path.length - 1;
    while (depth > 0 && !isCollection(document.getIn(path.slice(0, depth), true))) depth--;
    const parent = document.getIn(path.slice(0, depth), true);
    if (!isCollection(parent) || !parent.range)
      throw new Error('The document has no collection to put the value into');
    const inner = path
      .slice(depth + 1)
      .reduceRight<unknown>((nested, key) => (typeof key === 'number' ? [nested] : { [key]: nested }), value);
    const key = path[depth] as string | number;
    // A key that is there without a value (`securityContext:`) is written anew.
    if (isMap(parent) && parent.has(key)) {
      if (parent.items.length === 1 && depth > 0) {
        this.#remove(path.slice(0, depth), false);
        this.#insert(path, value);
        return;
      }
      this.#remove(path.slice(0, depth + 1), false);
      this.#insert(path, value);
      return;
    }
    if (parent.flow || parent.items.length === 0) {
      const plain = parent.toJS(document) as Record<string, unknown> & unknown[];
      if (isSeq(parent)) plain.push(inner);
      else plain[key as string & number] = inner;
      this.#replace(parent.range[0], parent.range[1], flow(plain));
      return;
    }
    const at = this.#lineEnd(endOf(parent));
    const column = this.#column(
      isMap(parent) ? firstKeyStart(parent.items[0] as Pair) : this.#dashOf(parent.items[0] as Node),
    );
    const block = stringify(isSeq(parent) ? [inner] : { [key]: inner }, { lineWidth: 0, indentSeq: false });
    const lines = block
      .trimEnd()
      .split('\n')
      .map((line) => `${' '.repeat(column)}${line}`);
    const before = at > 0 && this.#text[at - 1] !== '\n' ? '\n' : '';
    this.#replace(at, at, `${before}${lines.join('\n')}\n`);
  }

  #remove(path: Path, prune: boolean): void {
    const document = this.#document();
    const parent = document.getIn(path.slice(0, -1), true);
    const key = path.at(-1) as string | number;
    if (!isCollection(parent) || !parent.range) return;
    if (parent.flow) {
      const plain = parent.toJS(document) as Record<string, unknown> & unknown[];
      if (isSeq(parent)) plain.splice(Number(key), 1);
      else delete plain[key as string & number];
      if (prune && Object.keys(plain).length === 0 && path.length > 1) this.#remove(path.slice(0, -1), true);
      else this.#replace(parent.range[0], parent.range[1], flow(plain));
      return;
    }
    if (parent.items.length === 1 && prune && path.length > 1) {
      this.#remove(path.slice(0, -1), true);
      return;
    }
    if (isSeq(parent)) {
      const item = parent.items[Number(key)] as Node;
      this.#replace(this.#lineStart(this.#dashOf(item)), this.#lineEnd(endOf(item)), '');
      return;
    }
    const i = parent.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === key);
    const pair = parent.items[i] as Pair;
    const start = firstKeyStart(pair);
    const lineStart = this.#lineStart(start);
    const next = parent.items[i + 1] as Pair | undefined;
    // The first key of a list item shares its line with the dash.
    if (this.#text.slice(lineStart, start).trim() !== '' && next !== undefined)
      this.#replace(start, firstKeyStart(next), '');
    else this.#replace(lineStart, this.#lineEnd(endOf(pair)), '');
  }

  #replace(from: number, to: number, text: string): void {
    this.#text = this.#text.slice(0, from) + text + this.#text.slice(to);
  }

  #dashOf(item: Node): number {
    return this.#text.lastIndexOf('-', (item.range?.[0] ?? 1) - 1);
  }

  #lineStart(offset: number): number {
    return this.#text.lastIndexOf('\n', offset - 1) + 1;
  }

  #column(offset: number): number {
    return offset - this.#lineStart(offset);
  }

  /** Behind the line feed that ends the line of `offset`; a block scalar's end is there already. */
  #lineEnd(offset: number): number {
    if (this.#text[offset - 1] === '\n') return offset;
    const end = this.#text.indexOf('\n', offset);
    return end === -1 ? this.#text.length : end + 1;
  }
}

function firstKeyStart(pair: Pair): number {
  return (pair.key as Node).range?.[0] ?? 0;
}

/** Where the last byte of a node's own content ends, comments behind it not counted. */
function endOf(node: unknown): number {
  if (isCollection(node) && !node.flow && node.items.length > 0) return endOf(node.items.at(-1));
  if (isPairLike(node)) {
    const end = node.value === null || node.value === undefined ? 0 : endOf(node.value);
    return Math.max(end, (node.key as Node).range?.[1] ?? 0);
  }
  return (node as Node | null)?.range?.[1] ?? 0;
}

function isPairLike(node: unknown): node is Pair {
  return (
    typeof node === 'object' &&
    node !== null &&
    'key' in node &&
    'value' in node &&
    !('range' in node && isScalar(node))
  );
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
}
