// `yarak replay`: Falco rules over what was recorded. Alerts go to standard output exactly as Falco prints them, what
// is wrong with rules or recording to standard error.

import { createReadStream, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { terminalText } from '../../base/escape/terminal.ts';
import { DEFAULT_SETTINGS, type EngineSettings, readFalcoConfig } from '../../detect/engine/index.ts';
import { loadRules, type Rule } from '../../detect/rules/index.ts';
import { Replay } from '../../sources/scap/index.ts';
import { CliError, EXIT, systemError } from '../error.ts';

export interface ReplayCommandOptions {
  readonly rules?: readonly string[];
  readonly config?: string;
  readonly hostname?: string;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw systemError(`cannot read ${terminalText(file)}`, error);
  }
}

function say({ severity, code, message, at }: Diagnostic): void {
  const place = at === undefined ? '' : `${at.file}:${at.line}:${at.column}: `;
  process.stderr.write(`${terminalText(`${place}${severity}: ${message} [${code}]`)}\n`);
}

/** The rules of the files, as Falco loads them; undefined when Falco would refuse them. */
function load(files: readonly string[]): readonly Rule[] | undefined {
  const { results, rules } = loadRules(files.map((name) => ({ name, content: readText(name) })));
  for (const { errors } of results) for (const { diagnostic } of errors) say(diagnostic);
  return results.every(({ successful }) => successful) ? rules : undefined;
}

async function settingsOf(config: string | undefined): Promise<EngineSettings | undefined> {
  if (config === undefined) return DEFAULT_SETTINGS;
  const { settings, diagnostics } = await readFalcoConfig(readText(config), basename(config));
  for (const diagnostic of diagnostics) say(diagnostic);
  return settings;
}

/** Runs the command; the exit code is 1 when rules do not load or the recording is damaged. */
export async function run(source: string, options: ReplayCommandOptions): Promise<number> {
  if (options.rules === undefined || options.rules.length === 0) {
    throw new CliError(2, 'name the rules to run: yarak replay CAPTURE -r falco_rules.yaml');
  }
  const rules = load(options.rules);
  const settings = await settingsOf(options.config);
  if (rules === undefined || settings === undefined) return EXIT.failed;
  const chunks = source === '-' ? process.stdin : createReadStream(source, { highWaterMark: 256 * 1024 });
  const replay = new Replay({
    rules,
    settings,
    ...(options.hostname !== undefined && { hostname: options.hostname }),
    onAlert: ({ line }) => process.stdout.write(`${line}\n`),
  });
  try {
    const summary = await replay.play(chunks);
    for (const diagnostic of [...summary.ruleDiagnostics, ...summary.diagnostics]) say(diagnostic);
    return summary.diagnostics.some(({ severity }) => severity === 'error') ? EXIT.failed : EXIT.ok;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error)
      throw systemError(`cannot read ${terminalText(source)}`, error);
    throw error;
  }
}
