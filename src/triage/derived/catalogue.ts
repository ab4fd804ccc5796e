// The derived fields: what conditions in knowledge packs may ask beside Falco's own fields. Each is computed from one
// alert's view and is `undefined` (unknown) when what it rests on was not printed. docs/knowledge.md shows this table. Longer than
// a file should be, because it is a table.

import type { FieldValue } from '../../alerts/index.ts';
import type { ParsedCommandLine } from '../shell/types.ts';
import {
  commandNames,
  commandText,
  commandTexts,
  decodedIsRun,
  decodedTexts,
  deletedPaths,
  downloads,
  fetchedIsRun,
  handsShellToNet,
  hosts,
  loopbackOnly,
  mentionedPaths,
  uploads,
  urls,
  writtenPaths,
} from './command-fields.ts';
import { fileOperation, filePath, ruleWords } from './file-fields.ts';
import { peer, reachOf } from './network-fields.ts';
import { executablePlace, pathKind } from './path-kinds.ts';
import { ancestors, masquerades, originOf } from './process-fields.ts';
import type { AlertView } from './view.ts';

export interface DerivedField {
  readonly name: string;
  readonly type: 'CHARBUF' | 'BOOL' | 'UINT64';
  readonly isList: boolean;
  /** One sentence without its full stop. */
  readonly description: string;
  /** The Falco fields that it is computed from; the first ones are named when it is unknown. */
  readonly from: readonly string[];
  readonly compute: (view: AlertView) => FieldValue | undefined;
}

type Compute = DerivedField['compute'];
type OfLines<T> = (lines: readonly ParsedCommandLine[]) => T;

/** No field of an alert: only events around it show these. */
const CAPTURE: readonly string[] = ['evt.num'];

const own =
  (of: OfLines<FieldValue | undefined>): Compute =>
  (view) =>
    view.text('proc.cmdline') === '' && view.text('proc.name') === ''
      ? undefined
      : orAbsent(of([view.command()]));
const tree =
  (of: OfLines<FieldValue | undefined>): Compute =>
  (view) => {
    const lines = view.commandTree();
    return lines.length === 0 ? undefined : orAbsent(of(lines));
  };

function kindsOf(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => pathKind(path) ?? []))];
}

/** Fields of parsed command lines exist twice: for the process, and for it with its shown ancestors. */
/** An empty list is a known absence. */
function orAbsent(value: FieldValue | undefined): FieldValue | undefined {
  return Array.isArray(value) && value.length === 0 ? null : value;
}

function commandFields(): DerivedField[] {
  const list: readonly (readonly [
    string,
    DerivedField['type'],
    boolean,
    string,
    OfLines<FieldValue | undefined>,
  ])[] = [
    [
      'names',
      'CHARBUF',
      true,
      'Base names of all programs in the command line, those in nested scripts, substitutions and decoded payloads included',
      commandNames,
    ],
    ['texts', 'CHARBUF', true, 'Every simple command with its words joined by blanks', commandTexts],
    ['urls', 'CHARBUF', true, 'URLs in the command line and its decoded payloads', urls],
    ['hosts', 'CHARBUF', true, 'Hosts of URLs, of /dev/tcp and of netcat arguments', hosts],
    ['paths', 'CHARBUF', true, 'Words that look like paths', mentionedPaths],
    [
      'writes',
      'CHARBUF',
      true,
      'Paths written by redirections, tee, cp, mv, ln, dd, sed -i and downloads',
      writtenPaths,
    ],
    ['deletes', 'CHARBUF', true, 'Paths given to rm, unlink, shred and truncate', deletedPaths],
    ['text', 'CHARBUF', false, 'All simple commands, programs and decoded texts, one a line', commandText],
    [
      'path_kinds',
      'CHARBUF',
      true,
      'Kinds of all paths mentioned',
      (lines) => kindsOf(mentionedPaths(lines)),
    ],
    ['write_kinds', 'CHARBUF', true, 'Kinds of the paths written', (lines) => kindsOf(writtenPaths(lines))],
    ['delete_kinds', 'CHARBUF', true, 'Kinds of the paths deleted', (lines) => kindsOf(deletedPaths(lines))],
    ['decoded', 'CHARBUF', true, 'Texts decoded from base64, base32, hex or escapes', decodedTexts],
    ['runs_decoded', 'BOOL', false, 'Decoded text is handed to a shell or an interpreter', decodedIsRun],
    ['downloads', 'BOOL', false, 'Something is fetched from another host', downloads],
    [
      'runs_download',
      'BOOL',
      false,
      'What is fetched is run: piped into a shell, made executable or started',
      fetchedIsRun,
    ],
    ['uploads', 'BOOL', false, 'A file or output is sent to another host', uploads],
    ['net_shell', 'BOOL', false, 'A shell is attached to a network connection', handsShellToNet],
    [
      'loopback_only',
      'BOOL',
      false,
      'All hosts that the command names are the loopback; unknown when it names none',
      loopbackOnly,
    ],
  ];
  return list.flatMap(([name, type, isList, description, of]): DerivedField[] => [
    { name: `yarak.cmd.${name}`, type, isList, description, from: ['proc.cmdline'], compute: own(of) },
    {
      name: `yarak.tree.${name}`,
      type,
      isList,
      description: `${description}; over the process and its shown ancestors`,
      from: ['proc.cmdline', 'proc.pcmdline', 'proc.acmdline[2]'],
      compute: tree(of),
    },
  ]);
}

const inContainer = (view: AlertView): boolean | undefined => {
  const id = view.get('container.id');
  if (id === undefined || id === null || id === '') {
    const image = view.get('container.image.repository');
    return typeof image === 'string' && image !== '' ? true : undefined;
  }
  return id !== 'host';
};

function upperLayer(view: AlertView): boolean | undefined {
  const field = view.get('proc.is_exe_upper_layer');
  if (typeof field === 'boolean') return field;
  const flags = view.text('evt.arg.flags');
  if (flags.includes('EXE_UPPER_LAYER')) return true;
  return flags.includes('EXE_LOWER_LAYER') ? false : undefined;
}

function imageName(view: AlertView): string | undefined {
  const image = view.text('container.image.repository');
  if (image === '') return undefined;
  const first = image.split('/', 1)[0] as string;
  const isRegistry =
    image.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost');
  if (isRegistry) return image.replace(/^index\.docker\.io\//, 'docker.io/');
  return image.includes('/') ? `docker.io/${image}` : `docker.io/library/${image}`;
}

/** `/usr/bin/restic` → `restic`. */
function baseNameOf(path: string): string | undefined {
  return path === '' ? undefined : path.slice(path.lastIndexOf('/') + 1);
}

const nullable = (text: string | undefined): FieldValue | undefined => text;

const FIELDS: readonly DerivedField[] = [
  ...commandFields(),
  {
    name: 'yarak.anc.names',
    type: 'CHARBUF',
    isList: true,
    description: 'Names of the ancestors that the alert shows, parent first',
    from: ['proc.pname', 'proc.aname[2]'],
    compute: (v) => orUnknown(ancestors(v).flatMap((a) => a.name ?? [])),
  },
  {
    name: 'yarak.anc.exepaths',
    type: 'CHARBUF',
    isList: true,
    description: 'Executable paths of the ancestors that the alert shows, parent first',
    from: ['proc.pexepath', 'proc.aexepath[2]'],
    compute: (v) => orUnknown(ancestors(v).flatMap((a) => a.exepath ?? [])),
  },
  {
    name: 'yarak.anc.origin',
    type: 'CHARBUF',
    isList: false,
    description:
      'What started the work, from the nearest such ancestor: cron, systemd, ssh, login, kubelet or runtime',
    from: ['proc.aname[2]', 'proc.aname[3]', 'proc.aname[4]'],
    compute: (v) => nullable(originOf(v)?.origin),
  },
  {
    name: 'yarak.anc.origin_by',
    type: 'CHARBUF',
    isList: false,
    description: 'What yarak.anc.origin rests on: exepath (an executable in a system folder) or name',
    from: ['proc.pexepath', 'proc.aexepath[2]', 'proc.aexepath[3]'],
    compute: (v) => nullable(originOf(v)?.by),
  },
  {
    name: 'yarak.anc.origin_level',
    type: 'UINT64',
    isList: false,
    description: 'How far up that ancestor is; 1 is the parent',
    from: ['proc.aname[2]'],
    compute: (v) => originOf(v)?.level,
  },
  {
    name: 'yarak.exe.place',
    type: 'CHARBUF',
    isList: false,
    description: 'Where the executable lies: system, optional, temporary, memory, home, relative or other',
    from: ['proc.exepath'],
    compute: (v) =>
      executablePlace(
        v.text('proc.exepath') ||
          (v.get('proc.is_exe_from_memfd') === true ? 'memfd:' : '') ||
          absolute(v.text('proc.exe')),
      ),
  },
  {
    name: 'yarak.exe.name',
    type: 'CHARBUF',
    isList: false,
    description: 'Base name of the executable, which unlike proc.name a program cannot change',
    from: ['proc.exepath'],
    compute: (v) => baseNameOf(v.text('proc.exepath')),
  },
  {
    name: 'yarak.exe.upper_layer',
    type: 'BOOL',
    isList: false,
    description:
      'The executable was put into the container after its image (proc.is_exe_upper_layer or the execve flags)',
    from: ['proc.is_exe_upper_layer'],
    compute: upperLayer,
  },
  {
    name: 'yarak.exe.masquerades',
    type: 'BOOL',
    isList: false,
    description: 'The program imitates a kernel thread, or is a hidden file in a temporary or home folder',
    from: ['proc.exepath'],
    compute: masquerades,
  },
  {
    name: 'yarak.file.path',
    type: 'CHARBUF',
    isList: false,
    description: 'The file that the alert is about; for links what is linked to',
    from: ['fd.name'],
    compute: (v) => fileOrAbsent(v),
  },
  {
    name: 'yarak.file.kind',
    type: 'CHARBUF',
    isList: false,
    description: 'What that file is for, such as password-hashes, cron or log',
    from: ['fd.name'],
    compute: (v) => kindOrAbsent(v),
  },
  {
    name: 'yarak.file.op',
    type: 'CHARBUF',
    isList: false,
    description:
      'What was done to it: read, write, delete, rename, link, mode, execute or load; from flags, the event type, else the rule author’s words',
    from: ['evt.arg.flags'],
    compute: (v) => nullable(fileOperation(v)),
  },
  {
    name: 'yarak.net.peer',
    type: 'CHARBUF',
    isList: false,
    description: 'Address of the far end of the connection',
    from: ['fd.name'],
    compute: (v) => peer(v)?.address ?? (v.get('fd.name') === undefined ? undefined : null),
  },
  {
    name: 'yarak.net.port',
    type: 'UINT64',
    isList: false,
    description: 'Port of the far end',
    from: ['fd.name'],
    compute: (v) => portOf(v),
  },
  {
    name: 'yarak.net.reach',
    type: 'CHARBUF',
    isList: false,
    description: 'How far the far end is: loopback, metadata, link-local, private or public',
    from: ['fd.name'],
    compute: (v) => reachOrAbsent(v),
  },
  {
    name: 'yarak.image.name',
    type: 'CHARBUF',
    isList: false,
    description: 'Image repository with its registry written out: docker.io/library/nginx',
    from: ['container.image.repository'],
    compute: (v) => imageName(v) ?? (inContainer(v) === false ? null : undefined),
  },
  {
    name: 'yarak.container',
    type: 'BOOL',
    isList: false,
    description: 'The process ran in a container',
    from: ['container.id'],
    compute: inContainer,
  },
  {
    name: 'yarak.container.entry',
    type: 'BOOL',
    isList: false,
    description:
      'The process is the first of its container (pid 1 in it): what the container was started to run, not something added later',
    from: ['proc.vpid'],
    compute: (v) => entry(v),
  },
  {
    name: 'yarak.container.starting',
    type: 'BOOL',
    isList: false,
    description:
      'The alert reports the start of its container: a container event, the container’s first process, or a rule whose author says so',
    from: ['proc.vpid'],
    compute: (v) => startsContainer(v),
  },
  {
    name: 'yarak.container.entry_session',
    type: 'BOOL',
    isList: false,
    description:
      'The process belongs to the session of the container’s first process, so it was not started by exec',
    from: ['proc.sid'],
    compute: (v) =>
      inContainer(v) !== true || v.text('proc.sid') === '' ? undefined : v.text('proc.sid') === '1',
  },
  {
    name: 'yarak.container.age_ms',
    type: 'UINT64',
    isList: false,
    description: 'Milliseconds since the container was seen to start',
    from: ['container.duration'],
    compute: (v) => containerAge(v),
  },
  {
    name: 'yarak.repeat.count',
    type: 'UINT64',
    isList: false,
    description: 'How often the same thing was reported',
    from: [],
    compute: (v) => v.around.repeats?.count ?? 1,
  },
  {
    name: 'yarak.repeat.period_ms',
    type: 'UINT64',
    isList: false,
    description: 'Mean time between repetitions; unknown for a single one',
    from: [],
    compute: (v) => v.around.repeats?.periodMs,
  },
  {
    name: 'yarak.rule.words',
    type: 'CHARBUF',
    isList: false,
    description:
      'The rule’s name and the fixed beginning of its output in lower case: what the rule’s author says happened',
    from: ['rule', 'output'],
    compute: (v) => ruleWords(v),
  },
  {
    name: 'yarak.user.root',
    type: 'BOOL',
    isList: false,
    description: 'The process ran as root',
    from: ['user.uid'],
    compute: (v) =>
      v.text('user.uid') !== ''
        ? v.text('user.uid') === '0'
        : v.text('user.name') === ''
          ? undefined
          : v.text('user.name') === 'root',
  },
  {
    name: 'yarak.user.logged_in',
    type: 'BOOL',
    isList: false,
    description:
      'The process belongs to a login session of a person (user.loginuid is set and no system account)',
    from: ['user.loginuid'],
    compute: (v) => loggedIn(v),
  },
  {
    name: 'yarak.capture.acts',
    type: 'CHARBUF',
    isList: true,
    description:
      "What the alert's process and its descendants did in the capture, in words such as `read-password-hashes`, `write-cron`, `set-id-bit`, `module-load`",
    from: CAPTURE,
    compute: (v) => aroundValues(v, 'yarak.capture.acts'),
  },
  {
    name: 'yarak.capture.secrets_read',
    type: 'CHARBUF',
    isList: true,
    description: "Files with passwords, keys, tokens or other processes' memory that they opened for reading",
    from: CAPTURE,
    compute: (v) => aroundValues(v, 'yarak.capture.secrets_read'),
  },
  {
    name: 'yarak.capture.traces_removed',
    type: 'CHARBUF',
    isList: true,
    description: 'Logs, login records and shell histories that they deleted',
    from: CAPTURE,
    compute: (v) => aroundValues(v, 'yarak.capture.traces_removed'),
  },
  {
    name: 'yarak.capture.written_then_run',
    type: 'CHARBUF',
    isList: true,
    description: 'Files that they ran and that the capture shows being written before, in the same container',
    from: CAPTURE,
    compute: (v) => aroundValues(v, 'yarak.capture.written_then_run'),
  },
  {
    name: 'yarak.capture.stdin_connection',
    type: 'CHARBUF',
    isList: true,
    description: 'Network connections that were the standard input of a program that they started',
    from: CAPTURE,
    compute: (v) => aroundValues(v, 'yarak.capture.stdin_connection'),
  },
];

/** The catalogue by name. */
export const DERIVED: ReadonlyMap<string, DerivedField> = new Map(FIELDS.map((field) => [field.name, field]));

function aroundValues(view: AlertView, name: string): string[] | undefined {
  return view.alert.capture?.around.get(name)?.map(({ value }) => value);
}

function orUnknown(values: string[]): string[] | undefined {
  return values.length === 0 ? undefined : values;
}

function absolute(path: string): string {
  return path.startsWith('/') || path.startsWith('memfd:') ? path : '';
}

/** A file of the alert, `null` when the alert shows an fd that is no file, unknown otherwise. */
function fileOrAbsent(view: AlertView): string | null | undefined {
  return filePath(view) ?? (view.text('fd.name') === '' && view.get('fd.name') !== null ? undefined : null);
}

function kindOrAbsent(view: AlertView): string | null | undefined {
  const path = fileOrAbsent(view);
  return typeof path === 'string' ? (pathKind(path) ?? null) : path;
}

function portOf(view: AlertView): number | null | undefined {
  const port = peer(view)?.port;
  return port === undefined || port === ''
    ? view.get('fd.name') === undefined
      ? undefined
      : null
    : Number(port);
}

function reachOrAbsent(view: AlertView): string | null | undefined {
  const address = peer(view)?.address;
  if (address !== undefined) return reachOf(address) ?? null;
  return view.get('fd.name') === undefined ? undefined : null;
}

function entry(view: AlertView): boolean | undefined {
  if (inContainer(view) !== true) return undefined;
  const vpid = view.text('proc.vpid');
  return vpid === '' ? undefined : vpid === '1';
}

function startsContainer(view: AlertView): boolean | undefined {
  if (inContainer(view) !== true) return undefined;
  if (view.text('evt.type') === 'container') return true;
  if (/\bcontainer\b.{0,40}\b(?:started|spawned)\b/.test(ruleWords(view))) return true;
  return entry(view) === true && /^exec/.test(view.text('evt.type')) ? true : undefined;
}

function containerAge(view: AlertView): number | undefined {
  const duration = view.get('container.duration');
  if (typeof duration === 'number' || typeof duration === 'bigint') return Math.round(Number(duration) / 1e6);
  const start = view.around.containerStartNs;
  const { timeNs } = view.alert;
  return start === undefined || timeNs === undefined || timeNs < start
    ? undefined
    : Number((timeNs - start) / 1_000_000n);
}

function loggedIn(view: AlertView): boolean | undefined {
  const text = view.text('user.loginuid');
  if (text === '') return undefined;
  const uid = Number(text);
  return uid >= 0 && uid !== 4_294_967_295 && (uid === 0 || uid >= 1_000);
}
