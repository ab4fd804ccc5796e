// From the store's rows to the API's shapes: microseconds to ISO 8601, ranks to names.

import type { z } from '@hono/zod-openapi';
import { PRIORITIES } from '../alerts/index.ts';
import type {
  AlertRow,
  FindingRow,
  IncidentRow,
  NoteRow,
  OutboxRow,
  SilenceRow,
  TokenRow,
  TrailRow,
  VolumeRow,
} from '../store/index.ts';
import type * as S from './schemas.ts';

/** Microseconds since 1970 as ISO 8601 with six digits; times outside what dates can hold are clamped. */
export function iso(us: number): string {
  const ms = Math.max(-62_135_596_800_000, Math.min(253_402_300_799_999, Math.floor(us / 1000)));
  const micros = ((Math.floor(us) % 1000) + 1000) % 1000;
  return `${new Date(ms).toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}

/** ISO 8601 to microseconds since 1970. */
export function fromIso(text: string): number {
  const ms = Date.parse(text);
  const fraction = /\.\d{3}(\d{1,3})/.exec(text)?.[1] ?? '';
  return ms * 1000 + Number(fraction.padEnd(3, '0'));
}

const priorityName = (rank: number) => PRIORITIES[rank] ?? 'unknown';

export const viewFinding = ({ firstSeenUs, lastSeenUs, priority, workload, ...row }: FindingRow) =>
  ({
    ...row,
    tags: [...row.tags],
    fingerprint: [...row.fingerprint],
    spread: row.spread as z.output<typeof S.finding>['spread'],
    workload: { ...workload },
    priority: priorityName(priority),
    firstSeen: iso(firstSeenUs),
    lastSeen: iso(lastSeenUs),
  }) satisfies z.output<typeof S.finding>;

export const viewIncident = ({ firstSeenUs, lastSeenUs, lastSeq, priority, ...row }: IncidentRow) =>
  ({
    ...row,
    version: lastSeq,
    priority: priorityName(priority),
    firstSeen: iso(firstSeenUs),
    lastSeen: iso(lastSeenUs),
  }) satisfies z.output<typeof S.incident>;

export const viewAlert = ({ timeUs, seq: _, priority, ...row }: AlertRow) =>
  ({ ...row, time: iso(timeUs), priority: priorityName(priority) }) satisfies z.output<typeof S.alert>;

export const viewNote = ({ atUs, ...row }: NoteRow) =>
  ({ ...row, at: iso(atUs) }) satisfies z.output<typeof S.note>;

export const viewSilence = ({ createdUs, expiresUs, ...row }: SilenceRow) =>
  ({ ...row, created: iso(createdUs), expires: iso(expiresUs) }) satisfies z.output<typeof S.silence>;

export const viewTrail = ({ atUs, seq: _, ...row }: TrailRow) =>
  ({ ...row, at: iso(atUs) }) satisfies z.output<typeof S.trailEntry>;

export const viewToken = ({ createdUs, expiresUs, ...row }: TokenRow) =>
  ({
    ...row,
    created: iso(createdUs),
    ...(expiresUs === undefined ? {} : { expires: iso(expiresUs) }),
  }) satisfies z.output<typeof S.tokenInfo>;

export const viewDelivery = ({ dueUs, createdUs, payload: _, ...row }: OutboxRow) =>
  ({ ...row, due: iso(dueUs), created: iso(createdUs) }) satisfies z.output<typeof S.delivery>;

export const viewVolume = ({ hourUs, ...row }: VolumeRow) =>
  ({ ...row, hour: iso(hourUs) }) satisfies z.output<typeof S.volumeRow>;
