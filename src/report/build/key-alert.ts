// Which alert tells an incident's story best.

import { type Alert, isMissing, PRIORITIES } from '../../alerts/index.ts';
import type { Finding, Triage } from '../../triage/index.ts';

/** How many fields of an alert say something. */
function known(alert: Alert): number {
  let count = 0;
  for (const value of alert.fields.values()) if (!isMissing(value)) count++;
  return count;
}

/** The finding that weighs most in the verdict's direction; without evidence, the most severe, then the first one. */
export function keyFinding(triage: Triage): Finding {
  const { findings } = triage.incident;
  const towardsBenign = triage.verdict.word === 'benign' || triage.verdict.word === 'likely-benign';
  const weights = new Map<string, number>();
  for (const item of triage.verdict.evidence) {
    const weight = towardsBenign ? -item.weight : item.weight;
    for (const id of item.findingIds) weights.set(id, (weights.get(id) ?? 0) + weight);
  }
  const severity = (finding: Finding) => {
    const index = PRIORITIES.indexOf(finding.priority as (typeof PRIORITIES)[number]);
    return index < 0 ? PRIORITIES.length : index;
  };
  const [first] = [...findings].sort(
    (a, b) => (weights.get(b.id) ?? 0) - (weights.get(a.id) ?? 0) || severity(a) - severity(b),
  );
  return first as Finding;
}

/** The fullest sample of a finding. */
export function keyAlert(finding: Finding): Alert {
  return finding.samples.reduce((best, alert) => (known(alert) > known(best) ? alert : best));
}
