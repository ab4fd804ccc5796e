export { UnpackError, unpack } from './unpack.ts';
