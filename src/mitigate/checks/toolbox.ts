// Runs programs that check artefacts: no shell, a private folder, bounded time and output, each result remembered by
// its content for the life of the toolbox. A program that is not installed gives a `skipped` check that says what to
// install; nothing here ever turns that into a pass.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import type { Check } from '../types.ts';

/** What a program said. `code` is undefined when it was ended by a signal or the time limit. */
export interface ToolResult {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ToolSpec {
  /** The program's name, looked for on PATH and in the sbin folders. */
  readonly tool: string;
  /** The Debian package that holds it. */
  readonly install: string;
  /** Arguments that make it print its version; `undefined` when it has none. */
  readonly versionArgs?: readonly string[];
  readonly level: Check['level'];
  readonly asked: string;
  /** Files that the program reads, by plain file name. */
  readonly files: Readonly<Record<string, string>>;
  /** Arguments of each run, in order; the working directory is the folder of `files`, so plain names do. */
  readonly runs: readonly (readonly string[])[];
  /** Whether the runs are a pass, and what to show; by default exit code 0 each and the program's own words. */
  readonly judge?: (results: readonly ToolResult[]) => { readonly passed: boolean; readonly output: string };
}

const DEFAULT_TIMEOUT_MS = 15_000;
const MAX_OUTPUT_BYTES = 256 * 1024;
const MAX_SHOWN = 1200;
const AT_ONCE = 2;
const SBIN = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'];

export class Toolbox {
  readonly enabled: boolean;
  readonly #timeoutMs: number;
  readonly #known = new Map<string, Promise<Check>>();
  readonly #paths = new Map<string, string | undefined>();
  readonly #versions = new Map<string, Promise<string>>();
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** `enabled: false` skips every program, by name; checks inside Yarak still run. */
  constructor(enabled: boolean, timeoutMs: number = DEFAULT_TIMEOUT_MS) {
    this.enabled = enabled;
    this.#timeoutMs = timeoutMs;
  }

  /** Runs the program unless it did so before on the same input. Never throws. */
  check(spec: ToolSpec): Promise<Check> {
    const key = createHash('sha256')
      .update(JSON.stringify([spec.tool, spec.runs, spec.files, spec.level, spec.asked]))
      .digest('hex');
    let known = this.#known.get(key);
    if (known === undefined) {
      known = this.#check(spec);
      this.#known.set(key, known);
    }
    return known;
  }

  /** The program's path, or undefined when it is not installed. */
  path(tool: string): string | undefined {
    if (!this.#paths.has(tool)) this.#paths.set(tool, findProgram(tool));
    return this.#paths.get(tool);
  }

  async #check(spec: ToolSpec): Promise<Check> {
    const base = { tool: spec.tool, level: spec.level, asked: spec.asked };
    if (!this.enabled) {
      return {
        ...base,
        version: '',
        result: 'skipped',
        output: 'Checks by other programs are switched off.',
      };
    }
    const path = this.path(spec.tool);
    if (path === undefined) {
      return {
        ...base,
        version: '',
        result: 'skipped',
        output: `${spec.tool} is not installed (Debian package ${spec.install}).`,
      };
    }
    await this.#enter();
    try {
      const version = await this.#version(spec, path);
      const folder = await mkdtemp(join(tmpdir(), 'yarak-check-'));
      try {
        for (const [name, content] of Object.entries(spec.files)) {
          await writeFile(join(folder, basename(name)), content, { mode: 0o600 });
        }
        const results: ToolResult[] = [];
        for (const args of spec.runs) results.push(await run(path, args, folder, this.#timeoutMs));
        const verdict = spec.judge?.(results) ?? judgeByCode(results);
        return {
          ...base,
          version,
          result: verdict.passed ? 'passed' : 'failed',
          output: shown(verdict.output, folder),
        };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    } catch (error) {
      return {
        ...base,
        version: '',
        result: 'skipped',
        output: `${spec.tool} could not be run: ${String(error)}`,
      };
    } finally {
      this.#leave();
    }
  }

  #version(spec: ToolSpec, path: string): Promise<string> {
    if (spec.versionArgs === undefined) return Promise.resolve('');
    let version = this.#versions.get(spec.tool);
    if (version === undefined) {
      version = run(path, spec.versionArgs, tmpdir(), this.#timeoutMs).then(
        (r) => `${r.stdout}\n${r.stderr}`.match(/\b\d+(?:\.\d+)+[\w.+~-]*|\bsystemd \d+/)?.[0] ?? '',
      );
      this.#versions.set(spec.tool, version);
    }
    return version;
  }

  async #enter(): Promise<void> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
  }

  #leave(): void {
    this.#running--;
    this.#waiting.shift()?.();
  }
}

function findProgram(tool: string): string | undefined {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...SBIN]) {
    if (!folder.startsWith('/')) continue;
    const path = join(folder, tool);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Ends the program when it is too slow or says too much. */
function run(path: string, args: readonly string[], folder: string, timeoutMs: number): Promise<ToolResult> {
  return new Promise((resolve) => {
    const child = execFile(
      path,
      args as string[],
      {
        cwd: folder,
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_OUTPUT_BYTES,
        env: { PATH: SBIN.join(delimiter), HOME: folder, LC_ALL: 'C.UTF-8', NO_COLOR: '1' },
      },
      (error, stdout, stderr) => {
        const failed = error as (Error & { code?: number | string }) | null;
        const code = failed === null ? 0 : typeof failed.code === 'number' ? failed.code : undefined;
        resolve({
          code,
          stdout,
          stderr: code === undefined ? `${stderr}\n${failed?.message ?? ''}` : stderr,
        });
      },
    );
    child.stdin?.end();
  });
}

function judgeByCode(results: readonly ToolResult[]): { passed: boolean; output: string } {
  const words = results.map((r) => `${r.stdout}\n${r.stderr}`.trim()).filter((text) => text !== '');
  const codes = results.map((r) => r.code ?? 'none').join(', ');
  return {
    passed: results.every((r) => r.code === 0),
    output: words.length === 0 ? `exit code ${codes}` : words.join('\n'),
  };
}

/** Bounded, without the private folder's name, so that the same input gives the same report. */
function shown(text: string, folder: string): string {
  const clean = text.replaceAll(`${folder}/`, '').replaceAll(folder, '.').trim();
  return clean.length > MAX_SHOWN ? `${clean.slice(0, MAX_SHOWN)} … (${clean.length} characters)` : clean;
}

/** A check that Yarak makes itself. `problems` empty means passed. */
export function ownCheck(
  tool: string,
  version: string,
  level: Check['level'],
  asked: string,
  problems: readonly string[],
  passedWords: string,
): Check {
  return {
    tool,
    version,
    level,
    result: problems.length === 0 ? 'passed' : 'failed',
    output: problems.length === 0 ? passedWords : shown(problems.join('\n'), '\0'),
    asked,
  };
}
