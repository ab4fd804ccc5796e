// `yarak replay`: Falco rules over what was recorded: captures, JSON events, alerts. Alerts go to standard output exactly
// as Falco prints them, what is wrong with rules or recording to standard error.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { AlertReader } from '../../alerts/index.ts';
import { UnpackError, unpack } from '../../alerts/node/index.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { terminalText } from '../../base/escape/terminal.ts';
import { nearest } from '../../base/nearest.ts';
import { DEFAULT_SETTINGS, type EngineSettings, readFalcoConfig } from '../../detect/engine/index.ts';
import { catalogueFor } from '../../detect/fields/index.ts';
import { loadRules, type Rule } from '../../detect/rules/index.ts';
import {
  ALERTS,
  AlertReplay,
  JSON_SOURCES,
  JsonReplay,
  type JsonSource,
  readJsonSource,
  sniffJson,
} from '../../sources/audit/index.ts';
import { Replay } from '../../sources/scap/index.ts';
import { CliError, EXIT, systemError } from '../error.ts';
import { type InputFile, resolveInputs } from '../inputs.ts';
import { gapDiagnostics } from '../replay/gaps.ts';
import { type Peeked, peek } from '../replay/input.ts';

export interface ReplayCommandOptions {
  readonly rules?: readonly string[];
  readonly config?: string;
  readonly hostname?: string;
  readonly source?: string;
  readonly define?: readonly string[];
}

const CAPTURE = 'syscall';

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw systemError(`cannot read ${terminalText(file)}`, error);
  }
}

function say({ severity, code, message, at, help }: Diagnostic): void {
  const place = at === undefined ? '' : `${at.file}:${at.line}:${at.column}: `;
  const more = help === undefined ? '' : ` ${help}`;
  process.stderr.write(`${terminalText(`${place}${severity}: ${message}${more} [${code}]`)}\n`);
}

/** The rules of the files, as Falco loads them; undefined when Falco would refuse them. */
function load(files: readonly string[], defined: readonly JsonSource[]): readonly Rule[] | undefined {
  const { results, rules } = loadRules(
    files.map((name) => ({ name, content: readText(name) })),
    { sources: new Map(defined.map(({ name, extra }) => [name, catalogueFor(name, { extra })])) },
  );
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
  const rules = load(options.rules, defined);
  const settings = await settingsOf(options.config);
  if (rules === undefined || settings === undefined) return EXIT.failed;
  const player = new Player(rules, settings, sources, options);
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

function choices(sources: readonly JsonSource[]): string[] {
  return [...sources.map(({ name }) => name), ALERTS, CAPTURE];
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

/** What an input holds is not clear. */
class Unrecognised extends CliError {
  constructor(message: string) {
    super(2, message);
  }
}

/** Plays inputs, each as what it is. */
class Player {
  readonly #rules: readonly Rule[];
  readonly #settings: EngineSettings;
  readonly #sources: readonly JsonSource[];
  readonly #options: ReplayCommandOptions;
  readonly #json = new Map<string, JsonReplay>();
  #captures: Replay | undefined;
  #alerts: AlertReplay | undefined;

  constructor(
    rules: readonly Rule[],
    settings: EngineSettings,
    sources: readonly JsonSource[],
    options: ReplayCommandOptions,
  ) {
    this.#rules = rules;
    this.#settings = settings;
    this.#sources = sources;
    this.#options = options;
  }

  /** Plays one input; false: something in it was rejected. */
  async play(input: InputFile): Promise<boolean> {
    const given = this.#options.source;
    const peeked = await peek(
      input,
      (text) => given !== undefined || sniffJson(text, this.#sources).length > 0,
    );
    const name = given ?? this.#recognise(input, peeked);
    if (name === CAPTURE) return await this.#playCapture(peeked.chunks);
    const chunks = unpack(peeked.chunks);
    try {
      return name === ALERTS
        ? await this.#playAlerts(chunks, input.name)
        : await this.#playJson(name, chunks, input.name);
    } catch (error) {
      if (!(error instanceof UnpackError)) throw error;
      const at = { file: input.name, line: 1, column: 1, from: 0, to: 0 };
      say({ code: error.code, severity: 'error', message: error.message, at });
      return false;
    }
  }

  /** Says what the recorded alerts left open. */
  end(): void {
    if (this.#alerts !== undefined) for (const diagnostic of gapDiagnostics(this.#alerts)) say(diagnostic);
  }

  /** The source of an input, told by its content. Throws `CliError` 2 if that is not clear. */
  #recognise(input: InputFile, { kind, text }: Peeked): string {
    if (kind !== 'text') return CAPTURE;
    const found = sniffJson(text, this.#sources);
    if (found.length === 1) return found[0] as string;
    const what =
      found.length === 0
        ? `cannot tell what ${terminalText(input.name)} holds; say it with --source, one of ${choices(this.#sources).join(', ')}`
        : `${terminalText(input.name)} may hold events of ${found.join(' or ')}; say which with --source`;
    throw new Unrecognised(what);
  }

  async #playCapture(chunks: AsyncIterable<Uint8Array>): Promise<boolean> {
    const { hostname } = this.#options;
    this.#captures ??= new Replay({
      rules: this.#rules,
      settings: this.#settings,
      ...(hostname !== undefined && { hostname }),
      onAlert: ({ line }) => print(line),
    });
    const summary = await this.#captures.play(chunks);
    for (const diagnostic of [...summary.ruleDiagnostics, ...summary.diagnostics]) say(diagnostic);
    return !summary.diagnostics.some(({ severity }) => severity === 'error');
  }

  async #playJson(name: string, chunks: AsyncIterable<Uint8Array>, file: string): Promise<boolean> {
    let replay = this.#json.get(name);
    if (replay === undefined) {
      const { hostname } = this.#options;
      replay = new JsonReplay({
        source: this.#sources.find((source) => source.name === name) as JsonSource,
        rules: this.#rules,
        settings: this.#settings,
        ...(hostname !== undefined && { hostname }),
        onAlert: ({ line }) => print(line),
        onDiagnostic: say,
      });
      this.#json.set(name, replay);
      for (const diagnostic of replay.ruleDiagnostics) say(diagnostic);
      if (replay.rules.length === 0) {
        say({ code: 'REPLAY_NO_RULES', severity: 'warning', message: `No rule is for the source ${name}` });
      }
    }
    const { events, rejected } = await replay.play(chunks, file);
    if (rejected > 0) sayRejected(file, rejected, `${events} event${events === 1 ? '' : 's'}`);
    return rejected === 0;
  }

  async #playAlerts(chunks: AsyncIterable<Uint8Array>, file: string): Promise<boolean> {
    const { hostname } = this.#options;
    const replay = (this.#alerts ??= new AlertReplay({
      rules: this.#rules,
      settings: this.#settings,
      ...(hostname !== undefined && { hostname }),
      extra: new Map(this.#sources.map(({ name, extra }) => [name, extra])),
      onAlert: print,
    }));
    let timeless = 0;
    const reader = new AlertReader(
      (item) => {
        if (item.kind === 'diagnostic') say(item.diagnostic);
        else if (item.kind === 'alert') {
          if (item.alert.timeNs !== undefined) replay.play(item.alert);
          else {
            timeless++;
            const at = { ...item.alert.ref, column: 1, from: 0, to: 0 };
            const message = 'The alert does not say when it was, so that no alert can be made from it';
            if (timeless <= 1000) say({ code: 'REPLAY_NO_TIME', severity: 'error', message, at });
          }
        }
      },
      { file },
    );
    for await (const chunk of chunks) reader.push(chunk);
    reader.end();
    const rejected = reader.counts.rejected + timeless;
    if (rejected > 0) sayRejected(file, rejected, `${reader.counts.alerts - timeless} alerts`);
    return rejected === 0;
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function sayRejected(file: string, rejected: number, read: string): void {
  const message = `${file}: ${rejected} record${rejected === 1 ? ' was' : 's were'} rejected, ${read} read`;
  say({ code: 'REPLAY_REJECTED', severity: 'warning', message });
}
