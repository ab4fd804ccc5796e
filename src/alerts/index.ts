export type * from './alert.ts';
export { PRIORITIES } from './alert.ts';
export { fieldNumber, fieldText, fieldToText, isMissing } from './fields.ts';
export {
  type FingerprintPart,
  fingerprintId,
  fingerprintKey,
  fingerprintParts,
  type StableWorkload,
} from './fingerprint.ts';
export {
  AlertReader,
  alertFromJson,
  type ReadCounts,
  type ReadItem,
  type ReadOptions,
  readAlerts,
  readAlertText,
} from './reader.ts';
export { type RawRecord, type RecordSink, RecordSplitter } from './record-splitter.ts';
export { type Redaction, redactAlert, redactText } from './redact.ts';
export { type RuleOutput, RuleTemplates } from './rule-templates.ts';
export { shapeOf } from './shape.ts';
export { parseIsoNs } from './time.ts';
