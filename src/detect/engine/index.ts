export { staticFieldDefs, withBuiltinFields } from './builtin-fields.ts';
export { createEngine, type EmittedAlert, type Engine, type EngineOptions } from './engine.ts';
export { interpret } from './interpret.ts';
export { factsOf } from './knowledge.ts';
export {
  anySourceResolver,
  candidatesOf,
  catalogueResolver,
  type FieldResolver,
  UnsupportedCondition,
} from './operand.ts';
export { compileTemplate, type OutputField, outputField, type TemplateContext } from './output/template.ts';
export { isoTime } from './output/time.ts';
export { type EventRecord, recordAccess } from './record-access.ts';
export { matchesWildcard, selectRules } from './selection.ts';
export {
  type AppendOutput,
  DEFAULT_SETTINGS,
  type EngineSettings,
  type RuleSelection,
  readFalcoConfig,
} from './settings.ts';
export {
  type AlertCondition,
  compileThreeValued,
  type ThreeValued,
  type ThreeValuedOptions,
  type Truth,
} from './three-valued.ts';
export type * from './types.ts';
