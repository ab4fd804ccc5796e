export { byBytes, fieldNames } from './compiler.ts';
export type { FalcoFinding, FalcoLoadResult, FalcoPosition } from './falco-json.ts';
export { toFalcoJson } from './falco-json.ts';
export { ERROR_CODES, WARNING_CODES } from './findings.ts';
export { applyFixes } from './lint/fix.ts';
export { lintRules } from './lint/lint.ts';
export type { LintCode, LintFinding } from './lint/types.ts';
export { type LoadOptions, loadRules, type RuleFileText } from './load.ts';
export type * from './types.ts';
