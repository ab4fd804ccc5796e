// The delivery outbox: what must be told to whom, kept until it was told or given up visibly.

import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { decodeCursor } from './lists.ts';
import type { Tables } from './schema.ts';
import type { OutboxRow, Page } from './types.ts';

function asRow(row: Tables['outbox']): OutboxRow {
  return {
    id: row.id,
    route: row.route,
    subjectId: row.subject_id,
    payload: row.payload,
    status: row.status as OutboxRow['status'],
    attempts: row.attempts,
    dueUs: Number(row.due_us),
    lastError: row.last_error,
    createdUs: Number(row.created_us),
  };
}

export async function enqueue(
  db: Kysely<Tables>,
  entry: {
    readonly route: string;
    readonly key: string;
    readonly subjectId: string;
    readonly payload: string;
    readonly dueUs: number;
  },
  nowUs: number,
): Promise<boolean> {
  const done = await db
    .insertInto('outbox')
    .values({
      id: randomUUID(),
      route: entry.route,
      key: entry.key,
      subject_id: entry.subjectId,
      payload: entry.payload,
      status: 'pending',
      attempts: 0,
      due_us: entry.dueUs,
      last_error: '',
      created_us: nowUs,
    })
    .onConflict((c) => c.columns(['route', 'key']).doNothing())
    .executeTakeFirst();
  return Number(done.numInsertedOrUpdatedRows ?? 0) > 0;
}

export async function claimOutbox(
  db: Kysely<Tables>,
  atUs: number,
  leaseUs: number,
  limit: number,
): Promise<OutboxRow[]> {
  return await db.transaction().execute(async (tx) => {
    const rows = await tx
      .selectFrom('outbox')
      .selectAll()
      .where('status', '=', 'pending')
      .where('due_us', '<=', atUs)
      .orderBy('due_us')
      .limit(limit)
      .execute();
    const claimed: OutboxRow[] = [];
    for (const row of rows) {
      // Only if nobody moved it meanwhile: two workers never hold the same entry.
      const done = await tx
        .updateTable('outbox')
        .set({ due_us: atUs + leaseUs, attempts: sql<number>`attempts + 1` })
        .where('id', '=', row.id)
        .where('status', '=', 'pending')
        .where('due_us', '=', row.due_us)
        .executeTakeFirst();
      if (Number(done.numUpdatedRows) > 0)
        claimed.push(asRow({ ...row, attempts: row.attempts + 1, due_us: atUs + leaseUs }));
    }
    return claimed;
  });
}

export async function settleOutbox(
  db: Kysely<Tables>,
  id: string,
  outcome: { readonly status: OutboxRow['status']; readonly dueUs: number; readonly error: string },
): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ status: outcome.status, due_us: outcome.dueUs, last_error: outcome.error })
    .where('id', '=', id)
    .execute();
}

export async function listOutbox(
  db: Kysely<Tables>,
  query: { readonly status?: OutboxRow['status']; readonly limit: number; readonly cursor?: string },
): Promise<Page<OutboxRow>> {
  const limit = Math.max(1, Math.min(query.limit, 500));
  let q = db.selectFrom('outbox').selectAll();
  if (query.status !== undefined) q = q.where('status', '=', query.status);
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  if (after !== undefined) q = q.where(sql<boolean>`(created_us, id) < (${after[0]}, ${after[1]})`);
  const rows = await q
    .orderBy('created_us', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map(asRow);
  const last = items.at(-1);
  const next =
    rows.length > limit && last
      ? Buffer.from(JSON.stringify([last.createdUs, last.id])).toString('base64url')
      : undefined;
  return { items, next };
}
