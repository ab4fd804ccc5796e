// Where our values are known to differ from what Falco 0.44.1 dumped, and why. A difference that no entry explains
// fails the test, once there are more than a handful.

import type { Difference } from '../../scripts/compare-fields.ts';

export interface Explanation {
  readonly fields: RegExp;
  /** Whether this difference is one of the kind. */
  readonly fits: (difference: Difference) => boolean;
  readonly why: string;
  /** `kept`: ours is right or more useful. `open`: Falco's is right, ours is not yet. */
  readonly status: 'kept' | 'open';
}

/** We have no value where Falco shows one. */
const isAbsentHere = ({ actual }: Difference): boolean => actual === 'null';

export const EXPLANATIONS: readonly Explanation[] = [
  {
    fields: /^evt\.hostname$/,
    fits: ({ expected }) => expected === '""',
    why: "A replaying Falco has no machine information and prints an empty name; we print the capture's own.",
    status: 'kept',
  },
  {
    fields: /^proc\.exe_ino\.ctime_duration_(proc|pidns)_start$/,
    fits: isAbsentHere,
    why: 'For processes older than the capture Falco prints memory that was never set (9, addresses); we have no value.',
    status: 'kept',
  },
  {
    fields:
      /^(fd\.(name|nameraw|type|typechar|directory|containername|containerdirectory|dev|dev\.minor|ino|filename|is_.*)|fs\.path\.name)$/,
    fits: ({ type }) => /at2?$/.test(type),
    why: "Reading evt.abspath of a call with a directory descriptor makes Falco 0.44.1 take that directory for the event's descriptor from then on; the dumps read it first. Fixed in its development head.",
    status: 'kept',
  },
  {
    fields: /^evt\.buffer$/,
    fits: ({ expected, actual }) => expected.startsWith(actual.slice(0, -1)),
    why: 'For an empty or a non-buffer `data` Falco prints the text and what an earlier event left behind it.',
    status: 'kept',
  },
  {
    fields: /^proc\.(fdopencount|fdusage)$/,
    fits: () => true,
    why: 'A few clones and execs leave one or two descriptors more in our table.',
    status: 'open',
  },
  {
    fields:
      /^(fd\.(name|containername|name_changed|is_server|rip|rport|rproto|sip|sport|sproto)|evt\.(arg\[2\]|args|info))$/,
    fits: ({ type, num }) => type === 'sendto' && num === 210,
    why: 'A datagram sent elsewhere on a connected IPv6 socket: Falco takes over the new destination, we keep the old.',
    status: 'open',
  },
];

export function explain(difference: Difference): Explanation | undefined {
  return EXPLANATIONS.find(({ fields, fits }) => fields.test(difference.field) && fits(difference));
}
