// The report as OCSF 1.9.0 Detection Findings (category 2, class 2004), one an incident, as a JSON array. Source of
// the names and numbers: github.com/ocsf/ocsf-schema, events/findings/{finding,detection_finding}.json, profiles
// incident and container, objects/*.json.

import type { Alert } from '../../alerts/index.ts';
import { stringifyJson } from '../../base/json.ts';
import type { Technique, VerdictWord, Workload } from '../../triage/index.ts';
import { epochMs, verdictText } from '../format.ts';
import type { IncidentReport, Report } from '../model.ts';
import { inOrder } from '../phases.ts';
import { plain } from '../template.ts';

export const OCSF_VERSION = '1.9.0';

/** severity_id, confidence_id and the incident profile's verdict_id, each with its caption. */
const BY_VERDICT: Readonly<
  Record<
    VerdictWord,
    {
      readonly severity: readonly [number, string];
      readonly confidence: readonly [number, string];
      readonly verdict: readonly [number, string];
    }
  >
> = {
  malicious: { severity: [5, 'Critical'], confidence: [3, 'High'], verdict: [2, 'True Positive'] },
  'likely-malicious': { severity: [4, 'High'], confidence: [2, 'Medium'], verdict: [4, 'Suspicious'] },
  undetermined: { severity: [3, 'Medium'], confidence: [1, 'Low'], verdict: [7, 'Insufficient Data'] },
  'likely-benign': { severity: [2, 'Low'], confidence: [2, 'Medium'], verdict: [99, 'likely-benign'] },
  benign: { severity: [1, 'Informational'], confidence: [3, 'High'], verdict: [5, 'Benign'] },
};

/** Observable type ids of the dictionary. */
const OBSERVABLE: Readonly<Record<IncidentReport['indicators'][number]['kind'], readonly [number, string]>> =
  {
    domain: [1, 'Hostname'],
    ip: [2, 'IP Address'],
    user: [4, 'User Name'],
    url: [6, 'URL String'],
    file: [7, 'File Name'],
    hash: [8, 'Hash'],
    image: [10, 'Resource UID'],
  };

/** An object without its undefined members; `undefined` if nothing is left. */
function object(members: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const known = Object.entries(members).filter(([, value]) => value !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

function attack(technique: Technique, version: string) {
  const sub = technique.id.includes('.');
  const parent = technique.id.split('.')[0] as string;
  return {
    version,
    ...(technique.tactics.length === 0 ? {} : { tactics: technique.tactics.map((name) => ({ name })) }),
    technique: sub ? { uid: parent } : { uid: technique.id, name: technique.name },
    ...(sub ? { sub_technique: { uid: technique.id, name: technique.name } } : {}),
  };
}

function container(workload: Workload) {
  if (workload.containerId === undefined && workload.containerName === undefined) return undefined;
  const image = workload.imageDigest ?? workload.imageRepository;
  return object({
    uid: workload.containerId,
    name: workload.containerName,
    tag: workload.imageTag,
    image:
      image === undefined
        ? undefined
        : object({ uid: image, name: workload.imageRepository, tag: workload.imageTag }),
  });
}

function field(alert: Alert, name: string): string | undefined {
  const value = alert.fields.get(name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function whole(alert: Alert, name: string): number | undefined {
  const value = alert.fields.get(name);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** Regular File is 1; the name is the path's last part, required. */
function file(path: string | undefined) {
  if (path === undefined) return undefined;
  return { type_id: 1, path, name: path.slice(path.lastIndexOf('/') + 1) || path };
}

function user(name: string | undefined, uid: number | undefined) {
  return object({ name, uid: uid === undefined ? undefined : String(uid) });
}

/** The process that the alert is about; OCSF wants a pid or a uid, so the alert's place stands in where no pid is known. */
function evidence(alert: Alert, finding: { readonly id: string; readonly workload: Workload }) {
  const name = field(alert, 'proc.name');
  const cmdline = field(alert, 'proc.cmdline');
  const pid = whole(alert, 'proc.pid');
  const process =
    name === undefined && cmdline === undefined && pid === undefined
      ? undefined
      : object({
          name,
          cmd_line: cmdline,
          pid,
          uid: pid === undefined ? `${alert.ref.file}:${alert.ref.line}` : undefined,
          file: file(field(alert, 'proc.exepath')),
          user: user(field(alert, 'user.name'), whole(alert, 'user.uid')),
          parent_process: object({
            name: field(alert, 'proc.pname'),
            uid:
              field(alert, 'proc.pname') === undefined
                ? undefined
                : `${alert.ref.file}:${alert.ref.line}:parent`,
          }),
        });
  return object({
    uid: `${finding.id}/${alert.ref.file}:${alert.ref.line}`,
    name: alert.rule,
    process,
    file: field(alert, 'fd.name')?.startsWith('/') ? file(field(alert, 'fd.name')) : undefined,
    container: container(finding.workload),
    data: { output: alert.output, fields: alert.fields, source: alert.source, priority: alert.priority },
  });
}

function resource(workload: Workload) {
  const out: Record<string, unknown>[] = [];
  if (workload.node !== undefined) out.push({ type: 'host', name: workload.node });
  if (workload.pod !== undefined)
    out.push({
      type: 'pod',
      name: workload.pod,
      ...(workload.namespace === undefined ? {} : { namespace: workload.namespace }),
    });
  if (workload.containerId !== undefined)
    out.push({
      type: 'container',
      uid: workload.containerId,
      ...(workload.containerName === undefined ? {} : { name: workload.containerName }),
    });
  return out;
}

function detectionFinding(incident: IncidentReport, report: Report) {
  const { triage } = incident;
  const { findings } = triage.incident;
  const by = BY_VERDICT[triage.verdict.word];
  const start = triage.incident.firstSeenNs === undefined ? undefined : epochMs(triage.incident.firstSeenNs);
  const end = triage.incident.lastSeenNs === undefined ? undefined : epochMs(triage.incident.lastSeenNs);
  const count = findings.reduce((sum, finding) => sum + finding.count, 0);
  const techniques = new Map(
    triage.behaviours
      .filter((behaviour) => behaviour.truth === 'true')
      .flatMap((behaviour) => behaviour.techniques.map((technique) => [technique.id, technique] as const)),
  );
  const title = plain(triage.title);
  const analytics = [...new Set(findings.map((finding) => finding.rule ?? 'unknown rule'))].map((name) => ({
    type_id: 1,
    type: 'Rule',
    name,
  }));
  const offered = inOrder(incident.mitigations).filter((one) => one.status === 'offered');
  const resources = new Map(
    findings.flatMap((finding) => resource(finding.workload)).map((one) => [JSON.stringify(one), one]),
  );
  return object({
    activity_id: 1,
    activity_name: 'Create',
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2004,
    class_name: 'Detection Finding',
    type_uid: 200401,
    type_name: 'Detection Finding: Create',
    // The report has no clock: a finding is created when its last event was seen.
    time: end ?? start ?? 0,
    start_time: start,
    end_time: end,
    count: Math.max(1, count),
    severity_id: by.severity[0],
    severity: by.severity[1],
    confidence_id: by.confidence[0],
    confidence: by.confidence[1],
    status_id: 1,
    status: 'New',
    is_alert: true,
    verdict_id: by.verdict[0],
    verdict: by.verdict[1],
    message: `${verdictText(triage.verdict)}: ${title}`,
    metadata: {
      version: OCSF_VERSION,
      profiles: ['incident', 'container'],
      uid: triage.incident.id,
      product: { name: 'Yarak', vendor_name: 'Yarak', version: report.generator.version },
      log_provider: 'Falco',
    },
    finding_info: object({
      uid: triage.incident.id,
      title,
      desc: [...incident.whatHappened.map(plain), triage.verdict.because].join(' '),
      analytic: analytics[0],
      related_analytics: analytics.length > 1 ? analytics.slice(1) : undefined,
      attacks:
        techniques.size === 0
          ? undefined
          : [...techniques.values()].map((one) => attack(one, report.generator.attackVersion)),
      first_seen_time: start,
      last_seen_time: end,
      related_events_count: count,
      data_sources: [...new Set(findings.map((finding) => finding.source))],
      types: [...new Set(triage.behaviours.filter((one) => one.truth === 'true').map((one) => one.title))],
    }),
    evidences: findings.flatMap((finding) => finding.samples.map((alert) => evidence(alert, finding))),
    resources: resources.size === 0 ? undefined : [...resources.values()],
    observables:
      incident.indicators.length === 0
        ? undefined
        : incident.indicators.map((item) => ({
            name: 'evidences[].data.fields',
            type_id: OBSERVABLE[item.kind][0],
            type: OBSERVABLE[item.kind][1],
            value: item.value,
          })),
    remediation: {
      desc: [
        plain(incident.doNow),
        ...offered.map((one) => `${plain({ text: one.title, values: one.values })} (${one.level})`),
      ].join('\n'),
      references: [
        ...new Set(
          offered.flatMap((one) =>
            one.references.flatMap((item) => (item.url === undefined ? [] : [item.url])),
          ),
        ),
      ],
    },
    unmapped: {
      leaning: triage.verdict.leaning,
      evidence: triage.verdict.evidence.map((item) => ({ weight: item.weight, text: plain(item) })),
    },
  });
}

/** One Detection Finding an incident, as a JSON array ending with one line feed. */
export function renderOcsf(report: Report): string {
  return `${stringifyJson(
    report.incidents.map((incident) => detectionFinding(incident, report)),
    2,
  )}\n`;
}
