// A rule file cut at its top-level items, so that each is read by itself: what is half typed spoils only its own item,
// and after a change only that one is read again.

export interface Chunk {
  /** Offset of the chunk in the file. */
  readonly from: number;
  readonly text: string;
}

/** The column of the dashes of a file's items; 0 where there is none yet. */
export function dashColumn(text: string): number {
  return /^( *)-(?=[ \t\r\n]|$)/m.exec(text)?.[1]?.length ?? 0;
}

/** The chunks of a text, which together are the text. Each but perhaps the first begins with an item's dash. */
export function chunksOf(text: string): Chunk[] {
  const column = dashColumn(text);
  const chunks: Chunk[] = [];
  let start = 0;
  for (let line = 0; line < text.length; line = nextLine(text, line)) {
    if (line === start || !isDash(text, line, column)) continue;
    chunks.push({ from: start, text: text.slice(start, line) });
    start = line;
  }
  chunks.push({ from: start, text: text.slice(start) });
  return chunks;
}

function nextLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end + 1;
}

function isDash(text: string, line: number, column: number): boolean {
  for (let i = line; i < line + column; i++) if (text[i] !== ' ') return false;
  if (text[line + column] !== '-') return false;
  const after = text[line + column + 1];
  return after === undefined || ' \t\r\n'.includes(after);
}

/** The chunk that a place belongs to; at the border of two, the one that ends there only if it is the last. */
export function chunkAt<T extends Chunk>(chunks: readonly T[], offset: number): T | undefined {
  let low = 0;
  let high = chunks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((chunks[middle] as T).from <= offset) low = middle;
    else high = middle - 1;
  }
  return chunks[low];
}
