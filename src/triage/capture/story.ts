// From what was collected to what a report says of one incident. Nothing is said that no event shows; every statement
// carries the number of its event.

import type { Alert, AlertRef, FieldValue } from '../../alerts/index.ts';
import type { Finding, Incident } from '../types.ts';
import { behaviours } from './behaviours.ts';
import type { Collector } from './collect.ts';
import { factsFrom } from './facts.ts';
import type { Place } from './locate.ts';
import type { ProcessRecord } from './process-log.ts';
import { processTree } from './process-tree.ts';
import type { Located } from './read.ts';
import { timelineFrom } from './timeline.ts';
import type { CaptureReading, CaptureStory, CaptureSummary, LocatedAlert, MissingAlert } from './types.ts';

const MAX_FILES = 60;
const MAX_CONNECTIONS = 40;
const MAX_MISSING = 10;

/** The incident's samples with what their events show, and the story around them. */
export function tellStory(incident: Incident, located: Located, collector: Collector): CaptureReading {
  const { places, captures } = located;
  const log = collector.incidents.get(incident.id);
  const placed = incident.findings.flatMap((finding) =>
    finding.samples.flatMap((alert) => {
      const place = places.get(alert);
      return place === undefined ? [] : [{ finding, alert, place }];
    }),
  );
  const timeline = timelineFrom(
    log,
    placed.map(({ place }) => place),
  );
  const tree = processTree(incident, placed, collector);
  const around = aroundOf(placed, incident.id, collector);
  const files = [...(log?.files.values() ?? [])].sort(
    (a, b) => Number(b.sensitive !== undefined) - Number(a.sensitive !== undefined) || a.event - b.event,
  );
  const connections = [...(log?.connections.values() ?? [])].sort(
    (a, b) => Number(isLoopback(a.name)) - Number(isLoopback(b.name)) || a.event - b.event,
  );
  const story: CaptureStory = {
    captures,
    located: placed.map(
      ({ finding, alert, place }): LocatedAlert => ({
        findingId: finding.id,
        ref: alert.ref,
        capture: place.capture,
        event: place.event,
      }),
    ),
    missing: missingAlerts(incident, places, captures),
    processes: tree.roots,
    processesLeftOut: tree.leftOut + (placed.length > 0 ? collector.processesLeftOut : 0),
    timeline: timeline.entries,
    timelineLeftOut: timeline.leftOut,
    files: files.slice(0, MAX_FILES),
    filesLeftOut: Math.max(0, files.length - MAX_FILES) + (log?.filesLeftOut ?? 0),
    connections: connections.slice(0, MAX_CONNECTIONS),
    connectionsLeftOut: Math.max(0, connections.length - MAX_CONNECTIONS) + (log?.connectionsLeftOut ?? 0),
    users: [...(log?.users.values() ?? [])],
    facts: factsFrom(placed, log, collector, incident.id),
    containers: behaviours(placed, collector),
  };
  return { incident: enrich(incident, places, around, collector), story };
}

/** Both ends on the machine itself. */
function isLoopback(name: string): boolean {
  return /^(?:127\.|::1:).*->(?:127\.|::1:)/.test(name);
}

export interface Placed {
  readonly finding: Finding;
  readonly alert: Alert;
  readonly place: Place;
}

const AROUND = ['acts', 'secrets_read', 'traces_removed', 'written_then_run', 'stdin_connection'] as const;
/** Secrets that programs seldom read as a part of their work: not their own keys, not who may use sudo. */
const SECRETS =
  /^read-(?:password-hashes|ssh-private-key|service-account-token|kube-credentials|cloud-credentials|registry-credentials|process-environment|process-memory)$/;
type AroundName = (typeof AROUND)[number];
type Around = ReadonlyMap<Alert, NonNullable<Alert['capture']>['around']>;

/**
 * What events around the alerts show, as fields that conditions ask for. Each thing goes to one alert: the one whose
 * process did it or is its nearest ancestor, else the first.
 */
function aroundOf(placed: readonly Placed[], incidentId: string, collector: Collector): Around {
  const [first] = placed;
  const log = collector.incidents.get(incidentId);
  if (first === undefined || log === undefined) return new Map();
  const byProcess = new Map<string, Alert>();
  for (const { alert, place } of placed) {
    const key = `${place.capture} ${place.lineage[0]?.key ?? ''}`;
    if (!byProcess.has(key)) byProcess.set(key, alert);
  }
  const sets = new Map<Alert, Record<AroundName, Map<string, number>>>();
  const setsFor = (record: ProcessRecord) => {
    let alert: Alert | undefined;
    for (let at: ProcessRecord | undefined = record; at !== undefined && alert === undefined; at = at.parent)
      alert = byProcess.get(`${at.capture} ${at.key}`);
    const owner = alert ?? first.alert;
    let found = sets.get(owner);
    if (found === undefined) {
      found = {
        acts: new Map(),
        secrets_read: new Map(),
        traces_removed: new Map(),
        written_then_run: new Map(),
        stdin_connection: new Map(),
      };
      sets.set(owner, found);
    }
    return found;
  };
  const add = (into: Map<string, number>, value: string, event: number): void => {
    if (!into.has(value)) into.set(value, event);
  };
  for (const { act, process, event } of log.entries.values()) {
    if (act.word === undefined || !process.attackOf.has(incidentId)) continue;
    const sets = setsFor(process);
    add(sets.acts, act.word, event);
    const [path = ''] = act.values;
    if (SECRETS.test(act.word)) add(sets.secrets_read, path, event);
    else if (act.word.startsWith('delete-')) add(sets.traces_removed, path, event);
  }
  for (const { kind, values, process, event } of collector.links.of(incidentId)) {
    if (kind === 'written-then-run') add(setsFor(process).written_then_run, values[0] ?? '', event);
    else add(setsFor(process).stdin_connection, values[1] ?? '', event);
  }
  return new Map(
    placed.map(({ alert }) => [
      alert,
      new Map(
        AROUND.map((name) => [
          `yarak.capture.${name}`,
          [...(sets.get(alert)?.[name] ?? [])].map(([value, event]) => ({ value, event })),
        ]),
      ),
    ]),
  );
}

function enrich(
  incident: Incident,
  places: ReadonlyMap<Alert, Place>,
  around: Around,
  collector: Collector,
): Incident {
  if (incident.findings.every(({ samples }) => samples.every((alert) => !places.has(alert)))) return incident;
  return {
    ...incident,
    findings: incident.findings.map((finding) => {
      const samples = finding.samples.map((alert) => {
        const place = places.get(alert);
        return place === undefined
          ? alert
          : enrichAlert(alert, place, around.get(alert) ?? new Map(), collector);
      });
      // A copy property by property would make the list of references, which may be long.
      const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(finding)) as {
        -readonly [K in keyof Finding]: Finding[K];
      };
      copy.samples = samples;
      copy.workload = workloadWith(finding, samples);
      return copy;
    }),
  };
}

function enrichAlert(
  alert: Alert,
  place: Place,
  around: NonNullable<Alert['capture']>['around'],
  collector: Collector,
): Alert {
  const log = collector.containers.get(place.containerId);
  const shown = new Map(place.fields);
  const late: readonly (readonly [string, FieldValue | undefined])[] = [
    ['container.image.repository', log?.image],
    ['container.name', log?.name],
    ['container.privileged', log?.privileged],
  ];
  for (const [name, value] of late)
    if (value !== undefined && (shown.get(name) ?? '') === '') shown.set(name, value);
  const fields = new Map(alert.fields);
  const added = new Set<string>();
  for (const [name, value] of shown) {
    const own = fields.get(name);
    if (own !== undefined && (own !== null || value === null) && own !== '') continue;
    fields.set(name, value);
    added.add(name);
  }
  return { ...alert, fields, capture: { file: place.capture, event: place.event, fields: added, around } };
}

/** Container metadata that the alerts lacked; the kind of place stays what the alerts say, unless they do not. */
function workloadWith(finding: Finding, samples: readonly Alert[]): Finding['workload'] {
  const { workload } = finding;
  const text = (name: string): string | undefined => {
    for (const { fields } of samples) {
      const value = fields.get(name);
      if (typeof value === 'string' && value !== '' && value !== 'host') return value;
    }
    return undefined;
  };
  const host = samples.some(({ fields }) => fields.get('container.id') === 'host');
  const added: Record<string, unknown> = {
    containerId: text('container.id'),
    containerName: text('container.name'),
    imageRepository: text('container.image.repository'),
    imageTag: text('container.image.tag'),
    imageDigest: text('container.image.digest'),
    namespace: text('k8s.ns.name'),
    pod: text('k8s.pod.name'),
  };
  const kind =
    workload.kind !== 'unknown'
      ? workload.kind
      : host
        ? 'host'
        : added['containerId'] === undefined
          ? 'unknown'
          : 'container';
  if (kind !== 'container') return { ...workload, kind };
  const known = Object.fromEntries(Object.entries(added).filter(([, value]) => value !== undefined));
  return { ...known, ...workload, kind };
}

function missingAlerts(
  incident: Incident,
  places: ReadonlyMap<Alert, Place>,
  captures: readonly CaptureSummary[],
): MissingAlert[] {
  const out: MissingAlert[] = [];
  for (const finding of incident.findings) {
    for (const alert of finding.samples) {
      if (places.has(alert) || out.length >= MAX_MISSING) continue;
      out.push({ findingId: finding.id, ref: alert.ref as AlertRef, ...why(alert, captures) });
    }
  }
  return out;
}

function why(alert: Alert, captures: readonly CaptureSummary[]): Pick<MissingAlert, 'why' | 'values'> {
  if (alert.source !== 'syscall')
    return { why: 'its source {0} is not the system calls', values: [alert.source] };
  if (alert.timeNs === undefined) return { why: 'the record carries no time', values: [] };
  const at = alert.timeNs;
  const covers = captures.filter(
    ({ firstNs, lastNs }) => firstNs !== undefined && lastNs !== undefined && firstNs <= at && at <= lastNs,
  );
  if (covers.length === 0) return { why: 'no capture covers its time', values: [] };
  return {
    why: `no event of {0} at its time is of the same process and container`,
    values: [covers.map(({ name }) => name).join(', ')],
  };
}
