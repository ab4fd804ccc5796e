export { CODE_GROUPS, CODE_PAGES } from './codes/codes.ts';
export type { CodePage } from './codes/types.ts';
export { type Clause, conditionInWords, macrosNamed } from './explain/words.ts';
export type { FalcoFinding, FalcoLoadResult, FalcoPosition } from './falco-json.ts';
export { toFalcoJson } from './falco-json.ts';
export { ERROR_CODES, WARNING_CODES } from './findings.ts';
export { type FormatRulesResult, formatRules } from './format/format.ts';
export { applyFixes } from './lint/fix.ts';
export { lintRules } from './lint/lint.ts';
export { attackTechniques } from './lint/tags.ts';
export type { LintCode, LintFinding } from './lint/types.ts';
export { type LoadOptions, loadRules, type RuleFileText } from './load.ts';
export { byBytes, fieldNames } from './names.ts';
export type * from './types.ts';
export {
  mapKey,
  mapValue,
  parseLeniently,
  SourceFile,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
  type YamlSeq,
} from './yaml.ts';
