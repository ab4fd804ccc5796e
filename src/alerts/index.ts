export type * from './alert.ts';
export { PRIORITIES } from './alert.ts';
