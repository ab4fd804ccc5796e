// `yarak capture events`: the events of a capture, a line each, as sysdig and `falco -v` show them.

import { terminalText } from '../../base/escape/terminal.ts';
import type { ScapEvent } from '../../sources/scap/index.ts';
import { CaptureWalk } from '../../sources/scap/index.ts';
import { CliError } from '../error.ts';
import { compileFields, compileFilter, compileFormat } from './language.ts';
import { Output } from './output.ts';
import { captureBytes, exitCodeOf, reading, tell } from './source.ts';
import { parseRange, Window } from './time.ts';

export interface EventsOptions {
  readonly print?: string;
  readonly filter?: string;
  readonly rules?: readonly string[];
  readonly limit?: string;
  readonly from?: string;
  readonly to?: string;
  readonly around?: string;
  readonly format: string;
  readonly field?: readonly string[];
}

const DEFAULT_FORMAT = '%evt.num %evt.time %evt.cpu %proc.name (%thread.tid) %evt.dir %evt.type %evt.info';
const DEFAULT_FIELDS = [
  'evt.num',
  'evt.time',
  'evt.cpu',
  'proc.name',
  'thread.tid',
  'evt.dir',
  'evt.type',
  'evt.info',
];

/** A whole number that is not negative. Throws `CliError` 2. */
export function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new CliError(2, `${option}: expected a whole number, found ${terminalText(JSON.stringify(text))}`);
  return Number(text);
}

/** `text` or `json`. Throws `CliError` 2 for another word. */
export function isJson(format: string): boolean {
  if (format !== 'text' && format !== 'json')
    throw new CliError(2, `unknown format ${terminalText(JSON.stringify(format))}; there are text, json`);
  return format === 'json';
}

function writerOf(options: EventsOptions): (event: ScapEvent) => string {
  if (!isJson(options.format)) {
    if (options.field !== undefined)
      throw new CliError(2, '--field goes with --format json; for text use -p "%evt.num %proc.name"');
    const write = compileFormat(options.print ?? DEFAULT_FORMAT);
    return (event) => terminalText(write(event));
  }
  if (options.print !== undefined) throw new CliError(2, '-p goes with text; for JSON use --field');
  const fields = compileFields(options.field ?? DEFAULT_FIELDS);
  return (event) => {
    let line = '';
    for (const { key, json } of fields)
      line += `${line === '' ? '{' : ','}${JSON.stringify(key)}:${json(event)}`;
    return `${line}}`;
  };
}

/** Prints the events that the filter lets through. */
export async function run(path: string, filter: string | undefined, options: EventsOptions): Promise<number> {
  const write = writerOf(options);
  if (filter !== undefined && options.filter !== undefined)
    throw new CliError(2, 'one filter: as an argument, or with --filter');
  const condition = filter ?? options.filter;
  const passes = condition === undefined ? undefined : compileFilter(condition, options.rules ?? []);
  const limit = options.limit === undefined ? Number.MAX_SAFE_INTEGER : wholeNumber('--limit', options.limit);
  const window = new Window(parseRange(options));
  const output = new Output();
  let printed = 0;
  const walk: CaptureWalk = new CaptureWalk({
    after(_block, event) {
      if (event === undefined || !window.has(event.tsNs) || passes?.(event) === false) return;
      if (printed < limit) output.line(write(event));
      if (++printed >= limit) walk.stop();
    },
    pause: () => output.pause(),
  });
  const { diagnostics } = await reading(path, () => walk.run(captureBytes(path)));
  await output.pause();
  tell(diagnostics);
  return exitCodeOf(diagnostics);
}
