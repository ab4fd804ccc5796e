// `yarak capture cut`: a part of a capture as a capture of its own.

import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { terminalText } from '../../base/escape/terminal.ts';
import { type CutSummary, cutCapture, type EventSelector } from '../../sources/scap/index.ts';
import { CliError, systemError } from '../error.ts';
import { AtomicFile } from './atomic-file.ts';
import { isJson } from './events.ts';
import { compileFilter } from './language.ts';
import { allOf, ofContainer, ofProcess } from './select.ts';
import { exitCodeOf, reading, tell, watchedBytes } from './source.ts';
import { parseRange } from './time.ts';

export interface CutCommandOptions {
  readonly out?: string;
  readonly from?: string;
  readonly to?: string;
  readonly around?: string;
  readonly process?: string;
  readonly container?: string;
  readonly filter?: string;
  readonly rules?: readonly string[];
  readonly state: string;
  /** `undefined`: as the name of the output or the input says. */
  readonly gzip?: boolean;
  readonly force?: boolean;
  readonly format: string;
}

function selectionOf(options: CutCommandOptions): (() => EventSelector) | undefined {
  const makers: (() => EventSelector)[] = [];
  if (options.process !== undefined) makers.push(ofProcess(options.process));
  if (options.container !== undefined) makers.push(ofContainer(options.container));
  if (options.filter !== undefined) {
    const { filter, rules = [] } = options;
    // Said once what is wrong with it; a run gets a test of its own.
    compileFilter(filter, rules);
    makers.push(() => compileFilter(filter, rules));
  }
  return allOf(makers);
}

function stateOf(state: string): 'snapshot' | 'events' {
  if (state !== 'snapshot' && state !== 'events')
    throw new CliError(2, `--state is snapshot or events, not ${terminalText(JSON.stringify(state))}`);
  return state;
}

function startsAsGzip(path: string): boolean {
  if (path === '-') return false;
  try {
    const file = openSync(path, 'r');
    try {
      const head = Buffer.alloc(2);
      return readSync(file, head, 0, 2, 0) === 2 && head[0] === 0x1f && head[1] === 0x8b;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw systemError(`cannot read ${terminalText(path)}`, error);
  }
}

/** Writes the cut. Exit code 1 when the capture is damaged: what was whole is in the cut. */
export async function run(path: string, options: CutCommandOptions): Promise<number> {
  const json = isJson(options.format);
  const { out } = options;
  if (out === undefined) throw new CliError(2, 'name the file to write: -o OUT.scap');
  const range = parseRange(options);
  const select = selectionOf(options);
  const state = stateOf(options.state);
  const mayReplace = options.force === true;
  if (!mayReplace && existsSync(out))
    throw new CliError(2, `${terminalText(out)} is there already; --force replaces it`);
  const isGzip = options.gzip ?? (out.endsWith('.gz') || startsAsGzip(path));
  const file = new AtomicFile(out, isGzip, mayReplace);
  let summary: CutSummary;
  try {
    summary = await reading(path, () =>
      cutCapture(opener(path), { ...range, ...(select !== undefined && { select }), state }, file),
    );
    await file.finish();
  } catch (error) {
    await file.abandon();
    throw error;
  }
  report(out, summary, json);
  tell(summary.diagnostics);
  return exitCodeOf(summary.diagnostics);
}

/** Standard input can be read once. */
function opener(path: string): () => AsyncIterable<Uint8Array> | undefined {
  let isFirst = true;
  return () => {
    if (path !== '-') return watchedBytes(path);
    const chunks = isFirst ? watchedBytes(path) : undefined;
    isFirst = false;
    return chunks;
  };
}

function report(out: string, summary: CutSummary, json: boolean): void {
  const { kept, stateOnly, dropped, written, agesLost } = summary;
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ out, kept, stateOnly, dropped, uncompressedBytes: written, agesLost })}\n`,
    );
    return;
  }
  const hidden = stateOnly === 0 ? '' : `, ${stateOnly} more for the state only`;
  process.stdout.write(`${terminalText(out)}: ${kept} events${hidden}; ${dropped} left out\n`);
  if (agesLost > 0)
    process.stdout.write(
      `${agesLost} processes started earlier in the capture: their age (proc.duration) is not known in the cut; --state events keeps it\n`,
    );
}
