export { createToken } from './auth/tokens.ts';
export { type Config, type ConfigSources, configJsonSchema, parseDuration, readConfig } from './config.ts';
export { boundHeap } from './memory.ts';
export { type Running, type ServeOptions, serve } from './serve.ts';
