// Retention, how far behind work is, export and restore.

import { type Kysely, sql } from 'kysely';
import { setFoldedSeq } from './ingest.ts';
import type { Dialect } from './migrations/index.ts';
import type { Tables } from './schema.ts';
import { forgetText, indexedSeq } from './text-index.ts';
import type { Retention } from './types.ts';

/**
 * Deletes at most `limit` of the oldest alerts that are past the limits, within a transaction. Findings and incidents
 * keep their counts. Where
 * numbers of alerts are missing, because a commit was rolled back, fewer than `maxAlerts` are kept.
 */
export async function prune(
  tx: Kysely<Tables>,
  dialect: Dialect,
  retention: Retention,
  nowUs: number,
  limit: number,
): Promise<number> {
  const { last } = await tx
    .selectFrom('alerts')
    .select((e) => e.fn.max('seq').as('last'))
    .executeTakeFirstOrThrow();
  if (last === null) return 0;
  const { maxAlerts, maxAgeUs, maxBytes } = retention;
  // By their numbers: counting millions takes longer than an acknowledgement should wait.
  const surplus = maxAlerts === undefined ? 0 : Number(last) - maxAlerts;
  const cutoff = maxAgeUs === undefined ? Number.NEGATIVE_INFINITY : nowUs - maxAgeUs;
  const full = maxBytes !== undefined && (await size(tx, dialect)) > maxBytes;
  const oldest = await tx
    .selectFrom('alerts')
    .select(['seq', 'received_us'])
    .orderBy('seq')
    .limit(limit)
    .execute();
  const gone = oldest
    .map((row) => ({ seq: Number(row.seq), receivedUs: Number(row.received_us) }))
    .filter(({ seq, receivedUs }) => full || seq <= surplus || receivedUs < cutoff)
    .map(({ seq }) => seq);
  if (gone.length === 0) return 0;
  // Deleted in order of arrival: everything up to the last of them.
  const upTo = gone.at(-1) as number;
  for (const kind of ['finding', 'incident'])
    await sql`delete from ${sql.table(`${kind}_alerts`)} where (${sql.ref(`${kind}_id`)}, seq) in (select ${sql.ref(`${kind}_id`)}, seq from alerts where seq <= ${upTo})`.execute(
      tx,
    );
  const done = await tx.deleteFrom('alerts').where('seq', '<=', upTo).executeTakeFirst();
  await forgetText(tx, dialect, upTo);
  return Number(done.numDeletedRows);
}

/** Of PostgreSQL: what an alert takes beside its columns (row heads, entries in indexes), in a store of 146,500. */
const BESIDE_COLUMNS = 670;
/** Alerts at either end that are weighed. */
const SAMPLE = 500;

/** See `Store.size`. */
export async function size(db: Kysely<Tables>, dialect: Dialect): Promise<number> {
  if (dialect === 'sqlite') {
    const { rows } = await sql<{
      bytes: number;
    }>`select (p.page_count - f.freelist_count) * s.page_size as bytes from pragma_page_count p, pragma_freelist_count f, pragma_page_size s`.execute(
      db,
    );
    return Number(rows[0]?.bytes ?? 0);
  }
  const { rows } = await sql<{ alerts: string; bytes: string }>`
    with sample as ((select * from alerts order by seq limit ${SAMPLE}) union all (select * from alerts order by seq desc limit ${SAMPLE}))
    select (select coalesce(max(seq) - min(seq) + 1, 0) from alerts) as alerts,
      (select coalesce(avg(pg_column_size(sample) + coalesce(pg_column_size(w), 0)), 0) from sample left join alert_words w on w.seq = sample.seq) as bytes`.execute(
    db,
  );
  const [{ alerts, bytes } = { alerts: 0, bytes: 0 }] = rows;
  return Math.round(Number(alerts) * (Number(bytes) + BESIDE_COLUMNS));
}

const DAY_US = 86_400 * 1_000_000;
const KEEP_SENT_US = 30 * DAY_US;

/** Forgets what nothing asks for any more: entities whose window closed long ago, deliveries sent a month ago. */
export async function sweep(db: Kysely<Tables>, nowUs: number): Promise<void> {
  await db
    .deleteFrom('incident_entities')
    .where('last_us', '<', nowUs - DAY_US)
    .execute();
  await db
    .deleteFrom('outbox')
    .where('status', '=', 'sent')
    .where('created_us', '<', nowUs - KEEP_SENT_US)
    .execute();
}

/** How far behind triage and the text index are. */
export async function backlog(db: Kysely<Tables>): Promise<{ untriaged: number; unindexed: number }> {
  const { n } = await db
    .selectFrom('incidents')
    .select((e) => e.fn.countAll<number>().as('n'))
    .where(sql<boolean>`last_seq > triaged_seq`)
    .executeTakeFirstOrThrow();
  const { last } = await db
    .selectFrom('alerts')
    .select((e) => e.fn.max('seq').as('last'))
    .executeTakeFirstOrThrow();
  const indexed = await indexedSeq(db);
  return { untriaged: Number(n), unindexed: Math.max(0, Number(last ?? 0) - indexed) };
}

/** Tables in an order in which they can be filled again, with the column that pages through each. */
const DUMPED: readonly { readonly table: keyof Tables; readonly key: readonly string[] }[] = [
  { table: 'findings', key: ['id'] },
  { table: 'finding_spread', key: ['finding_id', 'kind', 'value'] },
  { table: 'incidents', key: ['id'] },
  { table: 'incident_findings', key: ['incident_id', 'finding_id'] },
  { table: 'incident_entities', key: ['entity'] },
  { table: 'incident_merges', key: ['id'] },
  { table: 'alerts', key: ['seq'] },
  { table: 'volume', key: ['hour_us', 'rule'] },
  { table: 'notes', key: ['id'] },
  { table: 'silences', key: ['id'] },
  { table: 'trail', key: ['seq'] },
  { table: 'tokens', key: ['id'] },
  { table: 'outbox', key: ['id'] },
];
const DUMP_PAGE = 1000;

type AnyDb = Kysely<Record<string, Record<string, unknown>>>;

/** One page of an export: `after` is what the last page returned as `next`. */
export async function exportPage(
  db: Kysely<Tables>,
  at: { readonly table: number; readonly after?: readonly unknown[] },
): Promise<{
  readonly lines: readonly string[];
  readonly next?: { readonly table: number; readonly after?: readonly unknown[] };
}> {
  const dumped = DUMPED[at.table];
  if (dumped === undefined) return { lines: [] };
  let q = (db as unknown as AnyDb).selectFrom(dumped.table).selectAll();
  const columns = sql.join(dumped.key.map((c) => sql.ref(c)));
  if (at.after !== undefined)
    q = q.where(sql<boolean>`(${columns}) > (${sql.join(at.after.map((v) => sql`${v}`))})`);
  for (const column of dumped.key) q = q.orderBy(column);
  const rows = await q.limit(DUMP_PAGE).execute();
  const last = rows.at(-1);
  return {
    lines: rows.map((row) => JSON.stringify({ table: dumped.table, row })),
    next:
      rows.length < DUMP_PAGE || last === undefined
        ? { table: at.table + 1 }
        : { table: at.table, after: dumped.key.map((c) => last[c]) },
  };
}

/** Writes exported lines into an empty database. Unknown tables are refused: the export is from a newer version. */
export async function restoreLines(db: Kysely<Tables>, lines: readonly string[]): Promise<number> {
  await (db as unknown as AnyDb).transaction().execute(async (tx) => {
    for (const line of lines) {
      const { table, row } = JSON.parse(line) as { table: string; row: Record<string, unknown> };
      if (!DUMPED.some((d) => d.table === table))
        throw new Error(`The export holds a table that this version does not know: ${table}`);
      await tx.insertInto(table).values(row).execute();
    }
  });
  return lines.length;
}

/** After a restore, identity columns continue behind the highest number, and the alerts' own indexes are made anew. */
export async function resetSequences(db: Kysely<Tables>, dialect: Dialect): Promise<void> {
  for (const kind of ['finding', 'incident'])
    await sql`insert into ${sql.table(`${kind}_alerts`)} (${sql.ref(`${kind}_id`)}, seq) select ${sql.ref(`${kind}_id`)}, seq from alerts`.execute(
      db,
    );
  const { last } = await db
    .selectFrom('alerts')
    .select((e) => e.fn.max('seq').as('last'))
    .executeTakeFirstOrThrow();
  await setFoldedSeq(db, Number(last ?? 0));
  if (dialect === 'sqlite') return;
  for (const [table, column] of [
    ['alerts', 'seq'],
    ['notes', 'id'],
    ['trail', 'seq'],
  ] as const) {
    await sql`select setval(pg_get_serial_sequence(${table}, ${column}), coalesce((select max(${sql.ref(column)}) from ${sql.table(table)}), 0) + 1, false)`.execute(
      db,
    );
  }
}

export async function isEmpty(db: Kysely<Tables>): Promise<boolean> {
  for (const table of ['alerts', 'findings', 'tokens', 'trail'] as const) {
    if ((await db.selectFrom(table).select(sql<number>`1`.as('one')).limit(1).execute()).length > 0)
      return false;
  }
  return true;
}
