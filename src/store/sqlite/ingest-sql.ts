// Storing a batch in SQLite: prepared statements, one run a row. At 20,000 alerts a second a query builder's own work
// would be most of the time.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import { HOUR_US } from '../ingest.ts';
import type { FindingChange, IncidentChange, IngestSql, IngestTransaction } from '../ingest-sql.ts';
import type { Tables } from '../schema.ts';

const insertInto = (table: keyof Tables, columns: readonly string[], rest = ''): string =>
  `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')}) ${rest}`;

const ALERT = [
  'id',
  'time_us',
  'received_us',
  'rule',
  'source',
  'priority',
  'hostname',
  'namespace',
  'pod',
  'image',
  'finding_id',
  'incident_id',
  'raw',
] as const satisfies readonly (keyof Tables['alerts'])[];
const DECIDED = [
  'id',
  'namespace',
  'priority',
  'title',
  'verdict',
  'verdict_rank',
  'state',
  'owner',
  'first_seen_us',
  'last_seen_us',
  'words',
] as const;
const FINDING = [
  ...DECIDED,
  'rule',
  'source',
  'tags',
  'fingerprint',
  'workload',
  'count',
  'nodes',
  'pods',
  'images',
  'users',
  'silence_id',
  'silenced_until_us',
] as const satisfies readonly (keyof Tables['findings'])[];
const INCIDENT = [
  ...DECIDED,
  'alert_count',
  'finding_count',
  'last_seq',
  'triaged_seq',
] as const satisfies readonly (keyof Tables['incidents'])[];

const SUMS =
  'count(*) as count, min(time_us) as first_seen_us, max(time_us) as last_seen_us, min(priority) as priority';
const IN_RANGE = 'where seq > ? and seq <= ?';

/** `database` is the one connection that `db` drives. */
export function sqliteIngest(database: DatabaseSync, db: Kysely<Tables>): IngestSql {
  const prepare = (text: string): StatementSync => database.prepare(text);
  const begin = prepare('begin immediate');
  const commit = prepare('commit');
  const rollback = prepare('rollback');
  const alertById = prepare('select id from alerts where id = ?');
  const entity = prepare(
    'select e.entity, coalesce(m.survivor, e.incident_id) as incident_id, e.first_us, e.last_us from incident_entities e left join incident_merges m on m.id = e.incident_id where e.entity = ?',
  );
  const saveEntity = prepare(
    insertInto(
      'incident_entities',
      ['entity', 'incident_id', 'first_us', 'last_us'],
      'on conflict (entity) do update set incident_id = excluded.incident_id, first_us = excluded.first_us, last_us = excluded.last_us',
    ),
  );
  // `raw` comes as UTF-8 bytes.
  const insertAlert = prepare(
    `insert into alerts (${ALERT.join(', ')}) values (${ALERT.map((c) => (c === 'raw' ? 'cast(? as text)' : '?')).join(', ')})`,
  );
  const seen =
    'first_seen_us = min(first_seen_us, ?), last_seen_us = max(last_seen_us, ?), priority = min(priority, ?)';
  const changeFinding = prepare(`update findings set count = count + ?, ${seen} where id = ?`);
  const insertFinding = prepare(insertInto('findings', FINDING, 'on conflict do nothing'));
  const spread = prepare(
    insertInto('finding_spread', ['finding_id', 'kind', 'value'], 'on conflict do nothing'),
  );
  const pair = prepare(
    insertInto('incident_findings', ['incident_id', 'finding_id'], 'on conflict do nothing'),
  );
  const changeIncident = prepare(
    `update incidents set alert_count = alert_count + ?, last_seq = max(last_seq, ?), ${seen} where id = ?`,
  );
  const insertIncident = prepare(insertInto('incidents', INCIDENT, 'on conflict do nothing'));
  const volume = prepare(
    insertInto(
      'volume',
      ['hour_us', 'rule', 'count'],
      'on conflict (hour_us, rule) do update set count = count + excluded.count',
    ),
  );

  const findingChanges = prepare(
    `select finding_id as id, ${SUMS} from alerts ${IN_RANGE} group by finding_id`,
  );
  const incidentChanges = prepare(
    `select coalesce(m.survivor, incident_id) as id, ${SUMS}, max(seq) as last_seq from alerts left join incident_merges m on m.id = incident_id ${IN_RANGE} group by 1`,
  );
  const volumeOf = prepare(
    `select time_us / ${HOUR_US} * ${HOUR_US} as hour_us, rule, count(*) as count from alerts ${IN_RANGE} group by 1, 2`,
  );
  const indexes = ['finding', 'incident'].map((of) =>
    prepare(
      `insert into ${of}_alerts (${of}_id, seq) select ${of}_id, seq from alerts ${IN_RANGE} order by ${of}_id, seq`,
    ),
  );

  const within = (tx: Kysely<Tables>): IngestTransaction => ({
    db: tx,
    knownAlerts: (ids) => ids.filter((id) => alertById.get(id) !== undefined),
    entities: (names) =>
      names.flatMap((name) => (entity.get(name) as unknown as Tables['incident_entities'] | undefined) ?? []),
    saveEntities(rows) {
      for (const row of rows) saveEntity.run(row.entity, row.incident_id, row.first_us, row.last_us);
    },
    insertAlerts: (rows) =>
      rows.map((row) => Number(insertAlert.run(...ALERT.map((column) => row[column])).lastInsertRowid)),
    insertFindings: (rows) =>
      rows.flatMap((row) =>
        insertFinding.run(...FINDING.map((column) => row[column])).changes > 0 ? [row.id] : [],
      ),
    insertIncidents: (rows) =>
      rows.flatMap((row) =>
        insertIncident.run(...INCIDENT.map((column) => row[column])).changes > 0 ? [row.id] : [],
      ),
    addSpread(rows) {
      for (const row of rows) spread.run(row.finding_id, row.kind, row.value);
    },
    addIncidentFindings: (pairs) =>
      pairs.flatMap(({ incident_id, finding_id }) =>
        pair.run(incident_id, finding_id).changes > 0 ? [incident_id] : [],
      ),
    findingChanges: ({ after, upTo }) => findingChanges.all(after, upTo) as unknown as FindingChange[],
    incidentChanges: ({ after, upTo }) => incidentChanges.all(after, upTo) as unknown as IncidentChange[],
    volumeOf: ({ after, upTo }) => volumeOf.all(after, upTo) as unknown as Tables['volume'][],
    changeFindings(changes) {
      for (const one of changes)
        changeFinding.run(one.count, one.first_seen_us, one.last_seen_us, one.priority, one.id);
    },
    changeIncidents(changes) {
      for (const one of changes)
        changeIncident.run(
          one.count,
          one.last_seq,
          one.first_seen_us,
          one.last_seen_us,
          one.priority,
          one.id,
        );
    },
    indexAlerts({ after, upTo }) {
      for (const index of indexes) index.run(after, upTo);
    },
    addVolume(cells) {
      for (const { hour_us, rule, count } of cells) volume.run(hour_us, rule, count);
    },
  });

  // In WAL mode a commit with `normal` is written and not waited for; the next one with `full` takes it along to the disk.
  const full = prepare('pragma synchronous = full');
  const normal = prepare('pragma synchronous = normal');
  // Holding Kysely's only connection keeps every other query out until the commit.
  const transaction = <R>(durable: boolean, work: (db: Kysely<Tables>) => Promise<R>): Promise<R> =>
    db.connection().execute(async (connection) => {
      if (!durable) normal.run();
      try {
        begin.run();
        try {
          const result = await work(connection);
          commit.run();
          return result;
        } catch (error) {
          // SQLite rolls back by itself when the disk is full.
          if (database.isTransaction) rollback.run();
          throw error;
        }
      } finally {
        if (!durable) full.run();
      }
    });
  return {
    exclusive: true,
    store: (work) => transaction(true, (connection) => work(within(connection))),
    fold: (work) => transaction(false, (connection) => work(within(connection))),
    derive: (work) => transaction(false, work),
  };
}
