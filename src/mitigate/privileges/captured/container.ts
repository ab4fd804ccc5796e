// What the planners of profiles from captures share: which containers they are for, how much of each was seen, and the
// words for it.

import type { ContainerBehaviour, ContainerSide } from '../../../triage/index.ts';
import type { PlanContext } from '../../context.ts';

/** Containers that a profile can be made for; none where nothing is to be kept out. */
export function capturedContainers(context: PlanContext): readonly ContainerBehaviour[] {
  if (context.benign) return [];
  return context.triage.capture?.containers ?? [];
}

/** A name for files and profiles: of the image, else the container's id; only letters, digits and `-`. */
export function profileName({ image, id }: ContainerBehaviour): string {
  const base = (image?.split('/').at(-1) ?? id).toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return `yarak-${base.replace(/^-+|-+$/g, '').slice(0, 40) || 'container'}`;
}

export function containerText({ image, name, id }: ContainerBehaviour): string {
  return `${name ?? image ?? id} (${id})`;
}

const count = (n: number, one: string): string =>
  `${String(n).replace(/\B(?=(\d{3})+$)/g, ',')} ${one}${n === 1 ? '' : 's'}`;

/** `1,204 events of 12 processes in 35 s`. */
export function extentText({ events, processes, firstNs, lastNs }: ContainerSide): string {
  const ms = firstNs === undefined || lastNs === undefined ? 0 : Number((lastNs - firstNs) / 1_000_000n);
  const span =
    ms < 1000 ? `${ms} ms` : ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
  const programs = `${processes} process${processes === 1 ? '' : 'es'}`;
  return `${count(events, 'event')} of ${programs} in ${span}`;
}

/** Why no profile can be learnt, if so. */
export function notLearnable({ workload, id, peers }: ContainerBehaviour): string | undefined {
  if (workload.events === 0)
    return `The captures hold nothing that the workload itself did, only what raised the alerts and came from it. Give a capture of the same image at work with --capture, and the profile is made from that.`;
  if (workload.demandsLeftOut > 0)
    return `The workload of container ${id}${peers.length > 0 ? ' and its peers' : ''} touched more different files than a profile can name (${workload.demandsLeftOut} beyond the limit): a capture of a shorter time is needed.`;
  return undefined;
}

/** What was seen and what it does not cover, for `breaks`. */
export function coverageText(container: ContainerBehaviour): string {
  const start = container.startSeen
    ? 'The start of the container is in it'
    : 'The start of the container is not in it, so what its entrypoint does first is not known';
  const peers =
    container.peers.length > 0 ? ` (this container and ${container.peers.length} more of its image)` : '';
  return `It knows of the workload only what the capture shows: ${extentText(container.workload)}${peers}. ${start}. Everything rarer than that (log rotation, reloads, error paths, other probes) is refused until it was recorded too.`;
}

/** Names, the first of them. */
export function listed(names: readonly string[], max = 12): string {
  const more = names.length > max ? ` and ${names.length - max} more` : '';
  return `${names.slice(0, max).join(', ')}${more}`;
}
