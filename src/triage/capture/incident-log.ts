// What is kept of one incident's events while a capture is read: entries for the timeline, files, connections, users.
// Bounded, and what is not kept is counted.

import type { ScapEvent } from '../../sources/scap/index.ts';
import { type Act, type Rank, sensitiveKind } from './acts.ts';
import type { ProcessRecord } from './process-log.ts';
import type { CaptureConnection, CaptureFile, CaptureUser } from './types.ts';

export interface Entry {
  readonly act: Act;
  readonly process: ProcessRecord;
  /** As it was called at the time. */
  readonly label: string;
  readonly timeNs: bigint;
  readonly event: number;
  readonly capture: string;
  endNs: bigint;
  count: number;
  /** Other files of the same folder that the same was done to. */
  others: number;
  lastValue: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const MAX_ENTRIES: Readonly<Record<Rank, number>> = { 3: 400, 2: 300, 1: 150 };
const MAX_FILES = 1000;
const MAX_CONNECTIONS = 500;
const MAX_NAMES = 10_000;
const MAX_USERS = 50;
const MAX_TEXT = 500;
const MAX_ACTS = 8;

export class IncidentLog {
  readonly entries = new Map<string, Entry>();
  readonly #ranks = { 1: 0, 2: 0, 3: 0 };
  entriesLeftOut = 0;
  readonly files = new Map<string, Mutable<CaptureFile> & { acts: CaptureFile['acts'][number][] }>();
  filesLeftOut = 0;
  /** By program, role and far end: a client's ports differ each time. */
  readonly connections = new Map<string, Mutable<CaptureConnection>>();
  /** The row of each connection by its name, for what is moved over it. */
  readonly #byName = new Map<string, Mutable<CaptureConnection>>();
  connectionsLeftOut = 0;
  readonly users = new Map<number, Mutable<CaptureUser>>();

  addEntry(act: Act, process: ProcessRecord, label: string, event: ScapEvent): void {
    const [value = ''] = act.values;
    // Of what seldom matters the same in one folder is one entry: installers and interpreters write hundreds of files.
    const about =
      act.rank === 1 && act.kind === 'file'
        ? value.slice(0, value.lastIndexOf('/') + 1)
        : act.values.join('\0');
    const key = `${process.key} ${act.text} ${about.slice(0, MAX_TEXT)}`;
    const known = this.entries.get(key);
    if (known !== undefined) {
      if (value !== known.lastValue) {
        known.others++;
        known.lastValue = value;
      } else known.count++;
      known.endNs = event.tsNs;
      return;
    }
    if (this.#ranks[act.rank] >= MAX_ENTRIES[act.rank]) {
      this.entriesLeftOut++;
      return;
    }
    this.#ranks[act.rank]++;
    const timeNs = event.tsNs;
    this.entries.set(key, {
      act,
      process,
      label,
      timeNs,
      event: event.num,
      capture: process.capture,
      endNs: timeNs,
      count: 1,
      others: 0,
      lastValue: value,
    });
  }

  addFiles(act: Act, process: ProcessRecord, event: ScapEvent): void {
    for (const [path, what] of act.files ?? []) {
      const known = this.files.get(path);
      // Of programs that are run only those that were touched before, or lie where programs do not, are worth a line.
      if (known === undefined && what === 'run' && act.rank < 3) continue;
      if (known !== undefined) {
        known.count++;
        if (known.acts.length < MAX_ACTS && !known.acts.some(({ act: one }) => one === what))
          known.acts.push({ act: what, process: process.name, event: event.num });
      } else if (this.files.size < MAX_FILES) {
        this.files.set(path, {
          path,
          acts: [{ act: what, process: process.name, event: event.num }],
          sensitive: what === 'run' ? undefined : sensitiveKind(path),
          capture: process.capture,
          event: event.num,
          timeNs: event.tsNs,
          count: 1,
        });
      } else this.filesLeftOut++;
    }
  }

  addConnection(act: Act, process: ProcessRecord, event: ScapEvent, protocol: string, result: string): void {
    const { connection } = act;
    if (connection === undefined) return;
    const { name, role } = connection;
    // What a datagram socket is connected to and what it then sends to is one connection.
    if (this.#byName.has(name)) return;
    const key = `${process.name}\0${role}\0${farEnd(name, role)}`;
    const known = this.connections.get(key);
    if (known !== undefined) {
      known.count++;
      this.#alias(name, known);
      return;
    }
    if (this.connections.size >= MAX_CONNECTIONS) {
      this.connectionsLeftOut++;
      return;
    }
    const row: Mutable<CaptureConnection> = {
      ...connection,
      protocol,
      result,
      bytesOut: undefined,
      bytesIn: undefined,
      process: process.name,
      capture: process.capture,
      event: event.num,
      timeNs: event.tsNs,
      count: 1,
    };
    this.connections.set(key, row);
    this.#alias(name, row);
  }

  #alias(name: string, row: Mutable<CaptureConnection>): void {
    if (this.#byName.size < MAX_NAMES) this.#byName.set(name, row);
  }

  addBytes(name: string, way: 'bytesIn' | 'bytesOut', bytes: number): void {
    const known = this.#byName.get(name);
    if (known !== undefined) known[way] = (known[way] ?? 0) + bytes;
  }

  addUser(
    uid: number,
    name: string,
    login: string | undefined,
    process: ProcessRecord,
    event: ScapEvent,
  ): void {
    const known = this.users.get(uid);
    if (known !== undefined) {
      known.processes++;
      return;
    }
    if (this.users.size >= MAX_USERS) return;
    this.users.set(uid, {
      uid,
      name: name === '' ? undefined : name,
      login,
      processes: 1,
      capture: process.capture,
      event: event.num,
      timeNs: event.tsNs,
    });
  }
}

/** `10.0.0.2:5000->203.0.113.7:443`: the server of a client, the client's address of a server. */
function farEnd(name: string, role: CaptureConnection['role']): string {
  const [client = name, server = name] = name.split('->');
  return role === 'accepted' ? client.slice(0, client.lastIndexOf(':')) : server;
}
