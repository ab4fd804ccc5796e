// Times on the command line: a date, nanoseconds or seconds since the epoch, or an offset from the capture's first
// event; and ranges around a time.

import { terminalText } from '../../base/escape/terminal.ts';
import { CliError } from '../error.ts';

/** Nanoseconds since the epoch, once the time of the first event is known. */
export type CaptureTime = (firstTsNs: bigint) => bigint;

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const DURATION = /^(\d{1,15})(?:\.(\d{1,9}))?(ns|us|ms|s|m|h)?$/;
/** Date and time; without an offset it is UTC, as event times print. */
const DATE = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/;
const EXPECTED = '2026-11-24T08:00:00.5Z, nanoseconds or seconds since 1970, or +1.5s after the first event';

/** `1.5s`, `200ms`, `3` (seconds) → nanoseconds; undefined when it is none. */
function durationNs(text: string): bigint | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const [, whole = '0', fraction = '', unit = 's'] = match;
  const scale = UNITS[unit] as bigint;
  return BigInt(whole) * scale + (BigInt(fraction.padEnd(9, '0')) * scale) / 1_000_000_000n;
}

function dateNs(text: string): bigint | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [, day = '', clock = '', fraction = '', zone = 'Z'] = match;
  const ms = Date.parse(`${day}T${clock}${zone}`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

function epochNs(text: string): bigint | undefined {
  if (/^\d{15,19}$/.test(text)) return BigInt(text);
  return /^\d{9,11}(\.\d{1,9})?$/.test(text) ? durationNs(text) : undefined;
}

function timeOf(text: string): CaptureTime | undefined {
  if (text.startsWith('+')) {
    const offset = durationNs(text.slice(1));
    return offset === undefined ? undefined : (first) => first + offset;
  }
  const fixed = dateNs(text) ?? epochNs(text);
  return fixed === undefined ? undefined : () => fixed;
}

/** A time given to `option`. Throws `CliError` 2 when it is none. */
export function parseTime(option: string, text: string): CaptureTime {
  const time = timeOf(text.trim());
  if (time === undefined)
    throw new CliError(
      2,
      `${option}: ${terminalText(JSON.stringify(text))} is no time; expected ${EXPECTED}`,
    );
  return time;
}

/** `TIME±DURATION` (or `TIME+-DURATION`): from and to. Throws `CliError` 2 when it is none. */
export function parseAround(text: string): { readonly from: CaptureTime; readonly to: CaptureTime } {
  const [, centre = '', width = ''] = /^(.*?)(?:±|\+-)\s*(.*)$/.exec(text.trim()) ?? [];
  const time = timeOf(centre.trim());
  const around = durationNs(width);
  if (time === undefined || around === undefined) {
    const found = terminalText(JSON.stringify(text));
    throw new CliError(
      2,
      `--around: ${found} is no range; expected TIME±DURATION, where TIME is ${EXPECTED}`,
    );
  }
  return { from: (first) => time(first) - around, to: (first) => time(first) + around };
}

/** The two ends of a range from the options. */
export function parseRange(options: {
  readonly from?: string;
  readonly to?: string;
  readonly around?: string;
}): { readonly from?: CaptureTime; readonly to?: CaptureTime } {
  if (options.around !== undefined) {
    if (options.from !== undefined || options.to !== undefined)
      throw new CliError(2, '--around does not go with --from and --to');
    return parseAround(options.around);
  }
  return {
    ...(options.from !== undefined && { from: parseTime('--from', options.from) }),
    ...(options.to !== undefined && { to: parseTime('--to', options.to) }),
  };
}

/** A range of times that becomes known with the first event. */
export class Window {
  readonly #from: CaptureTime | undefined;
  readonly #to: CaptureTime | undefined;
  #fromNs: bigint | undefined = undefined;
  #toNs = 0xffff_ffff_ffff_ffffn;

  constructor({ from, to }: { readonly from?: CaptureTime; readonly to?: CaptureTime }) {
    this.#from = from;
    this.#to = to;
  }

  /** Whether it is the whole capture. */
  get isAll(): boolean {
    return this.#from === undefined && this.#to === undefined;
  }

  /** The first call is with the first event's time. */
  has(tsNs: bigint): boolean {
    if (this.#fromNs === undefined) {
      this.#fromNs = this.#from?.(tsNs) ?? 0n;
      if (this.#to !== undefined) this.#toNs = this.#to(tsNs);
    }
    return tsNs >= this.#fromNs && tsNs <= this.#toNs;
  }
}
