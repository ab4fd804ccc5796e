// From alerts to findings, one alert at a time and in bounded memory. Container metadata often arrives late: alerts of
// a container whose image is not known yet wait under the container's id and join the others once it is.

import { type Alert, type FingerprintPart, fingerprintKey, fingerprintParts } from '../alerts/index.ts';
import { Budget, FindingGroup, type Sighting } from './finding-group.ts';
import type { Finding, Workload } from './types.ts';
import { stableWorkload, workloadOf } from './workload.ts';

/** Container metadata that is the same for all alerts of one container. */
type Metadata = Pick<
  Workload,
  'containerName' | 'imageRepository' | 'imageTag' | 'imageDigest' | 'namespace' | 'pod' | 'owner'
>;

export interface FindingLimits {
  /** What findings may hold together, about; default 128 MiB. Past it new kinds of alerts are counted together. */
  readonly bytes?: number;
  /** Findings of one rule in one workload; the rest is counted as one. Default 500. */
  readonly perRule?: number;
  /** Containers whose metadata is remembered; default 50,000. */
  readonly containers?: number;
}

/** Parts that say what a process did, as opposed to where: left out of what is counted together. */
const WHERE = new Set(['rule', 'source', 'workload', 'image', 'namespace', 'owner']);

interface Waiting {
  readonly group: FindingGroup;
  readonly alert: Alert;
}

/** Groups alerts as they come. */
export class FindingBuilder {
  readonly #budget: Budget;
  readonly #perRule: number;
  readonly #maxContainers: number;
  readonly #groups = new Map<string, FindingGroup>();
  /** How many groups one rule has in one workload. */
  readonly #perPlace = new Map<string, number>();
  readonly #containers = new Map<string, Metadata>();
  /** Groups that wait for a container's metadata, by container id. */
  readonly #waiting = new Map<string, Map<string, Waiting>>();
  #alerts = 0;

  constructor(limits: FindingLimits = {}) {
    this.#budget = new Budget(limits.bytes ?? 128 * 1024 * 1024);
    this.#perRule = limits.perRule ?? 500;
    this.#maxContainers = limits.containers ?? 50_000;
  }

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
      const metadata = this.#containers.get(id);
      if (metadata !== undefined) workload = { ...metadata, ...workload };
      else {
        this.#wait(id, alert, workload);
        return;
      }
    }
    this.#group(fingerprintParts(alert, stableWorkload(workload)), workload).add(alert, workload);
  }

  #group(parts: readonly FingerprintPart[], workload: Workload): FindingGroup {
    const key = fingerprintKey(parts);
    const group = this.#groups.get(key);
    return group ?? this.#newGroup(key, parts, workload);
  }

  /** A group of its own, unless there are too many already: then the rule's other alerts of that workload share one. */
  #newGroup(key: string, parts: readonly FingerprintPart[], workload: Workload): FindingGroup {
    let place = parts.filter((part) => WHERE.has(part.name));
    let placeKey = fingerprintKey(place);
    const count = this.#perPlace.get(placeKey) ?? 0;
    if (count < this.#perRule && !this.#budget.exhausted) {
      this.#perPlace.set(placeKey, count + 1);
      const group = new FindingGroup(parts, workload, this.#budget);
      this.#groups.set(key, group);
      return group;
    }
    // Even places can be made up, by whoever names images, namespaces or rules: then only the source is told apart.
    if (!this.#perPlace.has(placeKey)) place = parts.filter((part) => part.name === 'source');
    place = [...place, { name: 'rest', value: 'alerts that look different each time' }];
    placeKey = fingerprintKey(place);
    let rest = this.#groups.get(placeKey);
    if (rest === undefined) {
      rest = new FindingGroup(place, workload, this.#budget);
      this.#groups.set(placeKey, rest);
    }
    return rest;
  }

  #wait(id: string, alert: Alert, workload: Workload): void {
    let groups = this.#waiting.get(id);
    if (groups === undefined) {
      if (this.#waiting.size >= this.#maxContainers || this.#budget.exhausted) this.#settleOldest();
      groups = new Map();
      this.#waiting.set(id, groups);
    }
    const parts = fingerprintParts(alert, stableWorkload(workload));
    const key = fingerprintKey(parts);
    let waiting = groups.get(key);
    if (waiting === undefined) {
      if (groups.size >= this.#perRule) {
        this.#group(parts, workload).add(alert, workload);
        return;
      }
      waiting = { group: new FindingGroup(parts, workload, this.#budget), alert };
      groups.set(key, waiting);
    }
    waiting.group.add(alert, workload);
  }

  #learn(id: string, { kind: _kind, containerId: _id, node: _node, ...metadata }: Workload): void {
    const old = this.#containers.get(id);
    if (old !== undefined && Object.keys(old).length >= Object.keys(metadata).length) return;
    if (old === undefined && this.#containers.size >= this.#maxContainers) {
      const [oldest] = this.#containers.keys();
      if (oldest !== undefined) this.#containers.delete(oldest);
    }
    this.#containers.set(id, { ...old, ...metadata });
    this.#settle(id);
  }

  #settleOldest(): void {
    const [oldest] = this.#waiting.keys();
    if (oldest !== undefined) this.#settle(oldest);
  }

  /** Moves what waited for a container to where it belongs now. */
  #settle(id: string): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    const metadata = this.#containers.get(id) ?? {};
    for (const { group, alert } of waiting.values()) {
      const workload = { ...metadata, ...group.workload };
      this.#group(fingerprintParts(alert, stableWorkload(workload)), workload).absorb(group, workload);
    }
  }

  /** The findings so far, in order of first appearance; with when each entity was seen in each (for incidents.ts). */
  finish(): { readonly finding: Finding; readonly sightings: readonly Sighting[] }[] {
    for (const id of [...this.#waiting.keys()]) this.#settle(id);
    return [...this.#groups.values()].map((group) => ({
      finding: group.toFinding(),
      sightings: [...group.sightings.values()],
    }));
  }
}
