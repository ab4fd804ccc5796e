// Plays recordings, each as what it is: a capture, JSON events of a source, alerts. Alerts are printed as they are made.

import { AlertReader } from '../../alerts/index.ts';
import { UnpackError, unpack } from '../../alerts/node/index.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { terminalText } from '../../base/escape/terminal.ts';
import type { EngineSettings } from '../../detect/engine/index.ts';
import type { Rule } from '../../detect/rules/index.ts';
import { ALERTS, AlertReplay, JsonReplay, type JsonSource, sniffJson } from '../../sources/audit/index.ts';
import { Replay } from '../../sources/scap/index.ts';
import { CliError } from '../error.ts';
import type { InputFile } from '../inputs.ts';
import { Progress } from '../progress.ts';
import { gapDiagnostics } from './gaps.ts';
import { type Peeked, peek } from './input.ts';

export interface PlayerOptions {
  readonly rules: readonly Rule[];
  readonly settings: EngineSettings;
  /** The sources of JSON events that can be recognised. */
  readonly sources: readonly JsonSource[];
  /** What the inputs hold, instead of telling it by their content. */
  readonly source?: string;
  readonly hostname?: string;
}

const CAPTURE = 'syscall';
/** Diagnostics of one kind that are told one by one. */
const MAX_TOLD = 1000;

/** The progress line, if there is one; what is said goes above it. */
let progress: Progress | undefined;
let printed = 0;

/** Puts a diagnostic on standard error. */
export function say({ severity, code, message, at, help }: Diagnostic): void {
  const place = at === undefined ? '' : `${at.file}:${at.line}:${at.column}: `;
  const more = help === undefined ? '' : ` ${help}`;
  progress?.end();
  process.stderr.write(`${terminalText(`${place}${severity}: ${message}${more} [${code}]`)}\n`);
}

/** What `--source` can say. */
export function choices(sources: readonly JsonSource[]): string[] {
  return [...sources.map(({ name }) => name), ALERTS, CAPTURE];
}

/** What an input holds is not clear. */
export class Unrecognised extends CliError {
  constructor(message: string) {
    super(2, message);
  }
}

/** Plays inputs, each as what it is. */
export class Player {
  readonly #options: PlayerOptions;
  readonly #json = new Map<string, JsonReplay>();
  #captures: Replay | undefined;
  #alerts: AlertReplay | undefined;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  /** Plays one input; false: something in it was rejected. */
  async play(input: InputFile): Promise<boolean> {
    const given = this.#options.source;
    const peeked = await peek(
      input,
      (text) => given !== undefined || sniffJson(text, this.#options.sources).length > 0,
    );
    const name = given ?? this.#recognise(input, peeked);
    const bytes = watched(peeked.chunks, input);
    if (name === CAPTURE) return await this.#playCapture(bytes);
    const chunks = unpack(bytes);
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
    const found = sniffJson(text, this.#options.sources);
    if (found.length === 1) return found[0] as string;
    const what =
      found.length === 0
        ? `cannot tell what ${terminalText(input.name)} holds; say it with --source, one of ${choices(this.#options.sources).join(', ')}`
        : `${terminalText(input.name)} may hold events of ${found.join(' or ')}; say which with --source`;
    throw new Unrecognised(what);
  }

  async #playCapture(chunks: AsyncIterable<Uint8Array>): Promise<boolean> {
    const { hostname } = this.#options;
    this.#captures ??= new Replay({
      rules: this.#options.rules,
      settings: this.#options.settings,
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
        source: this.#options.sources.find((source) => source.name === name) as JsonSource,
        rules: this.#options.rules,
        settings: this.#options.settings,
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
      rules: this.#options.rules,
      settings: this.#options.settings,
      ...(hostname !== undefined && { hostname }),
      extra: new Map(this.#options.sources.map(({ name, extra }) => [name, extra])),
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
            if (timeless <= MAX_TOLD) say({ code: 'REPLAY_NO_TIME', severity: 'error', message, at });
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

/** Shows how far the input has been read, unless the alerts themselves go to the terminal. */
async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  input: InputFile,
): AsyncGenerator<Uint8Array, void, undefined> {
  const shown = process.stderr.isTTY === true && process.stdout.isTTY !== true;
  const line = new Progress('Replaying', input.sizeBytes, shown);
  progress = line;
  let done = 0;
  try {
    for await (const chunk of chunks) {
      yield chunk;
      done += chunk.length;
      line.update(done, `${printed} alerts`);
    }
  } finally {
    line.end();
    progress = undefined;
  }
}

function print(line: string): void {
  printed++;
  process.stdout.write(`${line}\n`);
}

function sayRejected(file: string, rejected: number, read: string): void {
  const message = `${file}: ${rejected} record${rejected === 1 ? ' was' : 's were'} rejected, ${read} read`;
  say({ code: 'REPLAY_REJECTED', severity: 'warning', message });
}
