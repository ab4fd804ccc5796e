export type * from './alert.ts';
export { PRIORITIES } from './alert.ts';
export { fieldNumber, fieldText, fieldToText, isMissing } from './fields.ts';
export {
  AlertReader,
  alertFromJson,
  type ReadCounts,
  type ReadItem,
  type ReadOptions,
  readAlerts,
  readAlertText,
} from './reader.ts';
export { type RuleOutput, RuleTemplates } from './rule-templates.ts';
export { parseIsoNs } from './time.ts';
