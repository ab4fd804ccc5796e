// Where our values differ from what Falco 0.44.1 dumped, and why. Each entry fits exactly the values that it explains,
// by what the dump says of the same event; a difference that none explains fails the test.

import type { Difference } from '../../scripts/compare-fields.ts';

export interface Explanation {
  readonly fields: RegExp;
  /** Whether this difference is one of the kind. */
  readonly fits: (difference: Difference) => boolean;
  readonly why: string;
}

/** Where a Linux process has its stack and libraries. */
function isAddress(text: string): boolean {
  const value = /^\d+$/.test(text) ? BigInt(text) : 0n;
  return value >= 0x7e00_0000_0000n && value < 0x8000_0000_0000n;
}

/** No execve was seen of this process after a clone that was seen: nothing sets its two durations. */
function hasNoDuration({ actual, row }: Difference): boolean {
  return actual === 'null' && !(row.has('proc.pid.ts') && row.has('proc.exe_ino.ctime'));
}

/** The directory of an openat2's real descriptor, as the event's own arguments name it. */
function directoryArgument({ type, row }: Difference): string | undefined {
  if (type !== 'openat2') return undefined;
  return / dirfd=\d+\(<d>([^)]+)\) /.exec(String(row.get('evt.args')))?.[1];
}

/** What each field says of that directory; undefined: a number of its own. */
const OF_DIRECTORY: Readonly<Record<string, (directory: string) => string | undefined>> = {
  'fd.name': (directory) => directory,
  'fd.nameraw': (directory) => directory,
  'fs.path.name': (directory) => directory,
  'fd.containername': (directory) => `:${directory}`,
  'fd.containerdirectory': (directory) => `:${directory}`,
  'fd.type': () => 'directory',
  'fd.typechar': () => 'd',
  'fd.dev': () => undefined,
  'fd.dev.minor': () => undefined,
  'fd.ino': () => undefined,
};

export const EXPLANATIONS: readonly Explanation[] = [
  {
    fields: /^proc\.exe_ino\.ctime_duration_proc_start$/,
    fits: (difference) => hasNoDuration(difference) && difference.expected === '9',
    why: 'Falco prints memory that was never set, and what forks inherit of it; we have no value.',
  },
  {
    fields: /^proc\.exe_ino\.ctime_duration_pidns_start$/,
    fits: (difference) => hasNoDuration(difference) && isAddress(difference.expected),
    why: 'The same for the memory beside it, which held an address.',
  },
  {
    fields:
      /^(fd\.(name|nameraw|containername|containerdirectory|type|typechar|dev|dev\.minor|ino)|fs\.path\.name)$/,
    fits: (difference) => {
      const directory = directoryArgument(difference);
      if (directory === undefined) return false;
      const shown = OF_DIRECTORY[difference.field]?.(directory);
      return shown === undefined || difference.expected === JSON.stringify(shown);
    },
    why: "Reading evt.abspath of a call with a directory descriptor makes Falco 0.44.1 take that directory for the event's descriptor from then on; the dumps read it first. Fixed in its development head.",
  },
  {
    fields: /^evt\.buffer$/,
    // The byte after the text is its NUL, which prints as a dot.
    fits: ({ expected, actual }) =>
      /^"(NULL|[0-9A-F]+)"$/.test(actual) && expected.startsWith(`${actual.slice(0, -1)}.`),
    why: 'For an empty or a non-buffer `data` Falco prints the text and what an earlier event left behind it.',
  },
];

export function explain(difference: Difference): Explanation | undefined {
  return EXPLANATIONS.find(({ fields, fits }) => fields.test(difference.field) && fits(difference));
}
