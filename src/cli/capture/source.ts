// Where a capture comes from, and what is said about it: the bytes of a file or of standard input, and diagnostics on
// standard error.

import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { terminalText } from '../../base/escape/terminal.ts';
import { EXIT, systemError } from '../error.ts';
import { Progress } from '../progress.ts';

const PIECE_BYTES = 256 * 1024;

/** The bytes of a capture; `-`: standard input. A file that cannot be read throws when it is. */
export function captureBytes(path: string): AsyncIterable<Uint8Array> {
  return path === '-' ? process.stdin : createReadStream(path, { highWaterMark: PIECE_BYTES });
}

/** The same, with a line on the terminal that shows how far it is, once it takes over a second. */
export async function* watchedBytes(path: string): AsyncGenerator<Uint8Array> {
  const size = path === '-' ? undefined : statSync(path).size;
  const progress = new Progress('reading', size);
  let done = 0;
  try {
    for await (const chunk of captureBytes(path)) {
      done += chunk.length;
      yield chunk;
      progress.update(done, path === '-' ? 'standard input' : terminalText(basename(path)));
    }
  } finally {
    progress.end();
  }
}

/** Runs what reads a capture. Throws `CliError` 3 where the machine refuses. */
export async function reading<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error && !('exitCode' in error)) {
      throw systemError(`cannot read ${terminalText(path)}`, error);
    }
    throw error;
  }
}

/** Says what is wrong with a capture or with rules. */
export function tell(diagnostics: readonly Diagnostic[]): void {
  for (const { severity, code, message, at } of diagnostics) {
    const place = at === undefined ? '' : `${at.file}:${at.line}:${at.column}: `;
    process.stderr.write(`${terminalText(`${place}${severity}: ${message} [${code}]`)}\n`);
  }
}

/** The exit code after a capture was read. */
export function exitCodeOf(diagnostics: readonly Diagnostic[]): number {
  return diagnostics.some(({ severity }) => severity === 'error') ? EXIT.failed : EXIT.ok;
}
