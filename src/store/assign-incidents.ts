// Each alert's incident: that of the entities it shares with earlier ones, while they are close in time. An alert whose
// entities have several open incidents shows that these are one: they are merged into the oldest.

import { createHash } from 'node:crypto';
import type { IngestTransaction } from './ingest-sql.ts';
import type { NewAlert } from './types.ts';

type Assignable = Pick<NewAlert, 'id' | 'timeUs' | 'entities'>;

/** Alerts of one entity at most this far apart belong to one incident. */
const WINDOW_US = 15 * 60 * 1_000_000;
/**
 * An entity's times are written when they moved by this much: its last alert may be that much later than the database
 * says, and the window is that much longer. They are written when a batch is folded; what a crash loses in between may
 * open a second incident, which is merged when an alert shows that the two are one.
 */
const SLACK_US = 60 * 1_000_000;
/** Incidents that one may take in. An entity that touches everything must not make one incident of everything. */
export const MAX_MERGED = 50;

export interface EntityState {
  incidentId: string;
  firstUs: number;
  lastUs: number;
  /** As written; `undefined` when it never was. */
  savedFirstUs: number | undefined;
  savedLastUs: number;
}
/** What is known between batches. */
export class EntityMemory {
  /** `undefined` for an entity that the database does not have. */
  readonly states = new Map<string, EntityState | undefined>();
  /** Merged incidents that states may still name, each with what it was merged into. */
  readonly merged = new Map<string, string>();
  /** Names of entities whose state the database may not have. */
  readonly touched = new Set<string>();
}

export interface Assigned {
  /** In the order of the alerts. */
  readonly incidentOf: readonly string[];
  /** Incidents to be merged, each with the one that survives. */
  readonly merges: ReadonlyMap<string, string>;
}

const newIncidentId = (alert: Assignable): string =>
  createHash('sha256')
    .update(`${alert.id}\0${alert.entities[0] ?? ''}`)
    .digest('hex')
    .slice(0, 16);

/** Assigns `alerts` in their order, reading entities into `memory` and writing those that moved. */
export async function assignIncidents(
  tx: IngestTransaction,
  alerts: readonly Assignable[],
  memory: EntityMemory,
): Promise<Assigned> {
  await recall(tx, alerts, memory.states);
  const { states } = memory;
  const merges = new Merges(tx, memory.merged);
  const chosen: string[] = [];
  for (const alert of alerts) {
    const { timeUs, entities } = alert;
    let id: string | undefined;
    for (const name of entities) {
      const state = states.get(name);
      if (
        state === undefined ||
        timeUs < state.firstUs - WINDOW_US ||
        timeUs > state.lastUs + WINDOW_US + SLACK_US
      )
        continue;
      const open = merges.resolve(state.incidentId);
      if (id === undefined) id = open;
      else if (open !== id) id = await merges.join(id, open);
    }
    if (id === undefined) {
      id = newIncidentId(alert);
      merges.created(id, timeUs);
    }
    chosen.push(id);
    for (const name of entities) {
      const state = states.get(name);
      if (state === undefined || timeUs > state.lastUs + WINDOW_US + SLACK_US)
        states.set(name, {
          incidentId: id,
          firstUs: timeUs,
          lastUs: timeUs,
          savedFirstUs: undefined,
          savedLastUs: 0,
        });
      else if (merges.resolve(state.incidentId) === id) {
        if (timeUs < state.firstUs) state.firstUs = timeUs;
        if (timeUs > state.lastUs) state.lastUs = timeUs;
      } else continue;
      memory.touched.add(name);
    }
  }
  return { incidentOf: chosen.map((id) => merges.resolve(id)), merges: merges.stored() };
}

async function recall(
  tx: IngestTransaction,
  alerts: readonly Assignable[],
  states: EntityMemory['states'],
): Promise<void> {
  const unknown = new Set<string>();
  for (const alert of alerts) for (const name of alert.entities) if (!states.has(name)) unknown.add(name);
  if (unknown.size === 0) return;
  for (const name of unknown) states.set(name, undefined);
  for (const row of await tx.entities([...unknown])) {
    const [firstUs, lastUs] = [Number(row.first_us), Number(row.last_us)];
    states.set(row.entity, {
      incidentId: row.incident_id,
      firstUs,
      lastUs,
      savedFirstUs: firstUs,
      savedLastUs: lastUs,
    });
  }
}

/** Writes the entities that moved. */
export async function saveEntities(tx: IngestTransaction, memory: EntityMemory): Promise<void> {
  const rows = [];
  for (const entity of memory.touched) {
    const state = memory.states.get(entity);
    if (state === undefined) continue;
    const moved =
      state.savedFirstUs === undefined ||
      state.lastUs - state.savedLastUs > SLACK_US ||
      state.firstUs < state.savedFirstUs;
    if (!moved) continue;
    state.incidentId = resolve(memory.merged, state.incidentId);
    rows.push({ entity, incident_id: state.incidentId, first_us: state.firstUs, last_us: state.lastUs });
    state.savedFirstUs = state.firstUs;
    state.savedLastUs = state.lastUs;
  }
  memory.touched.clear();
  if (rows.length > 0) await tx.saveEntities(rows);
}

function resolve(into: ReadonlyMap<string, string>, id: string): string {
  let at = id;
  for (let next = into.get(at); next !== undefined; next = into.get(at)) at = next;
  return at;
}

interface Candidate {
  readonly firstUs: number;
  merged: number;
  readonly stored: boolean;
}

/** Incidents found to be one, within a batch. */
class Merges {
  readonly #tx: IngestTransaction;
  readonly #into: Map<string, string>;
  readonly #candidates = new Map<string, Candidate>();
  readonly #stored = new Set<string>();

  constructor(tx: IngestTransaction, into: Map<string, string>) {
    this.#tx = tx;
    this.#into = into;
  }

  created(id: string, firstUs: number): void {
    this.#candidates.set(id, { firstUs, merged: 0, stored: false });
  }

  resolve(id: string): string {
    return resolve(this.#into, id);
  }

  /** Merges two; returns the one that survives, or `a` when they stay apart. */
  async join(a: string, b: string): Promise<string> {
    const [one, other] = [await this.#candidate(a), await this.#candidate(b)];
    if (one === undefined || other === undefined || one.merged + other.merged + 1 > MAX_MERGED) return a;
    const keepOne = one.firstUs < other.firstUs || (one.firstUs === other.firstUs && a < b);
    const [survivor, younger] = keepOne ? [a, b] : [b, a];
    (keepOne ? one : other).merged += (keepOne ? other : one).merged + 1;
    this.#into.set(younger, survivor);
    if ((keepOne ? other : one).stored) this.#stored.add(younger);
    return survivor;
  }

  stored(): ReadonlyMap<string, string> {
    return new Map([...this.#stored].map((id) => [id, this.resolve(id)]));
  }

  async #candidate(id: string): Promise<Candidate | undefined> {
    const known = this.#candidates.get(id);
    if (known !== undefined) return known;
    const row = await this.#tx.db
      .selectFrom('incidents')
      .select((e) => [
        'first_seen_us',
        e
          .selectFrom('incident_merges')
          .whereRef('incident_merges.survivor', '=', 'incidents.id')
          .select((m) => m.fn.countAll<number>().as('n'))
          .as('merged'),
      ])
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const candidate = { firstUs: Number(row.first_seen_us), merged: Number(row.merged ?? 0), stored: true };
    this.#candidates.set(id, candidate);
    return candidate;
  }
}
