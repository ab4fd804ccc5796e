// What people decide. Every change writes its line in the trail in the same transaction: no decision without a record.

import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { decodeCursor } from './lists.ts';
import { mergedWith, survivorOf } from './merge-incidents.ts';
import type { Tables } from './schema.ts';
import type { Decision, NoteRow, Page, Role, SilenceRow, State, TokenRow, TrailRow } from './types.ts';

const TABLE = { finding: 'findings', incident: 'incidents' } as const;

async function write(
  tx: Kysely<Tables>,
  nowUs: number,
  entry: Omit<TrailRow, 'seq' | 'atUs'>,
): Promise<void> {
  await tx
    .insertInto('trail')
    .values({
      at_us: nowUs,
      actor: entry.actor,
      action: entry.action,
      subject_kind: entry.subjectKind,
      subject_id: entry.subjectId,
      reason: entry.reason,
      detail: JSON.stringify(entry.detail ?? null),
    })
    .execute();
}

export function record(
  db: Kysely<Tables>,
  entry: Omit<TrailRow, 'seq' | 'atUs'>,
  nowUs: number,
): Promise<void> {
  return write(db, nowUs, entry);
}

/** Applies a decision; returns the state after it, `undefined` when there is no such subject. */
export async function decide(
  db: Kysely<Tables>,
  decision: Decision,
  nowUs: number,
): Promise<State | undefined> {
  const { actor, state, owner, note, reason = '' } = decision;
  const { kind } = decision.subject;
  const table = TABLE[kind];
  return await db.transaction().execute(async (tx) => {
    const id = kind === 'incident' ? await survivorOf(tx, decision.subject.id) : decision.subject.id;
    const subject = { kind, id };
    const before = await tx
      .selectFrom(table)
      .select(['state', 'owner'])
      .where('id', '=', subject.id)
      .executeTakeFirst();
    if (before === undefined) return undefined;
    const entry = { actor, subjectKind: subject.kind, subjectId: subject.id, reason };
    if (state !== undefined && state !== before.state) {
      await tx.updateTable(table).set({ state }).where('id', '=', subject.id).execute();
      await write(tx, nowUs, { ...entry, action: 'state', detail: { from: before.state, to: state } });
    }
    if (owner !== undefined && owner !== before.owner) {
      await tx.updateTable(table).set({ owner }).where('id', '=', subject.id).execute();
      await write(tx, nowUs, { ...entry, action: 'owner', detail: { from: before.owner, to: owner } });
    }
    if (note !== undefined && note !== '') {
      await tx
        .insertInto('notes')
        .values({
          subject_kind: subject.kind,
          subject_id: subject.id,
          at_us: nowUs,
          author: actor,
          text: note,
        })
        .execute();
      await write(tx, nowUs, { ...entry, action: 'note', detail: null });
    }
    return (state ?? before.state) as State;
  });
}

export async function notes(
  db: Kysely<Tables>,
  kind: 'finding' | 'incident',
  id: string,
): Promise<NoteRow[]> {
  const subject = kind === 'incident' ? await survivorOf(db, id) : id;
  const rows = await db
    .selectFrom('notes')
    .selectAll()
    .where('subject_kind', '=', kind)
    .where('subject_id', '=', subject)
    .orderBy('id')
    .limit(1000)
    .execute();
  return rows.map((row) => ({
    id: Number(row.id),
    atUs: Number(row.at_us),
    author: row.author,
    text: row.text,
  }));
}

async function cover(
  tx: Kysely<Tables>,
  silence: { id: string; expiresUs: number },
  findingIds: readonly string[],
): Promise<void> {
  if (findingIds.length === 0) return;
  await tx
    .updateTable('findings')
    .set({ silence_id: silence.id, silenced_until_us: silence.expiresUs })
    .where('id', 'in', [...findingIds])
    .where('silenced_until_us', '<', silence.expiresUs)
    .execute();
}

export async function addSilence(
  db: Kysely<Tables>,
  silence: Omit<SilenceRow, 'id' | 'createdUs'>,
  findingIds: readonly string[],
  nowUs: number,
): Promise<SilenceRow> {
  const row: SilenceRow = { ...silence, id: randomUUID(), createdUs: nowUs };
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('silences')
      .values({
        id: row.id,
        condition: row.condition,
        reason: row.reason,
        author: row.author,
        created_us: nowUs,
        expires_us: row.expiresUs,
        ended_us: null,
      })
      .execute();
    await cover(tx, row, findingIds);
    await write(tx, nowUs, {
      actor: row.author,
      action: 'silence',
      subjectKind: 'silence',
      subjectId: row.id,
      reason: row.reason,
      detail: { condition: row.condition, expiresUs: row.expiresUs, findings: findingIds.length },
    });
  });
  return row;
}

export async function applySilence(
  db: Kysely<Tables>,
  id: string,
  findingIds: readonly string[],
): Promise<void> {
  const row = await db
    .selectFrom('silences')
    .select(['id', 'expires_us'])
    .where('id', '=', id)
    .where('ended_us', 'is', null)
    .executeTakeFirst();
  if (row !== undefined) await cover(db, { id: row.id, expiresUs: Number(row.expires_us) }, findingIds);
}

export async function listSilences(db: Kysely<Tables>, atUs: number): Promise<SilenceRow[]> {
  const rows = await db
    .selectFrom('silences')
    .selectAll()
    .where('ended_us', 'is', null)
    .where('expires_us', '>', atUs)
    .orderBy('created_us')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    condition: row.condition,
    reason: row.reason,
    author: row.author,
    createdUs: Number(row.created_us),
    expiresUs: Number(row.expires_us),
  }));
}

export async function endSilence(
  db: Kysely<Tables>,
  id: string,
  actor: string,
  reason: string,
  nowUs: number,
): Promise<boolean> {
  return await db.transaction().execute(async (tx) => {
    const ended = await tx
      .updateTable('silences')
      .set({ ended_us: nowUs })
      .where('id', '=', id)
      .where('ended_us', 'is', null)
      .executeTakeFirst();
    if (Number(ended.numUpdatedRows) === 0) return false;
    await tx
      .updateTable('findings')
      .set({ silence_id: null, silenced_until_us: 0 })
      .where('silence_id', '=', id)
      .execute();
    await write(tx, nowUs, {
      actor,
      action: 'unsilence',
      subjectKind: 'silence',
      subjectId: id,
      reason,
      detail: null,
    });
    return true;
  });
}

export async function trail(
  db: Kysely<Tables>,
  query: { readonly limit: number; readonly cursor?: string; readonly subjectId?: string },
): Promise<Page<TrailRow>> {
  const limit = Math.max(1, Math.min(query.limit, 500));
  let q = db.selectFrom('trail').selectAll();
  // What was decided on an incident that was merged stays part of the story.
  if (query.subjectId !== undefined) q = q.where('subject_id', 'in', await mergedWith(db, query.subjectId));
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  if (after !== undefined) q = q.where('seq', '<', after[0]);
  const rows = await q
    .orderBy('seq', 'desc')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map((row) => ({
    seq: Number(row.seq),
    atUs: Number(row.at_us),
    actor: row.actor,
    action: row.action,
    subjectKind: row.subject_kind as TrailRow['subjectKind'],
    subjectId: row.subject_id,
    reason: row.reason,
    detail: JSON.parse(row.detail) as unknown,
  }));
  const last = items.at(-1);
  return {
    items,
    next:
      rows.length > limit && last
        ? Buffer.from(JSON.stringify([last.seq, ''])).toString('base64url')
        : undefined,
  };
}

function asToken(row: Tables['tokens']): TokenRow {
  return {
    id: row.id,
    name: row.name,
    role: row.role as Role,
    createdUs: Number(row.created_us),
    expiresUs: row.expires_us === null ? undefined : Number(row.expires_us),
    revoked: row.revoked !== 0,
  };
}

/** Only the token's SHA-256 is kept. */
export async function addToken(
  db: Kysely<Tables>,
  token: Omit<TokenRow, 'revoked' | 'createdUs'> & { readonly hash: string },
  actor: string,
  nowUs: number,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('tokens')
      .values({
        id: token.id,
        name: token.name,
        role: token.role,
        hash: token.hash,
        created_us: nowUs,
        expires_us: token.expiresUs ?? null,
        revoked: 0,
      })
      .execute();
    await write(tx, nowUs, {
      actor,
      action: 'token-add',
      subjectKind: 'token',
      subjectId: token.id,
      reason: '',
      detail: { name: token.name, role: token.role },
    });
  });
}

export async function tokenByHash(db: Kysely<Tables>, hash: string): Promise<TokenRow | undefined> {
  const row = await db.selectFrom('tokens').selectAll().where('hash', '=', hash).executeTakeFirst();
  return row && asToken(row);
}

export async function listTokens(db: Kysely<Tables>): Promise<TokenRow[]> {
  return (await db.selectFrom('tokens').selectAll().orderBy('created_us').orderBy('id').execute()).map(
    asToken,
  );
}

export async function revokeToken(
  db: Kysely<Tables>,
  id: string,
  actor: string,
  nowUs: number,
): Promise<boolean> {
  return await db.transaction().execute(async (tx) => {
    const done = await tx
      .updateTable('tokens')
      .set({ revoked: 1 })
      .where('id', '=', id)
      .where('revoked', '=', 0)
      .executeTakeFirst();
    if (Number(done.numUpdatedRows) === 0) return false;
    await write(tx, nowUs, {
      actor,
      action: 'token-revoke',
      subjectKind: 'token',
      subjectId: id,
      reason: '',
      detail: null,
    });
    return true;
  });
}

/** What triage found: titles and verdicts. Not a person's decision, so not in the trail. */
export async function setTriage(
  db: Kysely<Tables>,
  incidentId: string,
  triage: {
    readonly title: string;
    readonly verdict: string;
    readonly verdictRank: number;
    readonly seq: number;
  },
  findings: readonly {
    readonly id: string;
    readonly title: string;
    readonly verdict: string;
    readonly verdictRank: number;
  }[],
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx
      .updateTable('incidents')
      .set({
        title: triage.title,
        verdict: triage.verdict,
        verdict_rank: triage.verdictRank,
        triaged_seq: triage.seq,
      })
      .where('id', '=', incidentId)
      .where(sql<boolean>`triaged_seq <= ${triage.seq}`)
      .execute();
    for (const finding of findings) {
      await tx
        .updateTable('findings')
        .set({ title: finding.title, verdict: finding.verdict, verdict_rank: finding.verdictRank })
        .where('id', '=', finding.id)
        .execute();
    }
  });
}
