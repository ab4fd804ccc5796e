// POSIX fnmatch without flags, as glibc does it in the C locale: what `glob`, `iglob` and glob components of `pmatch`
// mean. Bytes, not characters: `?` takes one byte of a multi-byte character. Patterns compile to a list of byte sets
// and stars; matching keeps one retry point (the last star), so it takes at most pattern × text steps.

/** A token: a star, or the set of bytes that may stand here, as 256 flags. */
type Token = '*' | Uint8Array;

const CLASSES: Readonly<Record<string, (c: number) => boolean>> = {
  alnum: (c) => isDigit(c) || isAlpha(c),
  alpha: isAlpha,
  blank: (c) => c === 9 || c === 32,
  cntrl: (c) => c < 32 || c === 127,
  digit: isDigit,
  graph: (c) => c > 32 && c < 127,
  lower: (c) => c >= 97 && c <= 122,
  print: (c) => c >= 32 && c < 127,
  punct: (c) => c > 32 && c < 127 && !isDigit(c) && !isAlpha(c),
  space: (c) => c === 32 || (c >= 9 && c <= 13),
  upper: (c) => c >= 65 && c <= 90,
  xdigit: (c) => isDigit(c) || (c >= 65 && c <= 70) || (c >= 97 && c <= 102),
};

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}
function isAlpha(c: number): boolean {
  return (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
}
function fold(c: number): number {
  return c >= 65 && c <= 90 ? c + 32 : c;
}

/** One byte per UTF-16 unit, so that positions are byte positions. ASCII text is returned as it is. */
function byteString(text: string): string {
  for (let i = 0; i < text.length; i++)
    if (text.charCodeAt(i) > 127) return Buffer.from(text, 'utf8').toString('latin1');
  return text;
}

function single(c: number): Uint8Array {
  const set = new Uint8Array(256);
  set[c] = 1;
  return set;
}

interface Bracket {
  readonly set: Uint8Array;
  /** Index after the closing bracket. */
  readonly next: number;
}

/** The bracket expression whose `[` is at `at`; `undefined` if it has no end: then `[` is an ordinary byte. */
function parseBracket(pattern: string, at: number, ignoreCase: boolean): Bracket | undefined {
  const set = new Uint8Array(256);
  const add = (from: number, to = from): void => {
    for (let c = from; c <= to; c++) set[c] = 1;
  };
  let i = at + 1;
  const negated = pattern[i] === '!' || pattern[i] === '^';
  if (negated) i++;
  for (let first = true; ; first = false) {
    let c = pattern.charCodeAt(i);
    if (Number.isNaN(c)) return undefined;
    if (c === 93 && !first) break;
    if (c === 91 && pattern[i + 1] === ':') {
      const end = pattern.indexOf(':]', i + 2);
      const name = end < 0 ? '' : pattern.slice(i + 2, end);
      if (/^[a-z]+$/.test(name)) {
        const has = CLASSES[name];
        // A class of an unknown name makes the whole pattern fail.
        if (has === undefined) return { set: new Uint8Array(256), next: pattern.length + 1 };
        for (let b = 0; b < 256; b++) if (has(b) || (ignoreCase && has(fold(b)))) set[b] = 1;
        i = end + 2;
        continue;
      }
    }
    if (c === 91 && (pattern[i + 1] === '.' || pattern[i + 1] === '=')) {
      const mark = pattern[i + 1] as string;
      if (pattern[i + 3] === mark && pattern[i + 4] === ']') {
        c = pattern.charCodeAt(i + 2);
        i += 4;
      }
    } else if (c === 92) {
      i++;
      c = pattern.charCodeAt(i);
      if (Number.isNaN(c)) return undefined;
    }
    i++;
    if (pattern[i] === '-' && pattern[i + 1] !== ']' && i + 1 < pattern.length) {
      let high = pattern.charCodeAt(i + 1);
      i += 2;
      if (high === 92) {
        high = pattern.charCodeAt(i);
        if (Number.isNaN(high)) return undefined;
        i++;
      }
      if (ignoreCase) {
        for (let b = 0; b < 256; b++) if (fold(b) >= fold(c) && fold(b) <= fold(high)) set[b] = 1;
      } else add(c, high);
    } else if (ignoreCase) {
      for (let b = 0; b < 256; b++) if (fold(b) === fold(c)) set[b] = 1;
    } else add(c);
  }
  if (negated) for (let b = 0; b < 256; b++) set[b] = set[b] === 1 ? 0 : 1;
  return { set, next: i + 1 };
}

function parse(pattern: string, ignoreCase: boolean): Token[] | undefined {
  const tokens: Token[] = [];
  for (let i = 0; i < pattern.length; ) {
    let c = pattern.charCodeAt(i++);
    if (c === 42) {
      if (tokens[tokens.length - 1] !== '*') tokens.push('*');
      continue;
    }
    if (c === 63) {
      tokens.push(new Uint8Array(256).fill(1));
      continue;
    }
    if (c === 91) {
      const bracket = parseBracket(pattern, i - 1, ignoreCase);
      if (bracket !== undefined) {
        if (bracket.next > pattern.length) return undefined;
        tokens.push(bracket.set);
        i = bracket.next;
        continue;
      }
    } else if (c === 92) {
      // A lone backslash at the end matches nothing.
      if (i === pattern.length) return undefined;
      c = pattern.charCodeAt(i++);
    }
    const set = single(c);
    if (ignoreCase) for (let b = 0; b < 256; b++) if (fold(b) === fold(c)) set[b] = 1;
    tokens.push(set);
  }
  return tokens;
}

/** Compiles a glob; the result tells whether a whole text matches. Never throws: a broken pattern matches nothing. */
export function compileFnmatch(pattern: string, ignoreCase = false): (text: string) => boolean {
  const tokens = parse(byteString(pattern), ignoreCase);
  if (tokens === undefined) return () => false;
  const count = tokens.length;
  return (input) => {
    const text = byteString(input);
    let t = 0;
    let p = 0;
    let starP = -1;
    let starT = 0;
    while (t < text.length) {
      const token = tokens[p];
      if (token === '*') {
        starP = ++p;
        starT = t;
        if (p === count) return true;
      } else if (token !== undefined && token[text.charCodeAt(t)] === 1) {
        t++;
        p++;
      } else if (starP >= 0) {
        p = starP;
        t = ++starT;
      } else return false;
    }
    while (tokens[p] === '*') p++;
    return p === count;
  };
}
