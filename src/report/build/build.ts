// Triage and mitigations to the report model. No clock, no randomness: the same input gives the same report.

import { createHash } from 'node:crypto';
import type { HealthReport } from '../../alerts/index.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { Mitigation } from '../../mitigate/index.ts';
import type { Triage } from '../../triage/index.ts';
import { VERDICT_RANK } from '../format.ts';
import type { IncidentReport, RecordEvidence, Report } from '../model.ts';
import { captureReport } from './capture.ts';
import { doNow } from './do-now.ts';
import { gaps, questions } from './gaps.ts';
import { indicators } from './indicators.ts';
import { redactDeep, redactionsOf } from './redact.ts';
import { whatHappened } from './what-happened.ts';

/** Version of the documented JSON form. */
export const SCHEMA_VERSION = '1.0';
/** Records shown whole, an incident. */
const MAX_RECORDS = 12;

export interface ReportInput {
  readonly version: string;
  readonly attackVersion: string;
  readonly input: Report['input'];
  readonly incidents: readonly { readonly triage: Triage; readonly mitigations: readonly Mitigation[] }[];
  readonly health: readonly HealthReport[];
  readonly diagnostics: readonly Diagnostic[];
}

function records(triage: Triage): RecordEvidence[] {
  return triage.incident.findings
    .flatMap((finding) => finding.samples)
    .slice(0, MAX_RECORDS)
    .map((alert) => ({
      ref: alert.ref,
      timeNs: alert.timeNs,
      sha256: createHash('sha256').update(alert.raw, 'utf8').digest('hex'),
      raw: alert.raw,
    }));
}

/** One incident's part of the report, secrets replaced. */
export function buildIncident(
  triage: Triage,
  mitigations: readonly Mitigation[],
  health: readonly HealthReport[],
): IncidentReport {
  const samples = triage.incident.findings.flatMap((finding) => finding.samples);
  const capture = captureReport(triage);
  const plain: IncidentReport = {
    triage,
    whatHappened: whatHappened(triage),
    doNow: doNow(triage, mitigations),
    mitigations,
    questions: questions(triage),
    gaps: gaps(triage, health),
    indicators: indicators(triage),
    redactions: [],
    records: records(triage),
    ...(capture === undefined ? {} : { capture }),
  };
  return { ...redactDeep(plain), redactions: redactionsOf(samples) };
}

/** The strongest sum of evidence first, among incidents with one verdict. */
function weight(triage: Triage): number {
  return triage.verdict.evidence.reduce((sum, item) => sum + item.weight, 0);
}

/** The report: worst verdict first, then the heavier evidence, then the later one. */
export function buildReport(input: ReportInput): Report {
  const order = [...input.incidents].sort((a, b) => {
    const rank = VERDICT_RANK[a.triage.verdict.word] - VERDICT_RANK[b.triage.verdict.word];
    if (rank !== 0) return rank;
    const heavier = weight(b.triage) - weight(a.triage);
    if (heavier !== 0) return heavier;
    const [left, right] = [a.triage.incident.lastSeenNs ?? 0n, b.triage.incident.lastSeenNs ?? 0n];
    if (left !== right) return left > right ? -1 : 1;
    return a.triage.incident.id < b.triage.incident.id ? -1 : 1;
  });
  return {
    schemaVersion: SCHEMA_VERSION,
    generator: { name: 'yarak', version: input.version, attackVersion: input.attackVersion },
    input: input.input,
    incidents: order.map((one) => buildIncident(one.triage, one.mitigations, input.health)),
    health: redactDeep(input.health),
    diagnostics: redactDeep(input.diagnostics),
  };
}
