// `yarak capture info`: what is in a capture, and whether it is whole.

import { terminalText } from '../../base/escape/terminal.ts';
import { isoTime } from '../../detect/engine/index.ts';
import { EVENTS } from '../../detect/fields/index.ts';
import {
  blockName,
  type CaptureBlock,
  type CaptureSummary,
  CaptureWalk,
  type ContainerInfo,
  countUsers,
  INITIAL_STATE,
  type ScapEvent,
  type State,
} from '../../sources/scap/index.ts';
import { isJson, wholeNumber } from './events.ts';
import { Output } from './output.ts';
import { exitCodeOf, reading, tell, watchedBytes } from './source.ts';

export interface InfoOptions {
  readonly top: string;
  readonly format: string;
}

/** Names from inside a capture that are counted at most, and what is kept of each; it may make up any number. */
const MAX_NAMES = 10_000;
const MAX_NAME = 200;
const DROP_ENTER = 148;
const NOTIFICATION = 280;
const ASYNC = 402;

class Counts {
  readonly #counts = new Map<string, number>();

  add(text: string): void {
    const name = text.slice(0, MAX_NAME);
    const count = this.#counts.get(name);
    if (count !== undefined) this.#counts.set(name, count + 1);
    else if (this.#counts.size < MAX_NAMES) this.#counts.set(name, 1);
  }

  /** The largest first. */
  sorted(): [string, number][] {
    return [...this.#counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  }
}

/** What a run through a capture finds. */
class Contents {
  readonly blocks = new Counts();
  readonly types = new Counts();
  readonly notifications = new Counts();
  readonly asyncEvents = new Counts();
  readonly containers = new Map<string, Described>();
  sections = 0;
  version = '';
  firstNs: bigint | undefined = undefined;
  lastNs: bigint | undefined = undefined;
  events = 0;
  hidden = 0;
  drops = 0;
  threadsAtStart = 0;
  fdsAtStart = 0;
  users = 0;
  groups = 0;
  readonly walk: CaptureWalk = new CaptureWalk({
    before: (block) => this.#before(block),
    after: (block, event) => this.#after(block, event),
  });
  #inEvents = false;

  #before({ type, bytes, head }: CaptureBlock): void {
    const name = blockName(type);
    this.blocks.add(name);
    if (name === 'section header' && bytes.length >= 24) {
      this.sections++;
      this.version = `${bytes.readUInt16LE(12)}.${bytes.readUInt16LE(14)}`;
    }
    if (name.startsWith('users')) {
      const { users, groups } = countUsers(type, bytes);
      this.users += users;
      this.groups += groups;
    }
    if (head === undefined) this.#inEvents = false;
    else if (!this.#inEvents) {
      this.#inEvents = true;
      this.#countState(this.walk.state);
    }
  }

  #countState(state: State): void {
    this.threadsAtStart += state.threads.size;
    for (const thread of state.threads.values()) this.fdsAtStart += thread.ownFds?.size ?? 0;
  }

  #after({ head }: CaptureBlock, event: ScapEvent | undefined): void {
    if (head === undefined) return;
    const { lastEvent, state } = this.walk;
    if (!INITIAL_STATE.has(lastEvent.code)) {
      if (this.firstNs === undefined || head.tsNs < this.firstNs) this.firstNs = head.tsNs;
      if (this.lastNs === undefined || head.tsNs > this.lastNs) this.lastNs = head.tsNs;
    }
    // A container event is about one; others are in the cgroups of the threads.
    const told = state.lastContainer;
    if (told !== undefined && state.lastContainerNum === lastEvent.num) this.#addContainer(told.id, told);
    if (lastEvent.code === ASYNC) this.asyncEvents.add(lastEvent.text(1));
    if (event === undefined) {
      this.hidden++;
      return;
    }
    this.events++;
    this.types.add(EVENTS[event.code]?.name ?? String(event.code));
    if (event.code === DROP_ENTER) this.drops++;
    else if (event.code === NOTIFICATION) this.notifications.add(event.text(0));
    const { thread } = event;
    if (thread !== undefined) {
      const id = state.containerId(thread);
      if (id !== '' && !this.containers.has(id)) this.#addContainer(id, state.containers.get(id));
    }
  }

  #addContainer(id: string, info: ContainerInfo | undefined): void {
    if (this.containers.size < MAX_NAMES || this.containers.has(id))
      this.containers.set(id, describe(id, info));
  }
}

interface Described {
  readonly id: string;
  readonly name: string | null;
  readonly image: string | null;
  readonly pod: string | null;
  readonly namespace: string | null;
}

function describe(id: string, info: ContainerInfo | undefined): Described {
  return {
    id,
    name: info?.name ?? null,
    image: info?.image ?? null,
    pod: info?.labels.get('io.kubernetes.pod.name') ?? null,
    namespace: info?.labels.get('io.kubernetes.pod.namespace') ?? null,
  };
}

/** What a file is outside of what it holds. */
interface Stored {
  readonly path: string;
  readonly bytes: number;
  readonly isGzip: boolean;
}

/** Everything that is told, in the order of the JSON. */
function summarise(contents: Contents, stored: Stored, summary: CaptureSummary) {
  const { state } = contents.walk;
  const { firstNs, lastNs } = contents;
  const { machine } = state;
  return {
    file: stored.path,
    bytes: stored.bytes,
    compression: stored.isGzip ? 'gzip' : 'none',
    uncompressedBytes: summary.bytes,
    formatVersion: contents.version,
    sections: contents.sections,
    blocks: Object.fromEntries(contents.blocks.sorted()),
    machine:
      machine === undefined
        ? null
        : {
            hostname: machine.hostname,
            cpus: machine.cpus,
            memoryBytes: Number(machine.memoryBytes),
            maxPid: Number(machine.maxPid),
            bootTime: machine.bootTsNs === 0n ? null : isoTime(machine.bootTsNs, 'Z'),
          },
    users: contents.users,
    groups: contents.groups,
    interfaces: state.interfaces.v4.length + state.interfaces.v6.length,
    firstEvent: firstNs === undefined ? null : isoTime(firstNs, 'Z'),
    lastEvent: lastNs === undefined ? null : isoTime(lastNs, 'Z'),
    durationSeconds: firstNs === undefined || lastNs === undefined ? null : Number(lastNs - firstNs) / 1e9,
    events: contents.events,
    hiddenEvents: contents.hidden,
    dropEvents: contents.drops,
    eventTypes: Object.fromEntries(contents.types.sorted()),
    threadsAtStart: contents.threadsAtStart,
    descriptorsAtStart: contents.fdsAtStart,
    threadsAtEnd: state.threads.size,
    containers: [...contents.containers.values()],
    notifications: Object.fromEntries(contents.notifications.sorted()),
    asyncEvents: Object.fromEntries(contents.asyncEvents.sorted()),
    damage: summary.diagnostics.map(({ code, severity, message }) => ({ code, severity, message })),
  };
}

type Info = ReturnType<typeof summarise>;

/** Prints what the capture holds. */
export async function run(path: string, options: InfoOptions): Promise<number> {
  const json = isJson(options.format);
  const top = wholeNumber('--top', options.top);
  const contents = new Contents();
  let isGzip = false;
  let bytes = 0;
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of watchedBytes(path)) {
      if (bytes === 0) isGzip = chunk[0] === 0x1f && chunk[1] === 0x8b;
      bytes += chunk.length;
      yield chunk;
    }
  };
  const summary = await reading(path, () => contents.walk.run(chunks()));
  const info = summarise(contents, { path, bytes, isGzip }, summary);
  const output = new Output();
  if (json) output.line(JSON.stringify(info));
  else print(info, top, output);
  await output.pause();
  tell(summary.diagnostics);
  return exitCodeOf(summary.diagnostics);
}

/** Ten thousands read better apart. */
function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ' ');
}

function counts(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .map(([name, count]) => `${terminalText(name)} ${number(count)}`)
    .join(', ');
}

function print(info: Info, top: number, output: Output): void {
  const row = (name: string, text: string): void => output.line(`${name.padEnd(11)} ${text}`);
  const gzip = info.compression === 'gzip' ? `, gzip of ${number(info.uncompressedBytes)}` : '';
  row('file', `${terminalText(info.file)}, ${number(info.bytes)} bytes${gzip}`);
  const sections = info.sections > 1 ? `, ${info.sections} captures one behind the other` : '';
  row('format', `scap ${info.formatVersion}${sections}`);
  row('blocks', counts(info.blocks));
  if (info.machine !== null) row('machine', machineText(info.machine));
  if (info.firstEvent !== null)
    row('time', `${info.firstEvent} to ${info.lastEvent}, ${info.durationSeconds?.toFixed(3)} s`);
  const hidden = info.hiddenEvents === 0 ? '' : `, and ${number(info.hiddenEvents)} that rules do not see`;
  row('events', `${number(info.events)}${hidden}`);
  const types = Object.entries(info.eventTypes);
  const width = Math.max(0, ...types.slice(0, top).map(([name]) => name.length));
  for (const [name, count] of types.slice(0, top))
    row('', `${name.padEnd(width)} ${number(count).padStart(12)}`);
  if (types.length > top) row('', `… ${types.length - top} more types (--top ${types.length})`);
  row(
    'drops',
    info.dropEvents === 0 ? 'none reported' : `${number(info.dropEvents)} reports of dropped events`,
  );
  const before = `${number(info.threadsAtStart)} at the start with ${number(info.descriptorsAtStart)} descriptors`;
  row('threads', `${before}, ${number(info.threadsAtEnd)} at the end`);
  row(
    'users',
    `${number(info.users)} and ${number(info.groups)} groups, ${info.interfaces} network interfaces`,
  );
  row('containers', info.containers.length === 0 ? 'none' : String(info.containers.length));
  for (const container of info.containers) row('', containerText(container));
  if (Object.keys(info.asyncEvents).length > 0) row('async', counts(info.asyncEvents));
  if (Object.keys(info.notifications).length > 0) row('notified', counts(info.notifications));
  row('damage', info.damage.length === 0 ? 'none' : info.damage.map(({ code }) => code).join(', '));
}

function machineText({ hostname, cpus, memoryBytes, bootTime }: NonNullable<Info['machine']>): string {
  const memory = memoryBytes === 0 ? '' : `, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB`;
  const boot = bootTime === null ? '' : `, up since ${bootTime.slice(0, 19)}Z`;
  return `${terminalText(hostname) || 'without a name'}, ${cpus} CPUs${memory}${boot}`;
}

function containerText({ id, name, image, pod, namespace }: Described): string {
  const shown = terminalText(id);
  if (name === null) return `${shown}  the capture does not say what it is`;
  const where = pod === null ? '' : `, pod ${terminalText(namespace ?? '')}/${terminalText(pod)}`;
  return `${shown}  ${terminalText(name)}, ${terminalText(image ?? '')}${where}`;
}
