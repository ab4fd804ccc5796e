// Payloads that a command line carries in disguise: base64, base32, hex, escapes. Decoded only where the same command
// line holds both the payload and its decoder, and only into text: binary payloads are named, not shown.

import { unescapeAnsiC } from './lexer.ts';
import type { Command, Decoded } from './types.ts';

/** The decoder that a command is, if it is one. */
export function decoderOf(command: Command): 'base64' | 'base32' | 'hex' | undefined {
  const { name, words } = command;
  const has = (...options: string[]) => words.some((word) => options.includes(word));
  const cluster = (letter: string) =>
    words.some((word) => /^-[A-Za-z]+$/.test(word) && word.includes(letter) && !word.startsWith('--'));
  if (name === 'base64' || name === 'gbase64') {
    return has('--decode') || cluster('d') || cluster('D') ? 'base64' : undefined;
  }
  if (name === 'base32') return has('--decode') || cluster('d') ? 'base32' : undefined;
  if (name === 'openssl') {
    return has('-d') && has('base64', '-base64', '-a') ? 'base64' : undefined;
  }
  if (name === 'xxd') return cluster('r') && cluster('p') ? 'hex' : undefined;
  return undefined;
}

/** What `echo` or `printf` would print, escapes resolved; `undefined` for any other command. */
export function printed(command: Command): string | undefined {
  if (command.name !== 'echo' && command.name !== 'printf') return undefined;
  let from = 1;
  let escapes = command.name === 'printf';
  if (command.name === 'echo') {
    while (/^-[neE]+$/.test(command.words[from] ?? '')) {
      if ((command.words[from] as string).includes('e')) escapes = true;
      from++;
    }
  }
  const text = command.words.slice(from).join(' ');
  return escapes ? unescapeAnsiC(text) : text;
}

/** Decodes to text; `undefined` when it is not that encoding or not text. */
export function decodeText(encoding: Decoded['encoding'], payload: string): string | undefined {
  const bytes = decodeBytes(encoding, payload);
  if (bytes === undefined || bytes.length === 0) return undefined;
  const text = new TextDecoder('utf-8', { fatal: false }).decode(bytes);
  let odd = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0xfffd || code === 0 || (code < 32 && code !== 9 && code !== 10 && code !== 13)) odd++;
  }
  return odd * 10 > text.length ? undefined : text;
}

function decodeBytes(encoding: Decoded['encoding'], payload: string): Uint8Array | undefined {
  const compact = payload.replace(/[\s\ufffd"']/g, '');
  if (compact.length < 8) return undefined;
  switch (encoding) {
    case 'base64':
      return /^[A-Za-z0-9+/_-]+={0,2}$/.test(compact) ? Buffer.from(compact, 'base64') : undefined;
    case 'base32':
      return decodeBase32(compact);
    case 'hex': {
      const digits = compact.replace(/\\x|0x/g, '');
      return /^[0-9A-Fa-f]+$/.test(digits) && digits.length % 2 === 0
        ? Buffer.from(digits, 'hex')
        : undefined;
    }
    case 'escapes':
      return Buffer.from(unescapeAnsiC(payload));
  }
}

function decodeBase32(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z2-7]+=*$/.test(text)) return undefined;
  const bytes: number[] = [];
  let buffer = 0;
  let bits = 0;
  for (const c of text.toUpperCase().replace(/=+$/, '')) {
    buffer = ((buffer << 5) | 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((buffer >> bits) & 0xff);
    }
  }
  return Uint8Array.from(bytes);
}
