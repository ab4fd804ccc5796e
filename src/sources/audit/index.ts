export { jsonAccess } from './access.ts';
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
export { createJsonEvent, type Json, type JsonEvent, type JsonRecord } from './event.ts';
export { type Extraction, FIELD_TYPES, type FieldTypeName, type Test } from './extract.ts';
export { KUBERNETES_AUDIT } from './kubernetes.ts';
export { type EventCounts, EventReader, type EventReaderOptions } from './reader.ts';
export type { JsonField, JsonSource } from './source.ts';
