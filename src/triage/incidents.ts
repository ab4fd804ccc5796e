// Findings that belong to one story: they share a process, a container, a pod, a person or a host within a window. A
// finding that is spread over many places is noise of its own and joins nothing.

import { fingerprintId } from '../alerts/index.ts';
import type { Sighting } from './finding-group.ts';
import type { Finding, Incident } from './types.ts';

/** Sightings of one entity at most this far apart belong together. */
export const WINDOW_NS = 15n * 60n * 1_000_000_000n;
/** Distinct containers, pods or hosts from which on a finding is called widespread. */
const WIDESPREAD = 6;

interface Node {
  readonly finding: Finding;
  readonly sightings: readonly Sighting[];
  parent: number;
}

const near = (a: Sighting, b: Sighting): boolean =>
  a.firstNs === undefined ||
  a.lastNs === undefined ||
  b.firstNs === undefined ||
  b.lastNs === undefined ||
  (a.firstNs <= b.lastNs + WINDOW_NS && b.firstNs <= a.lastNs + WINDOW_NS);

function isWidespread(sightings: readonly Sighting[]): boolean {
  const places = sightings.filter(
    ({ entity }) => entity.kind === 'container' || entity.kind === 'pod' || entity.kind === 'host',
  );
  const containers = places.filter(({ entity }) => entity.kind === 'container').length;
  return (containers > 0 ? containers : places.length) >= WIDESPREAD;
}

/** Joins findings to incidents, in order of first sight; ids are stable for the same input. */
export function joinIncidents(
  findings: readonly { readonly finding: Finding; readonly sightings: readonly Sighting[] }[],
): Incident[] {
  const nodes: Node[] = findings.map(({ finding, sightings }, i) => ({ finding, sightings, parent: i }));
  const find = (i: number): number => {
    let root = i;
    while ((nodes[root] as Node).parent !== root) root = (nodes[root] as Node).parent;
    let at = i;
    while (at !== root) {
      const next = (nodes[at] as Node).parent;
      (nodes[at] as Node).parent = root;
      at = next;
    }
    return root;
  };
  const byEntity = new Map<string, { index: number; sighting: Sighting }[]>();
  nodes.forEach((node, index) => {
    if (isWidespread(node.sightings)) return;
    for (const sighting of node.sightings) {
      const key = `${sighting.entity.kind}:${sighting.entity.value}`;
      const list = byEntity.get(key) ?? [];
      list.push({ index, sighting });
      byEntity.set(key, list);
    }
  });
  const joins = new Map<number, Map<string, Incident['joinedBy'][number]>>();
  const joined: { readonly index: number; readonly entity: Incident['joinedBy'][number] }[] = [];
  for (const list of byEntity.values()) {
    // In order of time, each needs only its neighbour: sightings that overlap a third overlap the one before it.
    list.sort((a, b) =>
      (a.sighting.firstNs ?? 0n) < (b.sighting.firstNs ?? 0n)
        ? -1
        : (a.sighting.firstNs ?? 0n) > (b.sighting.firstNs ?? 0n)
          ? 1
          : 0,
    );
    let open = list[0] as (typeof list)[number];
    for (const next of list.slice(1)) {
      if (near(open.sighting, next.sighting)) {
        const [a, b] = [find(open.index), find(next.index)];
        if (a !== b) (nodes[Math.max(a, b)] as Node).parent = Math.min(a, b);
        joined.push({ index: next.index, entity: next.sighting.entity });
        if ((next.sighting.lastNs ?? 0n) > (open.sighting.lastNs ?? 0n)) open = next;
      } else open = next;
    }
  }
  for (const { index, entity } of joined) {
    const root = find(index);
    const names = joins.get(root) ?? new Map<string, Incident['joinedBy'][number]>();
    names.set(`${entity.kind}:${entity.value}`, entity);
    joins.set(root, names);
  }
  const members = new Map<number, Node[]>();
  nodes.forEach((node, i) => {
    const root = find(i);
    const list = members.get(root) ?? [];
    list.push(node);
    members.set(root, list);
  });
  return [...members].map(([root, list]) => toIncident(list, [...(joins.get(root)?.values() ?? [])]));
}

function toIncident(nodes: readonly Node[], joinedBy: readonly Incident['joinedBy'][number][]): Incident {
  const findings = nodes.map((node) => node.finding);
  // Several stretches of time of one finding are one incident here; the first time tells apart what a store keeps.
  const firsts = findings.flatMap((f) => (f.firstSeenNs === undefined ? [] : [f.firstSeenNs]));
  const lasts = findings.flatMap((f) => (f.lastSeenNs === undefined ? [] : [f.lastSeenNs]));
  const first = firsts.reduce<bigint | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
  const last = lasts.reduce<bigint | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined);
  return {
    id: fingerprintId([
      ...findings
        .map((f) => f.id)
        .sort()
        .map((value) => ({ name: 'finding', value })),
      ...joinedBy
        .map(({ kind, value }) => ({ name: kind, value }))
        .sort((a, b) => (a.name + a.value < b.name + b.value ? -1 : 1)),
      { name: 'first', value: String(first ?? '') },
    ]),
    findings,
    joinedBy,
    firstSeenNs: first,
    lastSeenNs: last,
  };
}
