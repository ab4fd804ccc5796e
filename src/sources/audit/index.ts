export { jsonAccess } from './access.ts';
export type { Json, JsonEvent, JsonRecord } from './event.ts';
export { KUBERNETES_AUDIT } from './kubernetes.ts';
export { EventReader, type EventReaderOptions } from './reader.ts';
export type { JsonField, JsonSource } from './source.ts';
