// From alerts to findings, one alert at a time and in bounded memory per finding. Container metadata often arrives
// late: alerts of a container whose image is not known yet wait under the container's id and join the others once
// it is.

import {
  type Alert,
  type AlertRef,
  type FingerprintPart,
  fieldText,
  fingerprintId,
  fingerprintParts,
  PRIORITIES,
  type Priority,
} from '../alerts/index.ts';
import { type Entity, entitiesOf } from './entities.ts';
import type { Finding, Spread, Workload } from './types.ts';
import { stableWorkload, workloadOf } from './workload.ts';

const MAX_SPREAD = 1000;
const FIRST_SAMPLES = 3;
const LAST_SAMPLES = 2;
const MAX_ENTITIES = 200;

const rank = (priority: Priority): number =>
  priority === 'unknown' ? PRIORITIES.length : PRIORITIES.indexOf(priority);

/** A set that stops growing and remembers that it did. */
class BoundedSet {
  readonly values = new Set<string>();
  atLeast = false;

  add(value: string | undefined): void {
    if (value === undefined || value === '' || this.values.has(value)) return;
    if (this.values.size < MAX_SPREAD) this.values.add(value);
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

class Group {
  parts: readonly FingerprintPart[];
  workload: Workload;
  count = 0;
  priority: Priority = 'unknown';
  firstNs: bigint | undefined;
  lastNs: bigint | undefined;
  readonly tags = new Set<string>();
  readonly nodes = new BoundedSet();
  readonly pods = new BoundedSet();
  readonly images = new BoundedSet();
  readonly users = new BoundedSet();
  readonly refs: AlertRef[] = [];
  readonly sightings = new Map<string, Sighting>();
  #first: Alert[] = [];
  #last: Alert[] = [];
  #fullest: Alert | undefined;

  constructor(parts: readonly FingerprintPart[], workload: Workload) {
    this.parts = parts;
    this.workload = workload;
  }

  add(alert: Alert, workload: Workload): void {
    this.count++;
    this.refs.push(alert.ref);
    if (rank(alert.priority) < rank(this.priority)) this.priority = alert.priority;
    const { timeNs } = alert;
    if (timeNs !== undefined) {
      if (this.firstNs === undefined || timeNs < this.firstNs) this.firstNs = timeNs;
      if (this.lastNs === undefined || timeNs > this.lastNs) this.lastNs = timeNs;
    }
    for (const tag of alert.tags) this.tags.add(tag);
    this.nodes.add(alert.hostname);
    this.pods.add(workload.pod === undefined ? undefined : `${workload.namespace ?? ''}/${workload.pod}`);
    this.images.add(
      workload.imageRepository === undefined
        ? undefined
        : `${workload.imageRepository}${workload.imageTag === undefined ? '' : `:${workload.imageTag}`}`,
    );
    this.users.add(
      fieldText(alert, 'user.name') ?? fieldText(alert, 'ka.user.name') ?? fieldText(alert, 'ct.user'),
    );
    if (known(workload) > known(this.workload)) this.workload = workload;
    this.#sample(alert);
    this.#see(alert);
  }

  absorb(other: Group): void {
    for (const alert of other.samples) this.#sample(alert);
    this.count += other.count;
    for (const ref of other.refs) this.refs.push(ref);
    if (rank(other.priority) < rank(this.priority)) this.priority = other.priority;
    if (other.firstNs !== undefined && (this.firstNs === undefined || other.firstNs < this.firstNs))
      this.firstNs = other.firstNs;
    if (other.lastNs !== undefined && (this.lastNs === undefined || other.lastNs > this.lastNs))
      this.lastNs = other.lastNs;
    for (const tag of other.tags) this.tags.add(tag);
    for (const kind of ['nodes', 'pods', 'images', 'users'] as const) {
      for (const value of other[kind].values) this[kind].add(value);
      if (other[kind].atLeast) this[kind].atLeast = true;
    }
    for (const [key, sighting] of other.sightings)
      if (!this.sightings.has(key)) this.sightings.set(key, sighting);
  }

  get samples(): Alert[] {
    const all = new Set([
      ...this.#first,
      ...(this.#fullest === undefined ? [] : [this.#fullest]),
      ...this.#last,
    ]);
    return [...all].sort((a, b) => compareTimes(a.timeNs, b.timeNs));
  }

  #sample(alert: Alert): void {
    if (this.#first.length < FIRST_SAMPLES) this.#first.push(alert);
    else {
      this.#last.push(alert);
      if (this.#last.length > LAST_SAMPLES) this.#last.shift();
    }
    if (this.#fullest === undefined || alert.fields.size > this.#fullest.fields.size) this.#fullest = alert;
  }

  #see(alert: Alert): void {
    for (const entity of entitiesOf(alert)) {
      const key = `${entity.kind}:${entity.value}`;
      const sighting = this.sightings.get(key);
      const { timeNs } = alert;
      if (sighting === undefined) {
        if (this.sightings.size < MAX_ENTITIES)
          this.sightings.set(key, { entity, firstNs: timeNs, lastNs: timeNs });
      } else if (timeNs !== undefined) {
        if (sighting.firstNs === undefined || timeNs < sighting.firstNs) sighting.firstNs = timeNs;
        if (sighting.lastNs === undefined || timeNs > sighting.lastNs) sighting.lastNs = timeNs;
      }
    }
  }
}

const known = (workload: Workload): number => Object.keys(workload).length;

function compareTimes(a: bigint | undefined, b: bigint | undefined): number {
  if (a === undefined || b === undefined || a === b) return 0;
  return a < b ? -1 : 1;
}

/** Container metadata that is the same for all alerts of one container. */
type Metadata = Pick<
  Workload,
  'containerName' | 'imageRepository' | 'imageTag' | 'imageDigest' | 'namespace' | 'pod' | 'owner'
>;

/** Groups alerts as they come. */
export class FindingBuilder {
  readonly #groups = new Map<string, Group>();
  readonly #containers = new Map<string, Metadata>();
  /** Groups that wait for a container's metadata, by container id. */
  readonly #waiting = new Map<string, Map<string, { readonly group: Group; readonly alert: Alert }>>();
  #alerts = 0;

  /** Alerts added so far. */
  get alerts(): number {
    return this.#alerts;
  }

  add(alert: Alert): void {
    this.#alerts++;
    let workload = workloadOf(alert);
    const id = workload.containerId;
    if (id !== undefined) {
      if (workload.imageRepository !== undefined || workload.pod !== undefined) this.#learn(id, workload);
      else {
        const metadata = this.#containers.get(id);
        if (metadata === undefined) {
          this.#wait(id, alert, workload);
          return;
        }
        workload = { ...metadata, ...workload };
      }
    }
    this.#group(alert, workload).add(alert, workload);
  }

  #group(alert: Alert, workload: Workload): Group {
    const parts = fingerprintParts(alert, stableWorkload(workload));
    const key = parts.map((part) => `${part.name}=${part.value}`).join('\0');
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = new Group(parts, workload);
      this.#groups.set(key, group);
    }
    return group;
  }

  #wait(id: string, alert: Alert, workload: Workload): void {
    const groups = this.#waiting.get(id) ?? new Map<string, { group: Group; alert: Alert }>();
    this.#waiting.set(id, groups);
    const parts = fingerprintParts(alert, stableWorkload(workload));
    const key = parts.map((part) => `${part.name}=${part.value}`).join('\0');
    let waiting = groups.get(key);
    if (waiting === undefined) {
      waiting = { group: new Group(parts, workload), alert };
      groups.set(key, waiting);
    }
    waiting.group.add(alert, workload);
  }

  #learn(id: string, { kind: _kind, containerId: _id, node: _node, ...metadata }: Workload): void {
    const old = this.#containers.get(id);
    if (old !== undefined && Object.keys(old).length >= Object.keys(metadata).length) return;
    this.#containers.set(id, { ...old, ...metadata });
    this.#settle(id);
  }

  /** Moves what waited for a container to where it belongs now. */
  #settle(id: string): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    const metadata = this.#containers.get(id) ?? {};
    for (const { group, alert } of waiting.values()) {
      const workload = { ...metadata, ...group.workload };
      this.#group(alert, workload).absorb(group);
    }
  }

  /** The findings so far, in order of first appearance; with when each entity was seen in each (for incidents.ts). */
  finish(): { readonly finding: Finding; readonly sightings: readonly Sighting[] }[] {
    for (const id of [...this.#waiting.keys()]) this.#settle(id);
    return [...this.#groups.values()].map((group) => ({
      finding: toFinding(group),
      sightings: [...group.sightings.values()],
    }));
  }
}

function toFinding(group: Group): Finding {
  const { samples } = group;
  const [first] = samples;
  return {
    id: fingerprintId(group.parts),
    fingerprint: group.parts,
    rule: first?.rule,
    source: first?.source ?? 'syscall',
    priority: group.priority,
    tags: [...group.tags].sort(),
    workload: group.workload,
    count: group.count,
    firstSeenNs: group.firstNs,
    lastSeenNs: group.lastNs,
    spread: {
      nodes: group.nodes.spread,
      pods: group.pods.spread,
      images: group.images.spread,
      users: group.users.spread,
    },
    refs: group.refs,
    samples,
  };
}
