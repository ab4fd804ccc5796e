// Lists, and their expansion, which in Falco is plain text substitution (rule loader, resolve_list): a list's name
// between delimiters is replaced by its items, also inside quotes, and what comes of it is expanded again by the lists
// further down the table. Falco searches the text once per list; here one pass over the text's words does it.

import { LoadFailure } from './findings.ts';
import type { ListInfo } from './items.ts';
import { type ListOrigin, MappedText, type Origin, type Piece } from './mapped-text.ts';
import { locationOf, type YamlNode, type YamlScalar } from './yaml.ts';

const BLANKS = ' \t\n\r';
const WORD = /[^ \t\n\r(),=]+/g;
const HAS_DELIMITER = /[ \t\n\r(),=]/;

/** One text may expand to no more than this, and all texts of a load together to no more than that. */
const MAX_TEXT = 8_000_000;
const MAX_TOTAL = 200_000_000;

class CompiledList implements ListOrigin {
  readonly info: ListInfo;
  readonly items: readonly YamlScalar[];
  /** Position in the table, which decides what expands what. */
  readonly position: number;
  readonly #parts: readonly string[];
  readonly text: string;
  used = false;
  /** Whether its text names a list further down. */
  nested = false;
  #starts: number[] | undefined;

  constructor(info: ListInfo, items: readonly YamlScalar[], position: number) {
    this.info = info;
    this.items = items;
    this.position = position;
    this.#parts = items.map((item) => quoteItem(item.value));
    this.text = this.#parts.reduce((all, part) => (all === '' ? part : `${all}, ${part}`), '');
  }

  get name(): string {
    return this.info.name;
  }

  itemAt(offset: number): YamlNode | undefined {
    if (this.#starts === undefined) {
      let at = 0;
      this.#starts = this.#parts.map((part) => {
        const start = at;
        at += at === 0 && part === '' ? 0 : part.length + 2;
        return start;
      });
    }
    const index = this.#starts.findLastIndex((start) => start <= offset);
    return this.items[index];
  }
}

/** In double quotes if it holds a blank and no quote is there yet; nothing is escaped, as in Falco. */
export function quoteItem(text: string): string {
  return text.includes(' ') && !text.startsWith('"') && !text.startsWith("'") ? `"${text}"` : text;
}

/** The lists of a load, ready to expand texts. */
export class ListTable {
  readonly #lists: readonly CompiledList[];
  readonly #byName: ReadonlyMap<string, CompiledList>;
  /** Lists whose names hold delimiters: these are searched for, one after the other. */
  readonly #odd: readonly CompiledList[];
  /** Those of them that the expansion of other lists may bring in. */
  readonly #hidden: ReadonlySet<CompiledList>;
  #total = 0;

  constructor(infos: Iterable<ListInfo>) {
    const all = new Map<string, ListInfo>();
    for (const info of infos) all.set(info.name, info);
    const used = new Set<string>();
    this.#lists = [...all.values()].map((info, position) => {
      const items = info.items.flatMap((item) => {
        const other = all.get(item.value);
        if (other === undefined || other.index >= info.visibility) return [item];
        used.add(other.name);
        return other.items;
      });
      return new CompiledList(info, items, position);
    });
    this.#byName = new Map(this.#lists.map((list) => [list.name, list]));
    for (const name of used) this.#mark(name);
    for (const list of this.#lists) {
      list.nested = words(list.text).some((word) => (this.#byName.get(word)?.position ?? -1) > list.position);
    }
    this.#odd = this.#lists.filter((list) => HAS_DELIMITER.test(list.name));
    const texts = this.#odd.length === 0 ? '' : this.#lists.map((list) => list.text).join('\n');
    this.#hidden = new Set(this.#odd.filter((odd) => texts.includes(odd.name)));
  }

  #mark(name: string): void {
    const list = this.#byName.get(name);
    if (list !== undefined) list.used = true;
  }

  /** Every list with its one-level resolved items, in table order. */
  *entries(): Generator<{
    readonly info: ListInfo;
    readonly items: readonly YamlScalar[];
    readonly used: boolean;
  }> {
    yield* this.#lists;
  }

  /** Expands all lists in a text. Throws a LoadFailure if the result is too large. */
  expand(text: MappedText): MappedText {
    let current = text;
    let from = 0;
    for (const odd of this.#odd) {
      if (!current.text.includes(odd.name) && !this.#hidden.has(odd)) continue;
      current = this.#expandWords(current, from, odd.position);
      current = this.#expandOdd(current, odd);
      from = odd.position + 1;
    }
    return this.#expandWords(current, from, this.#lists.length);
  }

  /** Expands the lists at `first..end` of the table whose names are single words. */
  #expandWords(text: MappedText, first: number, end: number): MappedText {
    const lookUp = (word: string, after: number) => {
      const list = this.#byName.get(word);
      return list !== undefined && list.position > after && list.position >= first && list.position < end
        ? list
        : undefined;
    };
    if (!words(text.text).some((word) => lookUp(word, -1) !== undefined)) return text;
    const expansion = new Expansion(text, lookUp, (size) => this.#account(size, text));
    return expansion.run();
  }

  #account(size: number, text: MappedText): void {
    this.#total += size;
    if (size <= MAX_TEXT && this.#total <= MAX_TOTAL) return;
    const origin = text.pieces.find((piece) => piece.origin?.kind === 'scalar')?.origin;
    const at =
      origin?.kind === 'scalar'
        ? locationOf(origin.scalar)
        : { file: '', from: 0, to: 0, line: 1, column: 1 };
    throw new LoadFailure(
      'LOAD_ERR_COMPILE_CONDITION',
      'the condition is too large once its lists are expanded',
      at,
      {
        code: 'RULES_TOO_LARGE',
      },
    );
  }

  /** Falco's search for one name, with the same choice of what to skip. */
  #expandOdd(text: MappedText, list: CompiledList): MappedText {
    const source = text.text;
    const isDelimiter = (c: string | undefined) => c === undefined || HAS_DELIMITER.test(c);
    const pieces: Piece[] = [];
    let done = 0;
    for (
      let at = source.indexOf(list.name);
      at !== -1;
      at = source.indexOf(list.name, Math.max(at + 1, done))
    ) {
      if (!isDelimiter(source[at - 1]) || !isDelimiter(source[at + list.name.length])) continue;
      list.used = true;
      let from = at;
      let to = at + list.name.length;
      while (from > done && BLANKS.includes(source[from - 1] as string)) from--;
      while (to < source.length && BLANKS.includes(source[to] as string)) to++;
      if (list.text === '') {
        if (from > done && source[from - 1] === ',') from--;
        else if (source[to] === ',') to++;
      }
      for (const piece of text.slice(done, from).pieces) pieces.push(piece);
      if (from > 0) pieces.push({ text: ' ' });
      pieces.push({
        text: list.text,
        origin: { kind: 'list', list, text, from: at, to: at + list.name.length, offset: 0 },
      });
      pieces.push({ text: ' ' });
      done = to;
      this.#account(list.text.length, text);
    }
    return done === 0 ? text : new MappedText([...pieces, ...text.slice(done, source.length).pieces]);
  }
}

function words(text: string): string[] {
  return text.match(WORD) ?? [];
}

interface Frame {
  readonly text: MappedText;
  readonly source: string;
  pos: number;
  /** Only lists behind this position of the table apply. */
  readonly after: number;
}

/** One run over a text, with the lists that it is in the middle of on a stack of its own. */
class Expansion {
  readonly #out: Piece[] = [];
  readonly #frames: Frame[];
  readonly #lookUp: (word: string, after: number) => CompiledList | undefined;
  readonly #account: (size: number) => void;
  #size = 0;

  constructor(
    text: MappedText,
    lookUp: (word: string, after: number) => CompiledList | undefined,
    account: (size: number) => void,
  ) {
    this.#frames = [{ text, source: text.text, pos: 0, after: -1 }];
    this.#lookUp = lookUp;
    this.#account = account;
  }

  run(): MappedText {
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      if (frame.pos < frame.source.length) this.#step(frame);
      else {
        this.#frames.pop();
        if (this.#frames.length > 0) this.#blank();
      }
    }
    this.#account(0);
    return new MappedText(this.#out);
  }

  #step(frame: Frame): void {
    WORD.lastIndex = frame.pos;
    for (let match = WORD.exec(frame.source); match !== null; match = WORD.exec(frame.source)) {
      const list = this.#lookUp(match[0], frame.after);
      if (list === undefined) continue;
      this.#copy(frame, match.index);
      frame.pos = match.index + match[0].length;
      this.#replace(frame, list, match.index);
      return;
    }
    this.#copy(frame, frame.source.length);
  }

  #copy(frame: Frame, to: number): void {
    if (to > frame.pos) for (const piece of frame.text.slice(frame.pos, to).pieces) this.#push(piece);
    frame.pos = to;
  }

  #push(piece: Piece): void {
    this.#size += piece.text.length;
    if (this.#size > MAX_TEXT) this.#account(this.#size);
    this.#out.push(piece);
  }

  #replace(frame: Frame, list: CompiledList, at: number): void {
    list.used = true;
    this.#trimEnd();
    const next = this.#skipBlanks();
    if (list.text === '' && !this.#dropComma() && next !== undefined && next.source[next.pos] === ',')
      next.pos++;
    if (this.#out.length > 0) this.#blank();
    const origin: Origin = {
      kind: 'list',
      list,
      text: frame.text,
      from: at,
      to: at + list.name.length,
      offset: 0,
    };
    const piece: Piece = { text: list.text, origin };
    this.#account(list.text.length);
    if (list.nested) {
      const text = new MappedText([piece]);
      // A finished list in the middle of which nothing is left only waits to add the blank that this one adds too.
      if (this.#frames.length > 1 && frame.pos >= frame.source.length) this.#frames.pop();
      this.#frames.push({ text, source: list.text, pos: 0, after: list.position });
      return;
    }
    if (list.text !== '') this.#push(piece);
    this.#blank();
  }

  /** Moves over blanks, out of finished lists too; gives the frame of the next character. */
  #skipBlanks(): Frame | undefined {
    for (let i = this.#frames.length - 1; i >= 0; i--) {
      const frame = this.#frames[i] as Frame;
      while (frame.pos < frame.source.length && BLANKS.includes(frame.source[frame.pos] as string))
        frame.pos++;
      if (frame.pos < frame.source.length) return frame;
    }
    return undefined;
  }

  #trimEnd(): void {
    for (let last = this.#out.at(-1); last !== undefined; last = this.#out.at(-1)) {
      let end = last.text.length;
      while (end > 0 && BLANKS.includes(last.text[end - 1] as string)) end--;
      if (end === last.text.length && end > 0) return;
      this.#out.pop();
      if (end > 0) {
        this.#out.push({ ...last, text: last.text.slice(0, end) });
        return;
      }
    }
  }

  #dropComma(): boolean {
    const last = this.#out.at(-1);
    if (last?.text.endsWith(',') !== true) return false;
    this.#out[this.#out.length - 1] = { ...last, text: last.text.slice(0, -1) };
    return true;
  }

  #blank(): void {
    const last = this.#out.at(-1);
    if (last?.text.endsWith(' ') !== true) this.#out.push({ text: ' ' });
  }
}
