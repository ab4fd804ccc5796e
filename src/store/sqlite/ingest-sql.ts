// Storing a batch in SQLite: prepared statements, one run a row. At 20,000 alerts a second a query builder's own work
// would be most of the time.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import type { IngestSql, IngestTransaction } from '../ingest-sql.ts';
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
  'text',
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
  const insertAlert = prepare(insertInto('alerts', ALERT));
  const seen =
    'first_seen_us = min(first_seen_us, ?), last_seen_us = max(last_seen_us, ?), priority = min(priority, ?)';
  const changeFinding = prepare(`update findings set count = count + ?, ${seen} where id = ?`);
  const insertFinding = prepare(insertInto('findings', FINDING));
  const spread = prepare(
    insertInto('finding_spread', ['finding_id', 'kind', 'value'], 'on conflict do nothing'),
  );
  const pair = prepare(
    insertInto('incident_findings', ['incident_id', 'finding_id'], 'on conflict do nothing'),
  );
  const changeIncident = prepare(
    `update incidents set alert_count = alert_count + ?, finding_count = finding_count + ?, last_seq = max(last_seq, ?), ${seen} where id = ?`,
  );
  const insertIncident = prepare(insertInto('incidents', INCIDENT));
  const volume = prepare(
    insertInto(
      'volume',
      ['hour_us', 'rule', 'count'],
      'on conflict (hour_us, rule) do update set count = count + excluded.count',
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
    changeFindings(changes) {
      const changed = new Set<string>();
      for (const { id, count, first_seen_us, last_seen_us, priority } of changes)
        if (changeFinding.run(count, first_seen_us, last_seen_us, priority, id).changes > 0) changed.add(id);
      return changed;
    },
    insertFindings(rows) {
      for (const row of rows) insertFinding.run(...FINDING.map((column) => row[column]));
    },
    addSpread(rows) {
      for (const row of rows) spread.run(row.finding_id, row.kind, row.value);
    },
    addIncidentFindings: (pairs) =>
      pairs.flatMap(({ incident_id, finding_id }) =>
        pair.run(incident_id, finding_id).changes > 0 ? [incident_id] : [],
      ),
    changeIncidents(changes) {
      const changed = new Set<string>();
      for (const one of changes) {
        const { changes: n } = changeIncident.run(
          one.count,
          one.finding_count,
          one.last_seq,
          one.first_seen_us,
          one.last_seen_us,
          one.priority,
          one.id,
        );
        if (n > 0) changed.add(one.id);
      }
      return changed;
    },
    insertIncidents(rows) {
      for (const row of rows) insertIncident.run(...INCIDENT.map((column) => row[column]));
    },
    addVolume(cells) {
      for (const { hour_us, rule, count } of cells) volume.run(hour_us, rule, count);
    },
  });

  return {
    exclusive: true,
    // Holding Kysely's only connection keeps every other query out until the commit.
    transaction: (work) =>
      db.connection().execute(async (connection) => {
        begin.run();
        try {
          const result = await work(within(connection));
          commit.run();
          return result;
        } catch (error) {
          // SQLite rolls back by itself when the disk is full.
          if (database.isTransaction) rollback.run();
          throw error;
        }
      }),
  };
}
