// The files that a command reads: names, `-` for standard input, and folders, whose alert files are taken in order of
// their names. Only paths from the command line are ever opened, never one from inside an input.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { terminalText } from '../base/escape/terminal.ts';
import { CliError, systemError } from './error.ts';

export interface InputFile {
  /** As reports name it: the path as given, `-` for standard input. */
  readonly name: string;
  /** `undefined`: standard input. */
  readonly path: string | undefined;
  /** `undefined` where it is not a regular file. */
  readonly sizeBytes: number | undefined;
}

const ALERT_FILE = /\.(?:json|jsonl|ndjson|log|txt)(?:\.gz)?$/i;

/** Resolves the command line's inputs. Throws `CliError`: 2 where there is nothing to read, 3 where a path cannot be read. */
export function resolveInputs(paths: readonly string[]): InputFile[] {
  const out: InputFile[] = [];
  for (const path of paths) {
    if (path === '-') {
      if (!out.some((file) => file.path === undefined))
        out.push({ name: '-', path: undefined, sizeBytes: undefined });
      continue;
    }
    try {
      const stat = statSync(path);
      if (!stat.isDirectory()) {
        out.push({ name: path, path, sizeBytes: stat.isFile() ? stat.size : undefined });
        continue;
      }
      const names = readdirSync(path)
        .filter((name) => ALERT_FILE.test(name))
        .sort();
      if (names.length === 0) {
        throw new CliError(
          2,
          `${terminalText(path)} holds no alert files (.json, .jsonl, .ndjson, .log, .txt, each also .gz); captures are named one by one`,
        );
      }
      for (const name of names) {
        const file = join(path, name);
        out.push({ name: file, path: file, sizeBytes: statSync(file).size });
      }
    } catch (error) {
      if (error instanceof CliError) throw error;
      throw systemError(`cannot read ${terminalText(path)}`, error);
    }
  }
  return out;
}
