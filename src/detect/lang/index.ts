export type * from './ast.ts';
export { MODIFIERS, OPERATORS, TRANSFORMERS } from './ast.ts';
export type { ConditionError, ParseOptions, ParseResult } from './parse.ts';
export { DEFAULT_MAX_DEPTH, parseCondition, parseFieldExpr } from './parse.ts';
export { printExpr, printFieldExpr, printValue } from './print.ts';
