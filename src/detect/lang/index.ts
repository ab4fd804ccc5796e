export type * from './ast.ts';
export { MODIFIERS, OPERATORS, TRANSFORMERS } from './ast.ts';
