// Merging incidents that turned out to be one. The older survives and takes in findings, notes and counts of the
// younger, whose id goes on leading to it. Alerts keep the incident that they came in with: rewriting thousands of rows
// would hold up ingest, and reading joins them (lists.ts).

import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';
import type { State } from './types.ts';
import { wordsOf } from './words.ts';

/** Whose state wins: somebody's work first, then what is still open. */
const STATE_ORDER: readonly State[] = ['acknowledged', 'open', 'mitigated', 'closed', 'false-positive'];

const stronger = (a: string, b: string): string =>
  STATE_ORDER.indexOf(a as State) <= STATE_ORDER.indexOf(b as State) ? a : b;

/** Merges each key into its value; a survivor may be new in this transaction, a key is stored. */
export async function mergeIncidents(
  tx: Kysely<Tables>,
  merges: ReadonlyMap<string, string>,
  nowUs: number,
): Promise<void> {
  for (const [from, into] of merges) {
    const rows = await tx.selectFrom('incidents').selectAll().where('id', 'in', [from, into]).execute();
    const younger = rows.find((row) => row.id === from);
    const survivor = rows.find((row) => row.id === into);
    if (younger === undefined || survivor === undefined) continue;
    await tx
      .insertInto('incident_findings')
      .columns(['incident_id', 'finding_id'])
      .expression((e) =>
        e
          .selectFrom('incident_findings')
          .select([sql<string>`${into}`.as('incident_id'), 'finding_id'])
          .where('incident_id', '=', from)
          .where(
            'finding_id',
            'not in',
            e.selectFrom('incident_findings').select('finding_id').where('incident_id', '=', into),
          ),
      )
      .execute();
    await tx.deleteFrom('incident_findings').where('incident_id', '=', from).execute();
    const { n } = await tx
      .selectFrom('incident_findings')
      .select((e) => e.fn.countAll<number>().as('n'))
      .where('incident_id', '=', into)
      .executeTakeFirstOrThrow();
    await tx
      .updateTable('incidents')
      .set({
        alert_count: Number(survivor.alert_count) + Number(younger.alert_count),
        finding_count: Number(n),
        first_seen_us: Math.min(Number(survivor.first_seen_us), Number(younger.first_seen_us)),
        last_seen_us: Math.max(Number(survivor.last_seen_us), Number(younger.last_seen_us)),
        last_seq: Math.max(Number(survivor.last_seq), Number(younger.last_seq)),
        // Its story changed: triage looks again.
        triaged_seq: 0,
        priority: Math.min(survivor.priority, younger.priority),
        state: stronger(survivor.state, younger.state),
        owner: survivor.owner === '' ? younger.owner : survivor.owner,
        words: ` ${wordsOf(survivor.words + younger.words).join(' ')} `,
      })
      .where('id', '=', into)
      .execute();
    await tx
      .updateTable('notes')
      .set({ subject_id: into })
      .where('subject_kind', '=', 'incident')
      .where('subject_id', '=', from)
      .execute();
    await tx.updateTable('incident_merges').set({ survivor: into }).where('survivor', '=', from).execute();
    await tx.insertInto('incident_merges').values({ id: from, survivor: into, merged_us: nowUs }).execute();
    await tx.deleteFrom('incidents').where('id', '=', from).execute();
    await tx
      .insertInto('trail')
      .values({
        at_us: nowUs,
        actor: 'service',
        action: 'merge',
        subject_kind: 'incident',
        subject_id: into,
        reason: '',
        detail: JSON.stringify({ merged: from, state: younger.state, owner: younger.owner }),
      })
      .execute();
  }
}

/** The incident that `id` leads to now. */
export async function survivorOf(db: Kysely<Tables>, id: string): Promise<string> {
  const row = await db
    .selectFrom('incident_merges')
    .select('survivor')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.survivor ?? id;
}

/** `id`'s survivor and all that were merged into it: under which ids its alerts and trail are kept. */
export async function mergedWith(db: Kysely<Tables>, id: string): Promise<readonly string[]> {
  const survivor = await survivorOf(db, id);
  const rows = await db.selectFrom('incident_merges').select('id').where('survivor', '=', survivor).execute();
  return [survivor, ...rows.map((row) => row.id)];
}

/** What `ids` lead to, where it is another. */
export async function survivorsOf(
  db: Kysely<Tables>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('incident_merges')
    .select(['id', 'survivor'])
    .where('id', 'in', [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row.survivor]));
}
