// Pages of alerts by keyset cursors: in the order in which they came in, or in that of their times where a span of time
// is asked for. What few alerts have is looked up, what many have is read until the page is full.

import { type Kysely, type Selectable, sql } from 'kysely';
import { decodeCursor, encodeCursor, MAX_PAGE } from './lists.ts';
import { mergedWith, survivorOf, survivorsOf } from './merge-incidents.ts';
import type { Dialect } from './migrations/index.ts';
import type { Tables } from './schema.ts';
import { type TextMatch, textMatches } from './text-index.ts';
import type { AlertQuery, AlertRow, Page } from './types.ts';
import { wordsOf } from './words.ts';

/** `survivor`: what the row's incident was merged into. */
function asAlert(
  row: Omit<Tables['alerts'], 'seq'> & { seq: unknown },
  survivor: string = row.incident_id,
): AlertRow {
  return {
    seq: Number(row.seq),
    id: row.id,
    timeUs: Number(row.time_us),
    rule: row.rule,
    source: row.source,
    priority: row.priority,
    hostname: row.hostname,
    namespace: row.namespace,
    pod: row.pod,
    image: row.image,
    findingId: row.finding_id,
    incidentId: survivor,
    raw: row.raw,
  };
}

/** Free text finds alerts that the index has reached; the index trails ingest by seconds. */
export async function listAlerts(
  db: Kysely<Tables>,
  dialect: Dialect,
  query: AlertQuery,
): Promise<Page<AlertRow>> {
  const limit = Math.max(1, Math.min(query.limit, MAX_PAGE));
  // Within a span of time, in its order; otherwise as they came in.
  const byTime = query.sinceUs !== undefined || query.untilUs !== undefined;
  const rare = await isRare(db, query);
  const words = wordsOf(query.search ?? '');
  const matches = words.length === 0 ? [undefined] : await textMatches(db, dialect, words, query.ascending);
  // A page of each of the incidents that were merged, so that every one is read in the order of its index.
  const incidents = query.incidentId === undefined ? [undefined] : await mergedWith(db, query.incidentId);
  const found: AlertSelected[] = [];
  for (const matching of matches) {
    // Parts of the text index follow each other in the order of arrival: what the page lacks is in the next ones.
    if (!byTime && found.length > limit) break;
    for (const incidentId of incidents) {
      const how = { incidentId, byTime, rare, matching };
      found.push(...(await alertRows(db, { ...query, limit: limit + 1 }, how)));
    }
  }
  const key = (row: AlertSelected): number => Number(byTime ? row.time_us : row.seq);
  if (matches.length > 1 || incidents.length > 1) {
    const sign = query.ascending ? 1 : -1;
    found.sort((a, b) => sign * (key(a) - key(b) || Number(a.seq) - Number(b.seq)));
  }
  const rows = found.slice(0, limit);
  const survivors = await survivorsOf(
    db,
    rows.map((row) => row.incident_id),
  );
  const items = rows.map((row) => asAlert(row, survivors.get(row.incident_id)));
  const last = rows.at(-1);
  return {
    items,
    next: found.length > limit && last ? encodeCursor([key(last), String(last.seq)]) : undefined,
  };
}

type AlertSelected = Selectable<Tables['alerts']>;

/** A share of all alerts below which it is quicker to look them up by finding than to read until a page is full. */
const RARE = 1 / 100;
const FEW = 5000;

/** Whether few alerts have the rule and the namespace that are asked for: a finding has one of each. */
async function isRare(db: Kysely<Tables>, { rule, namespace }: AlertQuery): Promise<boolean> {
  if (rule === undefined && namespace === undefined) return false;
  let q = db.selectFrom('findings').select((e) => e.fn.sum<number>('count').as('n'));
  if (rule !== undefined) q = q.where('rule', '=', rule);
  if (namespace !== undefined) q = q.where('namespace', '=', namespace);
  const { n } = await q.executeTakeFirstOrThrow();
  const { last } = await db
    .selectFrom('alerts')
    .select((e) => e.fn.max('seq').as('last'))
    .executeTakeFirstOrThrow();
  return Number(n ?? 0) <= Math.max(FEW, Number(last ?? 0) * RARE);
}

async function alertRows(
  db: Kysely<Tables>,
  query: AlertQuery,
  how: {
    readonly incidentId: string | undefined;
    readonly byTime: boolean;
    readonly rare: boolean;
    readonly matching: TextMatch | undefined;
  },
): Promise<AlertSelected[]> {
  const { findingId, rule, namespace, ascending } = query;
  let q = db.selectFrom('alerts').selectAll();
  if (findingId !== undefined)
    q = q.where(
      'seq',
      'in',
      db.selectFrom('finding_alerts').select('seq').where('finding_id', '=', findingId),
    );
  if (how.incidentId !== undefined)
    q = q.where(
      'seq',
      'in',
      db.selectFrom('incident_alerts').select('seq').where('incident_id', '=', how.incidentId),
    );
  if (how.rare) {
    let findings = db.selectFrom('findings').select('id');
    if (rule !== undefined) findings = findings.where('rule', '=', rule);
    if (namespace !== undefined) findings = findings.where('namespace', '=', namespace);
    q = q.where(
      'seq',
      'in',
      db.selectFrom('finding_alerts').select('seq').where('finding_id', 'in', findings),
    );
  } else {
    if (rule !== undefined) q = q.where('rule', '=', rule);
    if (namespace !== undefined) q = q.where('namespace', '=', namespace);
  }
  if (query.sinceUs !== undefined) q = q.where('time_us', '>=', query.sinceUs);
  if (query.untilUs !== undefined) q = q.where('time_us', '<', query.untilUs);
  if (how.matching !== undefined) q = q.where(how.matching);
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const order = ascending ? 'asc' : 'desc';
  if (after !== undefined) {
    const [key, seq] = after;
    if (!how.byTime) q = q.where('seq', ascending ? '>' : '<', key);
    else
      q = q.where(
        ascending
          ? sql<boolean>`(time_us, seq) > (${key}, ${Number(seq)})`
          : sql<boolean>`(time_us, seq) < (${key}, ${Number(seq)})`,
      );
  }
  if (how.byTime) q = q.orderBy('time_us', order);
  return q.orderBy('seq', order).limit(query.limit).execute();
}

export async function getAlert(db: Kysely<Tables>, id: string): Promise<AlertRow | undefined> {
  const row = await db.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst();
  return row && asAlert(row, await survivorOf(db, row.incident_id));
}
