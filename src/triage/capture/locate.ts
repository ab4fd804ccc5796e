// Finds each alert's event in a capture. Falco's alerts carry the event's time in nanoseconds: an event at that time by
// the same process in the same container is the alert's; where an alert's time is coarser, more of it has to agree.

import { type Alert, type FieldValue, isMissing } from '../../alerts/index.ts';
import type { ScapEvent } from '../../sources/scap/index.ts';
import { type AlertTimes, TimeIndex } from './alert-times.ts';
import { readContainerFields, readEventFields, textReader } from './event-fields.ts';
import { type Ancestor, lineageOf, type ProcessKey, processKey } from './lineage.ts';

/** Where an alert stands in a capture, and who did it. */
export interface Place {
  readonly capture: string;
  /** `evt.num` in the capture. */
  readonly event: number;
  readonly timeNs: bigint;
  /** The process and its ancestors, nearest first; empty for events that no process made. */
  readonly lineage: readonly Ancestor[];
  /** Short id; `''`: the host. */
  readonly containerId: string;
  readonly fields: Map<string, FieldValue>;
}

/** Fields that tell one event of a moment from another; a difference in the first ones rules it out. */
const HARD: readonly string[] = ['evt.type', 'proc.pid', 'proc.vpid', 'proc.exepath', 'container.id'];
const SOFT: readonly string[] = ['proc.name', 'proc.cmdline', 'fd.name', 'user.name'];
const READERS = new Map([...HARD, ...SOFT].map((name) => [name, textReader(name)]));
const containerIdOf = textReader('container.id');
const nameOf = textReader('proc.name');

const SECOND_NS = 1_000_000_000n;

interface Wanted {
  readonly alert: Alert;
  best: { readonly agreed: number; readonly place: Place } | undefined;
}

/** Looks for alerts among the events of captures, one capture after the other. */
export class Locator {
  readonly #exact = new TimeIndex<Wanted>();
  readonly #coarse = new Map<bigint, Wanted[]>();
  readonly #wanted: Wanted[] = [];
  readonly #times: AlertTimes;
  /** Processes that raised an alert, in the capture that is read. */
  readonly alerted = new Map<string, Map<ProcessKey, readonly Ancestor[]>>();
  #capture = '';

  constructor(alerts: Iterable<Alert>, times: AlertTimes) {
    this.#times = times;
    for (const alert of alerts) {
      if (alert.timeNs === undefined) continue;
      const wanted: Wanted = { alert, best: undefined };
      this.#wanted.push(wanted);
      this.#exact.add(alert.timeNs, wanted);
      if (alert.timeNs % 1000n !== 0n) continue;
      const second = alert.timeNs / SECOND_NS;
      const list = this.#coarse.get(second) ?? [];
      list.push(wanted);
      this.#coarse.set(second, list);
    }
  }

  start(capture: string): void {
    this.#capture = capture;
    this.alerted.set(capture, new Map());
  }

  onEvent(event: ScapEvent): void {
    const exact = this.#exact.at(event.tsHi, event.tsLo);
    if (exact !== undefined) for (const wanted of exact) this.#try(wanted, event, 1);
    if (this.#coarse.size > 0) {
      const timeNs = event.tsNs;
      for (const wanted of this.#coarse.get(timeNs / SECOND_NS) ?? []) {
        const from = wanted.alert.timeNs as bigint;
        if (timeNs > from && timeNs < from + precision(from)) this.#try(wanted, event, 3);
      }
    }
    const names = this.#times.at(event.tsHi, event.tsLo);
    if (names !== undefined) this.#note(event, names);
  }

  /** The place of each alert that was found. */
  places(): Map<Alert, Place> {
    const found = new Map<Alert, Place>();
    for (const { alert, best } of this.#wanted) if (best !== undefined) found.set(alert, best.place);
    return found;
  }

  #note(event: ScapEvent, names: readonly string[]): void {
    const { thread } = event;
    if (thread === undefined || !names.some((name) => name === '' || name === nameOf(event))) return;
    const key = processKey(thread);
    const map = this.alerted.get(this.#capture);
    if (map !== undefined && !map.has(key)) map.set(key, lineageOf(event, thread));
  }

  #try(wanted: Wanted, event: ScapEvent, needed: number): void {
    const agreed = agreement(wanted.alert, event);
    if (agreed < needed && !(needed === 1 && agreed === 0 && !comparable(wanted.alert))) return;
    if (wanted.best !== undefined && wanted.best.agreed >= agreed) return;
    const fields = new Map<string, FieldValue>();
    readEventFields(event, fields);
    readContainerFields(event, fields);
    const container = containerIdOf(event);
    wanted.best = {
      agreed,
      place: {
        capture: this.#capture,
        event: event.num,
        timeNs: event.tsNs,
        lineage: event.thread === undefined ? [] : lineageOf(event, event.thread),
        containerId: container === 'host' ? '' : container,
        fields,
      },
    };
  }
}

/** How far an alert's time may be before the event's: it ends in so many zeros. */
function precision(timeNs: bigint): bigint {
  if (timeNs % SECOND_NS === 0n) return SECOND_NS;
  return timeNs % 1_000_000n === 0n ? 1_000_000n : 1000n;
}

function comparable(alert: Alert): boolean {
  return [...READERS.keys()].some((name) => {
    const value = alert.fields.get(name);
    return value !== undefined && !isMissing(value);
  });
}

/** How many fields are the same; -1 when one says that it is another event. */
function agreement(alert: Alert, event: ScapEvent): number {
  let agreed = 0;
  for (const [name, read] of READERS) {
    const said = alert.fields.get(name);
    if (said === undefined || isMissing(said)) continue;
    const shown = read(event);
    const same =
      name === 'container.id' ? shown.slice(0, 12) === String(said).slice(0, 12) : shown === String(said);
    if (same) agreed++;
    else if (HARD.includes(name)) return -1;
  }
  return agreed;
}
