// The report as documented JSON: report.schema.json beside this file is its contract. Times are RFC 3339 UTC with nine
// digits or null; sentences are plain text with their values listed; integers beyond 2^53 stay exact.

import type { Alert, AlertRef } from '../../alerts/index.ts';
import { stringifyJson } from '../../base/json.ts';
import type { CaptureStory, Finding, ProcessNode } from '../../triage/index.ts';
import { isoNs, verdictText } from '../format.ts';
import type { IncidentReport, Report } from '../model.ts';
import { inOrder } from '../phases.ts';
import { plain } from '../template.ts';

/** Name of the schema that `$schema` names. */
export const JSON_SCHEMA_ID = 'urn:yarak:report:1.0';

const time = (ns: bigint | undefined): string | null => (ns === undefined ? null : (isoNs(ns) ?? null));
const ref = (at: AlertRef) => ({ file: at.file, line: at.line });

/** A template as what it says and which words of it came from the input. */
function text(template: { readonly text: string; readonly values: readonly string[] }) {
  return { text: plain(template), values: template.values };
}

function alertJson(alert: Alert) {
  return {
    ref: ref(alert.ref),
    rule: alert.rule ?? null,
    priority: alert.priority,
    source: alert.source,
    time: time(alert.timeNs),
    hostname: alert.hostname ?? null,
    tags: alert.tags,
    output: alert.output,
    fields: alert.fields,
    fieldsFrom: alert.fieldsFrom,
    ...(alert.uuid === undefined ? {} : { uuid: alert.uuid }),
    ...(alert.custom === undefined ? {} : { custom: alert.custom }),
    ...(alert.capture === undefined
      ? {}
      : {
          capture: {
            file: alert.capture.file,
            event: alert.capture.event,
            fields: [...alert.capture.fields].sort(),
          },
        }),
  };
}

function findingJson(finding: Finding) {
  return {
    id: finding.id,
    fingerprint: finding.fingerprint,
    rule: finding.rule ?? null,
    source: finding.source,
    priority: finding.priority,
    tags: finding.tags,
    workload: finding.workload,
    count: finding.count,
    firstSeen: time(finding.firstSeenNs),
    lastSeen: time(finding.lastSeenNs),
    spread: finding.spread,
    samples: finding.samples.map(alertJson),
  };
}

function captureJson(story: CaptureStory) {
  return {
    captures: story.captures.map(({ name, hostname, events, firstNs, lastNs, damage }) => ({
      name,
      hostname: hostname ?? null,
      events,
      first: time(firstNs),
      last: time(lastNs),
      damage: damage ?? null,
    })),
    located: story.located.map((one) => ({ ...one, ref: ref(one.ref) })),
    missing: story.missing.map(({ findingId, ref: at, why, values }) => ({
      findingId,
      ref: ref(at),
      ...text({ text: why, values }),
    })),
    files: story.files.map(({ timeNs, sensitive, ...file }) => ({
      ...file,
      sensitive: sensitive ?? null,
      time: time(timeNs),
    })),
    connections: story.connections.map(({ timeNs, bytesIn, bytesOut, ...one }) => ({
      ...one,
      bytesIn: bytesIn ?? null,
      bytesOut: bytesOut ?? null,
      time: time(timeNs),
    })),
    users: story.users.map(({ name, login, timeNs, ...one }) => ({
      ...one,
      name: name ?? null,
      login: login ?? null,
      time: time(timeNs),
    })),
    leftOut: {
      processes: story.processesLeftOut,
      timeline: story.timelineLeftOut,
      files: story.filesLeftOut,
      connections: story.connectionsLeftOut,
    },
  };
}

interface ProcessJson {
  readonly [key: string]: unknown;
  readonly children: readonly ProcessJson[];
}

/** Deeper trees are cut: an alert names a handful of ancestors. */
const MAX_PROCESS_DEPTH = 64;

function processJson(node: ProcessNode, depth = 0): ProcessJson {
  return {
    id: node.id,
    name: node.name,
    ...(node.pid === undefined ? {} : { pid: node.pid }),
    ...(node.exepath === undefined ? {} : { exepath: node.exepath }),
    ...(node.cmdline === undefined ? {} : { cmdline: node.cmdline }),
    ...(node.user === undefined ? {} : { user: node.user }),
    ...(node.startNs === undefined ? {} : { start: time(node.startNs) }),
    ...(node.endNs === undefined ? {} : { end: time(node.endNs) }),
    ...(node.exitCode === undefined ? {} : { exitCode: node.exitCode }),
    ...(node.signal === undefined ? {} : { signal: node.signal }),
    ...(node.event === undefined ? {} : { event: node.event }),
    findingIds: node.findingIds,
    seenOnlyAsAncestor: node.seenOnlyAsAncestor,
    children: depth >= MAX_PROCESS_DEPTH ? [] : node.children.map((child) => processJson(child, depth + 1)),
  };
}

function incidentJson(incident: IncidentReport) {
  const { triage } = incident;
  const { verdict } = triage;
  return {
    id: triage.incident.id,
    title: text(triage.title),
    verdict: {
      word: verdict.word,
      leaning: verdict.leaning,
      text: verdictText(verdict),
      because: verdict.because,
      evidence: verdict.evidence.map((item) => ({
        id: item.id,
        ...text(item),
        weight: item.weight,
        fields: item.fields,
        spoofable: item.spoofable,
        findingIds: item.findingIds,
      })),
      missing: verdict.missing,
      ...(verdict.decides === undefined ? {} : { decides: verdict.decides }),
    },
    doNow: {
      ...text(incident.doNow),
      ...(incident.doNow.command === undefined ? {} : { command: incident.doNow.command }),
    },
    whatHappened: incident.whatHappened.map((item) => ({ ...text(item), fields: item.fields })),
    firstSeen: time(triage.incident.firstSeenNs),
    lastSeen: time(triage.incident.lastSeenNs),
    joinedBy: triage.incident.joinedBy,
    findings: triage.incident.findings.map(findingJson),
    facts: triage.facts.map((fact) => ({
      id: fact.id,
      ...text(fact),
      field: fact.field,
      from: fact.from,
      ref: ref(fact.ref),
    })),
    behaviours: triage.behaviours,
    benignCauses: triage.benign,
    processes: triage.processes.map((node) => processJson(node)),
    timeline: triage.timeline.map((entry) => ({
      time: time(entry.timeNs),
      ...(entry.endNs === undefined ? {} : { end: time(entry.endNs) }),
      kind: entry.kind,
      ...text(entry),
      count: entry.count,
      ...(entry.capture === undefined
        ? {}
        : { capture: { file: entry.capture.file, event: entry.capture.event } }),
      ...(entry.findingId === undefined ? {} : { findingId: entry.findingId }),
    })),
    ...(triage.capture === undefined ? {} : { capture: captureJson(triage.capture) }),
    playbooks: triage.playbooks,
    questions: incident.questions,
    mitigations: inOrder(incident.mitigations).map((one) => {
      const filled = (template: string) => plain({ text: template, values: one.values });
      return {
        id: one.id,
        family: one.family,
        phase: one.phase,
        title: filled(one.title),
        why: filled(one.why),
        values: one.values,
        factIds: one.factIds,
        artefacts: one.artefacts,
        rollout: filled(one.rollout),
        effect: filled(one.effect),
        breaks: filled(one.breaks),
        rollback: filled(one.rollback),
        references: one.references,
        effort: one.effort,
        checks: one.checks,
        level: one.level,
        status: one.status,
        ...(one.reason === undefined ? {} : { reason: filled(one.reason) }),
        needsDecision: one.needsDecision,
        destructive: one.destructive,
        unknowns: one.unknowns.map(filled),
      };
    }),
    indicators: incident.indicators,
    gaps: incident.gaps.map((gap) => ({ ...text(gap), fields: gap.fields })),
    redactions: incident.redactions,
    records: incident.records.map((record) => ({
      ref: ref(record.ref),
      time: time(record.timeNs),
      sha256: record.sha256,
      raw: record.raw,
    })),
  };
}

/** The report as JSON, two blanks an indent, ending with one line feed. */
export function renderJson(report: Report): string {
  const document = {
    $schema: JSON_SCHEMA_ID,
    schemaVersion: report.schemaVersion,
    generator: report.generator,
    input: report.input,
    incidents: report.incidents.map(incidentJson),
    health: report.health.map((item) => ({
      kind: item.kind,
      summary: item.summary,
      time: time(item.alert.timeNs),
      ref: ref(item.alert.ref),
    })),
    diagnostics: report.diagnostics,
  };
  return `${stringifyJson(document, 2)}\n`;
}
