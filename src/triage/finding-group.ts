// What is remembered of the alerts of one finding: counts, times, spread, references, a few whole alerts. Bounded by a
// budget that all findings of one input share, because an attacker decides how different their alerts look.

import {
  type Alert,
  type FingerprintPart,
  fieldText,
  fingerprintId,
  PRIORITIES,
  type Priority,
} from '../alerts/index.ts';
import { type Entity, entitiesOf } from './entities.ts';
import { RefLog } from './ref-log.ts';
import type { Finding, Spread, Workload } from './types.ts';

const MAX_SPREAD = 1000;
const FIRST_SAMPLES = 3;
const LAST_SAMPLES = 2;
const MAX_ENTITIES = 200;
const MAX_TAGS = 100;
/** What a name or an entity costs beside its characters, about. */
const ENTRY_BYTES = 100;

/** How much all findings together may still hold: whole alerts, names of the spread, entities. */
export class Budget {
  #left: number;
  constructor(bytes: number) {
    this.#left = bytes;
  }
  get exhausted(): boolean {
    return this.#left <= 0;
  }
  /** Changes what is left; `false`, without a change, if that would be less than nothing and `force` is not set. */
  take(bytes: number, force: boolean): boolean {
    if (!force && this.#left < bytes) return false;
    this.#left -= bytes;
    return true;
  }
}

/** One finding's part of a budget: what it took, it can give back at once. */
class Share {
  readonly #budget: Budget;
  #taken = 0;
  constructor(budget: Budget) {
    this.#budget = budget;
  }
  take(bytes: number, force = false): boolean {
    if (!this.#budget.take(bytes, force)) return false;
    this.#taken += bytes;
    return true;
  }
  give(bytes: number): void {
    this.take(-bytes, true);
  }
  release(): void {
    this.give(this.#taken);
  }
}

/** A set that stops growing and remembers that it did. */
class BoundedSet {
  readonly values = new Set<string>();
  atLeast = false;

  add(value: string | undefined, budget: Share): void {
    if (value === undefined || value === '' || this.values.has(value)) return;
    if (this.values.size < MAX_SPREAD && budget.take(ENTRY_BYTES + value.length)) this.values.add(value);
    else this.atLeast = true;
  }

  get spread(): Spread {
    return { values: [...this.values].sort(), total: this.values.size, atLeast: this.atLeast };
  }
}

/** When an entity was seen in a finding. */
export interface Sighting {
  readonly entity: Entity;
  firstNs: bigint | undefined;
  lastNs: bigint | undefined;
}

const rank = (priority: Priority): number =>
  priority === 'unknown' ? PRIORITIES.length : PRIORITIES.indexOf(priority);
const known = (workload: Workload): number => Object.keys(workload).length;
/** A parsed alert takes about three times its text. */
const sizeOf = (alert: Alert): number => 3 * alert.raw.length + 500;

export class FindingGroup {
  readonly parts: readonly FingerprintPart[];
  workload: Workload;
  count = 0;
  priority: Priority = 'unknown';
  firstNs: bigint | undefined;
  lastNs: bigint | undefined;
  readonly sightings = new Map<string, Sighting>();
  readonly #budget: Share;
  readonly #refs = new RefLog();
  readonly #tags = new Set<string>();
  readonly #nodes = new BoundedSet();
  readonly #pods = new BoundedSet();
  readonly #images = new BoundedSet();
  readonly #users = new BoundedSet();
  readonly #first: Alert[] = [];
  readonly #last: Alert[] = [];
  #fullest: Alert | undefined;

  constructor(parts: readonly FingerprintPart[], workload: Workload, budget: Budget) {
    this.parts = parts;
    this.workload = workload;
    this.#budget = new Share(budget);
    this.#budget.take(ENTRY_BYTES * 10 + parts.reduce((sum, part) => sum + part.value.length, 0), true);
  }

  add(alert: Alert, workload: Workload): void {
    this.count++;
    this.#refs.push(alert.ref.file, alert.ref.line);
    if (rank(alert.priority) < rank(this.priority)) this.priority = alert.priority;
    this.#extend(alert.timeNs, alert.timeNs);
    for (const tag of alert.tags) if (this.#tags.size < MAX_TAGS) this.#tags.add(tag);
    this.#nodes.add(alert.hostname, this.#budget);
    this.#pods.add(podName(workload), this.#budget);
    this.#images.add(imageName(workload), this.#budget);
    this.#users.add(
      fieldText(alert, 'user.name') ?? fieldText(alert, 'ka.user.name') ?? fieldText(alert, 'ct.user'),
      this.#budget,
    );
    if (known(workload) > known(this.workload)) this.workload = workload;
    this.#sample(alert);
    for (const entity of entitiesOf(alert)) this.#see(entity, alert.timeNs, alert.timeNs);
  }

  /**
   * Takes over what another group held, which must not be used any more; `workload` is what is known by now of where
   * its alerts come from.
   */
  absorb(other: FindingGroup, workload: Workload): void {
    other.#budget.release();
    if (known(workload) > known(this.workload)) this.workload = workload;
    this.count += other.count;
    this.#refs.append(other.#refs);
    if (rank(other.priority) < rank(this.priority)) this.priority = other.priority;
    this.#extend(other.firstNs, other.lastNs);
    for (const tag of other.#tags) if (this.#tags.size < MAX_TAGS) this.#tags.add(tag);
    for (const [mine, theirs] of [
      [this.#nodes, other.#nodes],
      [this.#pods, other.#pods],
      [this.#images, other.#images],
      [this.#users, other.#users],
    ] as const) {
      for (const value of theirs.values) mine.add(value, this.#budget);
      if (theirs.atLeast) mine.atLeast = true;
    }
    this.#pods.add(podName(workload), this.#budget);
    this.#images.add(imageName(workload), this.#budget);
    for (const { entity, firstNs, lastNs } of other.sightings.values()) this.#see(entity, firstNs, lastNs);
    for (const alert of other.samples) this.#sample(alert);
  }

  get samples(): Alert[] {
    const all = new Set(this.#first);
    if (this.#fullest !== undefined) all.add(this.#fullest);
    for (const alert of this.#last) all.add(alert);
    return [...all].sort((a, b) => compareTimes(a.timeNs, b.timeNs));
  }

  toFinding(): Finding {
    const { samples } = this;
    const [first] = samples;
    const refs = this.#refs;
    let list: Finding['refs'] | undefined;
    return {
      id: fingerprintId(this.parts),
      fingerprint: this.parts,
      rule: first?.rule,
      source: first?.source ?? 'syscall',
      priority: this.priority,
      tags: [...this.#tags].sort(),
      workload: this.workload,
      count: this.count,
      firstSeenNs: this.firstNs,
      lastSeenNs: this.lastNs,
      spread: {
        nodes: this.#nodes.spread,
        pods: this.#pods.spread,
        images: this.#images.spread,
        users: this.#users.spread,
      },
      get refs() {
        list ??= refs.toArray();
        return list;
      },
      samples,
    };
  }

  #extend(firstNs: bigint | undefined, lastNs: bigint | undefined): void {
    if (firstNs !== undefined && (this.firstNs === undefined || firstNs < this.firstNs))
      this.firstNs = firstNs;
    if (lastNs !== undefined && (this.lastNs === undefined || lastNs > this.lastNs)) this.lastNs = lastNs;
  }

  /** Keeps the first, the last and the fullest alerts; the very first whatever it costs, the others within the budget. */
  #sample(alert: Alert): void {
    const size = sizeOf(alert);
    const held = (other: Alert): boolean => this.#first.includes(other) || this.#last.includes(other);
    if (this.#first.length === 0) this.#budget.take(size, true);
    else if (!this.#budget.take(size)) return;
    const before = this.#fullest;
    if (before === undefined || alert.fields.size > before.fields.size) {
      this.#fullest = alert;
      if (before !== undefined && !held(before)) this.#budget.give(sizeOf(before));
    }
    if (this.#first.length < FIRST_SAMPLES) this.#first.push(alert);
    else {
      this.#last.push(alert);
      const dropped = this.#last.length > LAST_SAMPLES ? this.#last.shift() : undefined;
      if (dropped !== undefined && dropped !== this.#fullest) this.#budget.give(sizeOf(dropped));
    }
  }

  #see(entity: Entity, firstNs: bigint | undefined, lastNs: bigint | undefined): void {
    const key = `${entity.kind}:${entity.value}`;
    const sighting = this.sightings.get(key);
    if (sighting === undefined) {
      if (this.sightings.size < MAX_ENTITIES && this.#budget.take(2 * ENTRY_BYTES + 2 * key.length)) {
        this.sightings.set(key, { entity, firstNs, lastNs });
      }
      return;
    }
    if (firstNs !== undefined && (sighting.firstNs === undefined || firstNs < sighting.firstNs)) {
      sighting.firstNs = firstNs;
    }
    if (lastNs !== undefined && (sighting.lastNs === undefined || lastNs > sighting.lastNs)) {
      sighting.lastNs = lastNs;
    }
  }
}

function podName({ pod, namespace }: Workload): string | undefined {
  return pod === undefined ? undefined : `${namespace ?? ''}/${pod}`;
}

function imageName({ imageRepository, imageTag }: Workload): string | undefined {
  if (imageRepository === undefined) return undefined;
  return imageTag === undefined ? imageRepository : `${imageRepository}:${imageTag}`;
}

function compareTimes(a: bigint | undefined, b: bigint | undefined): number {
  if (a === undefined || b === undefined || a === b) return 0;
  return a < b ? -1 : 1;
}
