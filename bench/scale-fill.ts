// A store as it is after a busy month: bulk through the store's own interface, with verdicts, decisions and silences on
// some of it. Used by bench/scale.ts and by tests/integration/scale.test.ts.

import { readAlertText } from '../src/alerts/index.ts';
import { prepareAlert } from '../src/server/prepare.ts';
import type { IngestResult, NewAlert, Store } from '../src/store/index.ts';
import { VERDICTS } from '../src/triage/index.ts';
import { AlertSet } from './ingest-alerts.ts';

const BATCH = 1000;
const MONTH_US = 30 * 86_400 * 1_000_000;
const FINDINGS = 1000;
const STATES = ['acknowledged', 'mitigated', 'closed', 'false-positive'] as const;

export interface Filled {
  readonly alerts: number;
  readonly seconds: number;
}

/** Fills `store` with `count` alerts of the month before `endUs`, of 1,000 findings in bursts of 20. */
export async function fill(
  store: Store,
  options: {
    readonly alertsFolder: string;
    readonly count: number;
    readonly endUs: number;
    readonly progress?: (stored: number) => void;
  },
): Promise<Filled> {
  const { alertsFolder, count, endUs, progress } = options;
  const started = performance.now();
  const set = new AlertSet(alertsFolder, { findings: FINDINGS, podsPerFinding: 20, seed: 42, burst: 20 });
  const buffer = Buffer.alloc(BATCH * (set.maxBytes + 1));
  const step = MONTH_US / count;
  let waiting: Promise<IngestResult> | undefined;
  let stored = 0;
  for (let from = 0; from < count; from += BATCH) {
    let length = 0;
    for (let i = from; i < Math.min(from + BATCH, count); i++) {
      length += set.write(buffer, length, Math.floor(endUs - MONTH_US + i * step));
      buffer[length++] = 10;
    }
    const alerts: NewAlert[] = [];
    for (const alert of readAlertText(buffer.toString('utf8', 0, length), { file: 'fill' }).alerts) {
      const timeUs = Number((alert.timeNs as bigint) / 1000n);
      alerts.push(prepareAlert(alert, timeUs));
    }
    // One batch is stored while the next is made.
    stored += (await waiting)?.stored ?? 0;
    waiting = store.ingest(alerts);
    progress?.(stored);
  }
  stored += (await waiting)?.stored ?? 0;
  while ((await store.indexText(2000)) > 0) progress?.(stored);
  await decideSome(store, endUs);
  return { alerts: stored, seconds: Math.round((performance.now() - started) / 100) / 10 };
}

/** Verdicts for the newest incidents and all findings; every seventh finding is somebody's. */
async function decideSome(store: Store, endUs: number): Promise<void> {
  let cursor: string | undefined;
  let n = 0;
  do {
    const page = await store.listFindings({ limit: 500, ...(cursor === undefined ? {} : { cursor }) });
    for (const finding of page.items) {
      n++;
      if (n % 7 === 0)
        await store.decide({
          subject: { kind: 'finding', id: finding.id },
          actor: 'ana',
          owner: 'ana',
          state: STATES[n % STATES.length] as (typeof STATES)[number],
          reason: 'known',
        });
    }
    cursor = page.next;
  } while (cursor !== undefined);
  const { items } = await store.listIncidents({ limit: 500 });
  for (const [i, incident] of items.entries()) {
    const verdict = VERDICTS[i % VERDICTS.length] as (typeof VERDICTS)[number];
    const findings = (await store.findingsOf(incident.id)).map(({ id, title }) => ({ id, title, verdict }));
    await store.setTriage(incident.id, { title: incident.title, verdict, seq: incident.lastSeq }, findings);
  }
  await store.addSilence(
    { condition: 'proc.name = id', reason: 'known', author: 'ana', expiresUs: endUs + MONTH_US },
    (await store.listFindings({ limit: 20, sort: 'count' })).items.slice(5, 15).map((finding) => finding.id),
  );
}
