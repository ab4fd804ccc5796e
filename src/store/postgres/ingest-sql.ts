// Storing a batch in PostgreSQL: one statement a set. The rows travel as one JSON text, which costs a fraction of a
// parameter for every value.

import { type Kysely, sql } from 'kysely';
import { HOUR_US } from '../ingest.ts';
import type {
  AlertInsert,
  FindingChange,
  IncidentChange,
  IngestSql,
  IngestTransaction,
  Range,
} from '../ingest-sql.ts';
import type { Tables } from '../schema.ts';

/** Any process that stores alerts holds this lock meanwhile, and so sees every id that was committed before it. */
const INGEST_LOCK = 7291;

const ALERT =
  'id text, time_us bigint, received_us bigint, rule text, source text, priority int, hostname text, namespace text, pod text, image text, finding_id text, incident_id text, raw text';
const DECIDED =
  'id text, namespace text, priority int, title text, verdict text, verdict_rank int, state text, owner text, first_seen_us bigint, last_seen_us bigint, words text';
const FINDING = `${DECIDED}, rule text, source text, tags text, fingerprint text, workload text, count bigint, nodes int, pods int, images int, users int, silence_id text, silenced_until_us bigint`;
const INCIDENT = `${DECIDED}, alert_count bigint, finding_count int, last_seq bigint, triaged_seq bigint`;
const CHANGE = 'id text, count bigint, first_seen_us bigint, last_seen_us bigint, priority int';
const ENTITY = 'entity text, incident_id text, first_us bigint, last_us bigint';

const names = (columns: string): string =>
  columns
    .split(', ')
    .map((column) => column.split(' ')[0])
    .join(', ');

/** Half a character, as an escape; a pair of backslashes is none. SQLite stores the same in its place. */
const HALF = /\\\\|\\ud[89a-f][0-9a-f]{2}/g;

/** JSON text that PostgreSQL reads: half a character would have it refuse all rows. */
function jsonOf(rows: readonly object[]): string {
  const text = JSON.stringify(rows);
  // Hardly any has it, and looking is quicker.
  return text.includes('\\ud') ? text.replace(HALF, (all) => (all === '\\\\' ? all : '\ufffd')) : text;
}

/** `insert into TABLE` of rows in a JSON text. */
const insert = (table: keyof Tables, columns: string, rows: readonly object[], rest = '') =>
  sql`${sql.raw(`insert into ${table} (${names(columns)}) select ${names(columns)} from`)} json_to_recordset(${jsonOf(rows)}::json) ${sql.raw(`as r(${columns}) ${rest}`)}`;

const SUMS =
  'count(*) as count, min(time_us) as first_seen_us, max(time_us) as last_seen_us, min(priority) as priority';
const SEEN =
  'first_seen_us = least(t.first_seen_us, c.first_seen_us), last_seen_us = greatest(t.last_seen_us, c.last_seen_us), priority = least(t.priority, c.priority)';

const decoder = new TextDecoder();
const withText = (row: AlertInsert): object =>
  typeof row.raw === 'string' ? row : { ...row, raw: decoder.decode(row.raw) };

const within = (tx: Kysely<Tables>): IngestTransaction => {
  const change = async (
    table: 'findings' | 'incidents',
    set: string,
    columns: string,
    changes: readonly object[],
  ): Promise<void> => {
    if (changes.length === 0) return;
    await sql`
      ${sql.raw(`update ${table} t set ${set}, ${SEEN} from`)} json_to_recordset(${jsonOf(changes)}::json)
      ${sql.raw(`as c(${columns}) where t.id = c.id`)}`.execute(tx);
  };
  const insertNew = async (
    table: 'findings' | 'incidents',
    columns: string,
    rows: readonly object[],
  ): Promise<string[]> => {
    if (rows.length === 0) return [];
    const done = await sql<{
      id: string;
    }>`${insert(table, columns, rows, 'on conflict do nothing returning id')}`.execute(tx);
    return done.rows.map((row) => row.id);
  };
  const inRange = ({ after, upTo }: Range) => sql`where seq > ${after} and seq <= ${upTo}`;
  const run = async (query: ReturnType<typeof insert>, rows: readonly object[]): Promise<void> => {
    if (rows.length > 0) await query.execute(tx);
  };
  return {
    db: tx,
    async knownAlerts(ids) {
      const { rows } = await sql<{
        id: string;
      }>`select id from alerts where id = any(${ids}::text[])`.execute(tx);
      return rows.map((row) => row.id);
    },
    async entities(wanted) {
      const { rows } = await sql<Tables['incident_entities']>`
        select e.entity, coalesce(m.survivor, e.incident_id) as incident_id, e.first_us, e.last_us
        from incident_entities e left join incident_merges m on m.id = e.incident_id
        where e.entity = any(${wanted}::text[])`.execute(tx);
      return rows;
    },
    saveEntities: (rows) =>
      run(
        insert(
          'incident_entities',
          ENTITY,
          rows,
          'on conflict (entity) do update set incident_id = excluded.incident_id, first_us = excluded.first_us, last_us = excluded.last_us',
        ),
        rows,
      ),
    async insertAlerts(rows) {
      const done = await sql<{
        id: string;
        seq: number;
      }>`${insert('alerts', ALERT, rows.map(withText), 'returning id, seq')}`.execute(tx);
      const seqs = new Map(done.rows.map((row) => [row.id, Number(row.seq)]));
      return rows.map((row) => seqs.get(row.id) as number);
    },
    insertFindings: (rows) => insertNew('findings', FINDING, rows),
    insertIncidents: (rows) => insertNew('incidents', INCIDENT, rows),
    addSpread: (rows) =>
      run(
        insert('finding_spread', 'finding_id text, kind text, value text', rows, 'on conflict do nothing'),
        rows,
      ),
    async addIncidentFindings(pairs) {
      if (pairs.length === 0) return [];
      const columns = 'incident_id text, finding_id text';
      const { rows } = await sql<{
        incident_id: string;
      }>`${insert('incident_findings', columns, pairs, 'on conflict do nothing returning incident_id')}`.execute(
        tx,
      );
      return rows.map((row) => row.incident_id);
    },
    async findingChanges(range) {
      return (
        await sql<FindingChange>`select finding_id as id, ${sql.raw(SUMS)} from alerts ${inRange(range)} group by finding_id`.execute(
          tx,
        )
      ).rows;
    },
    async incidentChanges(range) {
      return (
        await sql<IncidentChange>`select coalesce(m.survivor, incident_id) as id, ${sql.raw(SUMS)}, max(seq) as last_seq from alerts left join incident_merges m on m.id = incident_id ${inRange(range)} group by 1`.execute(
          tx,
        )
      ).rows;
    },
    async volumeOf(range) {
      const hour = sql.lit(HOUR_US);
      return (
        await sql<
          Tables['volume']
        >`select time_us / ${hour} * ${hour} as hour_us, rule, count(*) as count from alerts ${inRange(range)} group by 1, 2`.execute(
          tx,
        )
      ).rows;
    },
    changeFindings: (changes) => change('findings', 'count = t.count + c.count', CHANGE, changes),
    changeIncidents: (changes) =>
      change(
        'incidents',
        'alert_count = t.alert_count + c.count, last_seq = greatest(t.last_seq, c.last_seq)',
        `${CHANGE}, last_seq bigint`,
        changes,
      ),
    async indexAlerts(range) {
      for (const kind of ['finding', 'incident']) {
        const columns = sql.raw(`${kind}_id, seq`);
        await sql`insert into ${sql.raw(`${kind}_alerts`)} (${columns}) select ${columns} from alerts ${inRange(range)}`.execute(
          tx,
        );
      }
    },
    addVolume: (cells) =>
      run(
        insert(
          'volume',
          'hour_us bigint, rule text, count bigint',
          cells,
          'on conflict (hour_us, rule) do update set count = volume.count + excluded.count',
        ),
        cells,
      ),
  };
};

export function postgresIngest(db: Kysely<Tables>): IngestSql {
  const locked = async <R>(tx: Kysely<Tables>, work: (tx: IngestTransaction) => Promise<R>): Promise<R> => {
    await sql`select pg_advisory_xact_lock(${INGEST_LOCK})`.execute(tx);
    return work(within(tx));
  };
  const relaxed = <R>(work: (tx: Kysely<Tables>) => Promise<R>): Promise<R> =>
    db.transaction().execute(async (tx) => {
      await sql`set local synchronous_commit = off`.execute(tx);
      return work(tx);
    });
  return {
    exclusive: false,
    store: (work) => db.transaction().execute((tx) => locked(tx, work)),
    fold: (work) => relaxed((tx) => locked(tx, work)),
    derive: relaxed,
  };
}
