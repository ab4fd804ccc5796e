// Event times as Falco prints them. Nanoseconds since 1970 do not fit a double, so times are bigints. Where Falco says
// "local time" we say UTC: what a capture gives must not depend on who replays it, and Falco's image runs in UTC.

const SECOND = 1_000_000_000n;

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function parts(timeNs: bigint): { readonly date: Date; readonly nanoseconds: string } {
  return {
    date: new Date(Number(timeNs / 1_000_000n)),
    nanoseconds: String(timeNs % SECOND).padStart(9, '0'),
  };
}

/** `17:57:42`. */
function clock(date: Date): string {
  return `${pad(date.getUTCHours(), 2)}:${pad(date.getUTCMinutes(), 2)}:${pad(date.getUTCSeconds(), 2)}`;
}

function day(date: Date): string {
  return `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}`;
}

/** `2016-08-04T16:17:57.881785348` followed by `zone`, UTC. */
export function isoTime(timeNs: bigint, zone: 'Z' | '+0000'): string {
  const { date, nanoseconds } = parts(timeNs);
  return `${date.toISOString().slice(0, 19)}.${nanoseconds}${zone}`;
}

/** Texts of the fields that the event's time alone decides. */
export const TIME_TEXTS: Readonly<Record<string, (timeNs: bigint) => string>> = {
  'evt.time': (t) => `${clock(parts(t).date)}.${parts(t).nanoseconds}`,
  'evt.time.s': (t) => clock(parts(t).date),
  'evt.time.iso8601': (t) => isoTime(t, '+0000'),
  'evt.datetime': (t) => `${day(parts(t).date)} ${clock(parts(t).date)}.${parts(t).nanoseconds}`,
  'evt.datetime.s': (t) => `${day(parts(t).date)} ${clock(parts(t).date)}`,
};

/** Integers that the event's time alone decides. */
export const TIME_NUMBERS: Readonly<Record<string, (timeNs: bigint) => bigint>> = {
  'evt.rawtime': (t) => t,
  'evt.rawtime.s': (t) => t / SECOND,
  'evt.rawtime.ns': (t) => t % SECOND,
};
