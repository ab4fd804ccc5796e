// `yarak capture ps`: the process tree as it was at one time of a capture.

import { terminalText } from '../../base/escape/terminal.ts';
import { isoTime } from '../../detect/engine/index.ts';
import { CaptureWalk, INITIAL_STATE, type State, type Thread } from '../../sources/scap/index.ts';
import { CliError } from '../error.ts';
import { isJson } from './events.ts';
import { Output } from './output.ts';
import { exitCodeOf, reading, tell, watchedBytes } from './source.ts';
import { type CaptureTime, parseTime } from './time.ts';

export interface PsOptions {
  readonly at: string;
  readonly all?: boolean;
  readonly format: string;
}

/** Exited processes are remembered up to here, in number and in characters. */
const MAX_EXITED = 131072;
const MAX_EXITED_LENGTH = 32 * 1024 * 1024;
const NO_ID = 0xffffffff;
/** Code of the event with which a thread ends. */
const PROCEXIT = 186;

/** One process as it is printed. */
interface Row {
  readonly pid: number;
  readonly ppid: number;
  readonly user: string;
  readonly uid: number;
  /** `''`: the host. */
  readonly container: string;
  readonly containerName: string;
  readonly tty: number;
  readonly threads: number;
  /** Nanoseconds since the epoch; undefined: before the capture. */
  readonly startNs: bigint | undefined;
  readonly exitNs: bigint | undefined;
  readonly name: string;
  readonly cmdline: string;
  readonly exepath: string;
  readonly cwd: string;
}

function rowOf(thread: Thread, state: State, exitNs?: bigint): Row {
  const id = state.containerId(thread);
  // As fields have it: the lists of a capture are the host's.
  const user = id === '' ? state.users.user('', thread.uid)?.name : undefined;
  return {
    pid: thread.pid,
    ppid: state.ancestor(thread, 1)?.pid ?? 0,
    user: user ?? (thread.uid === 0 ? 'root' : ''),
    uid: thread.uid,
    container: id,
    containerName: state.containers.get(id)?.name ?? '',
    tty: thread.tty,
    threads: thread.group?.alive ?? 1,
    startNs: thread.cloneTsNs === 0n ? undefined : thread.cloneTsNs,
    exitNs,
    name: thread.comm,
    cmdline: thread.cmdline,
    exepath: thread.exepath,
    cwd: thread.processCwd,
  };
}

/** Gathers processes: those that are there, and if wanted those that were. */
class Processes {
  readonly exited: Row[] = [];
  /** Exited ones for which there was no room. */
  forgotten = 0;
  readonly #state: State;
  #length = 0;

  constructor(state: State) {
    this.#state = state;
  }

  /** Called while the thread that exits is still there. */
  exit(thread: Thread, tsNs: bigint): void {
    if (!thread.isMain || thread.isInvalid) return;
    const row = rowOf(thread, this.#state, tsNs);
    this.#length += row.cmdline.length + row.exepath.length + row.cwd.length;
    if (this.exited.length < MAX_EXITED && this.#length <= MAX_EXITED_LENGTH) this.exited.push(row);
    else this.forgotten++;
  }

  rows(all: boolean): Row[] {
    this.#state.applyRemovals();
    const rows = all ? [...this.exited] : [];
    for (const thread of this.#state.threads.values())
      if (thread.isMain && !thread.isInvalid && !thread.isDead) rows.push(rowOf(thread, this.#state));
    return rows;
  }
}

/** Parents before their children, each with its depth; children by pid, then by time. */
function tree(rows: readonly Row[]): (readonly [row: Row, depth: number])[] {
  const pids = new Set(rows.map(({ pid }) => pid));
  const isRoot = ({ pid, ppid }: Row): boolean => ppid === pid || !pids.has(ppid);
  const children = Map.groupBy(rows, ({ ppid }) => ppid);
  const out: (readonly [Row, number])[] = [];
  const seen = new Set<Row>();
  const order = (a: Row, b: Row): number =>
    a.pid - b.pid ||
    Number((a.startNs ?? 0n) > (b.startNs ?? 0n)) - Number((a.startNs ?? 0n) < (b.startNs ?? 0n));
  // A pid that was used twice has its children below the first.
  const used = new Set<number>();
  const add = (from: readonly Row[]): void => {
    const stack = [...from]
      .sort(order)
      .reverse()
      .map((row): readonly [Row, number] => [row, 0]);
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const [row, depth] = next;
      if (seen.has(row)) continue;
      seen.add(row);
      out.push(next);
      if (used.has(row.pid)) continue;
      used.add(row.pid);
      const below = [...(children.get(row.pid) ?? [])]
        .filter((child) => child !== row)
        .sort(order)
        .reverse();
      for (const child of below) stack.push([child, depth + 1]);
    }
  };
  add(rows.filter(isRoot));
  // What is left goes round in a circle.
  add(rows.filter((row) => !seen.has(row)));
  return out;
}

function timeText(tsNs: bigint | undefined): string {
  return tsNs === undefined ? '-' : isoTime(tsNs, 'Z').slice(11, 23);
}

const HEADER = ['pid', 'ppid', 'user', 'container', 'tty', 'start'] as const;

function cells(row: Row): string[] {
  const user = row.user === '' ? (row.uid === NO_ID ? '-' : String(row.uid)) : row.user;
  const container = row.container === '' ? 'host' : row.containerName || row.container;
  return [
    String(row.pid),
    String(row.ppid),
    terminalText(user),
    terminalText(container),
    row.tty === 0 ? '-' : String(row.tty),
    timeText(row.startNs),
  ];
}

function print(rows: readonly Row[], atNs: bigint | undefined, all: boolean, output: Output): void {
  const lines = tree(rows);
  const table = lines.map(([row]) => cells(row));
  const widths = HEADER.map((name, at) =>
    Math.max(name.length, ...table.map((line) => line[at]?.length ?? 0)),
  );
  const join = (line: readonly string[]): string =>
    line
      .map((cell, at) => (at < 2 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ');
  const when = atNs === undefined ? 'before the first event' : `at ${isoTime(atNs, 'Z')}`;
  const gone = all ? rows.filter(({ exitNs }) => exitNs !== undefined).length : 0;
  output.line(`${rows.length - gone} processes ${when}${all ? `, and ${gone} that had exited` : ''}`);
  output.line('');
  output.line(`${join(HEADER)}  command`);
  lines.forEach(([row, depth], at) => {
    const exited = row.exitNs === undefined ? '' : `  (exited ${timeText(row.exitNs)})`;
    // A deep tree must not push the text off the screen: an attacker chooses how deep it is.
    const indent = '  '.repeat(Math.min(depth, 20));
    output.line(`${join(table[at] ?? [])}  ${indent}${terminalText(row.cmdline || row.exepath)}${exited}`);
  });
}

function jsonOf(row: Row): string {
  const { startNs, exitNs, ...plain } = row;
  const time = (tsNs: bigint | undefined): string => (tsNs === undefined ? 'null' : String(tsNs));
  return `${JSON.stringify(plain).slice(0, -1)},"start":${time(startNs)},"exit":${time(exitNs)}}`;
}

type When = 'start' | 'end' | CaptureTime;

function whenOf(text: string): When {
  const word = text.toLowerCase();
  return word === 'start' || word === 'end' ? word : parseTime('--at', text);
}

/** Prints the processes at the time that the options name. */
export async function run(path: string, options: PsOptions): Promise<number> {
  const json = isJson(options.format);
  const all = options.all === true;
  const when = whenOf(options.at);
  if (all && when === 'start')
    throw new CliError(2, '--all goes with a time or END: at the start none has exited');
  const output = new Output();
  let untilNs: bigint | undefined;
  let lastNs: bigint | undefined;
  let rows: Row[] | undefined;
  const walk: CaptureWalk = new CaptureWalk({
    before({ head }) {
      if (rows !== undefined || head === undefined || INITIAL_STATE.has(head.code)) return;
      if (untilNs === undefined && typeof when === 'function') untilNs = when(head.tsNs);
      if (when !== 'start' && (untilNs === undefined || head.tsNs <= untilNs)) {
        lastNs = head.tsNs;
        return;
      }
      // With the first event the reader does this; the state is not used after it.
      if (!hasEvents) walk.state.finishProcessList();
      rows = processes.rows(all);
      walk.stop();
    },
    after({ head }, event) {
      if (head !== undefined) hasEvents = true;
      if (all && rows === undefined && event?.code === PROCEXIT && event.thread !== undefined)
        processes.exit(event.thread, event.tsNs);
    },
  });
  let hasEvents = false;
  const processes = new Processes(walk.state);
  const { diagnostics } = await reading(path, () => walk.run(watchedBytes(path)));
  rows ??= processes.rows(all);
  const atNs = when === 'start' ? undefined : (untilNs ?? lastNs);
  if (processes.forgotten > 0)
    tell([
      {
        code: 'CAPTURE_TOO_MANY',
        severity: 'warning',
        message: `${processes.forgotten} exited processes are not shown: there were too many`,
      },
    ]);
  if (json) output.line(`{"at":${atNs ?? null},"processes":[${rows.map(jsonOf).join(',')}]}`);
  else print(rows, atNs, all, output);
  await output.pause();
  tell(diagnostics);
  return exitCodeOf(diagnostics);
}
