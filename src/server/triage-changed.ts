// Incidents that got alerts since triage last saw them: title and verdict are made anew, new findings fall under active
// silences, and routes hear of what is worth telling.

import type { Alert } from '../alerts/index.ts';
import { redactAlert } from '../alerts/index.ts';
import type { Notice, Queued, Router } from '../deliver/index.ts';
import type { FindingRow, IncidentRow } from '../store/index.ts';
import { type Triage, VERDICTS, type VerdictWord } from '../triage/index.ts';
import type { ServerContext } from './context.ts';
import { compileFilter } from './filter.ts';
import { readStoredAlert } from './stored-alert.ts';
import { iso } from './views.ts';

/** Alerts of an incident that triage looks at: the first and the newest. */
const FIRST = 150;
const LAST = 150;

/** The incident's alerts, oldest first; of a long one the first and the newest. */
export async function incidentAlerts({ store }: ServerContext, incidentId: string): Promise<Alert[]> {
  const first = await store.listAlerts({ incidentId, limit: FIRST, ascending: true });
  const last = first.next === undefined ? { items: [] } : await store.listAlerts({ incidentId, limit: LAST });
  const rows = new Map([...first.items, ...last.items.toReversed()].map((row) => [row.seq, row]));
  return [...rows.values()].flatMap((row) => readStoredAlert(row.raw, row.id) ?? []);
}

const worst = (triages: readonly Triage[]): Triage | undefined =>
  triages.toSorted((a, b) => VERDICTS.indexOf(b.verdict.word) - VERDICTS.indexOf(a.verdict.word))[0];

const fill = ({ text, values }: Triage['title']): string =>
  text.replace(/\{(\d)\}/g, (_, n: string) => values[Number(n)] ?? '');

/** Triages at most `limit` of the incidents that wait; returns whether there were any. */
export async function triageChanged(context: ServerContext, router: Router, limit: number): Promise<boolean> {
  const { store, events, metrics, log } = context;
  const waiting = await store.untriaged(limit);
  for (const incident of waiting) {
    try {
      await triageOne(context, incident, router);
      metrics.triaged.inc();
    } catch (error) {
      metrics.triageFailures.inc();
      log.error({ err: error, incident: incident.id }, 'triage failed');
      // It keeps its last verdict; a new alert makes it due again.
      await store.setTriage(
        incident.id,
        { title: incident.title, verdict: incident.verdict, seq: incident.lastSeq },
        [],
      );
    }
  }
  if (waiting.length > 0) events.publish({ kind: 'triaged', incidents: waiting.map((one) => one.id) });
  return waiting.length > 0;
}

async function triageOne(context: ServerContext, incident: IncidentRow, router: Router): Promise<void> {
  const { store } = context;
  const alerts = await incidentAlerts(context, incident.id);
  const triages = context.reporter().triage(alerts);
  const main = worst(triages);
  if (main === undefined) return;
  const verdict = main.verdict.word;
  const ofFinding = new Map<string, { title: string; verdict: VerdictWord }>();
  for (const triage of triages) {
    for (const finding of triage.incident.findings)
      ofFinding.set(finding.id, { title: fill(triage.title), verdict: triage.verdict.word });
  }
  const findings = [...ofFinding].map(([id, one]) => ({ id, ...one }));
  await store.setTriage(incident.id, { title: fill(main.title), verdict, seq: incident.lastSeq }, findings);
  const rows = await store.findingsOf(incident.id);
  await silence(context, rows);
  await notify(context, router, incident, main, alerts, rows);
}

/** Puts new findings under the silences that match them. */
async function silence({ store, nowMs }: ServerContext, rows: readonly FindingRow[]): Promise<void> {
  const silences = await store.listSilences(nowMs() * 1000);
  for (const one of silences) {
    const filter = compileFilter(one.condition);
    const matching: string[] = [];
    for (const row of rows)
      if (row.silenceId === undefined && (await filter.matchesFinding(store, row.id))) matching.push(row.id);
    if (matching.length > 0) await store.applySilence(one.id, matching);
  }
}

async function notify(
  context: ServerContext,
  router: Router,
  incident: IncidentRow,
  triage: Triage,
  alerts: readonly Alert[],
  rows: readonly FindingRow[],
): Promise<void> {
  const [sample] = alerts;
  if (sample === undefined || context.targets().size === 0) return;
  const nowUs = context.nowMs() * 1000;
  for (const row of rows) {
    const fresh = await context.store.getFinding(row.id);
    if (
      fresh === undefined ||
      fresh.silenceId !== undefined ||
      fresh.state === 'closed' ||
      fresh.state === 'false-positive'
    )
      continue;
    const own = triage.incident.findings.find((finding) => finding.id === row.id)?.samples[0] ?? sample;
    const redacted = redactAlert(own).alert;
    const notice: Notice = {
      findingId: row.id,
      incidentId: incident.id,
      title: fresh.title,
      verdict: fresh.verdict,
      priority: own.priority,
      rule: fresh.rule,
      tags: fresh.tags,
      namespace: fresh.workload.namespace ?? '',
      workload:
        fresh.workload.owner?.name ?? fresh.workload.imageRepository ?? fresh.workload.containerName ?? '',
      node: own.hostname ?? '',
      count: fresh.count,
      firstSeen: iso(fresh.firstSeenUs),
      lastSeen: iso(fresh.lastSeenUs),
      doNow: triage.verdict.decides?.text ?? triage.verdict.because,
      url:
        context.config.publicUrl === undefined
          ? undefined
          : `${context.config.publicUrl.replace(/\/+$/, '')}/#/incidents/${incident.id}`,
      sample: redacted.raw,
    };
    for (const { route, target, key, group, dueUs } of router.route(notice, own, nowUs)) {
      const payload: Queued = { target, group, notice };
      await context.store.enqueue({ route, key, subjectId: row.id, payload: JSON.stringify(payload), dueUs });
    }
  }
}
