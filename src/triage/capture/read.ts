// Captures beside alerts: a first reading finds each alert's event, a second one collects what happened around them.
// Memory does not grow with the captures, only with what the reports will hold.

import type { Alert } from '../../alerts/index.ts';
import {
  type CaptureSummary as ReaderSummary,
  readCapture,
  type ScapEvent,
} from '../../sources/scap/index.ts';
import type { Incident } from '../types.ts';
import type { AlertTimes } from './alert-times.ts';
import { type CaptureSubjects, Collector, type Interest } from './collect.ts';
import { attackRoot, type ProcessKey } from './lineage.ts';
import { Locator, type Place } from './locate.ts';
import { tellStory } from './story.ts';
import type { CaptureReading, CaptureSource, CaptureSummary } from './types.ts';

/** What all incidents of a run share: the alerts' places, and what the captures are. */
export interface Located {
  readonly places: ReadonlyMap<Alert, Place>;
  readonly captures: readonly CaptureSummary[];
}

class Span {
  firstNs: bigint | undefined = undefined;
  hostname: string | undefined = undefined;
  #last: readonly [number, number] = [0, 0];

  onEvent(event: ScapEvent): void {
    if (this.firstNs === undefined) {
      this.firstNs = event.tsNs;
      this.hostname = event.state.machine?.hostname;
    }
    this.#last = [event.tsHi, event.tsLo];
  }

  summary(name: string, { events, diagnostics }: ReaderSummary): CaptureSummary {
    const [hi, lo] = this.#last;
    return {
      name,
      hostname: this.hostname,
      events,
      firstNs: this.firstNs,
      lastNs: this.firstNs === undefined ? undefined : (BigInt(hi) << 32n) | BigInt(lo),
      damage: diagnostics.find(({ severity }) => severity === 'error')?.message,
    };
  }
}

const samplesOf = (incidents: readonly Incident[]): Alert[] =>
  incidents
    .flatMap(({ findings }) => findings.flatMap(({ samples }) => samples))
    .filter(({ source }) => source === 'syscall');

function add<K, V>(into: Map<K, Set<V>>, key: K, value: V): void {
  const set = into.get(key);
  if (set === undefined) into.set(key, new Set([value]));
  else set.add(value);
}

/**
 * What the captures hold of each incident, by its id. `times` are those of all alerts read, also of the ones that the
 * findings do not keep. Throws what opening or reading a source throws; a damaged capture is told in its summary.
 */
export async function readCaptures(
  incidents: readonly Incident[],
  times: AlertTimes,
  sources: readonly CaptureSource[],
): Promise<ReadonlyMap<string, CaptureReading>> {
  const locator = new Locator(samplesOf(incidents), times);
  const captures: CaptureSummary[] = [];
  for (const source of sources) {
    locator.start(source.name);
    const span = new Span();
    const summary = await readCapture(source.open(), (event) => {
      span.onEvent(event);
      locator.onEvent(event);
    });
    captures.push(span.summary(source.name, summary));
  }
  const places = locator.places();
  const { interest, subjects } = whatToCollect(incidents, places, locator);
  const collector = new Collector(interest);
  for (const source of sources) {
    const wanted = subjects.get(source.name);
    collector.start(source.name, wanted ?? { roots: new Map(), ancestors: new Map(), alerts: new Map() });
    await readCapture(source.open(), (event) => collector.onEvent(event));
    collector.end();
  }
  return new Map(
    incidents.map((incident) => [incident.id, tellStory(incident, { places, captures }, collector)]),
  );
}

interface Subjects extends CaptureSubjects {
  readonly roots: Map<ProcessKey, Set<string>>;
  readonly ancestors: Map<ProcessKey, Set<string>>;
  readonly alerts: Map<number, Set<string>>;
}

function whatToCollect(
  incidents: readonly Incident[],
  places: ReadonlyMap<Alert, Place>,
  locator: Locator,
): { readonly interest: Interest; readonly subjects: ReadonlyMap<string, CaptureSubjects> } {
  const subjects = new Map<string, Subjects>();
  const of = (capture: string): Subjects => {
    let found = subjects.get(capture);
    if (found === undefined) {
      found = { roots: new Map(), ancestors: new Map(), alerts: new Map() };
      subjects.set(capture, found);
    }
    return found;
  };
  const containers = new Map<string, Set<string>>();
  const images = new Set<string>();
  const spans = new Map<string, { firstNs: bigint; lastNs: bigint; readonly captures: Set<string> }>();
  for (const incident of incidents) {
    for (const finding of incident.findings) {
      for (const alert of finding.samples) {
        const place = places.get(alert);
        if (place === undefined) continue;
        const wanted = of(place.capture);
        add(wanted.alerts, place.event, finding.id);
        const root = attackRoot(place.lineage);
        if (root !== undefined) add(wanted.roots, root.key, incident.id);
        for (const ancestor of place.lineage) add(wanted.ancestors, ancestor.key, incident.id);
        const span = spans.get(incident.id);
        if (span === undefined) {
          const captures = new Set([place.capture]);
          spans.set(incident.id, { firstNs: place.timeNs, lastNs: place.timeNs, captures });
        } else {
          span.captures.add(place.capture);
          if (place.timeNs < span.firstNs) span.firstNs = place.timeNs;
          if (place.timeNs > span.lastNs) span.lastNs = place.timeNs;
        }
        if (place.containerId === '') continue;
        add(containers, place.containerId, incident.id);
        const image = place.fields.get('container.image.repository');
        if (typeof image === 'string' && image !== '') images.add(image);
      }
    }
  }
  // Other processes that raised alerts belong to the incidents of their container, or count for nobody's workload.
  for (const [capture, alerted] of locator.alerted) {
    for (const lineage of alerted.values()) {
      const root = attackRoot(lineage);
      if (root === undefined) continue;
      for (const id of containers.get(root.containerId) ?? []) add(of(capture).roots, root.key, id);
    }
  }
  return { interest: { incidents: spans, containers, images }, subjects };
}
