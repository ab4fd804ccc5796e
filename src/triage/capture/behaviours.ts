// What each container of an incident was seen to do, over all captures, with other containers of the same image on the
// workload's side.

import type { Collector } from './collect.ts';
import type { ContainerLog } from './container-log.ts';
import { demandKey } from './container-log.ts';
import type { Placed } from './story.ts';
import type { ContainerBehaviour, ContainerSide, SeenDemand } from './types.ts';

const MAX_CONTAINERS = 8;

export function behaviours(placed: readonly Placed[], collector: Collector): ContainerBehaviour[] {
  const ids = [...new Set(placed.map(({ place }) => place.containerId))].filter((id) => id !== '');
  return ids.slice(0, MAX_CONTAINERS).flatMap((id) => {
    const log = collector.containers.get(id);
    return log === undefined ? [] : [behaviour(log, collector)];
  });
}

function behaviour(log: ContainerLog, collector: Collector): ContainerBehaviour {
  const peers =
    log.image === undefined
      ? []
      : [...collector.containers.values()].filter((one) => one !== log && one.image === log.image);
  const captures = [...new Set([log, ...peers].flatMap((one) => [...one.captures]))];
  const recorded = new Set(captures.flatMap((capture) => [...(collector.calls.get(capture) ?? [])]));
  return {
    id: log.id,
    name: log.name,
    image: log.image,
    privileged: log.privileged,
    workload: merge([log, ...peers].map((one) => one.workload.toSide())),
    attack: log.attack.toSide(),
    runtimeEvents: log.runtimeEvents,
    startSeen: log.startSeen || peers.some((one) => one.startSeen),
    capabilities: [...new Set([log, ...peers].flatMap((one) => [...one.capabilities]))].sort(),
    peers: peers.map((one) => one.id),
    recordedCalls: [...recorded].sort(),
    captures,
  };
}

function merge(sides: readonly ContainerSide[]): ContainerSide {
  const calls = new Map<string, { count: number; firstEvent: number }>();
  const demands = new Map<string, SeenDemand>();
  for (const side of sides) {
    for (const [name, { count, firstEvent }] of side.calls) {
      const known = calls.get(name);
      calls.set(name, known === undefined ? { count, firstEvent } : { ...known, count: known.count + count });
    }
    for (const seen of side.demands) {
      const key = demandKey(seen.demand);
      const known = demands.get(key);
      demands.set(key, known === undefined ? seen : { ...known, count: known.count + seen.count });
    }
  }
  const times = (pick: 'firstNs' | 'lastNs'): bigint[] =>
    sides.flatMap((side) => (side[pick] === undefined ? [] : [side[pick] as bigint]));
  const least = times('firstNs').reduce<bigint | undefined>(
    (a, b) => (a === undefined || b < a ? b : a),
    undefined,
  );
  const most = times('lastNs').reduce<bigint | undefined>(
    (a, b) => (a === undefined || b > a ? b : a),
    undefined,
  );
  return {
    processes: sides.reduce((sum, side) => sum + side.processes, 0),
    events: sides.reduce((sum, side) => sum + side.events, 0),
    firstNs: least,
    lastNs: most,
    calls,
    demands: [...demands.values()],
    demandsLeftOut: sides.reduce((sum, side) => sum + side.demandsLeftOut, 0),
    programs: [...new Set(sides.flatMap((side) => side.programs))],
  };
}
