export type * from './types.ts';
export { FAMILIES, LEVELS, PHASES } from './types.ts';
