// Random conditions and random events for the engine: conditions use every operator and kind of field, and the fields
// of an event agree with each other as those of a real event do (a command line starts with the thread's name, …).

import fc from 'fast-check';
import type { Alert, FieldValue } from '../../src/alerts/index.ts';
import type { EventAccess } from '../../src/detect/engine/index.ts';
import { EVENTS, eventCodes, type Value } from '../../src/detect/fields/index.ts';
import { EventCodeInference, type Expr, parseCondition } from '../../src/detect/lang/index.ts';
import type { Rule } from '../../src/detect/rules/index.ts';

export interface ModelEvent {
  readonly code: number;
  readonly timeNs: bigint;
  readonly fields: ReadonlyMap<string, Value>;
}

/** Reads model events, with what a source knows per event code. */
export const modelAccess: EventAccess<ModelEvent> = {
  source: 'syscall',
  reader: (field, code) => {
    if (
      field.text === 'fd.name' &&
      code !== undefined &&
      !(EVENTS[code]?.name ?? '').match(/open|connect|read/)
    )
      return undefined;
    return (event) => event.fields.get(field.text);
  },
  constant: (field, code) =>
    field.text === 'evt.is_open_write' && !/^open/.test(EVENTS[code]?.name ?? '') ? false : undefined,
  timeNs: (event) => event.timeNs,
};

const TIME = 1_700_000_000_123_456_789n;
const exitCodes = (name: string): number[] => (eventCodes(name) ?? []).filter((code) => code % 2 === 1);
export const MODEL_CODES: readonly number[] = [
  'open',
  'openat',
  'execve',
  'connect',
  'clone',
  'read',
  'setuid',
].map((name) => exitCodes(name).at(-1) as number);

const COMMS = ['bash', 'sh', 'my proc', 'cat', 'BaSh', 'é', ''];
const WORDS = ['-c', '/etc/passwd', 'x y', 'sh', '--', 'a=b', ''];
const PATHS = [
  '/etc/passwd',
  '/etc',
  '/',
  '/home/eve/.ssh/id_rsa',
  '/tmp/é',
  '/usr/bin/bash',
  '/etc/pam.d/sudo',
];
const ADDRESSES = ['10.0.0.1', '192.168.1.7', '127.0.0.1', '::1', '2001:db8::5', '8.8.8.8'];
const PORTS = [22, 80, 443, 53124];
const INTEGERS = [-13, -2, -1, 0, 1, 2, 1000, 4294967295];

const pick = <T>(items: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...items);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 4 });

interface World {
  readonly code: number;
  readonly comm: string;
  readonly args: readonly string[];
  readonly parents: readonly string[];
  readonly kind: 'none' | 'file' | 'directory' | 'ipv4' | 'pipe';
  readonly path: string;
  readonly ends: readonly [string, string];
  readonly ports: readonly [number, number];
  readonly role: boolean;
  readonly res: number;
  readonly flags: string;
  readonly uid: number | undefined;
  readonly login: number | undefined;
  readonly ino: bigint | undefined;
  readonly buffer: string | undefined;
  readonly types: readonly string[] | undefined;
  readonly container: string | undefined;
  readonly num: number;
}

const world: fc.Arbitrary<World> = fc.record({
  code: pick(MODEL_CODES),
  comm: pick(COMMS),
  args: fc.array(pick(WORDS), { maxLength: 3 }),
  parents: fc.array(pick(COMMS), { maxLength: 4 }),
  kind: pick(['none', 'file', 'directory', 'ipv4', 'pipe'] as const),
  path: pick(PATHS),
  ends: fc.tuple(pick(ADDRESSES), pick(ADDRESSES)),
  ports: fc.tuple(pick(PORTS), pick(PORTS)),
  role: fc.boolean(),
  res: pick([-13, -2, 0, 5]),
  flags: pick(['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_RDWR|O_CREAT', 'O_WRONLY|O_TRUNC']),
  uid: maybe(pick([0, 1000, 4294967295])),
  login: maybe(pick([-1, 0, 1000])),
  ino: maybe(pick([5n, 9007199254740993n, 18446744073709551615n])),
  buffer: maybe(pick(['abc', 'xxabcx', '', 'é'])),
  types: maybe(fc.array(pick(['file', 'ipv4', 'pipe']), { minLength: 1, maxLength: 3 })),
  container: maybe(pick(['host', 'abc123def456'])),
  num: pick([1, 2, 77]),
});

function toEvent(w: World): ModelEvent {
  const fields = new Map<string, Value>();
  const set = (name: string, value: Value | undefined): void => {
    if (value !== undefined) fields.set(name, value);
  };
  const info = EVENTS[w.code];
  const type = info?.name ?? '';
  set('evt.type', type);
  set('evt.num', w.num);
  set('evt.rawres', w.res);
  set('evt.res', w.res >= 0 ? 'SUCCESS' : 'ENOENT');
  set('evt.failed', w.res < 0);
  const opens = /^open/.test(type);
  set('evt.is_open_write', opens && /O_WRONLY|O_RDWR/.test(w.flags));
  if (opens) set('evt.arg.flags', w.flags);
  if (info?.params.some((p) => p.name === 'res')) set('evt.rawarg.res', w.res);
  set('proc.name', w.comm);
  set('proc.args', w.args.join(' '));
  set('proc.cmdline', [w.comm, ...w.args].join(' '));
  set('proc.pname', w.parents[0]);
  set('proc.aname', w.parents);
  for (let i = 1; i <= 3; i++) set(`proc.aname[${i}]`, w.parents[i - 1]);
  if (/open|connect|read/.test(type) && w.kind !== 'none') {
    set('fd.type', w.kind);
    set('fd.typechar', { file: 'f', directory: 'd', ipv4: '4', pipe: 'p' }[w.kind]);
    const socket = w.kind === 'ipv4';
    const name = socket ? `${w.ends[0]}:${w.ports[0]}->${w.ends[1]}:${w.ports[1]}` : w.path;
    set('fd.name', w.kind === 'pipe' ? '' : name);
    if (w.kind === 'directory') set('fd.directory', name);
    if (w.kind === 'file') {
      const slash = name.lastIndexOf('/');
      set('fd.directory', slash === 0 ? '/' : name.slice(0, slash));
      set('fd.filename', name.slice(slash + 1) || '/');
    }
    set('fd.ip', socket ? w.ends : []);
    set('fd.net', socket ? w.ends : []);
    set('fd.port', socket ? w.ports : []);
    if (socket && w.role) {
      set('fd.cip', w.ends[0]);
      set('fd.sip', w.ends[1]);
      set('fd.snet', w.ends[1]);
      set('fd.sport', w.ports[1]);
    }
  }
  set('user.uid', w.uid);
  set('user.loginuid', w.login);
  set('proc.exe_ino', w.ino);
  set('evt.buffer', w.buffer === undefined ? undefined : new TextEncoder().encode(w.buffer));
  set('fd.types', w.types);
  set('container.id', w.container);
  set('container.name', w.container === 'host' ? 'host' : w.container && 'web');
  return { code: w.code, timeNs: TIME, fields };
}

export const anyEvent: fc.Arbitrary<ModelEvent> = world.map(toEvent);

const quote = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`;
const list = (items: fc.Arbitrary<string>, minLength = 0): fc.Arbitrary<string> =>
  fc.array(items, { minLength, maxLength: 4 }).map((all) => `(${all.join(', ')})`);

const TEXT_FIELDS = [
  'proc.name',
  'proc.args',
  'proc.cmdline',
  'proc.pname',
  'proc.aname',
  'proc.aname[2]',
  'fd.name',
  'fd.type',
  'fd.typechar',
  'fd.directory',
  'fd.filename',
  'evt.arg.flags',
  'evt.res',
  'container.id',
  'container.name',
];
const textConstant = pick([
  ...COMMS,
  ...WORDS,
  ...PATHS,
  'O_RDWR',
  'host',
  'ss',
  'f',
  '/etc/*',
  'b?sh',
  '*',
  '[a-c]*',
]).map(quote);
const regex = pick(['.*', '[a-z]+', '(a|b)*c?', '/etc/.*', 'bash|sh', '^x$', '.']).map(quote);
const join = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((texts) => texts.join(' '));
const modifier = pick(['oneof', 'anyof', 'allof']);
const textOp = pick(['=', '!=', 'contains', 'icontains', 'startswith', 'endswith', 'glob', 'iglob']);
const transformed = fc
  .tuple(
    pick(['tolower', 'toupper', 'basename', 'b64', 'tolower(basename']),
    pick(TEXT_FIELDS.filter((f) => f !== 'proc.aname' && f !== 'proc.aname[2]')),
  )
  .map(([name, field]) => `${name}(${field})${name.includes('(') ? ')' : ''}`);
const textField = pick(TEXT_FIELDS);
const textLeaf = fc.oneof(
  join(textField, textOp, textConstant),
  join(transformed, textOp, textConstant),
  join(textField, pick(['<', '<=', '>', '>=']), pick(['5', '0', '-1'])),
  join(textField, pick(['in', 'intersects', 'pmatch']), list(textConstant)),
  join(
    textField,
    pick(['=', '!=', 'contains', 'startswith', 'endswith', 'glob']),
    modifier,
    list(textConstant),
  ),
  join(textField, pick(['regex']), regex),
  join(textField, pick(['=', '!=', 'contains', 'startswith']), transformed),
  join(textField, pick(['exists'])),
);
const integer = pick(INTEGERS.map(String));
const integerLeaf = fc.oneof(
  join(
    pick(['evt.rawres', 'user.loginuid', 'evt.rawarg.res']),
    pick(['=', '!=', '<', '<=', '>', '>=']),
    integer,
  ),
  join(pick(['evt.rawres', 'user.loginuid', 'user.uid']), pick(['in', 'intersects']), list(integer)),
  join(pick(['user.uid']), pick(['=', '!=', '<', '>=']), integer),
  join(pick(['evt.num']), pick(['=', '!=', '<', '<=', '>', '>=']), pick(['0', '1', '2', '77'])),
  join(
    pick(['proc.exe_ino']),
    pick(['=', '!=', '<', '>=']),
    pick(['5', '9007199254740993', '9007199254740992']),
  ),
  join(pick(['proc.exe_ino']), pick(['in']), list(pick(['5', '9007199254740993']))),
  join(pick(['evt.rawres']), pick(['=', '!=']), modifier, list(integer)),
  join(pick(['len(proc.name)', 'len(fd.types)']), pick(['=', '<', '>']), pick(['0', '2', '4'])),
  join(pick(['fd.sport', 'fd.port']), pick(['=', '!=', '<', '>=']), pick(PORTS.map(String))),
  join(pick(['fd.sport', 'fd.port']), pick(['in']), list(pick(PORTS.map(String)))),
);
const boolLeaf = join(pick(['evt.is_open_write', 'evt.failed']), pick(['=', '!=']), pick(['true', 'false']));
const address = pick(ADDRESSES).map(quote);
const network = pick(['10.0.0.0/8', '192.168.0.0/16', '0.0.0.0/0', '2001:db8::/32', '::1/128']).map(quote);
const addressLeaf = fc.oneof(
  join(pick(['fd.sip', 'fd.cip', 'fd.ip']), pick(['=', '!=']), address),
  join(pick(['fd.sip', 'fd.cip', 'fd.ip']), pick(['in']), list(address)),
  join(pick(['fd.net', 'fd.snet']), pick(['=', '!=']), network),
  join(pick(['fd.net', 'fd.snet']), pick(['in']), list(network, 1)),
  join(pick(['fd.ip', 'fd.sip', 'fd.port']), pick(['exists'])),
);
const listLeaf = join(pick(['fd.types']), pick(['in', 'intersects']), list(pick(['file', 'ipv4', 'pipe'])));
const bytesLeaf = fc.oneof(
  join(
    pick(['evt.buffer']),
    pick(['=', '!=', 'contains', 'startswith', 'endswith']),
    pick(['abc', 'x', 'é']).map(quote),
  ),
  join(pick(['evt.buffer']), pick(['bcontains', 'bstartswith']), pick(['6162', '78', 'c3a9'])),
);
const typeLeaf = fc.oneof(
  join(pick(['evt.type']), pick(['=', '!=']), pick(['open', 'openat', 'execve', 'connect', 'read'])),
  join(pick(['evt.type']), pick(['in']), list(pick(['open', 'openat', 'execve', 'clone']), 1)),
);
const leaf = fc.oneof(
  { weight: 5, arbitrary: textLeaf },
  { weight: 3, arbitrary: integerLeaf },
  { weight: 1, arbitrary: boolLeaf },
  { weight: 2, arbitrary: addressLeaf },
  { weight: 1, arbitrary: listLeaf },
  { weight: 1, arbitrary: bytesLeaf },
  { weight: 3, arbitrary: typeLeaf },
);

/** Conditions that the checker accepts. */
export const anyCondition: fc.Arbitrary<string> = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc
      .tuple(pick(['and', 'or']), fc.array(tie('tree'), { minLength: 2, maxLength: 4 }))
      .map(([op, items]) => `(${items.join(` ${op} `)})`),
    tie('tree').map((item) => `not (${item})`),
  ),
})).tree;

export function parsed(condition: string): Expr {
  const { expr, error } = parseCondition(condition);
  if (expr === undefined) throw new Error(`${condition}: ${error.message}`);
  return expr;
}

const inference = new EventCodeInference();

/** A rule with this condition. */
export function modelRule(condition: string, index: number): Rule {
  const expr = parsed(condition);
  return {
    index,
    name: `rule ${index}`,
    source: 'syscall',
    priority: 'Notice',
    desc: '',
    tags: [],
    output: 'x',
    enabled: true,
    capture: false,
    captureDurationMs: 0,
    condition: expr,
    compiled: '',
    conditionText: condition,
    exceptions: [],
    eventCodes: inference.codes(expr),
    at: { file: 'model.yaml', from: 0, to: 0, line: 1, column: 1 },
  };
}

/** Fields that an output can print with the value that conditions see. */
const UNPRINTABLE = new Set(['proc.aname', 'fd.ip', 'fd.net', 'fd.snet', 'fd.port', 'evt.buffer']);
const PRINTED = [
  ...TEXT_FIELDS,
  'proc.aname[1]',
  'proc.aname[3]',
  'evt.type',
  'evt.num',
  'evt.rawres',
  'evt.failed',
  'evt.is_open_write',
  'evt.rawarg.res',
  'user.uid',
  'user.loginuid',
  'proc.exe_ino',
  'fd.types',
  'fd.sip',
  'fd.cip',
  'fd.sport',
];

/** An alert about the event that prints some of its fields. */
export function modelAlert(event: ModelEvent, isPrinted: (field: string) => boolean): Alert {
  const fields = new Map<string, FieldValue>();
  for (const name of PRINTED) {
    if (!isPrinted(name)) continue;
    if (UNPRINTABLE.has(name)) continue;
    fields.set(name, (event.fields.get(name) ?? null) as FieldValue);
  }
  return {
    ref: { file: 'model', line: 1 },
    rule: 'model',
    priority: 'Notice',
    source: 'syscall',
    timeNs: event.timeNs,
    hostname: undefined,
    tags: [],
    output: '',
    fields,
    fieldsFrom: 'json',
    raw: '',
  };
}
