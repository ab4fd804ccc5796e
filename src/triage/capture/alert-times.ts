// The times of all alerts of a run. What the findings do not keep whole is still known by its time: processes that
// raised any alert are not the workload's.

import { type Alert, fieldText } from '../../alerts/index.ts';

/** Alert times that are remembered; of more than this the later ones are not. */
const MAX_TIMES = 500_000;

/** Things by time, the time split in two words as events carry it. */
export class TimeIndex<T> {
  readonly #words = new Map<number, Map<number, T[]>>();
  size = 0;

  add(timeNs: bigint, item: T): void {
    const hi = Number(timeNs >> 32n);
    const lo = Number(timeNs & 0xffff_ffffn);
    let words = this.#words.get(hi);
    if (words === undefined) this.#words.set(hi, (words = new Map()));
    const list = words.get(lo);
    if (list === undefined) words.set(lo, [item]);
    else list.push(item);
    this.size++;
  }

  at(hi: number, lo: number): readonly T[] | undefined {
    return this.#words.get(hi)?.get(lo);
  }
}

export class AlertTimes {
  readonly #index = new TimeIndex<string>();

  add(alert: Alert): void {
    const { timeNs } = alert;
    if (timeNs === undefined || timeNs < 0n || alert.source !== 'syscall' || this.#index.size >= MAX_TIMES)
      return;
    const name = fieldText(alert, 'proc.name') ?? '';
    const known = this.#index.at(Number(timeNs >> 32n), Number(timeNs & 0xffff_ffffn));
    if (known === undefined || !known.includes(name)) this.#index.add(timeNs, name);
  }

  /** Names of the processes that alerts of this moment speak of; `''` where one says none. */
  at(hi: number, lo: number): readonly string[] | undefined {
    return this.#index.at(hi, lo);
  }
}
