// Falco's event table: what each event code is and which parameters it carries. Facts generated from the engine's
// own table; unpacked once, when this module loads (454 codes, about a millisecond).

import { EVENT_ROWS, FLAG_TABLE_ROWS, SYSCALL_NAME_ROWS } from './generated/events.ts';

/** Even codes are enter events (`E`), odd ones exit events (`X`). */
export type EventDirection = 'E' | 'X';

export type EventFlag =
  | 'CREATES_FD'
  | 'DESTROYS_FD'
  | 'USES_FD'
  | 'READS_FROM_FD'
  | 'WRITES_TO_FD'
  | 'MODIFIES_STATE'
  | 'UNUSED'
  | 'WAITS'
  | 'SKIPPARSERESET'
  | 'OLD_VERSION'
  | 'CONVERTER_MANAGED'
  | 'LARGE_PAYLOAD';

/** Named bits or values of one parameter, in the order in which Falco tries them. */
export interface FlagTable {
  readonly name: string;
  readonly entries: readonly (readonly [name: string, value: number])[];
}

export interface EventParam {
  readonly name: string;
  /** Wire type: `FD`, `CHARBUF`, `FLAGS32`, … */
  readonly type: string;
  /** `DEC`, `HEX`, `OCT` or `NA`. */
  readonly format: string;
  readonly flagTable?: FlagTable;
  /** FSRELPATH: the index of the parameter that holds the directory's descriptor. */
  readonly dirfdIndex?: number;
  /** DYN: the types that the leading variant byte chooses from. */
  readonly variants?: readonly string[];
}

export interface EventInfo {
  readonly code: number;
  readonly direction: EventDirection;
  readonly name: string;
  /** Low byte: what it does (`CATEGORY`); high bits: where it comes from (`CATEGORY_SOURCE`). */
  readonly category: number;
  readonly flags: ReadonlySet<EventFlag>;
  readonly params: readonly EventParam[];
}

/** Bits of `EventInfo.category` that tell where an event comes from. */
export const CATEGORY_SOURCE = { syscall: 0x200, tracepoint: 0x400, plugin: 0x800, meta: 0x1000 } as const;

function rows(text: string): string[] {
  return text.split('\n').filter((row) => row !== '');
}

export const FLAG_TABLES: ReadonlyMap<string, FlagTable> = new Map(
  rows(FLAG_TABLE_ROWS).map((row) => {
    const [name = '', ...entries] = row.split(' ');
    const table: FlagTable = {
      name,
      entries: entries.map((entry) => {
        const at = entry.lastIndexOf('=');
        return [entry.slice(0, at), Number(entry.slice(at + 1))] as const;
      }),
    };
    return [name, table];
  }),
);

function parseParam(text: string): EventParam {
  const match = /^([^:]*):([A-Z0-9_]+):([A-Z]+)(?:@(\w+))?(?:\^(\d+))?(?:\?(.+))?$/.exec(text);
  if (match === null) throw new Error(`Malformed row in the event table: ${text}`);
  const [, name = '', type = '', format = '', table, dirfd, variants] = match;
  const flagTable = table === undefined ? undefined : FLAG_TABLES.get(table);
  return {
    name,
    type,
    format,
    ...(flagTable && { flagTable }),
    ...(dirfd !== undefined && { dirfdIndex: Number(dirfd) }),
    ...(variants !== undefined && { variants: variants.split('+') }),
  };
}

/** The table, indexed by event code. */
export const EVENTS: readonly EventInfo[] = rows(EVENT_ROWS).map((row, code) => {
  const [direction, name = '', category, flags = '', ...params] = row.split(' ');
  return {
    code,
    direction: direction as EventDirection,
    name,
    category: Number(category),
    flags: new Set(flags.split('+').filter((flag) => flag !== '') as EventFlag[]),
    params: params.map(parseParam),
  };
});

/** Codes run from 0 to one less than this. */
export const EVENT_CODE_COUNT: number = EVENTS.length;

/** System call names by id (`ppm_sc`), as parameter 0 of a generic event holds them. */
export const SYSCALL_NAMES: readonly string[] = rows(SYSCALL_NAME_ROWS).flatMap((row) => row.split(' '));

/** The two generic events stand for every system call that has no event of its own. */
export const GENERIC_ENTER = 0;
export const GENERIC_EXIT = 1;

/** Events of plugins, and asynchronous ones (container metadata). */
export const PLUGIN_EVENT: number = codeNamed('pluginevent', 'E');
export const ASYNC_EVENT: number = codeNamed('asyncevent', 'E');

function codeNamed(name: string, direction: EventDirection): number {
  const event = EVENTS.find((e) => e.name === name && e.direction === direction);
  if (event === undefined) throw new Error(`The event table has no ${name}`);
  return event.code;
}

const codesByName = new Map<string, number[]>();
for (const event of EVENTS) {
  const codes = codesByName.get(event.name);
  if (codes === undefined) codesByName.set(event.name, [event.code]);
  else codes.push(event.code);
}
for (const name of SYSCALL_NAMES) {
  if (!codesByName.has(name)) codesByName.set(name, [GENERIC_ENTER, GENERIC_EXIT]);
}
// `syscall`, the generic events' own name, is a name that no event ever has at run time.
codesByName.set('syscall', []);

/**
 * The event codes behind a name in `evt.type = NAME`: enter and exit, all versions; the two generic codes for a
 * system call without an event of its own. `undefined`: not a name of any event.
 */
export function eventCodes(name: string): readonly number[] | undefined {
  return codesByName.get(name);
}

/** Every name that `evt.type` can have. */
export function eventNames(): Iterable<string> {
  return codesByName.keys();
}

/** Names of the parameters of all events: what may follow `evt.arg.` and `evt.rawarg.`, with the first one's type. */
export const PARAM_TYPES: ReadonlyMap<string, string> = new Map(
  EVENTS.flatMap((event) => event.params)
    .reverse()
    .map((param) => [param.name, param.type]),
);
