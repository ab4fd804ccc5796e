// The rule files of a workspace on disk, in Falco's order: those that the settings name, else those of its falco.yaml,
// else every YAML file that holds rules. Only ordinary files of a sensible size are opened.

import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { byBytes } from '../detect/rules/index.ts';
import { looksLikeConfig, looksLikeRules, rulesFilesOf } from './language/index.ts';

export interface WorkspaceFiles {
  /** Paths in Falco's order. */
  readonly rules: readonly string[];
  /** falco.yaml, and files of rule tests. */
  readonly configs: readonly string[];
  /** What the settings name and cannot be read. */
  readonly missing: readonly string[];
}

/** A rule file may have 32 MB; an editor shows nothing of one that is larger. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;
/** A workspace with more YAML files than this is looked at only so far. */
const MAX_FILES = 2000;
const MAX_DEPTH = 8;
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', 'dist', 'build', 'target', 'vendor']);

/** The text of an ordinary file; `undefined` for all else. */
export function readText(path: string): string | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() && stat.size <= MAX_FILE_BYTES ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** Finds the rule files of the folders. `given`: files and folders that the user's settings name, in order. */
export function findFiles(roots: readonly string[], given: readonly string[] | undefined): WorkspaceFiles {
  const yaml = roots.flatMap((root) => [...yamlFiles(root, 0)]).slice(0, MAX_FILES);
  const texts = new Map(yaml.map((path) => [path, readText(path) ?? '']));
  const isMain = (path: string) => /^falco\.ya?ml$/.test(basename(path));
  const configs = yaml.filter((path) => isMain(path) || looksLikeConfig(texts.get(path) ?? ''));
  if (given !== undefined && given.length > 0) {
    const [root = '.'] = roots;
    const paths = given.map((path) => resolve(root, path));
    const missing = paths.filter((path) => !isThere(path));
    return { rules: unique(paths.flatMap(expand)), configs, missing };
  }
  const main = configs.find(isMain);
  const named = main === undefined ? undefined : rulesFilesOf(texts.get(main) ?? '');
  if (main !== undefined && named !== undefined) {
    const rules = unique(named.flatMap((path) => inWorkspace(path, dirname(main), roots).flatMap(expand)));
    if (rules.length > 0) return { rules, configs, missing: [] };
  }
  return {
    rules: yaml.filter((path) => looksLikeRules(texts.get(path) ?? '')).sort(byBytes),
    configs,
    missing: [],
  };
}

function isThere(path: string): boolean {
  try {
    return statSync(path).isFile() || statSync(path).isDirectory();
  } catch {
    return false;
  }
}

const unique = (paths: readonly string[]) => [...new Set(paths)];

function* yamlFiles(folder: string, depth: number): Generator<string> {
  if (depth > MAX_DEPTH) return;
  const entries = entriesOf(folder);
  for (const entry of entries) {
    if (entry.isFile() && /\.ya?ml$/.test(entry.name)) yield join(folder, entry.name);
  }
  for (const entry of entries) {
    if (entry.isDirectory() && !entry.name.startsWith('.') && !SKIPPED.has(entry.name))
      yield* yamlFiles(join(folder, entry.name), depth + 1);
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => byBytes(a.name, b.name));
  } catch {
    return [];
  }
}

/** A file, or the rule files directly in a folder, as Falco takes them. */
function expand(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
  } catch {
    return [];
  }
  return entriesOf(path)
    .filter((entry) => !entry.isDirectory() && ['.yaml', '.yml'].includes(extname(entry.name)))
    .map((entry) => join(path, entry.name));
}

/**
 * A path of falco.yaml, as far as it leads into the workspace. The paths of an installation (`/etc/falco/rules.d`) stand
 * for the file or folder of that name beside the falco.yaml.
 */
function inWorkspace(path: string, folder: string, roots: readonly string[]): string[] {
  const candidates = isAbsolute(path) ? [path, join(folder, basename(path))] : [join(folder, path)];
  const found = candidates.find((one) => roots.some((root) => lies(one, root)));
  return found === undefined ? [] : [found];
}

/** Whether a path that exists lies in a folder, links followed. */
function lies(path: string, folder: string): boolean {
  try {
    const way = relative(realpathSync(folder), realpathSync(path));
    return way !== '' && !way.startsWith('..') && !isAbsolute(way);
  } catch {
    return false;
  }
}
