// What two events, or an event and the state before it, show together and no event alone: a file is run that was
// written before, a program starts with a network connection as its standard input.

import type { ScapEvent } from '../../sources/scap/index.ts';
import type { Act } from './acts.ts';
import type { ProcessRecord } from './process-log.ts';

export interface Link {
  readonly kind: 'written-then-run' | 'stdin-connection';
  /** `written-then-run`: the file and who wrote it. `stdin-connection`: the program and the connection. */
  readonly values: readonly string[];
  readonly process: ProcessRecord;
  readonly capture: string;
  readonly event: number;
  /** The event that it follows from, and how long before, where there is one. */
  readonly from: { readonly event: number; readonly timeNs: bigint } | undefined;
  readonly timeNs: bigint;
}

/** Who wrote a file, for when it is run. */
interface Writer {
  readonly process: string;
  readonly event: number;
  readonly timeNs: bigint;
}

const MAX_WRITERS = 5000;
const MAX_LINKS = 20;
const STANDARD_INPUT = 0;
/** IPv4 and IPv6 sockets in the capture format's numbers of descriptor kinds. */
const SOCKETS: readonly number[] = [3, 4];

export class LinkLog {
  readonly #byIncident = new Map<string, Link[]>();
  /** By container and path, within one capture. */
  #writers = new Map<string, Writer>();

  /** A new capture: what was written in another one is not run in this one. */
  start(): void {
    this.#writers = new Map();
  }

  of(incidentId: string): readonly Link[] {
    return this.#byIncident.get(incidentId) ?? [];
  }

  /** Takes what an event means; `started`: it is an execve by the process itself. */
  add(record: ProcessRecord, act: Act, started: boolean, event: ScapEvent): void {
    for (const [path, what] of act.files ?? []) {
      const key = `${record.containerId}\0${path}`;
      const writer = this.#writers.get(key);
      if (what === 'written' && (writer !== undefined || this.#writers.size < MAX_WRITERS))
        this.#writers.set(key, { process: record.name, event: event.num, timeNs: event.tsNs });
      else if (what === 'run' && writer !== undefined)
        this.#push(record, event, 'written-then-run', [path, writer.process], writer);
    }
    if (!started || record.attackOf.size === 0) return;
    const input = event.thread?.fdTable?.get(STANDARD_INPUT);
    if (input !== undefined && SOCKETS.includes(input.kind))
      this.#push(record, event, 'stdin-connection', [record.cmdline, input.name], undefined);
  }

  #push(
    process: ProcessRecord,
    event: ScapEvent,
    kind: Link['kind'],
    values: readonly string[],
    from: Link['from'],
  ): void {
    for (const id of process.attackOf) {
      let list = this.#byIncident.get(id);
      if (list === undefined) this.#byIncident.set(id, (list = []));
      if (list.length >= MAX_LINKS) continue;
      if (list.some((one) => one.kind === kind && one.values.join('\0') === values.join('\0'))) continue;
      const { capture } = process;
      list.push({ kind, values, process, capture, event: event.num, from, timeNs: event.tsNs });
    }
  }
}
