// `yarak replay`: Falco rules over what was recorded: captures, JSON events, alerts. Alerts go to standard output exactly
// as Falco prints them, what is wrong with rules or recording to standard error.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { terminalText } from '../../base/escape/terminal.ts';
import { nearest } from '../../base/nearest.ts';
import {
  DEFAULT_SETTINGS,
  type EngineSettings,
  readFalcoConfig,
  staticFieldDefs,
} from '../../detect/engine/index.ts';
import { catalogueFor, knownSources } from '../../detect/fields/index.ts';
import { loadRules, type Rule } from '../../detect/rules/index.ts';
import { JSON_SOURCES, type JsonSource, readJsonSource } from '../../sources/audit/index.ts';
import { CliError, EXIT, systemError } from '../error.ts';
import { resolveInputs } from '../inputs.ts';
import { choices, Player, say, Unrecognised } from '../replay/player.ts';
import { readRuleFiles } from '../rule-files.ts';

export interface ReplayCommandOptions {
  readonly rules?: readonly string[];
  readonly config?: string;
  readonly hostname?: string;
  readonly source?: string;
  readonly define?: readonly string[];
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw systemError(`cannot read ${terminalText(file)}`, error);
  }
}

/**
 * The rules of the files, as Falco loads them; undefined when Falco would refuse them. `static.*` fields of the config
 * are fields of every source.
 */
function load(
  files: readonly string[],
  defined: readonly JsonSource[],
  { staticFields }: EngineSettings,
): readonly Rule[] | undefined {
  const own = staticFieldDefs(staticFields);
  const sources = new Map(
    defined.map(({ name, extra }) => [name, catalogueFor(name, { extra: [...(extra ?? []), ...own] })]),
  );
  if (own.length > 0)
    for (const name of knownSources()) sources.set(name, catalogueFor(name, { extra: own }));
  const { results, rules } = loadRules(readRuleFiles(files), { sources });
  for (const { errors } of results) for (const { diagnostic } of errors) say(diagnostic);
  return results.every(({ successful }) => successful) ? rules : undefined;
}

async function settingsOf(config: string | undefined): Promise<EngineSettings | undefined> {
  if (config === undefined) return DEFAULT_SETTINGS;
  const { settings, diagnostics } = await readFalcoConfig(readText(config), basename(config));
  for (const diagnostic of diagnostics) say(diagnostic);
  return settings;
}

/** The user's own sources; undefined when a definition has mistakes. */
function definitions(files: readonly string[]): readonly JsonSource[] | undefined {
  const sources: JsonSource[] = [];
  let failed = false;
  for (const file of files) {
    const { source, diagnostics } = readJsonSource(readText(file), file);
    for (const diagnostic of diagnostics) say(diagnostic);
    if (source === undefined) failed = true;
    else if ([...JSON_SOURCES, ...sources].some(({ name }) => name === source.name))
      throw new CliError(2, `${terminalText(file)}: there is a source ${source.name} already`);
    else sources.push(source);
  }
  return failed ? undefined : sources;
}

/** Runs the command; the exit code is 1 when rules do not load, the recording is damaged or a record was rejected. */
export async function run(paths: readonly string[], options: ReplayCommandOptions): Promise<number> {
  if (options.rules === undefined || options.rules.length === 0) {
    throw new CliError(2, 'name the rules to run: yarak replay RECORDING -r falco_rules.yaml');
  }
  if (paths.length === 0) {
    throw new CliError(2, 'name what to replay: a capture, JSON events or alerts, or - for standard input');
  }
  const defined = definitions(options.define ?? []);
  if (defined === undefined) return EXIT.failed;
  const sources = [...defined, ...JSON_SOURCES];
  checkSource(options.source, sources);
  const inputs = resolveInputs(paths);
  const settings = await settingsOf(options.config);
  const rules = load(options.rules, defined, settings ?? DEFAULT_SETTINGS);
  if (rules === undefined || settings === undefined) return EXIT.failed;
  const player = new Player({ ...options, rules, settings, sources });
  let ok = true;
  for (const input of inputs) {
    try {
      if (!(await player.play(input))) ok = false;
    } catch (error) {
      // One of several that cannot be told does not stop the others.
      if (error instanceof Unrecognised && inputs.length > 1) {
        say({ code: 'REPLAY_UNRECOGNISED', severity: 'error', message: error.message });
        ok = false;
        continue;
      }
      if (error instanceof Error && 'syscall' in error)
        throw systemError(`cannot read ${terminalText(input.name)}`, error);
      throw error;
    }
  }
  player.end();
  return ok ? EXIT.ok : EXIT.failed;
}

function checkSource(name: string | undefined, sources: readonly JsonSource[]): void {
  const known = choices(sources);
  if (name === undefined || known.includes(name)) return;
  const guess = sources.find(({ plugin }) => plugin === name)?.name ?? nearest(name, known);
  const hint = guess === undefined ? '' : `, did you mean ${guess}?`;
  throw new CliError(
    2,
    `there is no source ${terminalText(name)}${hint} (known: ${known.join(', ')}; --define adds others)`,
  );
}
