export { type Config, type ConfigSources, readConfig } from './config.ts';
export { type Running, type ServeOptions, serve } from './serve.ts';
