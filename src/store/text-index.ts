// Free-text search over alerts. PostgreSQL has one table with an index of words. SQLite's index is in parts, each for
// some 50,000 alerts in the order of arrival: to take single entries out of one of its indexes costs more the larger it is, up
// to seconds in one commit; a part whose alerts are all deleted is dropped.

import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Dialect } from './migrations/index.ts';
import type { Tables } from './schema.ts';
import { alertWords } from './words.ts';

/** Alerts a part, by their numbers. */
const PART = 50_000;
const NAME = /^alert_words_(\d+)$/;
const tableOf = (part: number) => sql.table(`alert_words_${part}`);

/** A condition on `alerts`. */
export type TextMatch = RawBuilder<boolean>;

/** Numbers of SQLite's parts, ascending. */
async function parts(db: Kysely<Tables>): Promise<number[]> {
  const { rows } = await sql<{
    name: string;
  }>`select name from sqlite_master where type = 'table' and name glob 'alert_words_*'`.execute(db);
  return rows
    .flatMap(({ name }) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * What alerts with all of `words` (as `wordsOf` gives them, each as a beginning) meet: one condition for each part of
 * the index, in the order of arrival or against it. No part: nothing is indexed.
 */
export async function textMatches(
  db: Kysely<Tables>,
  dialect: Dialect,
  words: readonly string[],
  ascending = false,
): Promise<TextMatch[]> {
  // Words hold letters, digits and `_` only (words.ts), so quoting them is all that either query language needs.
  if (dialect === 'sqlite') {
    const query = words.map((word) => `"${word}"*`).join(' ');
    const found = await parts(db);
    return (ascending ? found : found.toReversed()).map((part) => {
      const table = tableOf(part);
      return sql<boolean>`seq in (select rowid from ${table} where ${table} match ${query})`;
    });
  }
  const query = words.map((word) => `'${word}':*`).join(' & ');
  const hits = await fewMatches(db, query);
  return [
    hits === undefined
      ? sql<boolean>`seq in (select seq from alert_words where words @@ ${query}::tsquery)`
      : sql<boolean>`seq = any(${hits}::bigint[])`,
  ];
}

const FEW_MATCHES = 2000;

/**
 * What a search in PostgreSQL finds, if it is not much. How much, the planner can only guess, and for words that hardly
 * any alert has it would read all of them backwards; so the text index is asked first.
 */
async function fewMatches(db: Kysely<Tables>, query: string): Promise<readonly number[] | undefined> {
  return await db.transaction().execute(async (tx) => {
    await sql`set local enable_indexscan = off`.execute(tx);
    await sql`set local enable_seqscan = off`.execute(tx);
    const { rows } = await sql<{
      seq: number;
    }>`select seq from alert_words where words @@ ${query}::tsquery limit ${FEW_MATCHES + 1}`.execute(tx);
    return rows.length > FEW_MATCHES ? undefined : rows.map((row) => Number(row.seq));
  });
}

/** The number of the last alert that search knows. */
export async function indexedSeq(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom('meta').select('value').where('key', '=', 'indexed_seq').executeTakeFirst();
  return Number(row?.value ?? 0);
}

/** Indexes the next alerts, within a transaction; returns how many. */
export async function indexText(tx: Kysely<Tables>, dialect: Dialect, limit: number): Promise<number> {
  const alerts = await tx
    .selectFrom('alerts')
    .select(['seq', 'rule', 'hostname', 'raw'])
    .where('seq', '>', await indexedSeq(tx))
    .orderBy('seq')
    .limit(limit)
    .execute();
  const last = alerts.at(-1);
  if (last === undefined) return 0;
  // One statement for all: a query builder's work for each would be more than the index's own.
  if (dialect === 'sqlite') {
    const byPart = Map.groupBy(alerts, ({ seq }) => Math.floor(Number(seq) / PART));
    for (const [part, some] of byPart) {
      // What words look like is words.ts's to say: anything between blanks. Search asks neither for places nor for sizes.
      await sql`create virtual table if not exists ${tableOf(part)} using fts5(words, content='', columnsize=0, detail=none, tokenize="ascii tokenchars '_'")`.execute(
        tx,
      );
      const lines = JSON.stringify(some.map((alert) => [alert.seq, alertWords(alert).join(' ')]));
      await sql`insert into ${tableOf(part)} (rowid, words) select value ->> 0, value ->> 1 from json_each(${lines})`.execute(
        tx,
      );
    }
  } else {
    const rows = alerts.map((alert) => ({ seq: alert.seq, words: alertWords(alert) }));
    await sql`insert into alert_words (seq, words) select r.seq, array_to_tsvector(r.words) from json_to_recordset(${JSON.stringify(rows)}::json) as r(seq bigint, words text[]) on conflict do nothing`.execute(
      tx,
    );
  }
  const value = String(last.seq);
  await tx
    .insertInto('meta')
    .values({ key: 'indexed_seq', value })
    .onConflict((c) => c.column('key').doUpdateSet({ value }))
    .execute();
  return alerts.length;
}

/** Alerts up to number `upTo` are deleted. What is left of them in a part finds nothing: `textMatches` is asked of alerts. */
export async function forgetText(tx: Kysely<Tables>, dialect: Dialect, upTo: number): Promise<void> {
  if (dialect === 'postgres') {
    await sql`delete from alert_words where seq <= ${upTo}`.execute(tx);
    return;
  }
  for (const part of await parts(tx))
    if ((part + 1) * PART - 1 <= upTo) await sql`drop table ${tableOf(part)}`.execute(tx);
}
