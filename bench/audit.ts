// `node bench/audit.ts`: how fast Kubernetes audit events are read and matched. Needs the stock audit rules and traces
// (YARAK_K8S_AUDIT). CPU time, not wall time, so that a busy machine changes little. The last line is one JSON object;
// it is also kept in results/.

import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine, DEFAULT_SETTINGS } from '../src/detect/engine/index.ts';
import { loadRules } from '../src/detect/rules/index.ts';
import {
  createJsonEvent,
  EventReader,
  type JsonEvent,
  type JsonRecord,
  jsonAccess,
  KUBERNETES_AUDIT,
} from '../src/sources/audit/index.ts';

const folder = process.env['YARAK_K8S_AUDIT'];
if (folder === undefined) {
  console.error('Set YARAK_K8S_AUDIT to the folder with rules/k8s_audit_rules.yaml and traces/.');
  process.exit(3);
}

const { rules } = loadRules([
  { name: 'k8s_audit_rules.yaml', content: readFileSync(join(folder, 'rules/k8s_audit_rules.yaml'), 'utf8') },
]);
const settings = { ...DEFAULT_SETTINGS, ruleMatching: 'all' } as const;
const EVENTS = 20_000;
const PASSES = 16;

function eventsIn(bytes: Uint8Array): JsonRecord[] {
  const records: JsonRecord[] = [];
  const reader = new EventReader(KUBERNETES_AUDIT, {
    onEvent: ({ record }) => records.push(record),
    onDiagnostic: ({ message }) => {
      throw new Error(message);
    },
  });
  reader.push(bytes);
  reader.end();
  return records;
}

const traces = globSync('traces/*.json', { cwd: folder })
  .sort()
  .flatMap((file) => eventsIn(readFileSync(join(folder, file))));
const VERBS = ['get', 'list', 'watch', 'update', 'patch', 'create', 'delete'];
const RESOURCES = [
  'pods',
  'configmaps',
  'leases',
  'endpoints',
  'nodes',
  'services',
  'secrets',
  'deployments',
  'events',
];

/** One event in twenty is a trace's, the others are a cluster's daily work. */
function eventAt(i: number): JsonRecord {
  if (i % 20 === 0) return traces[(i / 20) % traces.length] as JsonRecord;
  const resource = RESOURCES[(i * 5 + (i >> 4)) % RESOURCES.length] as string;
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    stage: 'ResponseComplete',
    requestURI: `/api/v1/namespaces/ns${i % 50}/${resource}/x${i % 500}`,
    verb: VERBS[(i * 7 + (i >> 3)) % VERBS.length] as string,
    user: {
      username: i % 3 === 0 ? 'system:serviceaccount:kube-system:x' : `system:node:n${i % 10}`,
      groups: ['system:nodes'],
    },
    sourceIPs: ['10.0.0.1'],
    userAgent: 'kubelet/v1.35.1',
    objectRef: { resource, namespace: `ns${i % 50}`, name: `x${i % 500}`, apiVersion: 'v1' },
    responseStatus: { code: 200 },
    stageTimestamp: '2026-11-20T09:14:02.117012Z',
    annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
  };
}

const records = Array.from({ length: EVENTS }, (_, i) => eventAt(i));
const lines = Buffer.from(`${records.map((record) => JSON.stringify(record)).join('\n')}\n`);

/** Events per CPU-second, V8's own threads included: mean of the second half of the passes, and the best. */
function speed(pass: () => number): { cpu: number; best: number; found: number } {
  const times: number[] = [];
  let found = 0;
  for (let i = 0; i < PASSES; i++) {
    const before = process.cpuUsage();
    found = pass();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1e6);
  }
  const warm = times.slice(PASSES / 2);
  const mean = warm.reduce((a, b) => a + b) / warm.length;
  return { cpu: Math.round(EVENTS / mean), best: Math.round(EVENTS / Math.min(...times)), found };
}

function matching(generate: 'auto' | 'never'): ReturnType<typeof speed> {
  const engine = createEngine(rules, jsonAccess(KUBERNETES_AUDIT), { settings, generate });
  const event: JsonEvent = { ...createJsonEvent(), timeNs: 1_795_166_042_117_012_000n };
  return speed(() => {
    let matches = 0;
    for (const record of records) {
      event.num++;
      event.record = record;
      matches += engine.match(event, 0).length;
    }
    return matches;
  });
}

const engine = createEngine(rules, jsonAccess(KUBERNETES_AUDIT), { settings });
const whole = speed(() => {
  let alerts = 0;
  const reader = new EventReader(KUBERNETES_AUDIT, {
    onEvent: (event) => {
      alerts += engine.alerts(event, 0).length;
    },
    onDiagnostic: () => {},
  });
  for (let at = 0; at < lines.length; at += 256 * 1024) reader.push(lines.subarray(at, at + 256 * 1024));
  reader.end();
  return alerts;
});

const result = {
  bench: 'audit',
  rules: engine.rules.length,
  events: EVENTS,
  bytesPerEvent: Math.round(lines.length / EVENTS),
  matching: matching('auto'),
  interpreted: matching('never'),
  fromBytesToAlerts: whole,
  node: process.version,
};
writeFileSync(join(import.meta.dirname, 'results/audit.json'), `${JSON.stringify(result, null, 2)}\n`);
console.log(JSON.stringify(result));
