// What one field of an alert says about another: only what holds for every event, whoever wrote the values. Where a
// relation leaves a choice, the knowledge says so (`one-of`), and the evaluator answers only if all choices agree.
// Field meanings: falco-engine-spec 4.1. `derive.test.ts` checks each rule against recorded events.

import type { FieldRef, Value } from '../fields/index.ts';
import { ABSENT, type AlertFacts, type Knowledge, known } from './knowledge.ts';
import { parseAddress } from './ops/ip.ts';

type Rule = (facts: AlertFacts, ref: FieldRef) => Knowledge | undefined;

/** Knowledge about a field that the alert does not print (or prints in a form that conditions do not see). */
export function derive(ref: FieldRef, facts: AlertFacts): Knowledge | undefined {
  return RULES[ref.def.name]?.(facts, ref);
}

const OPEN_EVENTS = new Set(['open', 'openat', 'openat2', 'open_by_handle_at']);
const OPEN_EXEC_EVENTS = new Set(['open', 'openat', 'openat2', 'creat']);

/** `evt.is_open_read` and `_write`: from the printed flags; false for any event that opens nothing. */
function openMode(flag: 'O_RDONLY' | 'O_WRONLY'): Rule {
  return (facts) => {
    const type = facts.text('evt.type');
    if (type === undefined) return undefined;
    if (!OPEN_EVENTS.has(type)) return known(false);
    const flags = facts.text('evt.arg.flags')?.split('|');
    return flags === undefined ? undefined : known(flags.includes(flag) || flags.includes('O_RDWR'));
  };
}

const TYPE_CHARS: Readonly<Record<string, string>> = {
  file: 'f',
  directory: 'd',
  ipv4: '4',
  ipv6: '6',
  unix: 'u',
  pipe: 'p',
  event: 'e',
  signalfd: 's',
  eventpoll: 'l',
  inotify: 'i',
  timerfd: 't',
  netlink: 'n',
  memfd: 'm',
  bpf: 'b',
  userfaultfd: 'u',
  io_uring: 'r',
  pidfd: 'P',
};

/**
 * `fd.directory` and `fd.filename` from `fd.name`. A failed open, and any openat2, takes the two from its path, and its
 * name possibly from the directory that it started in, so nothing is certain unless the open is known to have succeeded.
 */
function pathPart(part: 'directory' | 'filename'): Rule {
  return (facts) => {
    const name = facts.text('fd.name');
    const event = facts.text('evt.type');
    if (name === undefined || name === '' || event === undefined) return undefined;
    if (event === 'openat2' || event === 'open_by_handle_at') return undefined;
    if (/^(?:open|openat|creat)$/.test(event) && facts.text('evt.res') !== 'SUCCESS') return undefined;
    const slash = name.lastIndexOf('/');
    const directory = slash <= 0 ? '/' : slash === name.length - 1 ? name : name.slice(0, slash);
    const ofFile: Value = part === 'directory' ? directory : name.slice(slash + 1) || '/';
    const ofDirectory: Value | undefined = part === 'directory' ? name : undefined;
    const type = facts.text('fd.type');
    if (type === 'file') return known(ofFile);
    if (type === 'directory') return ofDirectory === undefined ? ABSENT : known(ofDirectory);
    if (type !== undefined && type in TYPE_CHARS) return ABSENT;
    return { kind: 'one-of', values: [ofFile, ofDirectory, undefined] };
  };
}

interface Ends {
  readonly source: readonly [ip: string, port: number];
  readonly destination: readonly [ip: string, port: number];
}

const END = /^(.*):([0-9]{1,5})$/;

/** The ends in `10.0.0.1:4000->10.0.0.2:80`, if the alert says that this is a socket's name. */
function socketEnds(facts: AlertFacts): Ends | undefined {
  const type = facts.text('fd.type');
  const l4 = facts.text('fd.l4proto');
  if (type !== 'ipv4' && type !== 'ipv6' && l4 !== 'tcp' && l4 !== 'udp') return undefined;
  const parts = facts.text('fd.name')?.split('->');
  if (parts?.length !== 2) return undefined;
  const [source, destination] = parts.map((part) => {
    const match = END.exec(part);
    return match !== null && parseAddress(match[1] as string) !== undefined
      ? ([match[1] as string, Number(match[2])] as const)
      : undefined;
  });
  return source === undefined || destination === undefined ? undefined : { source, destination };
}

/** Both ends, for fields whose conditions look at either: from the name, or from two printed ends. */
function bothEnds(index: 0 | 1): Rule {
  const suffix = index === 0 ? 'ip' : 'port';
  return (facts) => {
    const ends = socketEnds(facts);
    if (ends !== undefined) return known([ends.source[index], ends.destination[index]] as string[]);
    for (const [a, b] of [
      ['l', 'r'],
      ['c', 's'],
    ] as const) {
      const one = facts.alert.fields.get(`fd.${a}${suffix}`);
      const other = facts.alert.fields.get(`fd.${b}${suffix}`);
      const values = [one, other].filter((v) => v !== undefined && v !== null) as string[];
      if (values.length === 2) return known(index === 0 ? values : values.map(Number));
      if (values.length === 1) return { kind: 'some-of', values: index === 0 ? values : values.map(Number) };
    }
    return undefined;
  };
}

/** The client is the source and the server the destination, but a socket without a role has neither. */
function oneEnd(end: keyof Ends | 'either', index: 0 | 1): Rule {
  return (facts) => {
    const ends = socketEnds(facts);
    if (ends === undefined) return undefined;
    const values = end === 'either' ? [ends.source[index], ends.destination[index]] : [ends[end][index]];
    return { kind: 'one-of', values: [...values, undefined] };
  };
}

/** A network field tests the address that the end's own field prints; nothing to test where that has no value. */
function endNetwork(end: 's' | 'c' | 'l' | 'r', fallback: Rule): Rule {
  return (facts, ref) => {
    const printed = facts.alert.fields.get(`fd.${end}ip`);
    if (typeof printed === 'string') return known(printed);
    return printed === null ? ABSENT : fallback(facts, ref);
  };
}

/** The longest name that the kernel keeps for a thread. */
const COMM_BYTES = 15;

/** A command line is the thread's name, then the arguments; names may hold blanks, so there may be a choice. */
function nameFromCmdline(cmdline: string | undefined, args?: string): Knowledge | undefined {
  if (cmdline === undefined) return undefined;
  if (args !== undefined && args !== '' && cmdline.endsWith(` ${args}`))
    return known(cmdline.slice(0, -args.length - 1));
  const values: string[] = [];
  for (let at = cmdline.indexOf(' '); ; at = cmdline.indexOf(' ', at + 1)) {
    const name = at < 0 ? cmdline : cmdline.slice(0, at);
    // Sanitising may have made one byte into three.
    if (name.length > COMM_BYTES) break;
    values.push(name);
    if (at < 0) break;
  }
  if (values.length === 0) return undefined;
  return values.length === 1 ? known(values[0] as string) : { kind: 'one-of', values };
}

function parentName(facts: AlertFacts, direct: string): Knowledge | undefined {
  const printed = facts.alert.fields.get(direct);
  if (typeof printed === 'string') return known(printed);
  if (printed === null) return ABSENT;
  return nameFromCmdline(facts.text('proc.pcmdline'));
}

const MAX_PRINTED_ANCESTORS = 32;

/** `proc.aname` and its like without argument: the ancestors that the alert prints by number. */
const ancestors: Rule = ({ alert }, ref) => {
  const { name } = ref.def;
  const values: string[] = [];
  let gap = false;
  for (let i = 1; i <= MAX_PRINTED_ANCESTORS; i++) {
    let printed = alert.fields.get(`${name}[${i}]`);
    if (i === 1 && name === 'proc.aname') printed ??= alert.fields.get('proc.pname');
    // No ancestor at this distance: there are none beyond it either.
    if (printed === null && !gap) return known(values);
    if (printed === null) break;
    if (typeof printed === 'string') values.push(printed);
    else gap = true;
  }
  return values.length === 0 ? undefined : { kind: 'some-of', values };
};

const timePart =
  (of: (timeNs: bigint) => bigint): Rule =>
  ({ alert }) => {
    if (alert.timeNs === undefined) return undefined;
    const value = of(alert.timeNs);
    return known(value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value);
  };

/** `host` is what Falco calls "no container"; no container has that id. */
const hostEntry: Rule = (facts) => (facts.text('container.id') === 'host' ? known('host') : undefined);

const RULES: Readonly<Record<string, Rule>> = {
  'evt.num': () => ({ kind: 'range', min: 1 }),
  'evt.source': ({ alert }) => known(alert.source),
  'evt.rawtime': timePart((t) => t),
  'evt.rawtime.s': timePart((t) => t / 1_000_000_000n),
  'evt.rawtime.ns': timePart((t) => t % 1_000_000_000n),
  'evt.is_open_read': openMode('O_RDONLY'),
  'evt.is_open_write': openMode('O_WRONLY'),
  'evt.is_open_exec': (facts) => {
    const type = facts.text('evt.type');
    return type === undefined || OPEN_EXEC_EVENTS.has(type) ? undefined : known(false);
  },
  'evt.res': (facts) => {
    const raw = facts.alert.fields.get('evt.rawres');
    return typeof raw === 'number' && raw >= 0 ? known('SUCCESS') : undefined;
  },
  'evt.rawres': (facts) => {
    const res = facts.text('evt.res');
    if (res === undefined) return undefined;
    return res === 'SUCCESS' ? { kind: 'range', min: 0 } : { kind: 'range', max: -1 };
  },
  'evt.failed': (facts) => {
    const res = facts.text('evt.res');
    return res === undefined ? undefined : known(res !== 'SUCCESS');
  },
  'fd.directory': pathPart('directory'),
  'fd.filename': pathPart('filename'),
  'fd.typechar': (facts) => {
    const char = TYPE_CHARS[facts.text('fd.type') ?? ''];
    return char === undefined ? undefined : known(char);
  },
  'fd.ip': bothEnds(0),
  'fd.net': bothEnds(0),
  'fd.port': bothEnds(1),
  'fd.cip': oneEnd('source', 0),
  'fd.sip': oneEnd('destination', 0),
  'fd.lip': oneEnd('either', 0),
  'fd.rip': oneEnd('either', 0),
  'fd.cport': oneEnd('source', 1),
  'fd.sport': oneEnd('destination', 1),
  'fd.lport': oneEnd('either', 1),
  'fd.rport': oneEnd('either', 1),
  'fd.cnet': endNetwork('c', oneEnd('source', 0)),
  'fd.snet': endNetwork('s', oneEnd('destination', 0)),
  'fd.lnet': endNetwork('l', oneEnd('either', 0)),
  'fd.rnet': endNetwork('r', oneEnd('either', 0)),
  'proc.name': (facts) => nameFromCmdline(facts.text('proc.cmdline'), facts.text('proc.args')),
  'proc.pname': (facts) => parentName(facts, 'proc.aname[1]'),
  'proc.cmdline': (facts) => {
    const name = facts.text('proc.name');
    const args = facts.text('proc.args');
    return name === undefined || args === undefined || args === '' ? undefined : known(`${name} ${args}`);
  },
  'proc.args': (facts, ref) => {
    const name = facts.text('proc.name');
    const cmdline = facts.text('proc.cmdline');
    if (ref.arg !== undefined || name === undefined || cmdline === undefined) return undefined;
    if (cmdline === name) return known('');
    return cmdline.startsWith(`${name} `) ? known(cmdline.slice(name.length + 1)) : undefined;
  },
  'proc.aname': (facts, ref) =>
    ref.arg === undefined
      ? ancestors(facts, ref)
      : ref.arg === '1'
        ? parentName(facts, 'proc.pname')
        : undefined,
  'proc.aexe': (facts, ref) => (ref.arg === undefined ? ancestors(facts, ref) : undefined),
  'proc.aexepath': (facts, ref) => (ref.arg === undefined ? ancestors(facts, ref) : undefined),
  'proc.acmdline': (facts, ref) => (ref.arg === undefined ? ancestors(facts, ref) : undefined),
  'container.name': hostEntry,
  'container.full_id': hostEntry,
  'jevt.rawtime': ({ alert }) => (alert.timeNs === undefined ? undefined : known(String(alert.timeNs))),
  'json.rawtime': ({ alert }) => (alert.timeNs === undefined ? undefined : known(String(alert.timeNs))),
};

/** Fields that have a rule here. */
export const DERIVED_FIELDS: readonly string[] = Object.keys(RULES);
