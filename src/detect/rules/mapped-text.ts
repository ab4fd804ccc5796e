// Text that was put together from pieces of rule files, with the way back from each character to its author. A
// condition is a YAML scalar, plus what was appended to it, plus its exceptions, with lists expanded in the text.

import type { Location, Note } from '../../base/diagnostic.ts';
import { locationOf, type YamlNode, type YamlScalar } from './yaml.ts';

/** Where a piece comes from. */
export type Origin =
  /** Character k of the piece is character `offset + k` of the scalar's value. */
  | { readonly kind: 'scalar'; readonly scalar: YamlScalar; readonly offset: number }
  /** All of the piece was made from this node. */
  | { readonly kind: 'node'; readonly node: YamlNode }
  /** The items of a list, in place of its name at `from..to` of `text`. */
  | {
      readonly kind: 'list';
      readonly list: ListOrigin;
      readonly text: MappedText;
      readonly from: number;
      readonly to: number;
      readonly offset: number;
    };

export interface ListOrigin {
  readonly name: string;
  /** The node of the item that character `offset` of the joined items belongs to. */
  itemAt(offset: number): YamlNode | undefined;
}

export interface Piece {
  readonly text: string;
  /** `undefined`: glue that no one wrote. */
  readonly origin?: Origin;
}

/** A place in a file, and the lists through which it got there. */
export interface Place {
  readonly at: Location;
  readonly notes: readonly Note[];
  /** Where the text came from a list: the innermost one, and the item's own place. */
  readonly item?: { readonly list: string; readonly at: Location };
}

export class MappedText {
  readonly pieces: readonly Piece[];
  #text: string | undefined;
  #starts: readonly number[] | undefined;

  constructor(pieces: readonly Piece[]) {
    this.pieces = pieces;
  }

  static of(scalar: YamlScalar): MappedText {
    return new MappedText([{ text: scalar.value, origin: { kind: 'scalar', scalar, offset: 0 } }]);
  }

  get text(): string {
    this.#text ??= this.pieces.map((piece) => piece.text).join('');
    return this.#text;
  }

  /** This, the glue, and then the other. */
  append(glue: string, other: MappedText): MappedText {
    return new MappedText([...this.pieces, { text: glue }, ...other.pieces]);
  }

  /** Without blanks at both ends. */
  trim(): MappedText {
    const from = this.text.search(/[^ \t\n\r\v\f]/);
    if (from === -1) return new MappedText([]);
    const to = this.text.replace(/[ \t\n\r\v\f]+$/, '').length;
    return from === 0 && to === this.text.length ? this : this.slice(from, to);
  }

  slice(from: number, to: number): MappedText {
    const pieces: Piece[] = [];
    const starts = this.#pieceStarts();
    for (let i = Math.max(this.#indexAt(from), 0); i < starts.length; i++) {
      const at = starts[i] as number;
      if (at >= to) break;
      const piece = this.pieces[i] as Piece;
      const start = Math.max(from - at, 0);
      const end = Math.min(to - at, piece.text.length);
      if (start < end) pieces.push({ text: piece.text.slice(start, end), ...moved(piece.origin, start) });
    }
    return new MappedText(pieces);
  }

  /** The author's place of `from..to`; `undefined` if no one wrote it. */
  locate(from: number, to: number): Place | undefined {
    const first = this.#pieceAt(from);
    if (first === undefined) return undefined;
    const { piece, start } = first;
    const { origin } = piece;
    if (origin === undefined) return undefined;
    switch (origin.kind) {
      case 'scalar': {
        const begin = origin.offset + from - start;
        const inPiece = Math.min(to, start + piece.text.length);
        const span = origin.scalar.span(begin, origin.offset + inPiece - start);
        const at = origin.scalar.file.locate(
          span.from,
          this.#endOf(origin.scalar, span, to, start + piece.text.length),
        );
        return { at, notes: [] };
      }
      case 'node':
        return { at: locationOf(origin.node), notes: [] };
      case 'list': {
        const reference = origin.text.locate(origin.from, origin.to);
        const item = origin.list.itemAt(origin.offset + from - start);
        const note: Note = {
          message:
            item?.kind === 'scalar'
              ? `'${shorten(item.value)}' of list ${origin.list.name} is here`
              : `from list ${origin.list.name}`,
          ...(item && { at: locationOf(item) }),
        };
        if (reference === undefined) return item && { at: locationOf(item), notes: [] };
        return {
          at: reference.at,
          notes: [...reference.notes, note],
          ...(item && { item: { list: origin.list.name, at: locationOf(item) } }),
        };
      }
    }
  }

  /** A span that runs over several pieces of one file ends where its last piece ends. */
  #endOf(scalar: YamlScalar, span: { from: number; to: number }, to: number, pieceEnd: number): number {
    if (to <= pieceEnd) return span.to;
    const end = this.locate(to - 1, to)?.at;
    return end !== undefined && end.file === scalar.file.name && end.to > span.from ? end.to : span.to;
  }

  #pieceStarts(): readonly number[] {
    if (this.#starts === undefined) {
      let at = 0;
      this.#starts = this.pieces.map((piece) => {
        at += piece.text.length;
        return at - piece.text.length;
      });
    }
    return this.#starts;
  }

  /** The last piece that starts at or before the offset. */
  #indexAt(offset: number): number {
    const starts = this.#pieceStarts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The piece at an offset; at glue, or behind the end, the nearest written one before it. */
  #pieceAt(offset: number): { piece: Piece; start: number } | undefined {
    let index = this.#indexAt(offset);
    while (index > 0 && this.pieces[index]?.origin === undefined) index--;
    const piece = this.pieces[index];
    return piece === undefined ? undefined : { piece, start: this.#pieceStarts()[index] as number };
  }
}

function moved(origin: Origin | undefined, by: number): { origin?: Origin } {
  if (origin === undefined) return {};
  if (origin.kind === 'node') return { origin };
  return { origin: { ...origin, offset: origin.offset + by } };
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
