// Made by: node scripts/generate-client.ts

export type Problem = { readonly "type": string; readonly "title": string; readonly "status": number; readonly "detail"?: string; readonly "diagnostics"?: readonly (unknown)[] };
export type IngestAnswer = { readonly "stored": number; readonly "duplicates": number; readonly "health": number; readonly "rejected": number; readonly "diagnostics": readonly (unknown)[] };
export type Me = { readonly "actor": string; readonly "role": "ingest" | "read" | "respond" | "admin"; readonly "csrf"?: string };
export type Finding = { readonly "id": string; readonly "title": string; readonly "verdict": "benign" | "likely-benign" | "undetermined" | "likely-malicious" | "malicious"; readonly "state": "open" | "acknowledged" | "mitigated" | "closed" | "false-positive"; readonly "owner": string; readonly "priority": "Emergency" | "Alert" | "Critical" | "Error" | "Warning" | "Notice" | "Informational" | "Debug" | "unknown"; readonly "firstSeen": string; readonly "lastSeen": string; readonly "rule": string; readonly "source": string; readonly "tags": readonly (string)[]; readonly "fingerprint": readonly ({ readonly "name": string; readonly "value": string })[]; readonly "workload": Readonly<Record<string, unknown>>; readonly "count": number; readonly "spread": { readonly "nodes": { readonly "values": readonly (string)[]; readonly "total": number; readonly "atLeast": boolean }; readonly "pods": { readonly "values": readonly (string)[]; readonly "total": number; readonly "atLeast": boolean }; readonly "images": { readonly "values": readonly (string)[]; readonly "total": number; readonly "atLeast": boolean }; readonly "users": { readonly "values": readonly (string)[]; readonly "total": number; readonly "atLeast": boolean } }; readonly "silenceId"?: string };
export type Incident = { readonly "id": string; readonly "title": string; readonly "verdict": "benign" | "likely-benign" | "undetermined" | "likely-malicious" | "malicious"; readonly "state": "open" | "acknowledged" | "mitigated" | "closed" | "false-positive"; readonly "owner": string; readonly "priority": "Emergency" | "Alert" | "Critical" | "Error" | "Warning" | "Notice" | "Informational" | "Debug" | "unknown"; readonly "firstSeen": string; readonly "lastSeen": string; readonly "namespace": string; readonly "alertCount": number; readonly "findingCount": number; readonly "version": number };
export type Alert = { readonly "id": string; readonly "time": string; readonly "rule": string; readonly "source": string; readonly "priority": "Emergency" | "Alert" | "Critical" | "Error" | "Warning" | "Notice" | "Informational" | "Debug" | "unknown"; readonly "hostname": string; readonly "namespace": string; readonly "pod": string; readonly "image": string; readonly "findingId": string; readonly "incidentId": string; readonly "raw": string };
export type Decision = { readonly "state"?: "open" | "acknowledged" | "mitigated" | "closed" | "false-positive"; readonly "owner"?: string; readonly "note"?: string; readonly "reason"?: string };
export type Note = { readonly "id": number; readonly "at": string; readonly "author": string; readonly "text": string };
export type Silence = { readonly "id": string; readonly "condition": string; readonly "reason": string; readonly "author": string; readonly "created": string; readonly "expires": string };
export type NewSilence = { readonly "condition": string; readonly "reason": string; readonly "expires": string };
export type TrailEntry = { readonly "at": string; readonly "actor": string; readonly "action": string; readonly "subjectKind": string; readonly "subjectId": string; readonly "reason": string; readonly "detail"?: unknown };
export type Token = { readonly "id": string; readonly "name": string; readonly "role": "ingest" | "read" | "respond" | "admin"; readonly "created": string; readonly "expires"?: string; readonly "revoked": boolean };
export type Delivery = { readonly "id": string; readonly "route": string; readonly "subjectId": string; readonly "status": "pending" | "sent" | "dead"; readonly "attempts": number; readonly "due": string; readonly "lastError": string; readonly "created": string };
export type VolumeRow = { readonly "hour": string; readonly "rule": string; readonly "count": number };

export interface Operations {
  "GET /healthz": { input: {  }; output: { readonly "status": "ok" } };
  "GET /readyz": { input: {  }; output: { readonly "status": "ready" } };
  "GET /metrics": { input: {  }; output: unknown };
  "POST /ingest": { input: { body: string }; output: IngestAnswer };
  "POST /k8s-audit": { input: { body: string }; output: unknown };
  "GET /login": { input: {  }; output: unknown };
  "POST /api/v1/session": { input: { body: string }; output: { readonly "actor": string; readonly "role": "ingest" | "read" | "respond" | "admin" } };
  "GET /api/v1/session": { input: {  }; output: Me };
  "DELETE /api/v1/session": { input: {  }; output: { readonly "out": true } };
  "GET /api/v1/findings": { input: { query?: { "limit"?: number | undefined; "cursor"?: string | undefined; "since"?: string | undefined; "until"?: string | undefined; "sort"?: "last-seen" | "first-seen" | "count" | "priority" | "verdict" | undefined; "order"?: "asc" | "desc" | undefined; "state"?: string | undefined; "verdict"?: string | undefined; "rule"?: string | undefined; "namespace"?: string | undefined; "owner"?: string | undefined; "search"?: string | undefined; "filter"?: string | undefined; "silenced"?: "show" | "hide" | undefined } }; output: { readonly "items": readonly (Finding)[]; readonly "next"?: string } };
  "GET /api/v1/incidents": { input: { query?: { "limit"?: number | undefined; "cursor"?: string | undefined; "since"?: string | undefined; "until"?: string | undefined; "sort"?: "last-seen" | "first-seen" | "count" | "priority" | "verdict" | undefined; "order"?: "asc" | "desc" | undefined; "state"?: string | undefined; "verdict"?: string | undefined; "rule"?: string | undefined; "namespace"?: string | undefined; "owner"?: string | undefined; "search"?: string | undefined; "filter"?: string | undefined; "silenced"?: "show" | "hide" | undefined } }; output: { readonly "items": readonly (Incident)[]; readonly "next"?: string } };
  "GET /api/v1/alerts": { input: { query?: { "limit"?: number | undefined; "cursor"?: string | undefined; "since"?: string | undefined; "until"?: string | undefined; "finding"?: string | undefined; "incident"?: string | undefined; "rule"?: string | undefined; "namespace"?: string | undefined; "search"?: string | undefined; "filter"?: string | undefined } }; output: { readonly "items": readonly (Alert)[]; readonly "next"?: string } };
  "GET /api/v1/alerts/{id}": { input: { params: { "id": string } }; output: Alert };
  "GET /api/v1/findings/{id}": { input: { params: { "id": string } }; output: Finding };
  "GET /api/v1/incidents/{id}": { input: { params: { "id": string } }; output: Incident };
  "GET /api/v1/incidents/{id}/findings": { input: { params: { "id": string } }; output: readonly (Finding)[] };
  "POST /api/v1/findings/{id}/decision": { input: { params: { "id": string }; body: Decision }; output: { readonly "state": "open" | "acknowledged" | "mitigated" | "closed" | "false-positive" } };
  "GET /api/v1/findings/{id}/notes": { input: { params: { "id": string } }; output: readonly (Note)[] };
  "POST /api/v1/incidents/{id}/decision": { input: { params: { "id": string }; body: Decision }; output: { readonly "state": "open" | "acknowledged" | "mitigated" | "closed" | "false-positive" } };
  "GET /api/v1/incidents/{id}/notes": { input: { params: { "id": string } }; output: readonly (Note)[] };
  "GET /api/v1/silences": { input: {  }; output: readonly (Silence)[] };
  "POST /api/v1/silences": { input: { body: NewSilence }; output: Silence };
  "DELETE /api/v1/silences/{id}": { input: { params: { "id": string }; query?: { "reason"?: string | undefined } }; output: { readonly "ended": true } };
  "GET /api/v1/trail": { input: { query?: { "limit"?: number | undefined; "cursor"?: string | undefined; "subject"?: string | undefined } }; output: { readonly "items": readonly (TrailEntry)[]; readonly "next"?: string } };
  "GET /api/v1/tokens": { input: {  }; output: readonly (Token)[] };
  "POST /api/v1/tokens": { input: { body: { readonly "name": string; readonly "role": "ingest" | "read" | "respond" | "admin"; readonly "expires"?: string } }; output: { readonly "id": string; readonly "token": string } };
  "DELETE /api/v1/tokens/{id}": { input: { params: { "id": string } }; output: { readonly "revoked": true } };
  "GET /api/v1/deliveries": { input: { query?: { "limit"?: number | undefined; "cursor"?: string | undefined; "status"?: "pending" | "sent" | "dead" | undefined } }; output: { readonly "items": readonly (Delivery)[]; readonly "next"?: string } };
  "GET /api/v1/volume": { input: { query?: { "since"?: string | undefined; "until"?: string | undefined; "limit"?: number | undefined } }; output: readonly (VolumeRow)[] };
  "GET /api/v1/incidents/{id}/report": { input: { params: { "id": string } }; output: { readonly "html": string; readonly "report"?: unknown } };
  "GET /api/v1/incidents/{id}/report.html": { input: { params: { "id": string } }; output: unknown };
  "GET /api/v1/incidents/{id}/report/{format}": { input: { params: { "id": string; "format": "text" | "md" | "html" | "json" | "ocsf" | "sarif" | "stix" } }; output: string };
  "POST /api/v1/reports": { input: { body: string }; output: { readonly "html": string; readonly "incidents": number; readonly "input"?: unknown } };
  "GET /api/v1/rules": { input: {  }; output: { readonly "files": readonly ({ readonly "name": string; readonly "content": string })[] } };
  "GET /api/v1/sensors": { input: {  }; output: readonly ({ readonly "at": string; readonly "hostname": string; readonly "kind": string; readonly "summary": string })[] };
  "POST /api/v1/examples": { input: {  }; output: { readonly "stored": number; readonly "duplicates": number } };
  "GET /api/v1/events": { input: {  }; output: unknown };
}
