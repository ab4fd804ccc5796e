export { openStore, type StoreOptions } from './open.ts';
export { openSnapshot, type Snapshot } from './snapshot.ts';
export type * from './types.ts';
export { ROLES, STATES, StoreUnavailable } from './types.ts';
export { wordsOf } from './words.ts';
