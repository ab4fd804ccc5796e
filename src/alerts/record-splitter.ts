// Bytes to records: cuts a stream of JSON objects (one a line, pretty-printed, in arrays, end to end) and text lines
// into pieces, in one pass and bounded memory. It looks at brackets, quotes and line ends only; what a piece means is
// decided elsewhere. Longer than most files' loops because every byte of a 5 GB file passes through it.

export interface RawRecord {
  /** `json`: from `{` to its `}`. `line`: anything else up to the line end. The others could not be cut out whole. */
  readonly kind: 'json' | 'line' | 'truncated' | 'too-large';
  /** Valid only during the call; empty for `too-large`. Without the line end. */
  readonly bytes: Uint8Array;
  /** 1-based line of the first byte. */
  readonly line: number;
  /** How many line ends stand inside strings of a `json` record. */
  readonly brokenStrings: number;
}

const LF = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** What the splitter tells its reader. Both are called synchronously, in order. */
export interface RecordSink {
  record(record: RawRecord): void;
  /**
   * A line from `{` to `}`, probably a whole record: the common case, not scanned byte by byte. Returns false if it
   * is not one object; then it is scanned as usual. `bytes` is valid only during the call.
   */
  wholeLine(bytes: Uint8Array, line: number): boolean;
}

const BETWEEN = 0;
const LINE = 1;
const JSON_OBJECT = 2;
const SCALAR = 3;
const MAYBE_ARRAY = 4;

const EMPTY = new Uint8Array(0);

/** Cuts records out of chunks. */
export class RecordSplitter {
  readonly #sink: RecordSink;
  readonly #maxBytes: number;

  #state = BETWEEN;
  #line = 1;
  /** Open top-level arrays: their elements are records. */
  #arrays = 0;

  #recordLine = 1;
  #parts: Uint8Array[] = [];
  #partsLength = 0;
  #tooLarge = false;

  #depth = 0;
  #inString = false;
  #escaped = false;
  #brokenStrings = 0;
  /** Last byte that is not blank, outside strings. */
  #lastToken = 0;
  /** The record's first line holds more than its opening brace: one object a line, unless it goes on. */
  #compact = false;
  #atLineStart = true;
  #first = true;

  constructor(sink: RecordSink, maxBytes: number) {
    this.#sink = sink;
    this.#maxBytes = maxBytes;
  }

  /** The line that the next byte is on, 1-based. */
  get line(): number {
    return this.#line;
  }

  push(chunk: Uint8Array): void {
    let i = 0;
    if (this.#first && chunk.length > 0) {
      this.#first = false;
      if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) i = 3;
    }
    while (i < chunk.length) {
      if (this.#state === BETWEEN) i = this.#between(chunk, i);
      else if (this.#state === LINE) i = this.#textLine(chunk, i);
      else if (this.#state === JSON_OBJECT) i = this.#object(chunk, i);
      else if (this.#state === SCALAR) i = this.#scalar(chunk, i);
      else i = this.#maybeArray(chunk, i);
    }
  }

  /** Flushes what is left. An object without its end is `truncated`. */
  end(): void {
    if (this.#state === JSON_OBJECT) this.#finish('truncated', EMPTY, 0, 0);
    else if (this.#state !== BETWEEN) this.#finish('line', EMPTY, 0, 0);
    this.#arrays = 0;
  }

  #between(chunk: Uint8Array, from: number): number {
    for (let i = from; i < chunk.length; i++) {
      const c = chunk[i] as number;
      if (c === LF) this.#line++;
      else if (c === 0x20 || c === 0x0d || c === 0x09 || c === 0 || c === COMMA) continue;
      else if (c === CLOSE_ARRAY && this.#arrays > 0) this.#arrays--;
      else {
        this.#recordLine = this.#line;
        if (c === OPEN_OBJECT) {
          const end = this.#tryLine(chunk, i);
          if (end !== -1) return end;
          this.#state = JSON_OBJECT;
          this.#depth = 0;
          this.#inString = false;
          this.#escaped = false;
          this.#brokenStrings = 0;
          this.#compact = false;
          this.#atLineStart = false;
        } else if (c === OPEN_ARRAY) this.#state = MAYBE_ARRAY;
        else if (this.#arrays > 0) {
          this.#state = SCALAR;
          this.#inString = false;
          this.#escaped = false;
        } else this.#state = LINE;
        return i;
      }
    }
    return chunk.length;
  }

  /** Offers the rest of the line as one record; the offset of its end if it was taken, else -1. */
  #tryLine(chunk: Uint8Array, from: number): number {
    const end = chunk.indexOf(LF, from);
    if (end === -1 || end - from > this.#maxBytes) return -1;
    let last = end - 1;
    while (last > from && isBlankOrComma(chunk[last] as number)) last--;
    if (chunk[last] !== CLOSE_OBJECT) return -1;
    return this.#sink.wholeLine(chunk.subarray(from, last + 1), this.#line) ? end : -1;
  }

  #textLine(chunk: Uint8Array, from: number): number {
    const end = chunk.indexOf(LF, from);
    if (end === -1) return this.#keep(chunk, from);
    this.#finish('line', chunk, from, end);
    return end;
  }

  /** At or behind a `[`: an array of records, or a log prefix such as `[pod/falco/falco] …`? */
  #maybeArray(chunk: Uint8Array, from: number): number {
    let i = from;
    if (this.#partsLength === 0 && chunk[i] === OPEN_ARRAY) i++;
    for (; i < chunk.length; i++) {
      const c = chunk[i] as number;
      if (c === 0x20 || c === 0x0d || c === 0x09) continue;
      if (c === LF) {
        this.#line++;
        continue;
      }
      if (c === OPEN_OBJECT || c === OPEN_ARRAY || c === CLOSE_ARRAY) {
        this.#arrays++;
        this.#drop();
        this.#state = BETWEEN;
        return i;
      }
      if (this.#line !== this.#recordLine) {
        // A bracket alone on its line, then no record: give the bracket up, look again at what follows.
        this.#drop();
        this.#state = BETWEEN;
        return i;
      }
      this.#state = LINE;
      return from;
    }
    return this.#keep(chunk, from);
  }

  /** An array element that is not an object: up to `,`, `]` or the line end. */
  #scalar(chunk: Uint8Array, from: number): number {
    for (let i = from; i < chunk.length; i++) {
      const c = chunk[i] as number;
      if (c === LF || (!this.#inString && (c === COMMA || c === CLOSE_ARRAY))) {
        this.#finish('line', chunk, from, i);
        return i;
      }
      if (this.#escaped) this.#escaped = false;
      else if (c === BACKSLASH) this.#escaped = true;
      else if (c === QUOTE) this.#inString = !this.#inString;
    }
    return this.#keep(chunk, from);
  }

  #object(chunk: Uint8Array, from: number): number {
    const length = chunk.length;
    let i = from;
    let depth = this.#depth;
    let inString = this.#inString;
    let escaped = this.#escaped;
    let last = this.#lastToken;
    let lineStart = this.#atLineStart;
    for (; i < length; i++) {
      const c = chunk[i] as number;
      if (lineStart) {
        lineStart = false;
        // A new object at the start of a line, where none can stand: the record before it was cut off.
        if (c === OPEN_OBJECT && (inString || this.#cannotOpen(last))) {
          this.#finish('truncated', chunk, from, i);
          return i;
        }
      }
      if (inString) {
        if (escaped) escaped = false;
        else if (c === BACKSLASH) escaped = true;
        else if (c === QUOTE) inString = false;
        if (c === LF) {
          escaped = false;
          this.#brokenStrings++;
          this.#compact = true;
          this.#line++;
          lineStart = true;
        }
        continue;
      }
      if (c === QUOTE) inString = true;
      else if (c === OPEN_OBJECT || c === OPEN_ARRAY) depth++;
      else if (c === CLOSE_OBJECT || c === CLOSE_ARRAY) {
        depth--;
        if (depth <= 0) {
          this.#finish('json', chunk, from, i + 1);
          return i + 1;
        }
      } else if (c === LF) {
        if (this.#line === this.#recordLine && !(last === OPEN_OBJECT && depth === 1)) this.#compact = true;
        this.#line++;
        lineStart = true;
        continue;
      } else if (c === 0x20 || c === 0x0d || c === 0x09) continue;
      last = c;
    }
    this.#depth = depth;
    this.#inString = inString;
    this.#escaped = escaped;
    this.#lastToken = last;
    this.#atLineStart = lineStart;
    return this.#keep(chunk, from);
  }

  /** Whether no object can begin behind this token. Behind a comma only a pretty-printed array could. */
  #cannotOpen(last: number): boolean {
    if (last === COLON || last === OPEN_ARRAY) return false;
    return this.#compact || last !== COMMA;
  }

  /** The record goes on in the next chunk: copies what there is of it, unless it is already too large. */
  #keep(chunk: Uint8Array, from: number): number {
    const length = chunk.length - from;
    if (this.#partsLength + length > this.#maxBytes) {
      this.#tooLarge = true;
      this.#parts = [];
    }
    if (!this.#tooLarge) this.#parts.push(chunk.slice(from));
    this.#partsLength += length;
    return chunk.length;
  }

  #finish(kind: RawRecord['kind'], chunk: Uint8Array, from: number, to: number): void {
    const tooLarge = this.#tooLarge || this.#partsLength + (to - from) > this.#maxBytes;
    const last = chunk.subarray(from, to);
    const bytes = tooLarge ? EMPTY : this.#parts.length === 0 ? last : join(this.#parts, last);
    const record = {
      kind: tooLarge ? ('too-large' as const) : kind,
      bytes,
      line: this.#recordLine,
      brokenStrings: kind === 'json' ? this.#brokenStrings : 0,
    };
    this.#drop();
    this.#state = BETWEEN;
    this.#sink.record(record);
  }

  #drop(): void {
    this.#parts = [];
    this.#partsLength = 0;
    this.#tooLarge = false;
  }
}

function isBlankOrComma(c: number): boolean {
  return c === 0x20 || c === 0x0d || c === 0x09 || c === COMMA;
}

function join(parts: readonly Uint8Array[], last: Uint8Array): Uint8Array {
  let length = last.length;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  whole.set(last, at);
  return whole;
}
