// The files that a test file names: paths are relative to it, folders of rules are taken as Falco takes them.

import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Diagnostic, Location } from '../base/diagnostic.ts';
import { byBytes, type RuleFileText } from '../detect/rules/index.ts';

/** A file that a test file names, and where. */
export interface NamedFile {
  /** As written. */
  readonly path: string;
  readonly at: Location;
}

/** A file that cannot be read: the diagnostic stands where it is named. */
export class Unreadable extends Error {
  readonly diagnostic: Diagnostic;
  readonly path: string;
  constructor(named: NamedFile, path: string, cause: unknown) {
    const message = `Cannot read ${path}: ${reason(cause)}`;
    super(message, { cause });
    this.path = path;
    this.diagnostic = { code: 'TEST_FILE', severity: 'error', message, at: named.at };
  }
}

/**
 * Where a file is that `testFile` names: relative to the working folder where it lies in it or `testFile` is relative
 * itself, so that one file has one name however it is reached.
 */
export function resolveNamed(testFile: string, named: NamedFile): string {
  const path = resolve(dirname(testFile), named.path);
  const short = relative(process.cwd(), path);
  const outside = short.startsWith('..') || isAbsolute(short);
  return short === '' || (outside && (isAbsolute(testFile) || isAbsolute(named.path))) ? path : short;
}

/** The rule files in Falco's order. Throws `Unreadable`. */
export function readRules(testFile: string, rules: readonly NamedFile[]): RuleFileText[] {
  return rules.flatMap((named) => {
    const path = resolveNamed(testFile, named);
    try {
      if (!statSync(path).isDirectory()) return [{ name: path, content: readFileSync(path, 'utf8') }];
      const files = readdirSync(path, { withFileTypes: true })
        .filter((entry) => !entry.isDirectory() && /\.ya?ml$/.test(entry.name))
        .map((entry) => join(path, entry.name))
        .sort(byBytes);
      if (files.length === 0) throw new Error('the folder holds no .yaml or .yml files');
      return files.map((name) => ({ name, content: readFileSync(name, 'utf8') }));
    } catch (error) {
      throw new Unreadable(named, path, error);
    }
  });
}

export function readNamed(testFile: string, named: NamedFile): string {
  const path = resolveNamed(testFile, named);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Unreadable(named, path, error);
  }
}

/** The bytes of a named file. Throws `Unreadable` while iterating. */
export async function* streamNamed(testFile: string, named: NamedFile): AsyncGenerator<Uint8Array> {
  const path = resolveNamed(testFile, named);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }))
      yield chunk as Uint8Array;
  } catch (error) {
    throw new Unreadable(named, path, error);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'not a directory',
};

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}
