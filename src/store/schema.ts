// The tables, as Kysely sees them. Columns are snake_case; times are microseconds since 1970 UTC and fit a double;
// structured values are JSON text on both databases, since nothing queries inside them.

import type { Generated } from 'kysely';

export interface Tables {
  meta: { key: string; value: string };
  alerts: {
    seq: Generated<number>;
    id: string;
    time_us: number;
    received_us: number;
    rule: string;
    source: string;
    priority: number;
    hostname: string;
    namespace: string;
    pod: string;
    image: string;
    finding_id: string;
    incident_id: string;
    raw: string;
  };
  /** Alerts by finding and by the incident that they came in with; written when a batch is folded. */
  finding_alerts: { finding_id: string; seq: number };
  incident_alerts: { incident_id: string; seq: number };
  findings: {
    id: string;
    rule: string;
    source: string;
    priority: number;
    namespace: string;
    tags: string;
    fingerprint: string;
    workload: string;
    title: string;
    verdict: string;
    verdict_rank: number;
    state: string;
    owner: string;
    count: number;
    nodes: number;
    pods: number;
    images: number;
    users: number;
    first_seen_us: number;
    last_seen_us: number;
    silence_id: string | null;
    silenced_until_us: number;
    words: string;
  };
  finding_spread: { finding_id: string; kind: string; value: string };
  incidents: {
    id: string;
    namespace: string;
    priority: number;
    title: string;
    verdict: string;
    verdict_rank: number;
    state: string;
    owner: string;
    alert_count: number;
    finding_count: number;
    first_seen_us: number;
    last_seen_us: number;
    last_seq: number;
    triaged_seq: number;
    words: string;
  };
  incident_findings: { incident_id: string; finding_id: string };
  /** The newest incident of each entity: where its next alert goes while the window is open. */
  incident_entities: { entity: string; incident_id: string; first_us: number; last_us: number };
  /** Where the id of a merged incident leads. Chains are never longer than one step. */
  incident_merges: { id: string; survivor: string; merged_us: number };
  volume: { hour_us: number; rule: string; count: number };
  notes: {
    id: Generated<number>;
    subject_kind: string;
    subject_id: string;
    at_us: number;
    author: string;
    text: string;
  };
  silences: {
    id: string;
    condition: string;
    reason: string;
    author: string;
    created_us: number;
    expires_us: number;
    ended_us: number | null;
  };
  trail: {
    seq: Generated<number>;
    at_us: number;
    actor: string;
    action: string;
    subject_kind: string;
    subject_id: string;
    reason: string;
    detail: string;
  };
  tokens: {
    id: string;
    name: string;
    role: string;
    hash: string;
    created_us: number;
    expires_us: number | null;
    revoked: number;
  };
  outbox: {
    id: string;
    route: string;
    key: string;
    subject_id: string;
    payload: string;
    status: string;
    attempts: number;
    due_us: number;
    last_error: string;
    created_us: number;
  };
}
