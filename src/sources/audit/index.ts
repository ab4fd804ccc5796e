export { jsonAccess } from './access.ts';
export { AlertReplay, type AlertReplayOptions, type FieldTally, type RuleGaps } from './alert-replay.ts';
export { CLOUDTRAIL, GCP_AUDIT, GITHUB, JSON_SOURCES, KUBERNETES_AUDIT, OKTA } from './built-in/index.ts';
export {
  type DefinitionProblem,
  defineJsonSource,
  definitionProblems,
  type JsonFieldDefinition,
  type JsonSourceDefinition,
  TIME_UNITS,
  type TimePath,
  type TimeUnit,
  type Wrapper,
} from './define.ts';
export { readJsonSource } from './define-file.ts';
export { createJsonEvent, type Json, type JsonEvent, type JsonRecord } from './event.ts';
export { type Extraction, FIELD_TYPES, type FieldTypeName, type Test } from './extract.ts';
export { type EventCounts, EventReader, type EventReaderOptions } from './reader.ts';
export { JsonReplay, type JsonReplayOptions } from './replay.ts';
export { ALERTS, type ContentKind, contentKind, sniffJson } from './sniff.ts';
export type { JsonField, JsonSource } from './source.ts';
