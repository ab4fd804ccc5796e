export { interpret } from './interpret.ts';
export { anySourceResolver, catalogueResolver, type FieldResolver, UnsupportedCondition } from './operand.ts';
export {
  type AlertCondition,
  compileThreeValued,
  type ThreeValued,
  type ThreeValuedOptions,
  type Truth,
} from './three-valued.ts';
export type * from './types.ts';
