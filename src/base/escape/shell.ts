// The one place where a word becomes part of a shell command (POSIX sh; bash, dash, busybox ash and zsh agree).

import { hasHidden } from './visible.ts';

/** A word that no shell can take: it holds a NUL, which ends a C string. */
export class ShellQuoteError extends Error {
  readonly code = 'SHELL_NUL';
  /** Offset of the first NUL in the word. */
  readonly offset: number;

  constructor(offset: number) {
    super(`A shell word cannot hold a NUL (found at offset ${offset})`);
    this.name = 'ShellQuoteError';
    this.offset = offset;
  }
}

/**
 * `word` quoted so that sh reads exactly that word: plain where safe, else in single quotes. A word with control or
 * direction characters becomes `"$(printf …)"` with octal bytes, so that the command can be shown and copied as it
 * is; only trailing line feeds stay raw, inside quotes. Broken UTF-16 becomes U+FFFD.
 * Throws `ShellQuoteError` on NUL. A word that starts with `-` is still an option to the program: put `--` before it.
 */
export function shellQuote(word: string): string {
  const nul = word.indexOf('\0');
  if (nul !== -1) throw new ShellQuoteError(nul);
  if (word === '') return "''";
  // A word with `=` could be read as an assignment, unless it is an option.
  if (/^[\w@%+:,./-]+$|^-[\w@%+=:,./-]*$/.test(word)) return word;
  if (!hasHidden(word)) return singleQuote(word);
  const text = word.toWellFormed();
  const body = text.replace(/\n+$/, '');
  const tail = text.slice(body.length);
  return (body === '' ? '' : printfQuote(body)) + (tail === '' ? '' : singleQuote(tail));
}

/** A command from its words, each quoted. Throws `ShellQuoteError` on NUL. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellQuote).join(' ');
}

/** Whether `shellQuote` takes the word. */
export function isShellWord(word: string): boolean {
  return !word.includes('\0');
}

function singleQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Command substitution drops trailing line feeds: `text` must not end with one. */
function printfQuote(text: string): string {
  if (!hasHidden(text)) return singleQuote(text);
  let format = '';
  for (const character of text) {
    if (hasHidden(character) || character === "'" || (format === '' && character === '-')) {
      for (const byte of new TextEncoder().encode(character))
        format += `\\${byte.toString(8).padStart(3, '0')}`;
    } else if (character === '\\') format += '\\\\';
    else if (character === '%') format += '%%';
    else format += character;
  }
  return `"$(printf '${format}')"`;
}
