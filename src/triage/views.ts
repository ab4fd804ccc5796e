// The views of an incident's sample alerts, each with what its siblings add: container metadata (the same for all
// alerts of one container, and often late), ancestors (the same for all alerts of one process), when the container
// started, and how often the same thing repeats.

import type { Alert, FieldValue } from '../alerts/index.ts';
import { AlertView } from './derived/view.ts';
import type { Finding, Incident } from './types.ts';

export interface FindingViews {
  readonly finding: Finding;
  readonly views: readonly AlertView[];
}

const CONTAINER_FIELDS = /^(?:container\.(?!id$|duration$)|k8s\.(?!res))/;
const ANCESTOR_FIELDS = /^proc\.(?:a(?:name|exepath|cmdline|pid)\[\d+\]|pname|pexepath|pcmdline|ppid|pvpid)$/;

/** Views of all samples of an incident, finding by finding. */
export function viewsOf(incident: Incident): FindingViews[] {
  const containers = new Map<string, Map<string, FieldValue>>();
  const processes = new Map<string, Map<string, FieldValue>>();
  const starts = new Map<string, bigint>();
  for (const { samples } of incident.findings) {
    for (const alert of samples) {
      const id = containerKey(alert);
      if (id !== undefined) collect(containers, id, alert, CONTAINER_FIELDS);
      for (const key of processKeys(alert)) collect(processes, key, alert, ANCESTOR_FIELDS);
      if (id === undefined || alert.timeNs === undefined) continue;
      if (new AlertView(alert).get('yarak.container.starting') !== true) continue;
      const known = starts.get(id);
      if (known === undefined || alert.timeNs < known) starts.set(id, alert.timeNs);
    }
  }
  return incident.findings.map((finding) => ({
    finding,
    views: finding.samples.map((alert) => {
      const id = containerKey(alert);
      const siblings = new Map<string, FieldValue>();
      const sources = [
        id === undefined ? undefined : containers.get(id),
        ...processKeys(alert).map((key) => processes.get(key)),
      ];
      for (const source of sources)
        for (const [name, value] of source ?? []) if (!siblings.has(name)) siblings.set(name, value);
      const containerStartNs = id === undefined ? undefined : starts.get(id);
      return new AlertView(alert, {
        siblings,
        repeats: repeatsOf(finding),
        ...(containerStartNs === undefined ? {} : { containerStartNs }),
      });
    }),
  }));
}

function collect(
  into: Map<string, Map<string, FieldValue>>,
  key: string,
  alert: Alert,
  wanted: RegExp,
): void {
  let fields = into.get(key);
  if (fields === undefined) into.set(key, (fields = new Map()));
  for (const [name, value] of alert.fields) {
    if (value !== null && value !== '' && value !== '<NA>' && wanted.test(name) && !fields.has(name))
      fields.set(name, value);
  }
}

function containerKey(alert: Alert): string | undefined {
  const id = alert.fields.get('container.id');
  return typeof id === 'string' && id !== '' && id !== 'host' ? id.slice(0, 12) : undefined;
}

/** Same pid on the same host, or, without pids, the same program, command line and parent: one process for our purpose. */
function processKeys(alert: Alert): string[] {
  const field = (name: string) => {
    const value = alert.fields.get(name);
    return value === undefined || value === null ? '' : String(value);
  };
  const host = `${alert.hostname ?? ''}\0${field('container.id')}`;
  const keys: string[] = [];
  if (field('proc.pid') !== '') keys.push(`pid\0${host}\0${field('proc.pid')}\0${field('proc.cmdline')}`);
  if (field('proc.cmdline') !== '' && field('proc.exepath') !== '') {
    keys.push(
      [
        'line',
        host,
        field('proc.exepath'),
        field('proc.cmdline'),
        field('proc.pname'),
        field('proc.tty'),
      ].join('\0'),
    );
  }
  return keys;
}

function repeatsOf(finding: Finding): { count: number; periodMs: number | undefined } {
  const { count, firstSeenNs, lastSeenNs } = finding;
  if (count < 2 || firstSeenNs === undefined || lastSeenNs === undefined)
    return { count, periodMs: undefined };
  return { count, periodMs: Number((lastSeenNs - firstSeenNs) / 1_000_000n) / (count - 1) };
}
