export { type Entity, type EntityKind, entitiesOf } from './entities.ts';
export { FindingBuilder, type Sighting } from './findings.ts';
export { joinIncidents } from './incidents.ts';
export { type Knowledge, loadKnowledge, shippedKnowledge } from './knowledge/index.ts';
export { type TriageOptions, triageIncident } from './triage.ts';
export type * from './types.ts';
export { VERDICTS } from './types.ts';
export { ownerOfPod, stableWorkload, workloadOf } from './workload.ts';
