// Transformers: `tolower(proc.name)`, `len(fd.types)`, `join(",", (a.b, "c"))`. Each takes extracted values and gives
// a value, or `undefined` where the result is not extracted (broken base64).

import type { FieldType, Value } from '../../fields/index.ts';
import type { TransformerName } from '../../lang/index.ts';
import { asciiLower, asciiUpper } from './strings.ts';
import type { Scalar } from './test.ts';

type Text = (text: string) => string | undefined;

const TEXT: Readonly<Partial<Record<TransformerName, Text>>> = {
  tolower: asciiLower,
  toupper: asciiUpper,
  basename: (text) => text.slice(text.lastIndexOf('/') + 1),
  b64: (text) => {
    const bytes = decodeBase64(text);
    return bytes === undefined ? undefined : cString(Buffer.from(bytes).toString('utf8'));
  },
};

/** Strings are C strings: they end at the first NUL. */
function cString(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** Standard alphabet, padding optional; `undefined` if the text is anything else. */
function decodeBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const digits = text.replace(/=+$/, '');
  if (digits.length % 4 === 1) return undefined;
  if (text.length !== digits.length && text.length % 4 !== 0) return undefined;
  return Buffer.from(digits, 'base64');
}

export interface Shape {
  readonly type: FieldType;
  readonly isList: boolean;
}

/** What a transformer of values of this shape gives. */
export function transformShape(name: TransformerName, inner: Shape, hasArg: boolean): Shape {
  if (name === 'len') return { type: 'UINT64', isList: false };
  if (name === 'join' || name === 'concat') return { type: 'CHARBUF', isList: false };
  if (name === 'getopt') return { type: 'CHARBUF', isList: !hasArg };
  return { type: inner.type, isList: inner.isList };
}

/** `tolower`, `toupper`, `b64`, `basename`, `len`: one argument, element by element (`len` counts a list's elements). */
export function applyUnary(name: TransformerName, value: Value): Value | undefined {
  if (name === 'len') {
    if (typeof value === 'string') return Buffer.byteLength(value, 'utf8');
    return value instanceof Uint8Array || Array.isArray(value)
      ? (value as { length: number }).length
      : undefined;
  }
  if (Array.isArray(value)) {
    const items = (value as readonly Scalar[]).map((item) => applyUnary(name, item as Value));
    return items.some((item) => item === undefined) ? undefined : (items as string[]);
  }
  if (value instanceof Uint8Array) {
    if (name !== 'b64') return undefined;
    return decodeBase64(Buffer.from(value).toString('latin1'));
  }
  return typeof value === 'string' ? TEXT[name]?.(value) : undefined;
}

function flatten(value: Value): string[] {
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

/** `join(separator, list)`, `concat(a, b, …)`, `getopt(list, options)[c]`: all arguments extracted. */
export function applyMulti(name: TransformerName, args: readonly Value[], arg?: string): Value | undefined {
  switch (name) {
    case 'join':
      return flatten(args[1] as Value).join(String(args[0]));
    case 'concat':
      return args.map(String).join('');
    case 'getopt':
      return getopt(flatten(args[0] as Value), String(args[1]), arg);
    default:
      return undefined;
  }
}

/** POSIX getopt over words that hold no program name: letters and values in order, or the last value of `wanted`. */
function getopt(words: readonly string[], options: string, wanted?: string): Value | undefined {
  const found: string[] = [];
  let last: string | undefined;
  for (let w = 0; w < words.length; w++) {
    const word = words[w] as string;
    if (word === '--' || !word.startsWith('-') || word === '-') break;
    for (let i = 1; i < word.length; i++) {
      const letter = word[i] as string;
      const at = letter === ':' ? -1 : options.indexOf(letter);
      if (at < 0) continue;
      let value = '';
      if (options[at + 1] === ':') {
        value = i + 1 < word.length ? word.slice(i + 1) : (words[++w] ?? '');
        i = word.length;
        found.push(letter, value);
      } else found.push(letter);
      if (letter === wanted) last = value;
    }
  }
  if (wanted !== undefined) return last;
  return found.length === 0 ? undefined : found;
}
