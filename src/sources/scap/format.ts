// Numbers of the capture format: block types, limits, and what the event table says of each code, laid out for the hot
// loop. Facts: libs userspace/libscap/scap_savefile.h.

import { EVENT_CODE_COUNT, EVENTS } from '../../detect/fields/index.ts';

export const SECTION_HEADER = 0x0a0d0d0a;
export const SECTION_MAGIC = 0x1a2b3c4d;
/** The newest layout that we read: a greater major version is refused. */
export const MAX_MAJOR_VERSION = 1;

/** Blocks larger than this are refused; the largest that are written are process lists of some megabytes. */
export const MAX_BLOCK_BYTES = 128 * 1024 * 1024;

export const BLOCK_MACHINE: ReadonlySet<number> = new Set([0x201, 0x8002abcd]);

/** Process list block → version of its entries. */
export const BLOCK_PROCESSES: ReadonlyMap<number, number> = new Map([
  [0x202, 1],
  [0x207, 2],
  [0x209, 3],
  [0x210, 4],
  [0x211, 5],
  [0x212, 6],
  [0x213, 7],
  [0x214, 8],
  [0x215, 9],
  // The writer's internal types carry the entries of their time.
  [0x8000abcd, 1],
  [0x8013abcd, 2],
  [0x8014abcd, 3],
]);

/** Blocks in two versions: the second gives each entry a length. */
export const BLOCK_FDS: ReadonlyMap<number, number> = new Map([
  [0x203, 1],
  [0x218, 2],
  [0x8001abcd, 1],
]);
export const BLOCK_INTERFACES: ReadonlyMap<number, number> = new Map([
  [0x205, 1],
  [0x219, 2],
  [0x8011abcd, 1],
]);
export const BLOCK_USERS: ReadonlyMap<number, number> = new Map([
  [0x206, 1],
  [0x220, 2],
  [0x8012abcd, 1],
]);

export const EVENT_V1 = 0x204;
export const EVENT_V1_FLAGS = 0x208;
export const EVENT_V1_INTERNAL = 0x8010abcd;
export const EVENT_V2 = 0x216;
export const EVENT_V2_FLAGS = 0x217;
export const EVENT_LARGE = 0x221;
export const EVENT_LARGE_FLAGS = 0x222;

/** How an event block is laid out: where its event header starts, behind the block's header, the cpu and flags. */
export const EventLayout = { header: 0x0f, v2: 0x10 } as const;
const PLAIN_HEADER = 10;
export const FLAGS_HEADER = 14;

/** The layout of an event block: bits of `EventLayout`; 0 when a block holds no event. */
export function eventLayout(type: number): number {
  switch (type) {
    case EVENT_V2:
    case EVENT_LARGE:
      return PLAIN_HEADER | EventLayout.v2;
    case EVENT_V2_FLAGS:
    case EVENT_LARGE_FLAGS:
      return FLAGS_HEADER | EventLayout.v2;
    case EVENT_V1:
    case EVENT_V1_INTERNAL:
      return PLAIN_HEADER;
    case EVENT_V1_FLAGS:
      return FLAGS_HEADER;
    default:
      return 0;
  }
}

/** Whether a block holds an event. */
export function isEventBlock(type: number): boolean {
  return eventLayout(type) !== 0;
}

/** What the converter does with a code before it looks at the parameters (spec 5.3). */
export const Fate = { pass: 0, passIfComplete: 1, convert: 2, drop: 3 } as const;

/** By event code: parameters in the table, whether lengths are u32, `Fate`. */
export const PARAM_COUNT = new Uint8Array(EVENT_CODE_COUNT);
export const IS_WIDE = new Uint8Array(EVENT_CODE_COUNT);
export const FATE = new Uint8Array(EVENT_CODE_COUNT);

for (const { code, direction, flags, params } of EVENTS) {
  PARAM_COUNT[code] = params.length;
  IS_WIDE[code] = flags.has('LARGE_PAYLOAD') ? 1 : 0;
  const isOld = flags.has('OLD_VERSION');
  if (flags.has('UNUSED')) FATE[code] = Fate.drop;
  else if (!flags.has('CONVERTER_MANAGED')) FATE[code] = isOld && direction === 'E' ? Fate.drop : Fate.pass;
  else FATE[code] = direction === 'E' || isOld ? Fate.convert : Fate.passIfComplete;
}
