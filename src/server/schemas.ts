// The API's shapes. The OpenAPI document, the validation of requests and the client's types all come from here.

import { z } from '@hono/zod-openapi';
import { ROLES, STATES } from '../store/index.ts';
import { VERDICTS } from '../triage/index.ts';

export const time = z.iso.datetime({ offset: true }).openapi({ example: '2026-11-24T03:18:20.461273Z' });
export const verdict = z.enum(VERDICTS);
export const state = z.enum(STATES);
export const role = z.enum(ROLES);
const priority = z.enum([
  'Emergency',
  'Alert',
  'Critical',
  'Error',
  'Warning',
  'Notice',
  'Informational',
  'Debug',
  'unknown',
]);
const spread = z.object({ values: z.array(z.string()), total: z.int(), atLeast: z.boolean() });
const cursor = z.string().max(500);

const common = {
  title: z.string(),
  verdict,
  state,
  owner: z.string(),
  priority,
  firstSeen: time,
  lastSeen: time,
};

export const finding = z
  .object({
    id: z.string(),
    ...common,
    rule: z.string(),
    source: z.string(),
    tags: z.array(z.string()),
    fingerprint: z.array(z.object({ name: z.string(), value: z.string() })),
    workload: z.record(z.string(), z.unknown()),
    count: z.int(),
    spread: z.object({ nodes: spread, pods: spread, images: spread, users: spread }),
    silenceId: z.string().optional(),
  })
  .openapi('Finding');

export const incident = z
  .object({
    id: z.string(),
    ...common,
    namespace: z.string(),
    alertCount: z.int(),
    findingCount: z.int(),
    version: z.int(),
  })
  .openapi('Incident');

export const alert = z
  .object({
    id: z.string(),
    time,
    rule: z.string(),
    source: z.string(),
    priority,
    hostname: z.string(),
    namespace: z.string(),
    pod: z.string(),
    image: z.string(),
    findingId: z.string(),
    incidentId: z.string(),
    /** Falco's own object, as received. */
    raw: z.string(),
  })
  .openapi('Alert');

export const note = z.object({ id: z.int(), at: time, author: z.string(), text: z.string() }).openapi('Note');
export const silence = z
  .object({
    id: z.string(),
    condition: z.string(),
    reason: z.string(),
    author: z.string(),
    created: time,
    expires: time,
  })
  .openapi('Silence');
export const trailEntry = z
  .object({
    at: time,
    actor: z.string(),
    action: z.string(),
    subjectKind: z.string(),
    subjectId: z.string(),
    reason: z.string(),
    detail: z.unknown(),
  })
  .openapi('TrailEntry');
export const tokenInfo = z
  .object({
    id: z.string(),
    name: z.string(),
    role,
    created: time,
    expires: time.optional(),
    revoked: z.boolean(),
  })
  .openapi('Token');
export const delivery = z
  .object({
    id: z.string(),
    route: z.string(),
    subjectId: z.string(),
    status: z.enum(['pending', 'sent', 'dead']),
    attempts: z.int(),
    due: time,
    lastError: z.string(),
    created: time,
  })
  .openapi('Delivery');
export const volumeRow = z.object({ hour: time, rule: z.string(), count: z.int() }).openapi('VolumeRow');
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    diagnostics: z.array(z.unknown()).optional(),
  })
  .openapi('Problem');

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: cursor.optional() });

const list = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').filter((v) => v !== '') : value),
  z.array(z.string()),
);

const paged = { limit: z.coerce.number().int().min(1).max(500).default(50), cursor: cursor.optional() };
const span = { since: time.optional(), until: time.optional() };

export const listQuery = z.object({
  ...paged,
  ...span,
  sort: z.enum(['last-seen', 'first-seen', 'count', 'priority', 'verdict']).default('last-seen'),
  /** `desc`: the newest, most or worst first. */
  order: z.enum(['asc', 'desc']).default('desc'),
  state: list.pipe(z.array(state)).optional().openapi({ type: 'string', example: 'open,acknowledged' }),
  verdict: list
    .pipe(z.array(verdict))
    .optional()
    .openapi({ type: 'string', example: 'malicious,likely-malicious' }),
  rule: z.string().max(500).optional(),
  namespace: z.string().max(300).optional(),
  owner: z.string().max(200).optional(),
  search: z.string().max(500).optional(),
  /** A condition in Falco's rule language over the alerts' fields. */
  filter: z.string().max(10_000).optional(),
  silenced: z.enum(['show', 'hide']).default('hide'),
});

export const alertQuery = z.object({
  ...paged,
  ...span,
  finding: z.string().max(64).optional(),
  incident: z.string().max(64).optional(),
  rule: z.string().max(500).optional(),
  namespace: z.string().max(300).optional(),
  search: z.string().max(500).optional(),
  filter: z.string().max(10_000).optional(),
});

export const decisionBody = z
  .strictObject({
    state: state.optional(),
    owner: z.string().max(200).optional(),
    note: z.string().max(20_000).optional(),
    reason: z.string().max(2000).default(''),
  })
  .openapi('Decision');

export const decided = z.object({ state });

export const silenceBody = z
  .strictObject({
    condition: z.string().min(1).max(10_000),
    reason: z.string().min(1).max(2000),
    expires: time,
  })
  .openapi('NewSilence');

export const idParam = z.object({ id: z.string().min(1).max(64) });
export const pagedQuery = z.object(paged);
export const volumeQuery = z.object({ ...span, limit: z.coerce.number().int().min(1).max(200).default(40) });
